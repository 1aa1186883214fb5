//! A sink that keeps what it is given, with faults on demand.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use crate::{
    error::SinkError,
    model::{Kind, Record},
    outcome::{Counts, RunInfo, RunReport, ScopeOutcome, ScopeResult, TaskInfo},
    sink::{AccountDirectory, Batch, CheckItem, Sink, TaskWriter},
};

/// Keeps every finished task. Clones share what is kept.
#[derive(Clone, Default)]
pub struct MemorySink {
    state: Arc<Mutex<State>>,
    accounts: Option<Arc<dyn AccountDirectory>>,
}

#[derive(Default)]
struct State {
    tasks: BTreeMap<(String, String), StoredTask>,
    runs: Vec<RunInfo>,
    finished: usize,
    transient_failures: u32,
    permanent_failure: bool,
}

/// One finished task.
#[derive(Debug, Clone)]
pub struct StoredTask {
    /// Which task.
    pub info: TaskInfo,
    /// Its records, in the order of arrival.
    pub records: Vec<Record>,
    /// How its scopes ended.
    pub outcomes: Vec<ScopeOutcome>,
}

impl MemorySink {
    /// A sink with an account directory.
    #[must_use]
    pub fn with_accounts(mut self, accounts: Arc<dyn AccountDirectory>) -> Self {
        self.accounts = Some(accounts);
        self
    }

    /// The next `times` calls of `finish` fail in passing.
    pub fn fail_next(&self, times: u32) {
        self.lock().transient_failures = times;
    }

    /// Every call of `finish` fails for good from now on.
    pub fn fail_for_good(&self) {
        self.lock().permanent_failure = true;
    }

    /// Every task stored, by source and target; a replay replaces.
    pub fn tasks(&self) -> Vec<StoredTask> {
        self.lock().tasks.values().cloned().collect()
    }

    /// How many runs were opened, and how many closed.
    pub fn runs(&self) -> (usize, usize) {
        let state = self.lock();
        (state.runs.len(), state.finished)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Sink for MemorySink {
    async fn prepare(&self, _: &[&'static Kind]) -> Result<(), SinkError> {
        Ok(())
    }

    async fn begin_run(&self, run: &RunInfo) -> Result<(), SinkError> {
        self.lock().runs.push(run.clone());
        Ok(())
    }

    async fn begin(&self, run: &RunInfo, task: &TaskInfo) -> Result<Box<dyn TaskWriter>, SinkError> {
        let task = StoredTask { info: task.clone(), records: Vec::new(), outcomes: Vec::new() };
        Ok(Box::new(Writer { sink: self.clone(), plan_only: run.plan_only, task }))
    }

    async fn finish_run(&self, _: &RunReport) -> Result<(), SinkError> {
        self.lock().finished += 1;
        Ok(())
    }

    fn accounts(&self) -> Option<Arc<dyn AccountDirectory>> {
        self.accounts.clone()
    }

    async fn check(&self) -> Vec<CheckItem> {
        vec![CheckItem::ok("memory", "this process")]
    }
}

struct Writer {
    sink: MemorySink,
    plan_only: bool,
    task: StoredTask,
}

#[async_trait]
impl TaskWriter for Writer {
    async fn write(&mut self, batch: Batch) -> Result<(), SinkError> {
        self.task.records.extend(batch.iter().cloned());
        Ok(())
    }

    async fn finish(mut self: Box<Self>, outcomes: &[ScopeOutcome]) -> Result<Vec<ScopeResult>, SinkError> {
        let mut state = self.sink.lock();
        if state.permanent_failure {
            return Err(SinkError::permanent("storing the task", "the memory sink was told to refuse"));
        }
        if state.transient_failures > 0 {
            state.transient_failures -= 1;
            return Err(SinkError::transient("storing the task", "the memory sink was told to fail"));
        }
        let results = outcomes
            .iter()
            .map(|scope| {
                let seen = self.task.records.iter().filter(|record| record.kind.name == scope.kind).count();
                let seen = u64::try_from(seen).unwrap_or(u64::MAX);
                ScopeResult { counts: Counts { seen, ..Counts::default() }, ..ScopeResult::default() }
            })
            .collect();
        if !self.plan_only {
            outcomes.clone_into(&mut self.task.outcomes);
            let key = (self.task.info.source.clone(), self.task.info.target.clone());
            state.tasks.insert(key, self.task.clone());
        }
        Ok(results)
    }
}
