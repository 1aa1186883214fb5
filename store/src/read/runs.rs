//! The ledger: runs and their tasks.

use auditor_core::model::Digest;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{AccountScope, QueryError};
use crate::{
    Store,
    entities::{run, task},
    write::ScopeEntry,
};

const ACTION: &str = "reading the ledger";

/// One run as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// `UUIDv7`.
    pub id: Uuid,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it was closed. `None`: it is under way, or it was cut off.
    pub finished_at: Option<DateTime<Utc>>,
    /// Version of the program.
    pub version: String,
    /// How it ended, or `open`.
    pub status: String,
    /// Its totals.
    pub summary: Option<Value>,
    /// The run that its digest builds on. `None`: there was none before, or it is not closed.
    pub previous_run: Option<Uuid>,
    /// Digest over its tasks and the run before. `None`: it is not closed.
    pub digest: Option<Digest>,
}

/// One task as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Task {
    /// Name of the source instance.
    pub source: String,
    /// Id of the target.
    pub target: String,
    /// Display name of the target.
    pub target_name: String,
    /// The account the target belongs to.
    pub account: String,
    /// The time its facts are of.
    pub observed_at: DateTime<Utc>,
    /// When it was stored.
    pub finished_at: DateTime<Utc>,
    /// How its scopes ended.
    pub scopes: Vec<ScopeEntry>,
}

impl From<run::Model> for Run {
    fn from(row: run::Model) -> Self {
        Self {
            id: row.id,
            started_at: row.started_at,
            finished_at: row.finished_at,
            version: row.version,
            status: row.status,
            summary: row.summary,
            previous_run: row.previous_run,
            digest: row.digest.as_deref().and_then(Digest::from_slice),
        }
    }
}

impl TryFrom<task::Model> for Task {
    type Error = QueryError;

    fn try_from(row: task::Model) -> Result<Self, QueryError> {
        let scopes = serde_json::from_value(row.scopes).map_err(|source| {
            let what = format!("the task of run {} for `{}` of `{}`", row.run, row.target, row.source);
            QueryError::malformed(what, source)
        })?;
        Ok(Self {
            source: row.source,
            target: row.target,
            target_name: row.target_name,
            account: row.account,
            observed_at: row.observed_at,
            finished_at: row.finished_at,
            scopes,
        })
    }
}

impl Store {
    /// The latest runs, latest first.
    ///
    /// # Errors
    /// The database's refusal.
    pub async fn runs(&self, limit: u64) -> Result<Vec<Run>, QueryError> {
        let rows = run::Entity::find()
            .order_by_desc(run::Column::StartedAt)
            .order_by_desc(run::Column::Id)
            .limit(limit)
            .all(self.connection())
            .await
            .map_err(QueryError::database(ACTION))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// One run with its tasks of the given accounts, by source and target. `None`: there is no such run.
    ///
    /// # Errors
    /// The database's refusal, or a row that cannot be read.
    pub async fn run(
        &self,
        id: Uuid,
        accounts: &AccountScope,
    ) -> Result<Option<(Run, Vec<Task>)>, QueryError> {
        let database = QueryError::database(ACTION);
        let Some(run) = run::Entity::find_by_id(id).one(self.connection()).await.map_err(&database)? else {
            return Ok(None);
        };
        let mut tasks = task::Entity::find().filter(task::Column::Run.eq(id));
        if let AccountScope::Only(accounts) = accounts {
            let accounts = accounts.iter().map(auditor_core::model::AccountId::as_str);
            tasks = tasks.filter(task::Column::Account.is_in(accounts));
        }
        let tasks = tasks
            .order_by_asc(task::Column::Source)
            .order_by_asc(task::Column::Target)
            .all(self.connection())
            .await
            .map_err(&database)?;
        let tasks = tasks.into_iter().map(Task::try_from).collect::<Result<_, _>>()?;
        Ok(Some((run.into(), tasks)))
    }
}
