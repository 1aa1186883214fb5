//! The sink contract over any database.

use std::sync::Arc;

use async_trait::async_trait;
use auditor_core::{
    analyzer::Reader,
    error::SinkError,
    model::Kind,
    outcome::{RunInfo, RunReport, TaskInfo},
    sink::{AccountDirectory, CheckItem, Sink, TaskWriter},
};

use super::{accounts::Accounts, backend::Database, fault::Backoff, ledger, writer::Writer};
use crate::Store;

/// A database as a sink.
pub struct SqlSink<D> {
    database: Arc<D>,
    buffer_bytes: usize,
}

impl<D: Database> SqlSink<D> {
    /// A sink that buffers up to `buffer_bytes` of each task in memory.
    pub fn new(database: D, buffer_bytes: usize) -> Self {
        Self { database: Arc::new(database), buffer_bytes }
    }
}

#[async_trait]
impl<D: Database> Sink for SqlSink<D> {
    async fn prepare(&self, kinds: &[&'static Kind]) -> Result<(), SinkError> {
        self.database.prepare(kinds).await
    }

    async fn begin_run(&self, run: &RunInfo) -> Result<(), SinkError> {
        if run.plan_only {
            return Ok(());
        }
        Backoff::retry("opening the run", || ledger::open_run(&*self.database, run))
            .await
            .map_err(|fault| fault.into_sink_error(format!("opening the run in {}", self.database.name())))
    }

    async fn begin(&self, run: &RunInfo, task: &TaskInfo) -> Result<Box<dyn TaskWriter>, SinkError> {
        let database = Arc::clone(&self.database);
        Ok(Box::new(Writer::new(database, run.clone(), task.clone(), self.buffer_bytes)))
    }

    async fn finish_run(&self, report: &RunReport) -> Result<(), SinkError> {
        if report.run.plan_only {
            return Ok(());
        }
        Backoff::retry("closing the run", || ledger::close_run(&*self.database, report))
            .await
            .map_err(|fault| fault.into_sink_error(format!("closing the run in {}", self.database.name())))
    }

    fn accounts(&self) -> Option<Arc<dyn AccountDirectory>> {
        Some(Arc::new(Accounts::new(Arc::clone(&self.database))))
    }

    fn reader(&self) -> Option<Arc<dyn Reader>> {
        Some(Arc::new(Store::new(self.database.connection())))
    }

    async fn check(&self) -> Vec<CheckItem> {
        self.database.check().await
    }
}
