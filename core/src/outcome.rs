//! How listings end: the words in which "could not look" is told from "nothing there".

use std::{collections::BTreeMap, fmt, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    error::{SourceError, chain},
    model::{AccountId, Digest},
};

/// How the listing of one scope (source, target, kind) ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything was read. Only this outcome retires what was not seen.
    Complete,
    /// Some records arrived, some could not be read.
    Partial,
    /// The provider refused for lack of a right.
    Denied,
    /// The source knows that the target ended. What it held is retired.
    Gone,
    /// Nothing could be read, for another reason.
    Failed,
}

impl Outcome {
    /// The word in tables and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Denied => "denied",
            Self::Gone => "gone",
            Self::Failed => "failed",
        }
    }

    /// Whether what was not seen is known to be gone.
    pub const fn retires(self) -> bool {
        matches!(self, Self::Complete | Self::Gone)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why something could not be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GapReason {
    /// A right is missing.
    Denied,
    /// The provider kept asking to slow down until attempts ran out.
    Throttled,
    /// No connection, time-outs, or server errors until attempts ran out.
    Unreachable,
    /// The provider's answer or an export file could not be read.
    Malformed,
    /// The provider refused the request for good.
    Rejected,
    /// What was read does not add up, for instance against the provider's own counts.
    Mismatch,
    /// An input that this deployment was not given (no credential report beside an export).
    NotProvided,
    /// The target ended.
    Gone,
    /// The run was stopped first.
    Stopped,
    /// The target's time was up.
    TimedOut,
    /// The store refused the record; its earlier state stays.
    Quarantined,
    /// A fault of a plugin.
    Internal,
}

impl GapReason {
    /// The word in tables and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Throttled => "throttled",
            Self::Unreachable => "unreachable",
            Self::Malformed => "malformed",
            Self::Rejected => "rejected",
            Self::Mismatch => "mismatch",
            Self::NotProvided => "not provided",
            Self::Gone => "gone",
            Self::Stopped => "stopped",
            Self::TimedOut => "timed out",
            Self::Quarantined => "quarantined",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for GapReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something a run could not see, and what would close it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// Why.
    pub reason: GapReason,
    /// What could not be seen and why, one sentence, with the provider's own words.
    pub detail: String,
    /// The permission or setting that would close it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Gap {
    /// A gap without advice.
    pub fn new(reason: GapReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), hint: None }
    }

    /// Adds the permission or setting that would close it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<&SourceError> for Gap {
    fn from(error: &SourceError) -> Self {
        Self {
            reason: error.reason(),
            detail: chain(error),
            hint: error.hint().map(std::borrow::Cow::into_owned),
        }
    }
}

/// One execution of the program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunInfo {
    /// `UUIDv7`.
    pub id: Uuid,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Version of the program.
    pub version: String,
    /// Whether it only computes what would change and writes nothing.
    pub plan_only: bool,
    /// Whether removals beyond the guard are carried out.
    pub accept_removals: bool,
    /// The mass-removal guard.
    pub removal_guard: RemovalGuard,
}

/// When a complete listing that lacks many known records is held instead of believed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RemovalGuard {
    /// Held when more than this share (0..=1) of a scope's present records would be retired …
    pub max_share: f64,
    /// … and more than this many records.
    pub max_rows: u64,
}

impl Default for RemovalGuard {
    fn default() -> Self {
        Self { max_share: 0.5, max_rows: 20 }
    }
}

impl RemovalGuard {
    /// Whether retiring `removed` of `present` records is to be held.
    #[expect(clippy::cast_precision_loss, reason = "a share of row counts; far below 2^52")]
    pub fn holds(&self, removed: u64, present: u64) -> bool {
        removed > self.max_rows && removed as f64 > self.max_share * present as f64
    }
}

/// One target of one source in a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaskInfo {
    /// The run.
    pub run: Uuid,
    /// Name of the source instance.
    pub source: String,
    /// Id of the target.
    pub target: String,
    /// Display name of the target.
    pub target_name: String,
    /// The account the target belongs to.
    pub account: AccountId,
    /// When its observation began: the time its facts are of. An observation never overwrites a later one.
    pub observed_at: DateTime<Utc>,
}

/// How one scope of a task ended, as the engine tells the sinks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScopeOutcome {
    /// The kind, which with the task makes the scope.
    pub kind: String,
    /// How the listing ended.
    pub outcome: Outcome,
    /// What could not be seen. Empty for a complete scope.
    pub gaps: Vec<Gap>,
}

/// Row counts of one scope in one task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Distinct records received.
    pub seen: u64,
    /// Records stored for the first time.
    pub new: u64,
    /// Records with a new version.
    pub changed: u64,
    /// Records as stored already.
    pub unchanged: u64,
    /// Records that had been missing and came back; counted in none of the above.
    pub returned: u64,
    /// Records retired because a complete listing lacked them.
    pub removed: u64,
    /// Removals held by the guard.
    pub held: u64,
    /// Records received more than once; the last one won.
    pub duplicates: u64,
    /// Records the store refused.
    pub quarantined: u64,
    /// Records whose activity changed.
    pub activity_changed: u64,
}

