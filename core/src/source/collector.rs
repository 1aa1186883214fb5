//! What `collect` writes to: scopes, records, gaps.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::mpsc;

use super::{Caller, Context};
use crate::{
    error::SourceError,
    model::{Kind, Record, Resource},
    outcome::{Gap, GapReason, Outcome},
    sink::Batch,
};

/// Records are handed on in batches of about this many bytes: large enough to cost little per record, small enough
/// that many tasks at once stay within memory.
const BATCH_BYTES: usize = 128 * 1024;

/// How listings ended, by kind.
pub(crate) type ScopeEnd = BTreeMap<&'static str, (Outcome, Vec<Gap>)>;

/// A task's way out: runs listings and keeps how each ended.
#[derive(Clone)]
pub struct Collector {
    context: Context,
    wanted: Arc<[&'static Kind]>,
    sender: mpsc::Sender<Batch>,
    ended: Arc<Mutex<ScopeEnd>>,
}

/// A collector for `wanted` kinds, the receiving end of what it emits, and the ends of its scopes.
pub(crate) fn collector(
    context: Context,
    wanted: Arc<[&'static Kind]>,
) -> (Collector, mpsc::Receiver<Batch>, Arc<Mutex<ScopeEnd>>) {
    let (sender, receiver) = mpsc::channel(2);
    let ended = Arc::new(Mutex::new(ScopeEnd::new()));
    (Collector { context, wanted, sender, ended: Arc::clone(&ended) }, receiver, ended)
}

impl Collector {
    /// What a source may use outside a listing.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Calls to the outside go through this.
    pub fn caller(&self) -> &Caller {
        &self.context.caller
    }

    /// Whether records of this kind are asked for in this run. A listing none of whose kinds is wanted need not run.
    pub fn wants(&self, kind: &'static Kind) -> bool {
        self.wanted.contains(&kind)
    }

    /// Runs a listing of one or more kinds. `Ok` from `listing` is the *only* way its scopes become complete; an error
    /// makes them denied, partial or failed, by its class and by whether records of the kind had been emitted.
    ///
    /// Returns what the listing returned, for listings that build on it, or `None` if it failed (which is then
    /// recorded) or if none of the kinds is wanted. A kind may be listed once per task.
    pub async fn scope<T, F, Fut>(&self, kinds: &[&'static Kind], listing: F) -> Option<T>
    where
        F: FnOnce(Emitter) -> Fut,
        Fut: Future<Output = Result<T, SourceError>>,
    {
        let wanted: Vec<_> = kinds.iter().copied().filter(|kind| self.wants(kind)).collect();
        if wanted.is_empty() {
            return None;
        }
        let emitter = Emitter {
            kinds: kinds.into(),
            wanted: Arc::clone(&self.wanted),
            sender: self.sender.clone(),
            state: Arc::default(),
        };
        let result = listing(emitter.clone()).await;
        let flushed = emitter.flush().await;
        let result = result.and_then(|value| flushed.map(|()| value));
        let mut state = emitter.lock();
        if let Err(error) = &result {
            tracing::debug!(error = %crate::error::chain(error), kinds = ?names(&wanted), "listing failed");
        }
        for kind in &wanted {
            let mut gaps = state.gaps.remove(kind.name).unwrap_or_default();
            let any = state.emitted.contains_key(kind.name);
            let outcome = match &result {
                Ok(_) if gaps.is_empty() => Outcome::Complete,
                Ok(_) => Outcome::Partial,
                Err(error) => {
                    gaps.extend(gap_of(error));
                    outcome_of(error, any)
                }
            };
            self.end(kind, outcome, gaps);
        }
        result.ok()
    }

    /// A second listing of the same kind counts as part of the first: complete only if both are.
    fn end(&self, kind: &'static Kind, outcome: Outcome, gaps: Vec<Gap>) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        match ended.entry(kind.name) {
            Entry::Vacant(entry) => {
                entry.insert((outcome, gaps));
            }
            Entry::Occupied(mut entry) => {
                let (first, all) = entry.get_mut();
                if *first != outcome {
                    *first = Outcome::Partial;
                }
                all.extend(gaps);
            }
        }
    }
}

/// The outcome an error stands for, given whether records of the kind had arrived before it.
pub(crate) fn outcome_of(error: &SourceError, emitted: bool) -> Outcome {
    match error.root() {
        SourceError::Gone => Outcome::Gone,
        _ if emitted => Outcome::Partial,
        SourceError::Denied { .. } => Outcome::Denied,
        _ => Outcome::Failed,
    }
}

/// The gap an error leaves. None for a target that ended: that is knowledge, not a lack of it.
pub(crate) fn gap_of(error: &SourceError) -> Option<Gap> {
    (!matches!(error.root(), SourceError::Gone)).then(|| Gap::from(error))
}

fn names(kinds: &[&'static Kind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.name).collect()
}

/// A listing's way out. Clones write to the same listing.
#[derive(Clone)]
pub struct Emitter {
    kinds: Arc<[&'static Kind]>,
    wanted: Arc<[&'static Kind]>,
    sender: mpsc::Sender<Batch>,
    state: Arc<Mutex<EmitterState>>,
}

#[derive(Default)]
struct EmitterState {
    batch: Vec<Record>,
    batch_bytes: usize,
    emitted: BTreeMap<&'static str, u64>,
    gaps: BTreeMap<&'static str, Vec<Gap>>,
}

impl Emitter {
    /// Emits a record. Waits while the sinks are behind. Records of kinds that are not wanted are dropped.
    ///
    /// # Errors
    /// [`Cancelled`](SourceError::Cancelled) when the task is being stopped; [`Bug`](SourceError::Bug) if the record's
    /// kind is none of the listing's. Hand both on.
    pub async fn emit(&self, resource: Resource) -> Result<(), SourceError> {
        let kind = resource.kind;
        if !self.kinds.contains(&kind) {
            return Err(SourceError::Bug(format!("`{}` was emitted in a listing of other kinds", kind.name)));
        }
        if !self.wanted.contains(&kind) {
            return Ok(());
        }
        let record = Record::new(resource);
        let full = {
            let mut state = self.lock();
            *state.emitted.entry(kind.name).or_default() += 1;
            state.batch_bytes += record.size_bytes();
            state.batch.push(record);
            (state.batch_bytes >= BATCH_BYTES).then(|| state.take_batch())
        };
        match full {
            Some(batch) => self.send(batch).await,
            None => Ok(()),
        }
    }

    /// Records that something of `kind` could not be seen; its scope ends partial even if the listing returns `Ok`.
    pub fn gap(&self, kind: &'static Kind, gap: Gap) {
        self.lock().gaps.entry(kind.name).or_default().push(gap);
    }

    /// Records that something could not be seen, from the error that prevented it. Hands on errors that end the whole
    /// listing: [`Cancelled`](SourceError::Cancelled) and [`Bug`](SourceError::Bug).
    pub fn gap_from(&self, kind: &'static Kind, error: SourceError) -> Result<(), SourceError> {
        match error.root().reason() {
            GapReason::Stopped | GapReason::Internal => Err(error),
            _ => {
                self.gap(kind, Gap::from(&error));
                Ok(())
            }
        }
    }

    async fn flush(&self) -> Result<(), SourceError> {
        let batch = self.lock().take_batch();
        if batch.is_empty() { Ok(()) } else { self.send(batch).await }
    }

    async fn send(&self, batch: Vec<Record>) -> Result<(), SourceError> {
        self.sender.send(Arc::new(batch)).await.map_err(|_| SourceError::Cancelled)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, EmitterState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EmitterState {
    fn take_batch(&mut self) -> Vec<Record> {
        self.batch_bytes = 0;
        std::mem::take(&mut self.batch)
    }
}
