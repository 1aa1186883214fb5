//! The database: connections, transactions, and the one statement of a task that changes nothing.

use std::sync::OnceLock;

use async_trait::async_trait;
use auditor_core::{
    error::SinkError,
    model::{Digest, Kind},
    outcome::TaskInfo,
    sink::CheckItem,
};
use auditor_store::write::{
    Database,
    backend::{Access, TaskRow},
    fault::{Class, Fault},
    pool::Pool,
};
use futures::FutureExt as _;
use sea_orm::{DatabaseConnection, SqlxPostgresConnector};
use sqlx::PgConnection;

use crate::{
    connect::{Commits, Target},
    errors::{classify, fault},
    transaction::PostgresTransaction,
};

/// A PostgreSQL database.
pub(crate) struct Postgres {
    pub(crate) target: Target,
    writers: Pool<PgConnection>,
    connection: OnceLock<DatabaseConnection>,
}

impl Postgres {
    /// A database to which up to `max_connections` are opened for writing. Does not connect yet.
    pub(crate) fn new(target: Target, max_connections: usize) -> Self {
        let to = target.clone();
        let writers = Pool::new(max_connections, move || {
            let to = to.clone();
            async move { to.connect(Commits::DoNotWait).await }.boxed()
        });
        Self { target, writers, connection: OnceLock::new() }
    }
}

/// Moves the time of a target whose digest is `$3` and stores the task's row, or does nothing.
const TOUCH: &str = "\
WITH touched AS (
    UPDATE target SET observed_at = $4, last_run = $5
    WHERE source = $1 AND target = $2 AND digest = $3 AND (observed_at <= $4 OR last_run = $5)
    RETURNING 1
)
INSERT INTO task (run, source, target, target_name, account, observed_at, finished_at, scopes)
SELECT $5, $1, $2, $6, $7, $4, $8, $9::jsonb FROM touched
ON CONFLICT (run, source, target) DO UPDATE
SET target_name = excluded.target_name, account = excluded.account, observed_at = excluded.observed_at,
    finished_at = excluded.finished_at, scopes = excluded.scopes";

#[async_trait]
impl Database for Postgres {
    type Transaction = PostgresTransaction;

    async fn begin(&self, task: &TaskInfo, access: Access) -> Result<PostgresTransaction, Fault> {
        let lease = self.writers.lend().await.map_err(fault)?;
        PostgresTransaction::begin(lease, task, access).await.map_err(fault)
    }

    async fn touch(&self, task: &TaskRow<'_>, digest: &Digest) -> Result<bool, Fault> {
        let mut lease = self.writers.lend().await.map_err(fault)?;
        let done = sqlx::query(TOUCH)
            .bind(&task.info.source)
            .bind(&task.info.target)
            .bind(digest.as_bytes().as_slice())
            .bind(task.info.observed_at)
            .bind(task.info.run)
            .bind(&task.info.target_name)
            .bind(task.info.account.as_str())
            .bind(task.finished_at)
            .bind(&task.scopes)
            .execute(&mut *lease)
            .await
            .map_err(fault)?;
        lease.give_back();
        Ok(done.rows_affected() == 1)
    }

    async fn prepare(&self, _: &[&'static Kind]) -> Result<(), SinkError> {
        self.check_access().await
    }

    async fn check(&self) -> Vec<CheckItem> {
        self.check_items().await
    }

    fn connection(&self) -> DatabaseConnection {
        self.connection
            .get_or_init(|| SqlxPostgresConnector::from_sqlx_postgres_pool(self.target.pool()))
            .clone()
    }

    fn classify(error: &sqlx::Error) -> Class {
        classify(error)
    }

    fn name(&self) -> String {
        self.target.to_string()
    }
}
