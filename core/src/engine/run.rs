//! A run from beginning to end.

use std::{sync::Arc, time::Instant};

use chrono::Utc;
use futures::{StreamExt as _, stream};
use serde::Serialize;
use tokio::{
    sync::{OnceCell, Semaphore},
    task::JoinSet,
};
use uuid::Uuid;

use super::{
    Engine, EngineAnalyzer, EngineSource, Event, RunOptions,
    analysis::{AnalyzerSource, in_order},
    plan::PlannedSource,
    task::Task,
};
use crate::{
    analyzer::ESTATE,
    config::SourceSettings,
    error::{SinkError, SourceError, chain},
    model::{Kind, common::ANALYSIS},
    outcome::{Gap, GapReason, RunInfo, RunReport, SourceFailure, TaskReport},
    sink::CheckItem,
    source::Target,
};

/// Why a run could not be carried out at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A sink could not be made ready, or the ledger could not be opened or closed.
    #[error("sink `{sink}`")]
    Sink {
        /// Name of the sink.
        sink: String,
        /// What went wrong.
        #[source]
        source: SinkError,
    },
    /// The options leave nothing to do.
    #[error("{0}")]
    NothingSelected(String),
}

/// What `auditor check` prints.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CheckReport {
    /// By sink: each thing tried.
    pub sinks: Vec<(String, Vec<CheckItem>)>,
    /// By source: each thing tried, over its targets.
    pub sources: Vec<(String, Vec<CheckItem>)>,
}

impl Engine {
    /// Carries out a run.
    ///
    /// Makes every sink ready, opens the run in each, plans all sources at the same time, collects all targets within
    /// the limits, closes the run in each sink. What goes wrong with a source, a target or a listing is in the report;
    /// a store that refuses for good stops the run, since nothing more could be kept.
    ///
    /// # Errors
    /// If a sink cannot be made ready, the ledger cannot be opened or closed, or nothing is selected.
    pub async fn run(&self, options: &RunOptions) -> Result<RunReport, RunError> {
        let run = Arc::new(RunInfo {
            id: Uuid::now_v7(),
            started_at: crate::model::now_micros(),
            version: options.version.clone(),
            plan_only: options.plan_only,
            accept_removals: options.accept_removals,
            removal_guard: self.settings.removal_guard(),
        });
        let planned = self.planned_sources(options, run.id)?;
        self.prepare(&planned).await?;
        for sink in &self.sinks {
            sink.sink
                .begin_run(&run)
                .await
                .map_err(|source| RunError::Sink { sink: sink.name.clone(), source })?;
        }
        self.observer.event(Event::RunStarted(&run));

        let (targets, mut failures) = self.plan(&planned, options).await;
        if targets.is_empty() && failures.is_empty() && !options.accounts.is_empty() {
            let report = self.report(&run, options, Vec::new(), failures);
            self.finish_run(&report).await?;
            let accounts: Vec<_> = options.accounts.iter().map(|account| format!("`{account}`")).collect();
            return Err(RunError::NothingSelected(format!(
                "no enabled source has a target for account {}",
                accounts.join(", ")
            )));
        }
        let mut tasks = self.collect(&run, targets).await;
        if !options.plan_only {
            tasks.extend(self.analyze(&run, options, &mut failures).await);
        }
        let report = self.report(&run, options, tasks, failures);
        self.finish_run(&report).await?;
        Ok(report)
    }

    /// Tries every sink, then credentials and permissions of every selected target.
    ///
    /// # Errors
    /// If nothing is selected.
    pub async fn check(&self, options: &RunOptions) -> Result<CheckReport, RunError> {
        let planned = self.planned_sources(options, Uuid::now_v7())?;
        let mut report = CheckReport::default();
        for sink in &self.sinks {
            report.sinks.push((sink.name.clone(), sink.sink.check().await));
        }
        for source in &planned {
            let items = match source.targets(options).await {
                Ok(targets) => stream::iter(targets)
                    .map(|target| async move { source.source.source.check(&target, &source.context).await })
                    .buffered(self.settings.concurrency.into())
                    .concat()
                    .await,
                Err(error) => {
                    let gap = Gap::from(&error);
                    let problem =
                        gap.hint.map_or(gap.detail.clone(), |hint| format!("{}; {hint}", gap.detail));
                    vec![CheckItem::failed("list targets", &source.name, problem)]
                }
            };
            report.sources.push((source.name.clone(), items));
        }
        Ok(report)
    }

