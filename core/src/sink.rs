//! The sink contract: where records go.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    analyzer::Reader,
    error::SinkError,
    model::{AccountId, Kind, Record},
    outcome::{RunInfo, RunReport, ScopeOutcome, ScopeResult, TaskInfo},
};

/// Records of one or more scopes of a task, in the order they were emitted. Shared between sinks, never copied.
pub type Batch = Arc<Vec<Record>>;

/// A store or stream that takes what sources emit.
///
/// Order of calls: `prepare` once; `begin_run` once; per task, any number at the same time: `begin`, then `write` any
/// number of times, then `finish`; at the end `finish_run`. A writer that is dropped without `finish` leaves no trace.
/// Delivery is at least once: the same task replayed leaves the same state. `run.plan_only` forbids every write to the
/// store; counts are still reported.
#[async_trait]
pub trait Sink: Send + Sync + 'static {
    /// Makes ready for the given kinds: connects, checks schema and rights. Calling it twice is harmless.
    async fn prepare(&self, kinds: &[&'static Kind]) -> Result<(), SinkError>;

    /// Opens a run in the ledger.
    async fn begin_run(&self, run: &RunInfo) -> Result<(), SinkError>;

    /// Opens a task.
    async fn begin(&self, run: &RunInfo, task: &TaskInfo) -> Result<Box<dyn TaskWriter>, SinkError>;

    /// Closes a run in the ledger.
    async fn finish_run(&self, report: &RunReport) -> Result<(), SinkError>;

    /// The table of accounts to audit, where this sink keeps one.
    fn accounts(&self) -> Option<Arc<dyn AccountDirectory>> {
        None
    }

    /// What analyzers read, where this sink keeps what it is given.
    fn reader(&self) -> Option<Arc<dyn Reader>> {
        None
    }

    /// What `auditor check` prints: each thing tried, and what is wrong with it.
    async fn check(&self) -> Vec<CheckItem>;
}

/// Takes one task's records.
#[async_trait]
pub trait TaskWriter: Send {
    /// Takes a batch. Records become visible to readers with `finish` at the earliest.
    async fn write(&mut self, batch: Batch) -> Result<(), SinkError>;

    /// Stores the task as a whole or not at all; results come in the order of `outcomes`.
    ///
    /// Only a scope whose outcome [`retires`](crate::outcome::Outcome::retires) may lose records. An `Err` that
    /// [`is_transient`](SinkError::is_transient) makes the engine collect and write the whole task again.
    async fn finish(self: Box<Self>, outcomes: &[ScopeOutcome]) -> Result<Vec<ScopeResult>, SinkError>;
}

/// One line of `auditor check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckItem {
    /// What was tried: a permission (`iam:GetCredentialReport`), a right (`INSERT on resource`), a connection.
    pub what: String,
    /// Where: an account, a database.
    pub on: String,
    /// `None` when it works, else why not and what to do.
    pub problem: Option<String>,
}

impl CheckItem {
    /// Something that works.
    pub fn ok(what: impl Into<String>, on: impl Into<String>) -> Self {
        Self { what: what.into(), on: on.into(), problem: None }
    }

    /// Something that does not, why, and what to do.
    pub fn failed(what: impl Into<String>, on: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { what: what.into(), on: on.into(), problem: Some(problem.into()) }
    }
}

/// The accounts to audit, kept in the store (table `aws_cross_account_arn`).
#[async_trait]
pub trait AccountDirectory: Send + Sync {
    /// Every entry, disabled ones too, by account id.
    async fn list(&self) -> Result<Vec<AccountEntry>, SinkError>;

    /// Keeps whether the role worked. Never creates an entry; an unknown account is ignored.
    async fn record_use(&self, account: &AccountId, usage: &AccountUse) -> Result<(), SinkError>;

    /// Adds or replaces the settings of the given entries, leaving others and all usage facts alone. Returns how many
    /// rows were new or different.
    async fn upsert(&self, entries: &[AccountEntry]) -> Result<u64, SinkError>;
}

/// One account to audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEntry {
    /// The 12-digit AWS account id.
    pub account: AccountId,
    /// Display name.
    pub name: Option<String>,
    /// Role to assume in it.
    pub role_arn: String,
    /// Where the external id is found: `env:NAME` or `file:/path`. Never the external id itself.
    pub external_id_ref: Option<String>,
    /// Whether runs audit it.
    pub enabled: bool,
    /// Whether the role could be assumed at the last attempt. `None`: never tried.
    pub working: Option<bool>,
    /// When the role was last assumed.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed. `None` if it did not.
    pub last_error: Option<String>,
}

/// How an attempt to assume an account's role ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountUse {
    /// When.
    pub at: DateTime<Utc>,
    /// Why it failed. `None` if it worked.
    pub error: Option<String>,
}
