//! The database: connections, transactions, and the one statement of a task that changes nothing.

use std::sync::OnceLock;

use async_trait::async_trait;
use auditor_core::{error::SinkError, model::Kind, outcome::TaskInfo, sink::CheckItem};
use auditor_store::write::{
    Database,
    backend::{Access, TaskRow, Touch},
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

/// What a scope must be to be left as it is. `$1` are kinds, `$2` the digests that go with them, one after the other.
macro_rules! unchanged {
    () => {
        "s.source = $3 AND s.target = $4 AND s.account = $5
      AND s.digest || s.activity_digest = ($2::bytea[])[array_position($1::text[], s.kind)]
      AND (s.observed_at <= $6 OR s.last_run = $7)"
    };
}

/// Moves the times of every scope of a task and stores its row, or does nothing: the rows are locked first, in the order
/// of their ids, and counted once they are.
const TOUCH: &str = concat!(
    "WITH touched AS (
    UPDATE scope s SET outcome = 'complete', observed_at = $6, last_run = $7, last_complete_at = $6
    WHERE ",
    unchanged!(),
    "
      AND (SELECT count(*) FROM (SELECT 1 FROM scope s WHERE ",
    unchanged!(),
    " ORDER BY s.id FOR UPDATE) m) = cardinality($1)
    RETURNING 1
)
INSERT INTO task (run, source, target, target_name, account, observed_at, finished_at, scopes)
SELECT $7, $3, $4, $8, $5, $6, $9, $10::jsonb
WHERE (SELECT count(*) FROM touched) = cardinality($1)
ON CONFLICT (run, source, target) DO UPDATE
SET target_name = excluded.target_name, account = excluded.account, observed_at = excluded.observed_at,
    finished_at = excluded.finished_at, scopes = excluded.scopes"
);

#[async_trait]
impl Database for Postgres {
    type Transaction = PostgresTransaction;

    async fn begin(&self, task: &TaskInfo, access: Access) -> Result<PostgresTransaction, Fault> {
        let lease = self.writers.lend().await.map_err(fault)?;
        PostgresTransaction::begin(lease, task, access).await.map_err(fault)
    }

    async fn touch(&self, task: &TaskRow<'_>, scopes: &[Touch<'_>]) -> Result<bool, Fault> {
        let mut lease = self.writers.lend().await.map_err(fault)?;
        let kinds: Vec<_> = scopes.iter().map(|scope| scope.kind).collect();
        let digests: Vec<_> = scopes
            .iter()
            .map(|scope| [*scope.digest.as_bytes(), *scope.activity_digest.as_bytes()].concat())
            .collect();
        let done = sqlx::query(TOUCH)
            .bind(kinds)
            .bind(digests)
            .bind(&task.info.source)
            .bind(&task.info.target)
            .bind(task.info.account.as_str())
            .bind(task.info.observed_at)
            .bind(task.info.run)
            .bind(&task.info.target_name)
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
