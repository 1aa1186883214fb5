//! The run: plans every source, collects every target, hands records to every sink, keeps how each scope ended.
//!
//! The engine owns what plugins must not: concurrency, rate limits, retries, timeouts, cancellation, progress. See
//! [`Engine::run`] for the order of things and `task` for one target.

mod analysis;
mod observer;
mod plan;
mod run;
mod task;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use observer::{Event, NoObserver, Observer};
pub use run::{CheckReport, RunError};
use tokio_util::sync::CancellationToken;

use crate::{
    analyzer::Analyzer,
    config::{RunSettings, SourceSettings},
    model::AccountId,
    sink::Sink,
    source::Source,
};

/// A source with its name and the core's settings for it.
#[derive(Clone)]
pub struct EngineSource {
    /// The operator's name for it.
    pub name: String,
    /// The source.
    pub source: Arc<dyn Source>,
    /// The core's own keys.
    pub settings: SourceSettings,
}

/// An analyzer with its name.
#[derive(Clone)]
pub struct EngineAnalyzer {
    /// The operator's name for it.
    pub name: String,
    /// The analyzer.
    pub analyzer: Arc<dyn Analyzer>,
}

/// A sink with its name.
#[derive(Clone)]
pub struct EngineSink {
    /// The operator's name for it.
    pub name: String,
    /// The sink.
    pub sink: Arc<dyn Sink>,
}

/// What this run is to do.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Only targets of these accounts. Empty: all.
    pub accounts: Vec<AccountId>,
    /// Only these kinds. Empty: all.
    pub kinds: Vec<String>,
    /// Compute what would change, write nothing.
    pub plan_only: bool,
    /// Carry out removals that the guard would hold.
    pub accept_removals: bool,
    /// Version of the program, for the ledger.
    pub version: String,
}

/// Carries out runs.
pub struct Engine {
    /// Where records come from.
    pub sources: Vec<EngineSource>,
    /// What is derived from them, once they are stored. What analyzers read comes from the first sink that keeps it.
    pub analyzers: Vec<EngineAnalyzer>,
    /// Where they go. The first one's counts are reported, and the first with an account directory provides it.
    pub sinks: Vec<EngineSink>,
    /// `[run]`.
    pub settings: RunSettings,
    /// Stops the run when it fires: what is complete is kept, the rest is a gap.
    pub cancel: CancellationToken,
    /// Is told of progress.
    pub observer: Arc<dyn Observer>,
}
