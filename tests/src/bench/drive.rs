//! Drives a sink through one audit, as the engine would.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use auditor_core::{
    model::Record,
    outcome::{
        Counts, Outcome, RemovalGuard, RunInfo, RunReport, ScopeOutcome, ScopeReport, TaskInfo, TaskReport,
    },
    sink::Sink,
};
use chrono::{SubsecRound as _, Utc};
use uuid::Uuid;

use super::estate::{Estate, Scenario};

/// Records are handed over in batches of about this many bytes, as the engine does.
const BATCH_BYTES: usize = 128 * 1024;

/// Audits the whole estate; the time spent in the sink, and what it says it did.
pub(super) async fn audit(
    sink: &dyn Sink,
    estate: &Estate,
    scenario: Scenario,
) -> anyhow::Result<(Duration, Counts)> {
    let run = RunInfo {
        id: Uuid::now_v7(),
        started_at: Utc::now().trunc_subsecs(6),
        version: "benchmark".to_owned(),
        plan_only: false,
        accept_removals: false,
        removal_guard: RemovalGuard::default(),
    };
    let outcomes: Vec<_> = Estate::kinds()
        .into_iter()
        .map(|kind| ScopeOutcome { kind: kind.name.to_owned(), outcome: Outcome::Complete, gaps: Vec::new() })
        .collect();
    let mut time = Duration::ZERO;
    let started = Instant::now();
    sink.begin_run(&run).await?;
    time += started.elapsed();
    let mut tasks = Vec::with_capacity(estate.accounts);
    for account in 0..estate.accounts {
        let id = Estate::account(account);
        let task = TaskInfo {
            run: run.id,
            source: "bench".to_owned(),
            target: id.clone(),
            target_name: format!("Account {account}"),
            account: id.parse().context("an account id")?,
            observed_at: Utc::now().trunc_subsecs(6),
        };
        let batches = batches(estate.records(account, scenario));
        let started = Instant::now();
        let mut writer = sink.begin(&run, &task).await?;
        for batch in &batches {
            writer.write(Arc::clone(batch)).await?;
        }
        let results = writer.finish(&outcomes).await?;
        let spent = started.elapsed();
        time += spent;
        let scopes = outcomes.iter().zip(results).map(|(outcome, result)| ScopeReport {
            kind: outcome.kind.clone(),
            outcome: outcome.outcome,
            gaps: Vec::new(),
            result: Some(result),
        });
        tasks.push(TaskReport {
            task,
            scopes: scopes.collect(),
            store_error: None,
            duration_ms: u64::try_from(spent.as_millis()).unwrap_or(u64::MAX),
        });
    }
    let report = RunReport {
        run,
        finished_at: Utc::now().trunc_subsecs(6),
        stopped: false,
        tasks,
        failures: Vec::new(),
    };
    let started = Instant::now();
    sink.finish_run(&report).await?;
    time += started.elapsed();
    Ok((time, report.totals()))
}

fn batches(records: Vec<Record>) -> Vec<Arc<Vec<Record>>> {
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
