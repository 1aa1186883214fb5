//! One target: its ledger entries by kind, against its scopes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _,
};
use uuid::Uuid;

use super::{
    ACTION, Verification,
    finding::{Check, Findings, Place},
    scope::verify_scope,
};
use crate::{
    entities::{scope, task},
    read::{AccountScope, QueryError, sql::Sql},
    write::ScopeEntry,
};

/// A target by its source's name and its id.
pub(super) type TargetKey = (String, String);

/// What the ledger says of one scope in one task.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) observed_at: DateTime<Utc>,
    pub(super) run: Uuid,
    pub(super) scope: ScopeEntry,
}

/// Every target that the ledger or the scopes know, of the accounts.
pub(super) async fn targets(
    snapshot: &DatabaseTransaction,
    accounts: &AccountScope,
) -> Result<Vec<TargetKey>, QueryError> {
    let database = QueryError::database(ACTION);
    let mut sql = Sql::new(snapshot.get_database_backend());
    sql.push("SELECT s.source, s.target FROM scope s WHERE ");
    accounts.condition(&mut sql, "s.account");
    sql.push(" UNION SELECT t.source, t.target FROM task t WHERE ");
    accounts.condition(&mut sql, "t.account");
    sql.push(" ORDER BY 1, 2");
    let rows = snapshot.query_all_raw(sql.statement()).await.map_err(&database)?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect::<Result<_, _>>()
        .map_err(&database)
}

/// Verifies every scope of a target.
pub(super) async fn verify_target(
    snapshot: &DatabaseTransaction,
    target: &TargetKey,
    runs: &BTreeSet<Uuid>,
    result: &mut Verification,
    findings: &mut Findings,
) -> Result<(), QueryError> {
    let database = QueryError::database(ACTION);
    let mut entries = entries(snapshot, target).await?;
    let scopes = scope::Entity::find()
        .filter(scope::Column::Source.eq(&target.0))
        .filter(scope::Column::Target.eq(&target.1))
        .order_by_asc(scope::Column::Kind)
        .all(snapshot)
        .await
        .map_err(&database)?;
    for scope in scopes {
        let entries = entries.remove(&scope.kind).unwrap_or_default();
        if !runs.contains(&scope.last_run) {
            let place = Place { run: Some(scope.last_run), ..place(&scope) };
            findings.add(Check::Scope, place, "was last listed by a run that is not in the ledger");
        }
        verify_scope(snapshot, &scope, &entries, result, findings).await?;
    }
    for (kind, entries) in entries {
        let place = Place {
            source: Some(target.0.clone()),
            target: Some(target.1.clone()),
            kind: Some(kind),
            run: entries.last().map(|entry| entry.run),
            ..Place::default()
        };
        findings.add(Check::Scope, place, "the ledger has entries of this scope, and the scope is not there");
    }
    Ok(())
}

/// Where a scope is.
pub(super) fn place(scope: &scope::Model) -> Place {
    Place {
        source: Some(scope.source.clone()),
        target: Some(scope.target.clone()),
        kind: Some(scope.kind.clone()),
        ..Place::default()
    }
}

/// The ledger's entries of a target by kind, in the order of their observations. Rows that cannot be read are findings
/// of the chain already.
async fn entries(
    snapshot: &DatabaseTransaction,
    target: &TargetKey,
) -> Result<BTreeMap<String, Vec<Entry>>, QueryError> {
    let tasks = task::Entity::find()
        .filter(task::Column::Source.eq(&target.0))
        .filter(task::Column::Target.eq(&target.1))
        .order_by_asc(task::Column::ObservedAt)
        .order_by_asc(task::Column::Run)
        .all(snapshot)
        .await
        .map_err(QueryError::database(ACTION))?;
    let mut entries: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for task in tasks {
        let scopes: Vec<ScopeEntry> = serde_json::from_value(task.scopes).unwrap_or_default();
        for scope in scopes {
            let entry = Entry { observed_at: task.observed_at, run: task.run, scope };
            entries.entry(entry.scope.kind.clone()).or_default().push(entry);
        }
    }
    Ok(entries)
}
