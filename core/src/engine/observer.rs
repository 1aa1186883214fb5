//! Progress, for whoever shows it.

use crate::outcome::{RunInfo, SourceFailure, TaskInfo, TaskReport};

/// Is told of progress. Must not block.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: Event<'_>);
}

/// What can happen in a run.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The run is open in every sink.
    RunStarted(&'a RunInfo),
    /// A source listed its targets.
    SourcePlanned {
        /// Name of the source.
        source: &'a str,
        /// How many of its targets this run collects.
        targets: usize,
    },
    /// A source could not list its targets.
    SourceFailed(&'a SourceFailure),
    /// A task began.
    TaskStarted(&'a TaskInfo),
    /// A task has to be collected again because the store failed in passing.
    TaskRetried {
        /// Which task.
        task: &'a TaskInfo,
        /// Why, as one sentence.
        reason: &'a str,
    },
    /// A task ended.
    TaskFinished(&'a TaskReport),
}

/// Ignores every event.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn event(&self, _: Event<'_>) {}
}
