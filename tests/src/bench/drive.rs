//! Runs work on every account of an estate as the engine runs its tasks, and a sink through one audit that way.

use std::{
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use auditor_core::{
    model::Record,
    outcome::{
        Counts, Outcome, RemovalGuard, RunInfo, RunReport, ScopeOutcome, ScopeReport, TaskInfo, TaskReport,
    },
    sink::{Batch, Sink},
};
use chrono::{SubsecRound as _, Utc};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{
    estate::{Estate, Scenario},
    memory,
};

/// Records are handed over in batches of about this many bytes, as the engine does.
const BATCH_BYTES: usize = 128 * 1024;

/// So many times as many accounts as are worked on are made ready at once, so that there is always another to go on with
/// when one is done, as in a run.
const READY: usize = 16;

/// Consecutive accounts with their records.
pub(super) struct Group {
    pub(super) accounts: Range<usize>,
    pub(super) batches: Vec<Batch>,
}

impl Group {
    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.batches.iter().flat_map(|batch| batch.iter())
    }
}

/// What working on every account took.
pub(super) struct Done<T> {
    pub(super) time: Duration,
    /// The most memory that was resident beyond the records that waited.
    pub(super) memory_bytes: Option<u64>,
    pub(super) results: Vec<T>,
}

/// Hands accounts to `work`, so many together and up to `concurrency` groups at a time. Making and dropping the records
/// does not count; they are made right before they are worked on, so that they come as warm from the processor's cache
/// as a source's do.
pub(super) async fn on_accounts<T, F>(
    estate: &Estate,
    scenario: Scenario,
    together: usize,
    work: impl Fn(Arc<Group>) -> F,
) -> anyhow::Result<Done<T>>
where
    T: Send + 'static,
    F: Future<Output = anyhow::Result<T>> + Send + 'static,
{
    let mut done = Done { time: Duration::ZERO, memory_bytes: None, results: Vec::new() };
    for window in ranges(0..estate.accounts, estate.concurrency * together * READY) {
        let groups: Vec<_> = ranges(window, together)
            .map(|accounts| {
                let batches = accounts.clone().flat_map(|account| batches(estate.records(account, scenario)));
                Arc::new(Group { batches: batches.collect(), accounts })
            })
            .collect();
        let before = memory::start();
        let started = Instant::now();
        let slots = Arc::new(Semaphore::new(estate.concurrency));
        let tasks: Vec<_> = groups
            .iter()
            .map(|group| {
                let (slots, work) = (Arc::clone(&slots), work(Arc::clone(group)));
                tokio::spawn(async move {
                    let _slot = slots.acquire_owned().await?;
                    work.await
                })
            })
            .collect();
        for task in tasks {
            done.results.push(task.await??);
        }
        done.time += started.elapsed();
        done.memory_bytes = done.memory_bytes.max(memory::peak_since(before));
    }
    Ok(done)
}

fn ranges(all: Range<usize>, size: usize) -> impl Iterator<Item = Range<usize>> {
    let end = all.end;
    all.step_by(size).map(move |start| start..end.min(start + size))
}

/// Audits the whole estate; the time spent in the sink, and what it says it did.
pub(super) async fn audit(
    sink: &Arc<dyn Sink>,
    estate: &Estate,
    scenario: Scenario,
) -> anyhow::Result<(Done<()>, Counts)> {
    let run = RunInfo {
        id: Uuid::now_v7(),
        started_at: Utc::now().trunc_subsecs(6),
        version: "benchmark".to_owned(),
        plan_only: false,
        accept_removals: false,
        removal_guard: RemovalGuard::default(),
    };
    let started = Instant::now();
    sink.begin_run(&run).await?;
    let opening = started.elapsed();
    let done = on_accounts(estate, scenario, 1, |group| {
        let (sink, run) = (Arc::clone(sink), run.clone());
        async move { store(&*sink, run, &group).await }
    })
    .await?;
    let report = RunReport {
        narrowed: false,
        run,
        finished_at: Utc::now().trunc_subsecs(6),
        stopped: false,
        tasks: done.results,
        failures: Vec::new(),
    };
    let started = Instant::now();
    sink.finish_run(&report).await?;
    let time = opening + done.time + started.elapsed();
    Ok((Done { time, memory_bytes: done.memory_bytes, results: Vec::new() }, report.totals()))
}

/// One task: an account whose listings were all complete.
async fn store(sink: &dyn Sink, run: RunInfo, group: &Group) -> anyhow::Result<TaskReport> {
    let id = Estate::account(group.accounts.start);
    let task = TaskInfo {
        run: run.id,
        source: "bench".to_owned(),
        target: id.clone(),
        target_name: format!("Account {}", group.accounts.start),
        account: id.parse().context("an account id")?,
        observed_at: Utc::now().trunc_subsecs(6),
    };
    let outcomes: Vec<_> = Estate::kinds()
        .into_iter()
        .map(|kind| ScopeOutcome { kind: kind.name.to_owned(), outcome: Outcome::Complete, gaps: Vec::new() })
        .collect();
    let started = Instant::now();
    let mut writer = sink.begin(&run, &task).await?;
    for batch in &group.batches {
        writer.write(Arc::clone(batch)).await?;
    }
    let results = writer.finish(&outcomes).await?;
    let scopes = outcomes.into_iter().zip(results).map(|(outcome, result)| ScopeReport {
        kind: outcome.kind,
        outcome: outcome.outcome,
        gaps: Vec::new(),
        result: Some(result),
    });
    Ok(TaskReport {
        task,
        scopes: scopes.collect(),
        store_error: None,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

fn batches(records: Vec<Record>) -> Vec<Batch> {
    let mut batches = Vec::new();
    let mut batch = Vec::new();
    let mut bytes = 0;
    for record in records {
        bytes += record.size_bytes();
        batch.push(record);
        if bytes >= BATCH_BYTES {
            batches.push(Arc::new(std::mem::take(&mut batch)));
            bytes = 0;
        }
    }
    if !batch.is_empty() {
        batches.push(Arc::new(batch));
    }
    batches
}
