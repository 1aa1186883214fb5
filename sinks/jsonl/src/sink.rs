//! The sink: buffers each task, appends it when it ends.

use std::{
    collections::{HashMap, HashSet},
    io::{BufWriter, Seek as _, Write as _},
};

use async_trait::async_trait;
use auditor_core::{
    error::SinkError,
    model::Kind,
    outcome::{Counts, RunInfo, RunReport, ScopeOutcome, ScopeResult, TaskInfo},
    sink::{Batch, CheckItem, Sink, TaskWriter},
};
use tempfile::SpooledTempFile;

use crate::{lines::Line, output::Output};

/// A task's lines wait in memory up to this size, then in a temporary file.
const SPOOL_BYTES: usize = 4 * 1024 * 1024;

/// Appends tasks to an output.
#[derive(Debug)]
pub(crate) struct JsonlSink {
    output: Output,
}

impl JsonlSink {
    pub(crate) fn new(output: Output) -> Self {
        Self { output }
    }

    async fn append_line(&self, line: &Line<'_>) -> Result<(), SinkError> {
        let mut bytes = Vec::new();
        line.write(&mut bytes).map_err(buffering)?;
        let output = self.output.clone();
        blocking(move || output.append(&mut bytes.as_slice())).await
    }
}

#[async_trait]
impl Sink for JsonlSink {
    async fn prepare(&self, _: &[&'static Kind]) -> Result<(), SinkError> {
        self.output.probe()
    }

    async fn begin_run(&self, run: &RunInfo) -> Result<(), SinkError> {
        if run.plan_only { Ok(()) } else { self.append_line(&Line::run_started(run)).await }
    }

    async fn begin(&self, run: &RunInfo, task: &TaskInfo) -> Result<Box<dyn TaskWriter>, SinkError> {
        Ok(Box::new(Writer {
            output: (!run.plan_only).then(|| self.output.clone()),
            task: task.clone(),
            lines: BufWriter::new(SpooledTempFile::new(SPOOL_BYTES)),
            received: HashMap::new(),
        }))
    }

    async fn finish_run(&self, report: &RunReport) -> Result<(), SinkError> {
        if report.run.plan_only { Ok(()) } else { self.append_line(&Line::run_finished(report)).await }
    }

    async fn check(&self) -> Vec<CheckItem> {
        let on = self.output.to_string();
        vec![match self.output.probe() {
            Ok(()) => CheckItem::ok("append", on),
            Err(error) => {
                let mut problem = auditor_core::error::chain(&error);
                if let Some(hint) = error.hint() {
                    problem.push_str("; ");
                    problem.push_str(hint);
                }
                CheckItem::failed("append", on, problem)
            }
        }]
    }
}

/// One task's lines.
struct Writer {
    /// `None` in a dry run.
    output: Option<Output>,
    task: TaskInfo,
    lines: BufWriter<SpooledTempFile>,
    received: HashMap<&'static str, Received>,
}

#[derive(Default)]
struct Received {
    ids: HashSet<Box<str>>,
    duplicates: u64,
}

#[async_trait]
impl TaskWriter for Writer {
    async fn write(&mut self, batch: Batch) -> Result<(), SinkError> {
        for record in batch.iter() {
            let received = self.received.entry(record.kind.name).or_default();
            if !received.ids.insert(record.native_id.as_str().into()) {
                received.duplicates += 1;
            }
            if self.output.is_some() {
                Line::resource(&self.task, record)
                    .map_err(std::io::Error::from)
                    .and_then(|line| line.write(&mut self.lines))
                    .map_err(buffering)?;
            }
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>, outcomes: &[ScopeOutcome]) -> Result<Vec<ScopeResult>, SinkError> {
        let mut results = Vec::with_capacity(outcomes.len());
        for scope in outcomes {
            let received = self.received.remove(scope.kind.as_str()).unwrap_or_default();
            let counts = Counts {
                seen: received.ids.len() as u64,
                duplicates: received.duplicates,
                ..Counts::default()
            };
            Line::outcome(&self.task, scope, counts.seen).write(&mut self.lines).map_err(buffering)?;
            results.push(ScopeResult { counts, ..ScopeResult::default() });
        }
        Line::Task(&self.task).write(&mut self.lines).map_err(buffering)?;
        let Some(output) = self.output else { return Ok(results) };
        self.lines.flush().map_err(buffering)?;
        let mut lines = self.lines.into_inner().map_err(|error| buffering(error.into_error()))?;
        blocking(move || {
            lines.rewind().map_err(buffering)?;
            output.append(&mut lines)
        })
        .await?;
        Ok(results)
    }
}

fn buffering(error: std::io::Error) -> SinkError {
    SinkError::permanent("buffering a task's lines in the temporary directory", error)
}

/// Writes may wait for a slow reader or another run's lock: not on a thread that runs tasks.
async fn blocking(write: impl FnOnce() -> Result<(), SinkError> + Send + 'static) -> Result<(), SinkError> {
    tokio::task::spawn_blocking(write).await.map_err(|error| SinkError::permanent("writing lines", error))?
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use auditor_core::{
        config::{RunSettings, SourceSettings},
        engine::{Engine, EngineSink, EngineSource, NoObserver, RunOptions},
        error::SourceError,
        outcome::Outcome,
        testkit::{Kept, MemorySource, SinkFixture, Step},
    };
    use serde_json::Value;

    use super::*;

    async fn run(path: &Path, script: &[Step], plan_only: bool) -> RunReport {
        let engine = Engine {
            sources: vec![EngineSource {
                name: "memory".to_owned(),
                source: Arc::new(MemorySource::new(script)),
                settings: SourceSettings::default(),
            }],
            analyzers: Vec::new(),
            sinks: vec![EngineSink {
                name: "jsonl".to_owned(),
                sink: Arc::new(JsonlSink::new(Output::File(path.to_owned()))),
            }],
            settings: RunSettings::default(),
            cancel: tokio_util::sync::CancellationToken::new(),
            observer: Arc::new(NoObserver),
        };
        engine.run(&RunOptions { plan_only, ..RunOptions::default() }).await.unwrap()
    }

    fn lines(path: &Path) -> Vec<Value> {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn types(lines: &[Value]) -> Vec<&str> {
        lines.iter().map(|line| line["type"].as_str().unwrap()).collect()
    }

    /// A file that is not there yet.
    struct NewFile(tempfile::TempDir);

    #[async_trait]
    impl SinkFixture for NewFile {
        fn sink(&self) -> Box<dyn Sink> {
            Box::new(JsonlSink::new(Output::File(self.0.path().join("out.jsonl"))))
        }

        async fn kept(&self) -> Kept {
            let path = self.0.path().join("out.jsonl");
            let mut kept = Kept::default();
            for mut line in if path.exists() { lines(&path) } else { Vec::new() } {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                if line["type"] == "resource" {
                    kept.records.push((text(&line["native_id"]), line["document"].take()));
                } else if line["type"] == "outcome" {
                    let outcome: Outcome = serde_json::from_value(line["outcome"].take()).unwrap();
                    // None are left out.
                    let gaps = serde_json::from_value(line["gaps"].take()).unwrap_or_default();
                    kept.outcomes.push((text(&line["kind"]), outcome, gaps));
                }
            }
            kept
        }
    }

    async fn new_file() -> NewFile {
        NewFile(tempfile::tempdir().unwrap())
    }

    mod conformance {
        // Without `a_replay_changes_nothing`: a stream only grows, and readers take the last lines of a task.
        auditor_core::sink_conformance!(
            super::new_file;
            prepare_twice_is_harmless, every_value_survives, a_dropped_writer_leaves_no_trace, gaps_are_kept,
            a_dry_run_writes_nothing
        );
    }

    #[tokio::test]
    async fn a_run_is_a_sequence_of_whole_lines_and_the_next_follows_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.jsonl");
        let denied = || SourceError::denied("test:List", "no");
        let report = run(&path, &[Step::Emit(2), Step::Fail(denied)], false).await;
        assert_eq!(report.totals().seen, 3);

        let found = lines(&path);
        assert_eq!(
            types(&found),
            ["run_started", "resource", "resource", "resource", "outcome", "outcome", "task", "run_finished"]
        );
        let resource = &found[1];
        assert!(resource["document"].is_object(), "{resource}");
        assert_eq!(resource["run"], found[0]["run"]);
        let outcome = &found[4];
        assert_eq!((&outcome["outcome"], &outcome["seen"]), (&Value::from("partial"), &Value::from(2)));
        assert_eq!(outcome["gaps"][0]["reason"], "denied");
        assert_eq!(found[7]["status"], "gaps");

        run(&path, &[Step::Emit(1)], false).await;
        assert!(lines(&path).len() > found.len());
    }

    #[tokio::test]
    async fn a_dry_run_counts_and_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.jsonl");
        let report = run(&path, &[Step::Emit(2)], true).await;
        assert_eq!(report.totals().seen, 3);
        assert!(!path.exists());
    }
}