    fn planned_sources(&self, options: &RunOptions, run: Uuid) -> Result<Vec<Arc<PlannedSource>>, RunError> {
        if self.sources.is_empty() {
            return Err(RunError::NothingSelected("no source is enabled".to_owned()));
        }
        let planned: Vec<_> = self
            .sources
            .iter()
            .filter_map(|source| PlannedSource::new(self, source, options, run))
            .map(Arc::new)
            .collect();
        if planned.is_empty() {
            return Err(RunError::NothingSelected(
                "no enabled source emits any of the wanted kinds".to_owned(),
            ));
        }
        Ok(planned)
    }

    async fn prepare(&self, planned: &[Arc<PlannedSource>]) -> Result<(), RunError> {
        let mut kinds: Vec<&'static Kind> =
            planned.iter().flat_map(|source| source.wanted.iter().copied()).collect();
        if !self.analyzers.is_empty() {
            kinds.push(&ANALYSIS);
            kinds.extend(self.analyzers.iter().flat_map(|analyzer| analyzer.analyzer.outputs()));
        }
        kinds.sort_by_key(|kind| kind.name);
        kinds.dedup();
        for sink in &self.sinks {
            sink.sink
                .prepare(&kinds)
                .await
                .map_err(|source| RunError::Sink { sink: sink.name.clone(), source })?;
        }
        Ok(())
    }

    async fn plan(
        &self,
        planned: &[Arc<PlannedSource>],
        options: &RunOptions,
    ) -> (Vec<(Arc<PlannedSource>, Target)>, Vec<SourceFailure>) {
        let plans = planned.iter().map(|source| async move {
            let result = tokio::select! {
                biased;
                () = self.cancel.cancelled() => Err(SourceError::Cancelled),
                result = source.targets(options) => result,
            };
            (source, result)
        });
        let mut tasks = Vec::new();
        let mut failures = Vec::new();
        for (source, result) in futures::future::join_all(plans).await {
            match result {
                Ok(targets) => {
                    let event = Event::SourcePlanned { source: &source.name, targets: targets.len() };
                    self.observer.event(event);
                    tasks.extend(targets.into_iter().map(|target| (Arc::clone(source), target)));
                }
                Err(error) => failures.push(self.plan_failed(&source.name, &error)),
            }
        }
        (tasks, failures)
    }

    async fn collect(
        &self,
        run: &Arc<RunInfo>,
        targets: Vec<(Arc<PlannedSource>, Target)>,
    ) -> Vec<TaskReport> {
        let slots = Arc::new(Semaphore::new(self.settings.concurrency.max(1).into()));
        let sinks: Arc<[_]> = self.sinks.clone().into();
        let mut running = JoinSet::new();
        for (source, target) in targets {
            let slots = Arc::clone(&slots);
            let task = Task {
                run: Arc::clone(run),
                sinks: Arc::clone(&sinks),
                observer: Arc::clone(&self.observer),
                cancel: self.cancel.clone(),
                source,
                target,
            };
            running.spawn(async move {
                // The source's turn first, so that a source at its own limit takes no general slot from the others.
                let _source_slot = Arc::clone(&task.source.slots).acquire_owned().await;
                let _slot = slots.acquire_owned().await;
                let report = if task.cancel.is_cancelled() {
                    task.not_started()
                } else {
                    Box::pin(task.execute()).await
                };
                task.observer.event(Event::TaskFinished(&report));
                report
            });
        }
        let mut reports = running.join_all().await;
        reports.sort_by(|a, b| (&a.task.source, &a.task.target).cmp(&(&b.task.source, &b.task.target)));
        reports
    }

