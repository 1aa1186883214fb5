//! The ledger: runs opened and closed, and what a task's row says of its scopes.

use std::collections::BTreeSet;

use auditor_core::{
    model::{Digest, canonical_json, common::MANUAL},
    outcome::{Counts, Gap, Outcome, RunInfo, RunReport, TaskReport},
};
use chrono::SubsecRound as _;
use futures::TryStreamExt as _;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseBackend,
    DatabaseTransaction, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _, RuntimeErr, Statement, TransactionTrait as _, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize, Serializer, de::Error as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    backend::Database,
    fault::{Class, Fault},
};
use crate::{
    entities::{run, task},
    evidence::{ScopeEvidence, TaskEvidence, run_digest},
};

/// The status of a run that is under way, or was cut off.
pub const OPEN: &str = "open";
/// Closing runs happens one after the other, so that their digests make one chain.
const CLOSING_LOCK: i64 = 0x6175_6469_746f_7200;

/// How one scope of a task ended, as its row in the ledger keeps it: without what is zero, empty or false, which is most of
/// it, since the ledger is kept for good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScopeEntry {
    /// The kind.
    pub kind: String,
    /// How the listing ended.
    pub outcome: Outcome,
    /// What could not be seen or stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
    /// What happened to the rows.
    #[serde(default, serialize_with = "nonzero")]
    pub counts: Counts,
    /// Digest of the scope's rows afterwards. `None` if superseded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Whether a later observation was stored already, so that this one changed nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub superseded: bool,
}

fn nonzero<S: Serializer>(counts: &Counts, serializer: S) -> Result<S::Ok, S::Error> {
    let all = counts.named();
    serializer.collect_map(all.into_iter().filter(|(_, count)| *count > 0))
}

impl TryFrom<task::Model> for TaskEvidence {
    type Error = serde_json::Error;

    /// What a run's digest covers of a task.
    fn try_from(row: task::Model) -> Result<Self, Self::Error> {
        let entries = Vec::<Value>::deserialize(row.scopes)?;
        let scopes = entries.iter().map(|entry| {
            let kind = entry.get("kind").and_then(Value::as_str);
            let kind = kind.ok_or_else(|| Self::Error::custom("an entry without a kind"))?.to_owned();
            Ok(ScopeEvidence { kind, entry: canonical_json(entry) })
        });
        Ok(Self {
            source: row.source,
            target: row.target,
            account: row.account,
            observed_at: row.observed_at,
            scopes: scopes.collect::<Result<_, _>>()?,
        })
    }
}

/// Opens a run. Opening it again changes nothing.
pub(super) async fn open_run<D: Database>(database: &D, info: &RunInfo) -> Result<(), Fault> {
    let row = run::ActiveModel {
        id: Set(info.id),
        started_at: Set(info.started_at.trunc_subsecs(6)),
        finished_at: Set(None),
        version: Set(info.version.clone()),
        status: Set(OPEN.to_owned()),
        summary: Set(None),
        previous_run: Set(None),
        digest: Set(None),
    };
    run::Entity::insert(row)
        .on_conflict(OnConflict::column(run::Column::Id).do_nothing().to_owned())
        .exec_without_returning(&database.connection())
        .await
        .map_err(fault::<D>)?;
    Ok(())
}

