//! `tool_coverage`: whether a security tool watches an account, and how well.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{Column, Kind};

/// Whether a security tool watches an account, and how well.
///
/// One record for each account that the tool knows of, however many of the tool's own instances watch it. An account
/// without a record is one that the tool does not know.
pub static TOOL_COVERAGE: Kind = Kind::new(
    "tool_coverage",
    "Whether a security tool watches an account, how well, and since when",
)
.native_id("The account id")
.columns(&[
    Column::text("tool", "/tool", "The tool, e.g. `alert-logic`"),
    Column::text(
        "status",
        "/status",
        "`green`: watched as set up; `yellow`: watched with shortcomings; `red`: known to the tool and not \
                 watched; `unknown`: could not be told",
    ),
    Column::json("reasons", "/reasons", "Why it is not green: one sentence each, sorted. Empty if green"),
    Column::json(
        "levels",
        "/levels",
        "Service levels in the tool's words, highest first. Empty: the tool has none, or none is set",
    ),
    Column::json("instances", "/instances", "The tool's ids of what watches the account, sorted"),
    Column::timestamp(
        "since_at",
        "/since_at",
        "Since when it has been watched: creation of the oldest instance that watches it now. Null: not \
                 known, or not watched",
    ),
    Column::json(
        "measures",
        "/measures",
        "What the tool counts, e.g. hosts and those protected: an object of numbers. Null: not known",
    )
    .activity(),
]);

/// How well a tool watches an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageStatus {
    /// Watched as set up; nothing is known to be wrong.
    Green,
    /// Watched, with shortcomings.
    Yellow,
    /// The tool knows the account and does not watch it.
    Red,
    /// Could not be told, for instance because a part of the tool could not be read. Never "well".
    Unknown,
}

/// The document of a `tool_coverage`. Whatever moves from day to day (counts) belongs into the activity, under
/// `measures`, and not into a reason's sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCoverage {
    /// The tool, e.g. `alert-logic`.
    pub tool: String,
    /// How well it watches.
    pub status: CoverageStatus,
    /// Why it is not green: one sentence each, sorted. Empty if green.
    pub reasons: Vec<String>,
    /// Service levels in the tool's words, highest first. Empty: the tool has none, or none is set.
    pub levels: Vec<String>,
    /// The tool's ids of what watches the account, sorted.
    pub instances: Vec<String>,
    /// Since when it has been watched. `None`: not known, or not watched.
    pub since_at: Option<DateTime<Utc>>,
}
