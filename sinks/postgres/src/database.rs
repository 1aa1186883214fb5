//! The database: connections and transactions.

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
    touch::Touches,
    transaction::PostgresTransaction,
};

/// A PostgreSQL database.
pub(crate) struct Postgres {
    pub(crate) target: Target,
    writers: Pool<PgConnection>,
    touches: Touches,
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
        Self { target, writers, touches: Touches::default(), connection: OnceLock::new() }
    }
}

#[async_trait]
impl Database for Postgres {
    type Transaction = PostgresTransaction;

    async fn begin(&self, task: &TaskInfo, access: Access) -> Result<PostgresTransaction, Fault> {
        let lease = self.writers.lend().await.map_err(fault)?;
        PostgresTransaction::begin(lease, task, access).await.map_err(fault)
    }

    async fn touch(&self, task: &TaskRow<'_>, digest: &Digest) -> Result<bool, Fault> {
        Ok(self.touches.touch(&self.writers, task, digest).await)
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
