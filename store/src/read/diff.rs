//! What is otherwise at one time than at another, over many records.

use chrono::{DateTime, Utc};
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use sea_orm::{QueryResult, Statement, StreamTrait as _};
use serde::Serialize;
use uuid::Uuid;

use super::{
    AccountScope, QueryError,
    difference::Change,
    sql::Sql,
    version::{COLUMNS, Version, columns},
};
use crate::Store;

const ACTION: &str = "comparing two times";

/// Which two times, and whose records.
#[derive(Debug, Clone)]
pub struct Diff {
    /// The earlier time. Whatever the order, the earlier of the two is `from`.
    pub from: DateTime<Utc>,
    /// The later time.
    pub to: DateTime<Utc>,
    /// Of which accounts.
    pub accounts: AccountScope,
    /// Of which kinds. Empty: all.
    pub kinds: Vec<String>,
}

/// A record that is otherwise at the later time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
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
    /// Its name, the later one.
    pub name: Option<String>,
    /// What had happened.
    pub event: DiffEvent,
    /// What differs; empty unless it changed. Changes that were undone in between do not show.
    pub changes: Vec<Change>,
    /// Its version at the earlier time. `None`: it was not there, and had never been.
    pub from_version: Option<i32>,
    /// Its version at the later time.
    pub to_version: i32,
    /// When the later state was observed.
    pub observed_at: DateTime<Utc>,
    /// The run that observed it.
    pub run: Uuid,
}

/// What happened to a record between two times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffEvent {
    /// It is there at the later time only.
    Appeared,
    /// It is there at both, otherwise.
    Changed,
    /// It is there at the earlier time only.
    Vanished,
}

impl DiffEvent {
    /// The word in tables and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Appeared => "appeared",
            Self::Changed => "changed",
            Self::Vanished => "vanished",
        }
    }
}

impl Store {
    /// What is otherwise at one time than at another, streamed by kind, account and native id.
    ///
    /// # Errors
    /// The database's refusal, at once or on the way, or a row that cannot be read.
    pub async fn diff(
        &self,
        diff: &Diff,
    ) -> Result<BoxStream<'_, Result<Difference, QueryError>>, QueryError> {
        let statement = statement(diff, self.backend());
        let rows = self.connection().stream_raw(statement).await.map_err(QueryError::database(ACTION))?;
        let accounts = diff.accounts.clone();
        let differences = rows.map_err(QueryError::database(ACTION)).map(move |row| {
            read(&row?, &accounts).map_err(|source| QueryError::malformed("a version", source))
        });
        Ok(differences.try_filter_map(|difference| async move { Ok(difference) }).boxed())
    }
}

/// Of every record that changed since `from`: its latest version until `to`, and until `from`.
fn statement(diff: &Diff, backend: sea_orm::DatabaseBackend) -> Statement {
    let (from, to) = if diff.from <= diff.to { (diff.from, diff.to) } else { (diff.to, diff.from) };
    let mut sql = Sql::new(backend);
    sql.push("SELECT s.kind, s.source, s.target, h.native_id, ");
    sql.push(&columns("h")).push(", ").push(&columns("b"));
    sql.push(" FROM resource r JOIN scope s ON s.id = r.scope");
    sql.push(" JOIN resource_version h ON h.scope = r.scope AND h.native_id = r.native_id");
    sql.push(
        " LEFT JOIN resource_version b ON b.scope = r.scope AND b.native_id = r.native_id AND b.version = (",
    );
    sql.push("SELECT max(x.version) FROM resource_version x WHERE x.scope = r.scope");
    sql.push(" AND x.native_id = r.native_id AND x.observed_at <= ").bind(from).push(")");
    // The narrow heads alone tell which records changed at all since then.
    sql.push(" WHERE (r.changed_at > ").bind(from).push(" OR r.missing_since > ").bind(from).push(")");
    sql.push(" AND h.observed_at > ").bind(from).push(" AND h.observed_at <= ").bind(to);
    sql.push(" AND NOT EXISTS (SELECT 1 FROM resource_version n WHERE n.scope = r.scope");
    sql.push(" AND n.native_id = r.native_id AND n.version = h.version + 1 AND n.observed_at <= ")
        .bind(to)
        .push(")");
    if !diff.kinds.is_empty() {
        sql.push(" AND s.kind IN ").bind_list(diff.kinds.iter().map(String::as_str));
    }
    sql.push(" AND ");
    diff.accounts.candidate_scopes(&mut sql);
    sql.push(" AND (");
    diff.accounts.condition(&mut sql, "h.account");
    sql.push(" OR ");
    diff.accounts.condition(&mut sql, "b.account");
    sql.push(") ORDER BY s.kind, h.account, h.native_id, s.id");
    sql.statement()
}

/// `None` if the record is the same at both times, or at neither.
fn read(row: &QueryResult, accounts: &AccountScope) -> Result<Option<Difference>, sea_orm::DbErr> {
    let Some(after) = Version::read(row, 4)? else { return Ok(None) };
    let before = Version::read(row, 4 + COLUMNS)?;
    // A record that was or went elsewhere was, or is, not there.
    let there = |version: &&Version| version.document.is_some() && accounts.allows(&version.account);
    let (event, changes) = match (before.as_ref().filter(there), Some(&after).filter(there)) {
        (None, None) => return Ok(None),
        (None, Some(_)) => (DiffEvent::Appeared, Vec::new()),
        (Some(_), None) => (DiffEvent::Vanished, Vec::new()),
        (Some(before), Some(after)) => {
            let changes = before.changes_to(after);
            if changes.is_empty() {
                return Ok(None);
            }
            (DiffEvent::Changed, changes)
        }
    };
    let from_version = before.as_ref().map(|before| before.number);
    let shown = if event == DiffEvent::Vanished { before.as_ref().unwrap_or(&after) } else { &after };
    Ok(Some(Difference {
        kind: row.try_get_by_index(0)?,
        source: row.try_get_by_index(1)?,
        target: row.try_get_by_index(2)?,
        native_id: row.try_get_by_index(3)?,
        account: shown.account.clone(),
        name: shown.name.clone(),
        event,
        changes,
        from_version,
        to_version: after.number,
        observed_at: after.observed_at,
        run: after.run,
    }))
}
