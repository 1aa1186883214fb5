//! From sources to tasks: which targets, which kinds, with which limits.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{Engine, EngineSource, RunOptions};
use crate::{
    error::{SinkError, SourceError},
    model::{AccountId, Kind},
    sink::{AccountDirectory, AccountEntry, AccountUse},
    source::{Caller, Context, RateLimiter, Target},
};

/// One source in one run.
pub(super) struct PlannedSource {
    pub(super) name: String,
    pub(super) source: EngineSource,
    pub(super) wanted: Arc<[&'static Kind]>,
    pub(super) context: Context,
    pub(super) slots: Arc<Semaphore>,
}

impl PlannedSource {
    /// `None` if the run wants none of the source's kinds.
    pub(super) fn new(
        engine: &Engine,
        source: &EngineSource,
        options: &RunOptions,
        run: Uuid,
    ) -> Option<Self> {
        let settings = &source.settings;
        let wanted: Arc<[&'static Kind]> = source
            .source
            .kinds()
            .into_iter()
            .filter(|kind| {
                settings.kinds.as_ref().is_none_or(|only| only.iter().any(|name| name == kind.name))
            })
            .filter(|kind| options.kinds.is_empty() || options.kinds.iter().any(|name| name == kind.name))
            .collect();
        if wanted.is_empty() {
            return None;
        }
        let limiter = Arc::new(RateLimiter::new(settings.requests_per_second.unwrap_or(0.0)));
        let caller = Caller::new(
            settings.call_policy(),
            limiter,
            settings.calls_per_target.into(),
            engine.cancel.clone(),
        );
        let accounts = engine.sinks.iter().find_map(|sink| sink.sink.accounts()).map(|directory| {
            if options.plan_only {
                Arc::new(ReadOnly(directory)) as Arc<dyn AccountDirectory>
            } else {
                directory
            }
        });
        let slots = settings.concurrency.unwrap_or(engine.settings.concurrency).max(1);
        Some(Self {
            name: source.name.clone(),
            source: source.clone(),
            wanted,
            context: Context { run, caller, accounts },
            slots: Arc::new(Semaphore::new(slots.into())),
        })
    }

    /// The targets this run collects, each once, in the source's order.
    pub(super) async fn targets(&self, options: &RunOptions) -> Result<Vec<Target>, SourceError> {
        let mut targets = self.source.source.plan(&self.context).await?;
        if targets.is_empty() {
            // Nothing to look at is not the same as nothing there: a run over no target proves nothing.
            let error = SourceError::rejected("list targets", "the source has no target");
            return Err(error.with_hint("say what it is to audit, or switch it off with `enabled = false`"));
        }
        targets.retain(|target| options.accounts.is_empty() || options.accounts.contains(&target.account));
        let mut seen = std::collections::HashSet::new();
        for target in &targets {
            if !seen.insert(target.id.clone()) {
                return Err(SourceError::Bug(format!("the target `{}` was planned twice", target.id)));
            }
        }
        Ok(targets)
    }
}

/// An account directory that keeps nothing, for dry runs.
struct ReadOnly(Arc<dyn AccountDirectory>);

#[async_trait]
impl AccountDirectory for ReadOnly {
    async fn list(&self) -> Result<Vec<AccountEntry>, SinkError> {
        self.0.list().await
    }

    async fn record_use(&self, _: &AccountId, _: &AccountUse) -> Result<(), SinkError> {
        Ok(())
    }

    async fn upsert(&self, _: &[AccountEntry]) -> Result<u64, SinkError> {
        Ok(0)
    }
}
