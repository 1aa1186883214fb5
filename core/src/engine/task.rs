//! One target of one source: collected, written, its scopes' outcomes kept.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{EngineSink, Event, Observer, plan::PlannedSource};
use crate::{
    error::{SinkError, SourceError, chain},
    model::Kind,
    outcome::{
        Gap, GapReason, Outcome, RunInfo, ScopeOutcome, ScopeReport, ScopeResult, TaskInfo, TaskReport,
    },
    sink::TaskWriter,
    source::{ScopeEnd, Target, collector, gap_of, outcome_of},
};

/// How often a task is collected when the store fails in passing.
const COLLECTIONS: u32 = 3;
/// How long a source may take to notice that it is to stop, before it is cut off.
const STOP_GRACE: Duration = Duration::from_secs(10);

/// What carrying out one target needs.
pub(super) struct Task {
    pub(super) run: Arc<RunInfo>,
    pub(super) sinks: Arc<[EngineSink]>,
    pub(super) observer: Arc<dyn Observer>,
    /// The run's token; fired by the operator, or here when the store refuses for good.
    pub(super) cancel: CancellationToken,
    pub(super) source: Arc<PlannedSource>,
    pub(super) target: Target,
}

/// How the sinks took a task: the first sink's results, or the sink that failed and why.
type Stored = Result<Vec<ScopeResult>, (String, SinkError)>;

impl Task {
    fn info(&self) -> TaskInfo {
        TaskInfo {
            run: self.run.id,
            source: self.source.name.clone(),
            target: self.target.id.clone(),
            target_name: self.target.name.clone(),
            account: self.target.account.clone(),
            observed_at: crate::model::now_micros(),
        }
    }

    /// The report of a task that the end of the run forestalled. Nothing is stored: nothing was looked at.
    pub(super) fn not_started(&self) -> TaskReport {
        let outcomes = self.outcomes(
            ScopeEnd::new(),
            &BTreeSet::new(),
            gap_of(&SourceError::Cancelled).as_ref(),
            Outcome::Failed,
        );
        Self::report(self.info(), outcomes, Vec::new(), None, Duration::ZERO)
    }

    /// Collects and stores the target.
    pub(super) async fn execute(&self) -> TaskReport {
        let started = Instant::now();
        let mut collections = 0;
        loop {
            let info = self.info();
            self.observer.event(Event::TaskStarted(&info));
            collections += 1;
            let (outcomes, stored) = self.collect_once(&info).await;
            match stored {
                Ok(results) => return Self::report(info, outcomes, results, None, started.elapsed()),
                Err((sink, error)) => {
                    let reason = chain(&error);
                    if error.is_transient() && collections < COLLECTIONS && !self.cancel.is_cancelled() {
                        self.observer.event(Event::TaskRetried { task: &info, reason: &reason });
                        let wait = Duration::from_secs(1 << (2 * collections));
                        tokio::select! {
                            () = self.cancel.cancelled() => {}
                            () = tokio::time::sleep(wait) => continue,
                        }
                    }
                    tracing::error!(
                        sink.name = sink,
                        target = self.target.id,
                        error = reason,
                        "results could not be stored"
                    );
                    // What one task cannot store, no other can.
                    self.cancel.cancel();
                    let gap = Gap {
                        reason: if error.is_transient() {
                            GapReason::Unreachable
                        } else {
                            GapReason::Rejected
                        },
                        detail: format!("sink `{sink}`: {reason}"),
                        hint: error.hint().map(ToOwned::to_owned),
                    };
                    return Self::report(info, outcomes, Vec::new(), Some(gap), started.elapsed());
                }
            }
        }
    }

    async fn collect_once(&self, info: &TaskInfo) -> (Vec<ScopeOutcome>, Stored) {
        let mut writers = Vec::with_capacity(self.sinks.len());
        for sink in self.sinks.iter() {
            match sink.sink.begin(&self.run, info).await {
                Ok(writer) => writers.push((sink.name.as_str(), writer)),
                Err(error) => {
                    let gap = Gap::new(GapReason::Internal, "not collected, since it could not be stored");
                    let outcomes =
                        self.outcomes(ScopeEnd::new(), &BTreeSet::new(), Some(&gap), Outcome::Failed);
                    return (outcomes, Err((sink.name.clone(), error)));
                }
            }
        }
        let (outcomes, write_error) = self.run_source(&mut writers).await;
        if let Some(failed) = write_error {
            return (outcomes, Err(failed));
        }
        let mut first = None;
        for (name, writer) in writers {
            match writer.finish(&outcomes).await {
                Ok(results) => first = first.or(Some(results)),
                Err(error) => return (outcomes, Err((name.to_owned(), error))),
            }
        }
        (outcomes, Ok(first.unwrap_or_default()))
    }

