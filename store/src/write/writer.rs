//! One task's way into a database: buffer, then store, trying again while faults are passing ones.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use auditor_core::{
    error::{SinkError, chain},
    outcome::{RunInfo, ScopeOutcome, ScopeResult, TaskInfo},
    sink::{Batch, TaskWriter},
};
use chrono::SubsecRound as _;

use super::{
    attempt::Attempt,
    backend::Database,
    buffer::{Buffer, Listing},
    fault::{Backoff, Fault},
    plan::Scope,
};

/// The writer of one task.
///
/// Nothing reaches the database before `finish`, so that everything can be tried again from the buffer.
pub(super) struct Writer<D> {
    database: Arc<D>,
    run: RunInfo,
    task: TaskInfo,
    buffer: Buffer,
}

impl<D: Database> Writer<D> {
    pub(super) fn new(database: Arc<D>, run: RunInfo, mut task: TaskInfo, buffer_bytes: usize) -> Self {
        // Every store keeps microseconds: a replay must compare equal to what is stored.
        task.observed_at = task.observed_at.trunc_subsecs(6);
        Self { database, run, task, buffer: Buffer::new(buffer_bytes) }
    }

    async fn store(&self, scopes: &mut [Scope<'_>]) -> Result<Vec<ScopeResult>, Fault> {
        let mut backoff = Backoff::default();
        loop {
            let attempt =
                Attempt { database: &*self.database, run: &self.run, task: &self.task, buffer: &self.buffer };
            match attempt.store(scopes).await {
                Err(Fault::Transient(error)) => {
                    tracing::warn!(
                        source.name = self.task.source, target.id = self.task.target, error = %chain(&*error),
                        "storing a task failed, trying again"
                    );
                    if !backoff.wait().await {
                        return Err(Fault::Transient(error));
                    }
                }
                // The database refuses data that looked right. Find the records, leave them out, start over. Each
                // round leaves out at least one, so this ends.
                Err(Fault::Refused(error)) => match attempt.find_refused(scopes).await {
                    Ok(0) => return Err(Fault::Refused(error)),
                    Ok(_) => {}
                    Err(Fault::Transient(_)) if backoff.wait().await => {}
                    Err(fault) => return Err(fault),
                },
                other => return other,
            }
        }
    }
}

#[async_trait]
impl<D: Database> TaskWriter for Writer<D> {
    async fn write(&mut self, batch: Batch) -> Result<(), SinkError> {
        self.buffer.push(batch).await
    }

    async fn finish(self: Box<Self>, outcomes: &[ScopeOutcome]) -> Result<Vec<ScopeResult>, SinkError> {
        let started = Instant::now();
        let mut listings = self.buffer.listings();
        let mut scopes: Vec<_> = outcomes
            .iter()
            .map(|outcome| {
                let listing = listings.iter().position(|listing| listing.kind == outcome.kind);
                Scope::new(outcome, listing.map_or_else(Listing::default, |i| listings.swap_remove(i)))
            })
            .collect();
        let action = format!("storing target `{}` of source `{}`", self.task.target, self.task.source);
        if let Some(listing) = listings.first() {
            let problem = format!("records of `{}` came without the outcome of their listing", listing.kind);
            return Err(SinkError::permanent(action, problem)
                .with_hint("this is a fault of the program: please report it"));
        }
        let results = self.store(&mut scopes).await.map_err(|fault| fault.into_sink_error(action))?;
        tracing::debug!(
            source.name = self.task.source,
            target.id = self.task.target,
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "task stored"
        );
        Ok(results)
    }
}
