//! How well the store knows each scope: its last listing, its last complete one, its gaps.

use std::collections::BTreeMap;

use auditor_core::{
    model::Digest,
    outcome::{Gap, Outcome},
};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait as _, DbErr, QueryResult};
use serde::Serialize;
use uuid::Uuid;

use super::{
    AccountScope, QueryError,
    ledger::{Field, latest},
    sql::Sql,
};
use crate::{Store, write::ScopeEntry};

const ACTION: &str = "reading the scopes";

/// What is known of one (source, target, kind).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scope {
    /// Name of the source instance.
    pub source: String,
    /// Id of the target.
    pub target: String,
    /// The kind.
    pub kind: String,
    /// The account the target belongs to.
    pub account: String,
    /// How the last listing ended.
    pub outcome: Outcome,
    /// When the last listing began.
    pub observed_at: DateTime<Utc>,
    /// When the last complete listing began. `None`: there was none yet, so nothing is known of what is missing.
    pub last_complete_at: Option<DateTime<Utc>>,
    /// The run of the last listing.
    pub last_run: Uuid,
    /// How many records are present.
    pub present: u64,
    /// Digest of the present records.
    pub digest: Option<Digest>,
}

/// A scope that is not fully known, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScopeGaps {
    /// The scope.
    #[serde(flatten)]
    pub scope: Scope,
    /// Removals that wait for a person, since so many at once are more likely a fault.
    pub held: u64,
    /// What could not be seen or stored, as of the last listing.
    pub gaps: Vec<Gap>,
}

const COLUMNS: &str = "s.source, s.target, s.kind, s.account, s.outcome, s.observed_at, s.last_complete_at, \
                       s.last_run, CAST(s.present AS bigint), s.digest";

impl Store {
    /// Every scope of the accounts' targets, by source, target and kind.
    ///
    /// # Errors
    /// The database's refusal, or a row that cannot be read.
    pub async fn scopes(&self, accounts: &AccountScope) -> Result<Vec<Scope>, QueryError> {
        let mut sql = Sql::new(self.backend());
        sql.push("SELECT ").push(COLUMNS).push(" FROM scope s WHERE ");
        accounts.condition(&mut sql, "s.account");
        sql.push(" ORDER BY s.source, s.target, s.kind");
        let rows = self.connection().query_all_raw(sql.statement()).await;
        rows.map_err(QueryError::database(ACTION))?.iter().map(scope).collect()
    }

    /// The scopes that are not fully known: by their latest entry in the ledger, something could not be seen or stored,
    /// or removals are held.
    ///
    /// Without those of targets that their source has planned no more: since a run over the whole source had every
    /// target's task and not theirs, nobody looks there.
    ///
    /// # Errors
    /// The database's refusal, or a row that cannot be read.
    pub async fn gaps(&self, accounts: &AccountScope) -> Result<Vec<ScopeGaps>, QueryError> {
        let mut sql = Sql::new(self.backend());
        sql.push("SELECT ").push(COLUMNS).push(", ");
        latest(&mut sql, Field::Entry, None);
        sql.push(
            ", (SELECT max(t.observed_at) FROM task t WHERE t.source = s.source AND t.target = s.target)",
        );
        sql.push(" FROM scope s WHERE ");
        accounts.condition(&mut sql, "s.account");
        sql.push(" ORDER BY s.source, s.target, s.kind");
        let rows = self.connection().query_all_raw(sql.statement()).await;
        let whole = self.last_whole_runs().await?;
        let mut all = Vec::new();
        for row in rows.map_err(QueryError::database(ACTION))? {
            let scope = scope(&row)?;
            let looked_at: Option<DateTime<Utc>> =
                row.try_get_by_index(11).map_err(QueryError::database(ACTION))?;
            if looked_at.is_some_and(|at| whole.get(&scope.source).is_some_and(|began| at < *began)) {
                continue;
            }
            let entry: Option<String> = row.try_get_by_index(10).map_err(QueryError::database(ACTION))?;
            let entry: Option<ScopeEntry> =
                entry.map(|entry| serde_json::from_str(&entry)).transpose().map_err(|source| {
                    let what = format!(
                        "the ledger's latest entry of `{}` in `{}` of `{}`",
                        scope.kind, scope.target, scope.source
                    );
                    QueryError::malformed(what, source)
                })?;
            let (held, gaps) = entry.map_or((0, Vec::new()), |entry| (entry.counts.held, entry.gaps));
            if held > 0 || !gaps.is_empty() || !scope.outcome.retires() {
                all.push(ScopeGaps { scope, held, gaps });
            }
        }
        Ok(all)
    }

    /// When the latest run began in which every target of a source has a task, by source.
    async fn last_whole_runs(&self) -> Result<BTreeMap<String, DateTime<Utc>>, QueryError> {
        let mut sql = Sql::new(self.backend());
        sql.either(
            "SELECT w.value, max(r.started_at) FROM run r, jsonb_array_elements_text(r.summary -> 'whole_sources') AS \
             w(value) GROUP BY w.value",
            "SELECT w.value, max(r.started_at) FROM run r, json_each(r.summary, '$.whole_sources') AS w GROUP BY w.value",
        );
        let rows = self.connection().query_all_raw(sql.statement()).await;
        let rows = rows.map_err(QueryError::database(ACTION))?;
        let read = |row: &QueryResult| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
        rows.iter().map(|row| read(row).map_err(QueryError::database(ACTION))).collect()
    }

    /// The kinds that the store has scopes of, by name.
    ///
    /// # Errors
    /// The database's refusal.
    pub async fn kinds(&self) -> Result<Vec<String>, QueryError> {
        let mut sql = Sql::new(self.backend());
        sql.push("SELECT DISTINCT s.kind FROM scope s ORDER BY s.kind");
        let rows = self.connection().query_all_raw(sql.statement()).await;
        let rows = rows.map_err(QueryError::database(ACTION))?;
        rows.iter().map(|row| row.try_get_by_index(0).map_err(QueryError::database(ACTION))).collect()
    }
}

fn scope(row: &QueryResult) -> Result<Scope, QueryError> {
    let read = || -> Result<Scope, DbErr> {
        let outcome: String = row.try_get_by_index(4)?;
        let outcome = serde_json::from_value(outcome.clone().into())
            .map_err(|_| DbErr::Type(format!("`{outcome}` is no outcome")))?;
        let digest: Vec<u8> = row.try_get_by_index(9)?;
        Ok(Scope {
            source: row.try_get_by_index(0)?,
            target: row.try_get_by_index(1)?,
            kind: row.try_get_by_index(2)?,
            account: row.try_get_by_index(3)?,
            outcome,
            observed_at: row.try_get_by_index(5)?,
            last_complete_at: row.try_get_by_index(6)?,
            last_run: row.try_get_by_index(7)?,
            present: u64::try_from(row.try_get_by_index::<i64>(8)?).unwrap_or_default(),
            digest: Digest::from_slice(&digest),
        })
    };
    read().map_err(|source| QueryError::malformed("a row of `scope`", source))
}
