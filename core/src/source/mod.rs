//! The source contract: where records come from, and what the engine hands a source to work with.

mod caller;
mod collector;
mod limiter;

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use caller::{CallPolicy, Caller};
pub use collector::{Collector, Emitter};
pub(crate) use collector::{ScopeEnd, collector, gap_of, outcome_of};
pub use limiter::RateLimiter;

use crate::{
    error::SourceError,
    model::{AccountId, Kind},
    sink::{AccountDirectory, CheckItem},
};

/// A configured instance of a source plugin.
///
/// A source reads, maps and emits. It holds no retry loop, schedule or store: every call to the outside goes through
/// [`Caller::call`], which limits, retries and cancels. Only reading calls leave the process.
#[async_trait]
pub trait Source: Send + Sync + 'static {
    /// The kinds this instance emits as configured, known without a network. A subset of the plugin's kinds.
    fn kinds(&self) -> Vec<&'static Kind>;

    /// Lists the targets. A target that cannot be used is still listed; its `collect` says why.
    async fn plan(&self, context: &Context) -> Result<Vec<Target>, SourceError>;

    /// Reads one target. Runs listings through [`Collector::scope`]; `Err` means that no listing could be begun (no
    /// credentials, no connection) and becomes the outcome of every kind that has none yet.
    ///
    /// The same world gives the same records in the same order. After cancellation, returns soon.
    async fn collect(&self, target: &Target, out: &Collector) -> Result<(), SourceError>;

    /// Tries credentials and each permission for one target, for `auditor check`: cheapest call per permission.
    async fn check(&self, target: &Target, context: &Context) -> Vec<CheckItem>;
}

/// One unit of collection: an AWS account, a cluster. Serialisable and free of secrets, so that a worker elsewhere can
/// be told to collect it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Stable id within the source; part of every scope's key.
    pub id: String,
    /// The account its records belong to unless they say otherwise.
    pub account: AccountId,
    /// Display name.
    pub name: String,
    /// Whatever else the source needs to collect it (a role ARN, a path). No secrets.
    #[serde(default)]
    pub settings: serde_json::Value,
}

/// What a source may use outside a listing.
#[derive(Clone)]
pub struct Context {
    /// The run.
    pub run: Uuid,
    /// Calls to the outside go through this.
    pub caller: Caller,
    /// The table of accounts to audit, if a sink keeps one. Changes nothing in a dry run.
    pub accounts: Option<Arc<dyn AccountDirectory>>,
}
