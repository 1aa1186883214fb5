//! The states one record went through, and what changed each time.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait as _, QueryResult};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    AccountScope, QueryError,
    difference::Change,
    sql::Sql,
    version::{Version, columns},
};
use crate::Store;

const ACTION: &str = "reading a record's history";

/// Which records' history.
#[derive(Debug, Clone)]
pub struct HistoryOf {
    /// Of which accounts.
    pub accounts: AccountScope,
    /// Of which kind.
    pub kind: String,
    /// Native id, or present name, exactly.
    pub id_or_name: String,
    /// At most so many records; a name may be that of many.
    pub limit: u64,
}

/// The histories that were asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Histories {
    /// By account, name and native id.
    pub records: Vec<History>,
    /// Whether there are more records of that name.
    pub more: bool,
}

/// The states one record went through.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct History {
    /// Its kind.
    pub kind: String,
    /// Name of the source instance.
    pub source: String,
    /// Target of the source it was found in.
    pub target: String,
    /// The account it belongs to.
    pub account: String,
    /// The provider's id of it.
    pub native_id: String,
    /// Its present name.
    pub name: Option<String>,
    /// Since when it is gone. `None`: it is there.
    pub removed_at: Option<DateTime<Utc>>,
    /// Its states, oldest first.
    pub states: Vec<State>,
}

/// One state of a record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct State {
    /// From 1.
    pub version: i32,
    /// When it was observed.
    pub observed_at: DateTime<Utc>,
    /// The run that observed it.
    pub run: Uuid,
    /// What had happened.
    pub event: Event,
    /// What differs from the last state before it that had a document. Empty for the first.
    pub changes: Vec<Change>,
    /// The document. `None`: the record was gone.
    pub document: Option<Value>,
}

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was seen for the first time.
    Appeared,
    /// It was otherwise than before.
    Changed,
    /// A complete listing lacked it.
    Removed,
    /// It was there again.
    Returned,
}

impl Event {
    /// The word in tables and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Appeared => "appeared",
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Returned => "returned",
        }
    }
}

/// A head row that was found.
struct Head {
    scope: i64,
    history: History,
}

impl Store {
    /// The histories of the records of that native id or name.
    ///
    /// # Errors
    /// The database's refusal, or a row that cannot be read.
    pub async fn history(&self, of: &HistoryOf) -> Result<Histories, QueryError> {
        let limit = of.limit.clamp(1, 10_000);
        let mut sql = Sql::new(self.backend());
        sql.push(
            "SELECT CAST(r.scope AS bigint), s.kind, s.source, s.target, r.account, r.native_id, r.name, ",
        );
        sql.push("r.missing_since FROM resource r JOIN scope s ON s.id = r.scope WHERE s.kind = ");
        sql.bind(of.kind.as_str()).push(" AND (r.native_id = ").bind(of.id_or_name.as_str());
        sql.push(" OR r.name = ").bind(of.id_or_name.as_str()).push(") AND ");
        of.accounts.condition(&mut sql, "r.account");
        sql.push(&format!(" ORDER BY 5, 7, 6, 1 LIMIT {}", limit + 1));
        let rows = self.connection().query_all_raw(sql.statement()).await;
        let rows = rows.map_err(QueryError::database(ACTION))?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut records = Vec::new();
        for row in rows.iter().take(limit) {
            let head = head(row).map_err(QueryError::database(ACTION))?;
            records.push(self.states(head, &of.accounts).await?);
        }
        Ok(Histories { records, more: rows.len() > limit })
    }

    async fn states(&self, head: Head, accounts: &AccountScope) -> Result<History, QueryError> {
        let mut sql = Sql::new(self.backend());
        sql.push("SELECT ")
            .push(&columns("v"))
            .push(" FROM resource_version v WHERE v.scope = ")
            .bind(head.scope);
        sql.push(" AND v.native_id = ").bind(head.history.native_id.as_str()).push(" AND ");
        // A record may have moved between accounts: of its time elsewhere nothing is told.
        accounts.condition(&mut sql, "v.account");
        sql.push(" ORDER BY v.version");
        let rows = self.connection().query_all_raw(sql.statement()).await;
        let mut versions = Vec::new();
        for row in rows.map_err(QueryError::database(ACTION))? {
            let version = Version::read(&row, 0).map_err(|source| {
                QueryError::malformed(format!("a version of `{}`", head.history.native_id), source)
            })?;
            versions.extend(version);
        }
        Ok(History { states: states(versions), ..head.history })
    }
}

fn head(row: &QueryResult) -> Result<Head, sea_orm::DbErr> {
    Ok(Head {
        scope: row.try_get_by_index(0)?,
        history: History {
            kind: row.try_get_by_index(1)?,
            source: row.try_get_by_index(2)?,
            target: row.try_get_by_index(3)?,
            account: row.try_get_by_index(4)?,
            native_id: row.try_get_by_index(5)?,
            name: row.try_get_by_index(6)?,
            removed_at: row.try_get_by_index(7)?,
            states: Vec::new(),
        },
    })
}

/// What happened from version to version. Versions come in order.
fn states(versions: Vec<Version>) -> Vec<State> {
    let mut states: Vec<State> = Vec::with_capacity(versions.len());
    let mut last: Option<Version> = None;
    for version in versions {
        let gone_before = states.last().is_some_and(|state| state.event == Event::Removed);
        let event = match (&version.document, &last) {
            (None, _) => Event::Removed,
            (Some(_), None) => Event::Appeared,
            (Some(_), Some(_)) if gone_before => Event::Returned,
            (Some(_), Some(_)) => Event::Changed,
        };
        let changes = match &last {
            Some(last) if version.document.is_some() => last.changes_to(&version),
            _ => Vec::new(),
        };
        states.push(State {
            version: version.number,
            observed_at: version.observed_at,
            run: version.run,
            event,
            changes,
            document: version.document.clone(),
        });
        if version.document.is_some() {
            last = Some(version);
        }
    }
    states
}