/// Closes a run: its status and totals, and a digest over its tasks' rows that is chained to the run closed before.
/// Closing it again changes nothing.
pub(super) async fn close_run<D: Database>(database: &D, report: &RunReport) -> Result<(), Fault> {
    let tx = database.connection().begin().await.map_err(fault::<D>)?;
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({CLOSING_LOCK})");
        tx.execute_raw(Statement::from_string(DatabaseBackend::Postgres, lock)).await.map_err(fault::<D>)?;
    }
    let id = report.run.id;
    let Some(row) = run::Entity::find_by_id(id).one(&tx).await.map_err(fault::<D>)? else {
        return Err(Fault::permanent(format!("run {id} is not in the ledger"), LOST));
    };
    if row.status != OPEN {
        return Ok(());
    }
    let evidence = evidence::<D>(&tx, id).await?;
    let lost = lost_tasks(report, &evidence);
    // The end of the chain, not the latest `finished_at`: of two runs that end together, either may close first.
    let built_on = run::Entity::find()
        .select_only()
        .column(run::Column::PreviousRun)
        .filter(run::Column::PreviousRun.is_not_null())
        .into_query();
    let previous = run::Entity::find()
        .filter(run::Column::Digest.is_not_null())
        .filter(run::Column::Id.not_in_subquery(built_on))
        .order_by_desc(run::Column::FinishedAt)
        .order_by_desc(run::Column::Id)
        .one(&tx)
        .await
        .map_err(fault::<D>)?;
    let (previous_run, previous_digest) = match previous {
        None => (None, None),
        Some(row) => {
            let digest = row.digest.as_deref().and_then(Digest::from_slice);
            (Some(row.id), Some(digest.ok_or_else(|| Fault::corrupt("column `digest` of table `run`"))?))
        }
    };
    let closed = run::ActiveModel {
        finished_at: Set(Some(report.finished_at.trunc_subsecs(6))),
        status: Set(if lost.is_empty() { report.status() } else { auditor_core::outcome::RunStatus::Failed }
            .as_str()
            .to_owned()),
        summary: Set(Some(summary(report, &lost))),
        previous_run: Set(previous_run),
        digest: Set(Some(run_digest(previous_digest.as_ref(), id, &evidence).as_bytes().to_vec())),
        ..row.into()
    };
    closed.update(&tx).await.map_err(fault::<D>)?;
    tx.commit().await.map_err(fault::<D>)?;
    if lost.is_empty() {
        return Ok(());
    }
    let problem =
        format!("{} of the run's tasks are not in the store any more: {}", lost.len(), lost.join(", "));
    Err(Fault::permanent(problem, LOST))
}

/// What the run's digest covers of its tasks: read row by row, so that they are never all in memory as they are stored.
async fn evidence<D: Database>(tx: &DatabaseTransaction, run: Uuid) -> Result<Vec<TaskEvidence>, Fault> {
    let rows = task::Entity::find().filter(task::Column::Run.eq(run)).stream(tx).await;
    let mut rows = rows.map_err(fault::<D>)?;
    let mut evidence = Vec::new();
    while let Some(row) = rows.try_next().await.map_err(fault::<D>)? {
        let row = row.try_into().map_err(|_| Fault::corrupt("column `scopes` of table `task`"))?;
        evidence.push(row);
    }
    Ok(evidence)
}

const LOST: &str = "the database server lost its last transactions, as after a power failure: run again, nothing else is affected";

/// Tasks that were stored, as far as the engine was told, and are not there.
fn lost_tasks(report: &RunReport, rows: &[TaskEvidence]) -> Vec<String> {
    let rows: BTreeSet<_> = rows.iter().map(|row| (&*row.source, &*row.target)).collect();
    let stored = report
        .tasks
        .iter()
        .filter(|task| task.store_error.is_none() && task.scopes.iter().any(|scope| scope.result.is_some()));
    stored
        .filter(|task| !rows.contains(&(&*task.task.source, &*task.task.target)))
        .map(|task| format!("`{}` of `{}`", task.task.target, task.task.source))
        .collect()
}

fn summary(report: &RunReport, lost: &[String]) -> Value {
    let store_errors: Vec<_> = report
        .tasks
        .iter()
        .filter_map(|task| {
            let gap = task.store_error.as_ref()?;
            Some(json!({ "source": task.task.source, "target": task.task.target, "gap": gap }))
        })
        .collect();
    json!({
        "tasks": report.tasks.len(),
        "totals": report.totals(),
        "stopped": report.stopped,
        "failures": report.failures,
        "store_errors": store_errors,
        "lost": lost,
        "whole_sources": if lost.is_empty() { whole_sources(report) } else { BTreeSet::new() },
    })
}

/// Sources of which every target has a task of this run in the ledger: what is not there, the source plans no more.
fn whole_sources(report: &RunReport) -> BTreeSet<&str> {
    if report.narrowed || report.stopped {
        return BTreeSet::new();
    }
    // What people set is a run over the accounts they name.
    let sources = report.tasks.iter().map(|task| &*task.task.source).filter(|source| *source != MANUAL);
    let is_stored = |task: &TaskReport| {
        task.store_error.is_none() && task.scopes.iter().any(|scope| scope.result.is_some())
    };
    let unstored: BTreeSet<_> =
        report.tasks.iter().filter(|task| !is_stored(task)).map(|task| &*task.task.source).collect();
    sources.filter(|source| !unstored.contains(source)).collect()
}

/// Sorts an error that came through SeaORM.
pub(super) fn fault<D: Database>(error: DbErr) -> Fault {
    let class = match &error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => D::classify(cause),
        DbErr::ConnectionAcquire(_) => Class::Transient,
        _ => Class::Permanent(None),
    };
    Fault::new(class, error)
}