    /// Runs the analyzers, one after the other, over what changed.
    async fn analyze(
        &self,
        run: &Arc<RunInfo>,
        options: &RunOptions,
        failures: &mut Vec<SourceFailure>,
    ) -> Vec<TaskReport> {
        // The guard is for listings that may be half empty. What is derived follows from what it let pass.
        let run = &Arc::new(RunInfo { accept_removals: true, ..(**run).clone() });
        let mut tasks = Vec::new();
        for EngineAnalyzer { name, analyzer } in in_order(&self.analyzers) {
            if self.cancel.is_cancelled() {
                break;
            }
            let Some(reader) = self.sinks.iter().find_map(|sink| sink.sink.reader()) else {
                let gap = Gap::new(GapReason::NotProvided, "no sink of this run keeps what analyzers read")
                    .with_hint("add a database, for instance `[sinks.sqlite]`, or switch the analyzer off");
                failures.push(SourceFailure { source: name, gap });
                continue;
            };
            let source = AnalyzerSource {
                name: name.clone(),
                analyzer,
                reader,
                now: run.started_at,
                shared: OnceCell::new(),
            };
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let settings = SourceSettings {
                concurrency: Some(u16::try_from(cores).unwrap_or(u16::MAX)),
                ..SourceSettings::default()
            };
            let source = EngineSource { name, source: Arc::new(source), settings };
            let Some(planned) = PlannedSource::new(self, &source, options, run.id).map(Arc::new) else {
                continue;
            };
            let started = Instant::now();
            match planned.source.source.plan(&planned.context).await {
                Ok(mut targets) => {
                    let estate = |target: &Target| target.id == ESTATE;
                    targets.retain(|target| {
                        options.accounts.is_empty()
                            || options.accounts.contains(&target.account)
                            || estate(target)
                    });
                    let event = Event::SourcePlanned { source: &planned.name, targets: targets.len() };
                    self.observer.event(event);
                    let targets = targets.into_iter().map(|target| (Arc::clone(&planned), target)).collect();
                    let analyzed = self.collect(run, targets).await;
                    tracing::info!(
                        analyzer = planned.name,
                        targets = analyzed.len(),
                        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
                        "analyzed"
                    );
                    tasks.extend(analyzed);
                }
                Err(error) => failures.push(self.plan_failed(&planned.name, &error)),
            }
        }
        tasks
    }

    fn plan_failed(&self, source: &str, error: &SourceError) -> SourceFailure {
        tracing::warn!(source.name = source, error = %chain(error), "targets could not be listed");
        let failure = SourceFailure { source: source.to_owned(), gap: Gap::from(error) };
        self.observer.event(Event::SourceFailed(&failure));
        failure
    }

    fn report(
        &self,
        run: &RunInfo,
        options: &RunOptions,
        tasks: Vec<TaskReport>,
        failures: Vec<SourceFailure>,
    ) -> RunReport {
        RunReport {
            narrowed: !(options.accounts.is_empty() && options.kinds.is_empty()),
            run: run.clone(),
            finished_at: Utc::now(),
            stopped: self.cancel.is_cancelled(),
            tasks,
            failures,
        }
    }

    async fn finish_run(&self, report: &RunReport) -> Result<(), RunError> {
        for sink in &self.sinks {
            let result = sink.sink.finish_run(report).await;
            if let Err(source) = result {
                // The report of a run whose store is gone says so already; it must still reach the operator.
                if report.tasks.iter().any(|task| task.store_error.is_some()) {
                    tracing::error!(sink.name = sink.name, error = %chain(&source), "the run could not be closed");
                    continue;
                }
                return Err(RunError::Sink { sink: sink.name.clone(), source });
            }
        }
        Ok(())
    }
}
