//! The lines, one type each: what the crate's table documents.

use auditor_core::{
    model::{Fingerprint, Record},
    outcome::{Gap, Outcome, RunInfo, RunReport, RunStatus, ScopeOutcome, SourceFailure, TaskInfo},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

/// Number of the format, raised when a reader of the old one could go wrong.
const SCHEMA: u32 = 1;

/// One line.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    RunStarted {
        run: Uuid,
        started_at: DateTime<Utc>,
        version: &'a str,
        schema: u32,
    },
    Resource(Box<ResourceLine<'a>>),
    Outcome {
        run: Uuid,
        source: &'a str,
        target: &'a str,
        kind: &'a str,
        account: &'a str,
        observed_at: DateTime<Utc>,
        outcome: Outcome,
        seen: u64,
        gaps: &'a [Gap],
    },
    Task(&'a TaskInfo),
    RunFinished {
        run: Uuid,
        started_at: DateTime<Utc>,
        finished_at: DateTime<Utc>,
        status: RunStatus,
        tasks: usize,
        seen: u64,
        failures: &'a [SourceFailure],
    },
}

/// One record.
#[derive(Serialize)]
pub(crate) struct ResourceLine<'a> {
    run: Uuid,
    source: &'a str,
    target: &'a str,
    kind: &'a str,
    account: &'a str,
    native_id: &'a str,
    name: Option<&'a str>,
    observed_at: DateTime<Utc>,
    provider_created_at: Option<DateTime<Utc>>,
    provider_updated_at: Option<DateTime<Utc>>,
    fingerprint: Fingerprint,
    document: &'a RawValue,
    activity: Option<&'a RawValue>,
}

impl<'a> Line<'a> {
    pub(crate) fn run_started(run: &'a RunInfo) -> Self {
        Self::RunStarted { run: run.id, started_at: run.started_at, version: &run.version, schema: SCHEMA }
    }

    /// Documents are taken over as they are: records carry them as canonical JSON.
    pub(crate) fn resource(task: &'a TaskInfo, record: &'a Record) -> serde_json::Result<Self> {
        Ok(Self::Resource(Box::new(ResourceLine {
            run: task.run,
            source: &task.source,
            target: &task.target,
            kind: record.kind.name,
            account: record.content.account.as_str(),
            native_id: &record.native_id,
            name: record.content.name.as_deref(),
            observed_at: task.observed_at,
            provider_created_at: record.content.provider_created_at,
            provider_updated_at: record.content.provider_updated_at,
            fingerprint: record.fingerprint,
            document: serde_json::from_str(&record.content.document)?,
            activity: record.activity.as_deref().map(serde_json::from_str).transpose()?,
        })))
    }

    pub(crate) fn outcome(task: &'a TaskInfo, scope: &'a ScopeOutcome, seen: u64) -> Self {
        Self::Outcome {
            run: task.run,
            source: &task.source,
            target: &task.target,
            kind: &scope.kind,
            account: task.account.as_str(),
            observed_at: task.observed_at,
            outcome: scope.outcome,
            seen,
            gaps: &scope.gaps,
        }
    }

    pub(crate) fn run_finished(report: &'a RunReport) -> Self {
        Self::RunFinished {
            run: report.run.id,
            started_at: report.run.started_at,
            finished_at: report.finished_at,
            status: report.status(),
            tasks: report.tasks.len(),
            seen: report.totals().seen,
            failures: &report.failures,
        }
    }

    /// Writes the line with its end.
    pub(crate) fn write(&self, out: &mut impl std::io::Write) -> std::io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.write_all(b"\n")
    }
}