impl Counts {
    /// The counts by name.
    pub const fn named(&self) -> [(&'static str, u64); 10] {
        [
            ("seen", self.seen),
            ("new", self.new),
            ("changed", self.changed),
            ("unchanged", self.unchanged),
            ("returned", self.returned),
            ("removed", self.removed),
            ("held", self.held),
            ("duplicates", self.duplicates),
            ("quarantined", self.quarantined),
            ("activity_changed", self.activity_changed),
        ]
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.seen += other.seen;
        self.new += other.new;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.returned += other.returned;
        self.removed += other.removed;
        self.held += other.held;
        self.duplicates += other.duplicates;
        self.quarantined += other.quarantined;
        self.activity_changed += other.activity_changed;
    }
}

/// What a sink did with one scope of a task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ScopeResult {
    /// What happened to the rows.
    pub counts: Counts,
    /// Digest of the scope's stored state afterwards. `None` for sinks that keep no state, and in dry runs.
    pub digest: Option<Digest>,
    /// Gaps that arose in the sink (quarantined records).
    pub gaps: Vec<Gap>,
    /// Whether a later observation was stored already, so that this one changed nothing.
    pub superseded: bool,
    /// Up to a few dozen native ids per sort of change, for a dry run's display.
    pub examples: BTreeMap<String, Vec<String>>,
}

/// How one task ended.
#[derive(Debug, Clone, Serialize)]
pub struct TaskReport {
    /// Which task.
    #[serde(flatten)]
    pub task: TaskInfo,
    /// Its scopes, in the order of their kinds' names.
    pub scopes: Vec<ScopeReport>,
    /// Why the task's results could not be stored. `None` when they were.
    pub store_error: Option<Gap>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// How one scope of a task ended, with what the first sink did.
#[derive(Debug, Clone, Serialize)]
pub struct ScopeReport {
    /// The kind.
    pub kind: String,
    /// How the listing ended.
    pub outcome: Outcome,
    /// What could not be seen or stored.
    pub gaps: Vec<Gap>,
    /// What the first sink did. `None` if nothing was stored.
    pub result: Option<ScopeResult>,
}

/// A source whose targets could not be listed.
#[derive(Debug, Clone, Serialize)]
pub struct SourceFailure {
    /// Name of the source instance.
    pub source: String,
    /// Why.
    pub gap: Gap,
}

/// How a run ended.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// The run.
    pub run: RunInfo,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// Whether it was stopped before its end, by a signal or because the store refused.
    pub stopped: bool,
    /// Whether only some accounts or kinds were asked for, so that sources may have more targets than it has tasks.
    pub narrowed: bool,
    /// Its tasks, by source and target.
    pub tasks: Vec<TaskReport>,
    /// Sources that could not be planned.
    pub failures: Vec<SourceFailure>,
}

/// The run's overall ending, which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Everything that was asked for was seen and stored.
    Complete,
    /// Something could not be seen or stored.
    Gaps,
    /// Everything was seen; removals beyond the guard were held.
    Held,
    /// Nothing could be stored at all, or no target could be listed.
    Failed,
}

impl RunStatus {
    /// The word in tables and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Gaps => "gaps",
            Self::Held => "held",
            Self::Failed => "failed",
        }
    }
}

impl RunReport {
    /// The run's overall ending. Held removals outrank gaps: they wait for a person.
    pub fn status(&self) -> RunStatus {
        let stored = self.tasks.iter().flat_map(|task| &task.scopes).any(|scope| scope.result.is_some());
        let refused = self.tasks.iter().any(|task| task.store_error.is_some());
        if !stored && (refused || self.tasks.is_empty() && !self.failures.is_empty()) {
            return RunStatus::Failed;
        }
        let totals = self.totals();
        if totals.held > 0 {
            RunStatus::Held
        } else if self.stopped || !self.failures.is_empty() || self.tasks.iter().any(TaskReport::has_gaps) {
            RunStatus::Gaps
        } else {
            RunStatus::Complete
        }
    }

    /// Counts over all tasks.
    pub fn totals(&self) -> Counts {
        let mut totals = Counts::default();
        for result in
            self.tasks.iter().flat_map(|task| &task.scopes).filter_map(|scope| scope.result.as_ref())
        {
            totals += result.counts;
        }
        totals
    }

    /// How long the run took.
    pub fn duration(&self) -> Duration {
        (self.finished_at - self.run.started_at).to_std().unwrap_or_default()
    }
}

impl TaskReport {
    /// Whether anything could not be seen or stored.
    pub fn has_gaps(&self) -> bool {
        self.store_error.is_some()
            || self.scopes.iter().any(|scope| !scope.gaps.is_empty() || !scope.outcome.retires())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_needs_both_a_share_and_a_number() {
        let guard = RemovalGuard::default();
        assert!(!guard.holds(20, 20), "few rows may all go");
        assert!(guard.holds(21, 41));
        assert!(!guard.holds(21, 42), "exactly half may go");
        assert!(!guard.holds(0, 0));
    }
}
