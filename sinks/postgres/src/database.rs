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

/// Updates every scope of a task and stores its row, or does nothing: the rows are locked first, in the order of their
/// ids, and compared once they are.
const TOUCH: &str = "\
WITH arrived AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[])
        AS a (kind, outcome, digest, activity_digest)
), matching AS (
    SELECT s.id, a.outcome
    FROM scope s JOIN arrived a ON a.kind = s.kind
    WHERE s.source = $5 AND s.target = $6 AND s.account = $7
      AND s.digest = a.digest AND s.activity_digest = a.activity_digest
      AND (s.observed_at <= $8 OR s.last_run = $9)
    ORDER BY s.id
    FOR UPDATE OF s
), touched AS (
    UPDATE scope s
    SET outcome = m.outcome, observed_at = $8, last_run = $9,
        last_complete_at = CASE WHEN m.outcome = 'complete' THEN $8 ELSE s.last_complete_at END
    FROM matching m
    WHERE s.id = m.id AND (SELECT count(*) FROM matching) = cardinality($1)
    RETURNING s.id
)
INSERT INTO task (run, source, target, target_name, account, observed_at, finished_at, scopes)
SELECT $9, $5, $6, $10, $7, $8, $11, $12::jsonb
WHERE (SELECT count(*) FROM touched) = cardinality($1)
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

    async fn touch(&self, task: &TaskRow<'_>, scopes: &[Touch<'_>]) -> Result<bool, Fault> {
        let mut lease = self.writers.lend().await.map_err(fault)?;
        let kinds: Vec<_> = scopes.iter().map(|scope| scope.kind).collect();
        let outcomes: Vec<_> = scopes.iter().map(|scope| scope.outcome.as_str()).collect();
        let digests: Vec<_> = scopes.iter().map(|scope| scope.digest.as_bytes().as_slice()).collect();
        let activities: Vec<_> =
            scopes.iter().map(|scope| scope.activity_digest.as_bytes().as_slice()).collect();
        let done = sqlx::query(TOUCH)
            .bind(kinds)
            .bind(outcomes)
            .bind(digests)
            .bind(activities)
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
