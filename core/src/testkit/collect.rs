//! Runs one collection of a source without an engine or a sink.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    error::SourceError,
    model::Record,
    outcome::{Gap, Outcome},
    sink::AccountDirectory,
    source::{Caller, Context, Source, Target, collector},
};

/// What a collection gave.
#[derive(Debug)]
pub struct Collected {
    /// Every record, in order.
    pub records: Vec<Record>,
    /// How each listing ended, by kind. A kind that was not listed is absent.
    pub outcomes: BTreeMap<&'static str, Outcome>,
    /// Gaps by kind.
    pub gaps: BTreeMap<&'static str, Vec<Gap>>,
    /// What `collect` returned.
    pub result: Result<(), SourceError>,
}

impl Collected {
    /// The records of one kind, in order.
    pub fn of(&self, kind: &str) -> Vec<&Record> {
        self.records.iter().filter(|record| record.kind.name == kind).collect()
    }
}

/// A context whose calls neither wait nor are limited.
pub fn context(accounts: Option<Arc<dyn AccountDirectory>>) -> Context {
    Context { run: Uuid::now_v7(), caller: Caller::for_tests(), accounts }
}

/// Collects a target, every kind of the source wanted.
pub async fn collect(source: &dyn Source, target: &Target, context: Context) -> Collected {
    run(source, target, context, None).await
}

/// Collects a target and stops the run after `after` records have arrived.
pub async fn collect_cancelled(
    source: &dyn Source,
    target: &Target,
    context: Context,
    after: usize,
) -> Collected {
    run(source, target, context, Some(after)).await
}

async fn run(
    source: &dyn Source,
    target: &Target,
    mut context: Context,
    stop_after: Option<usize>,
) -> Collected {
    let cancel = CancellationToken::new();
    context.caller = context.caller.with_cancel(cancel.clone());
    if stop_after == Some(0) {
        cancel.cancel();
    }
    let (out, mut batches, ended) = collector(context, source.kinds().into());
    let collecting = async move { source.collect(target, &out).await };
    let receiving = async {
        let mut records = Vec::new();
        while let Some(batch) = batches.recv().await {
            records.extend(batch.iter().cloned());
            if stop_after.is_some_and(|after| records.len() >= after) {
                cancel.cancel();
            }
        }
        records
    };
    let (result, records) = tokio::join!(collecting, receiving);
    let ended = std::mem::take(&mut *ended.lock().unwrap_or_else(PoisonError::into_inner));
    let outcomes = ended.iter().map(|(kind, (outcome, _))| (*kind, *outcome)).collect();
    let gaps = ended.into_iter().map(|(kind, (_, gaps))| (kind, gaps)).collect();
    Collected { records, outcomes, gaps, result }
}
