//! What disagrees, and where.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

/// Something that disagrees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was compared.
    pub check: Check,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What disagrees with what, one sentence.
    pub detail: String,
}

/// What was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A version's content with its fingerprint.
    Content,
    /// A record's versions with each other: numbers, times, removals.
    Versions,
    /// A record's head with its latest version.
    Head,
    /// A scope's row with its records and with the ledger.
    Scope,
    /// A ledger entry with the state of its scope at that time.
    Ledger,
    /// A run's digest with its tasks.
    Run,
    /// Runs with each other.
    Chain,
}

impl Check {
    /// The word in tables and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Versions => "versions",
            Self::Head => "head",
            Self::Scope => "scope",
            Self::Ledger => "ledger",
            Self::Run => "run",
            Self::Chain => "chain",
        }
    }
}

/// Where something disagrees, as far as it can be told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Name of the source instance.
    pub source: Option<String>,
    /// Id of the target.
    pub target: Option<String>,
    /// The kind.
    pub kind: Option<String>,
    /// The record's native id.
    pub native_id: Option<String>,
    /// The record's version.
    pub version: Option<i32>,
    /// The run.
    pub run: Option<Uuid>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("source", self.source.clone()),
            ("target", self.target.clone()),
            ("kind", self.kind.clone()),
            ("native id", self.native_id.clone()),
            ("version", self.version.map(|version| version.to_string())),
            ("run", self.run.map(|run| run.to_string())),
        ];
        let mut separator = "";
        for (name, value) in parts {
            if let Some(value) = value {
                write!(f, "{separator}{name} `{value}`")?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.check.as_str(), self.place, self.detail)
    }
}

/// Findings as they come up, bounded in number.
#[derive(Debug)]
pub(super) struct Findings {
    found: Vec<Finding>,
    more: u64,
    max: usize,
}

impl Findings {
    pub(super) fn new(max: usize) -> Self {
        // At least one is kept, so that findings never look like agreement.
        Self { found: Vec::new(), more: 0, max: max.max(1) }
    }

    pub(super) fn add(&mut self, check: Check, place: Place, detail: impl Into<String>) {
        if self.found.len() < self.max {
            self.found.push(Finding { check, place, detail: detail.into() });
        } else {
            self.more += 1;
        }
    }

    pub(super) fn into_parts(self) -> (Vec<Finding>, u64) {
        (self.found, self.more)
    }
}