    /// Runs the source's `collect` beside the writers and settles the outcome of every wanted kind.
    async fn run_source(
        &self,
        writers: &mut [(&str, Box<dyn TaskWriter>)],
    ) -> (Vec<ScopeOutcome>, Option<(String, SinkError)>) {
        let cancel = self.cancel.child_token();
        let mut context = self.source.context.clone();
        let parallel = self.source.source.settings.calls_per_target.into();
        context.caller = context.caller.with_parallel(parallel).with_cancel(cancel.clone());
        let (out, mut batches, ended) = collector(context, Arc::clone(&self.source.wanted));

        let source = Arc::clone(&self.source.source.source);
        let target = self.target.clone();
        // A task of its own: a plugin that panics or blocks ends this collection, not the run.
        let mut collecting =
            AbortOnDropHandle::new(tokio::spawn(async move { source.collect(&target, &out).await }));

        let mut seen = BTreeSet::new();
        let mut write_error = None;
        let mut timed_out = false;
        let timeout = Duration::from_secs(self.source.source.settings.target_timeout_secs.into());
        let deadline = tokio::time::sleep(timeout);
        tokio::pin!(deadline);
        let mut grace = None;
        let result = loop {
            tokio::select! {
                Some(batch) = batches.recv() => {
                    seen.extend(batch.iter().map(|record| record.kind.name));
                    if let Err(failed) = write_all(writers, batch).await {
                        write_error = Some(failed);
                        cancel.cancel();
                        batches.close();
                    }
                }
                joined = &mut collecting => {
                    break joined.unwrap_or_else(|error| Err(SourceError::Bug(format!("the source broke off: {error}"))));
                }
                () = &mut deadline, if !timed_out => {
                    timed_out = true;
                    cancel.cancel();
                }
                () = cancel.cancelled(), if grace.is_none() => grace = Some(Instant::now() + STOP_GRACE),
                () = tokio::time::sleep_until(grace.unwrap_or_else(Instant::now)), if grace.is_some() => {
                    collecting.abort();
                    break Err(SourceError::Cancelled);
                }
            }
        };
        while let Ok(batch) = batches.try_recv() {
            seen.extend(batch.iter().map(|record| record.kind.name));
            if write_error.is_none() {
                write_error = write_all(writers, batch).await.err();
            }
        }
        let ended = std::mem::take(&mut *ended.lock().unwrap_or_else(PoisonError::into_inner));
        let time_is_up = timed_out.then(|| {
            Gap::new(GapReason::TimedOut, format!("not read within {} s", timeout.as_secs()))
                .with_hint("raise `target_timeout_secs` of this source")
        });
        let (gap, outcome) = match &result {
            Ok(()) => {
                (Some(Gap::new(GapReason::Internal, "the source ended without listing it")), Outcome::Failed)
            }
            Err(error) => (gap_of(error), outcome_of(error, false)),
        };
        let mut outcomes = self.outcomes(ended, &seen, time_is_up.as_ref().or(gap.as_ref()), outcome);
        if let Some(time_is_up) = time_is_up {
            for gap in outcomes.iter_mut().flat_map(|outcome| &mut outcome.gaps) {
                if gap.reason == GapReason::Stopped {
                    gap.clone_from(&time_is_up);
                }
            }
        }
        (outcomes, write_error)
    }

    /// The outcome of every wanted kind; those without an end of their own share `gap`.
    fn outcomes(
        &self,
        mut ended: ScopeEnd,
        seen: &BTreeSet<&str>,
        gap: Option<&Gap>,
        outcome: Outcome,
    ) -> Vec<ScopeOutcome> {
        let mut kinds: Vec<&'static Kind> = self.source.wanted.to_vec();
        kinds.sort_by_key(|kind| kind.name);
        kinds
            .into_iter()
            .map(|kind| {
                let (outcome, gaps) = ended.remove(kind.name).unwrap_or_else(|| {
                    let outcome = if seen.contains(kind.name) { Outcome::Partial } else { outcome };
                    (outcome, gap.into_iter().cloned().collect())
                });
                ScopeOutcome { kind: kind.name.to_owned(), outcome, gaps }
            })
            .collect()
    }

    fn report(
        task: TaskInfo,
        outcomes: Vec<ScopeOutcome>,
        results: Vec<ScopeResult>,
        store_error: Option<Gap>,
        duration: Duration,
    ) -> TaskReport {
        let mut results = results.into_iter();
        let scopes = outcomes
            .into_iter()
            .map(|scope| {
                let result = results.next();
                let mut gaps = scope.gaps;
                gaps.extend(result.iter().flat_map(|result| result.gaps.iter().cloned()));
                ScopeReport { kind: scope.kind, outcome: scope.outcome, gaps, result }
            })
            .collect();
        let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        TaskReport { task, scopes, store_error, duration_ms }
    }
}

async fn write_all(
    writers: &mut [(&str, Box<dyn TaskWriter>)],
    batch: crate::sink::Batch,
) -> Result<(), (String, SinkError)> {
    for (name, writer) in writers {
        writer.write(Arc::clone(&batch)).await.map_err(|error| ((*name).to_owned(), error))?;
    }
    Ok(())
}
