//! The common kind `finding`.

use serde::{Deserialize, Serialize};

use crate::model::{Column, Kind};

/// What a check says of one thing.
///
/// Every check that applies leaves a record, whatever its state, so that "evaluated and passed" is told from "never
/// looked at".
pub static FINDING: Kind =
    Kind::new("finding", "What a check says of one account, principal, policy or other thing")
        .native_id("The check's id and the subject's id, joined by `:`")
        .columns(&[
            Column::text("check", "/check", "Id of the check, e.g. `iam_root_mfa_enabled`"),
            Column::text("title", "/title", "What the check asks, in one line"),
            Column::text("status", "/status", "`pass`, `fail`, `unknown` or `not_applicable`"),
            Column::text(
                "severity",
                "/severity",
                "How bad a failure is: `critical`, `high`, `medium` or `low`",
            ),
            Column::text(
                "subject_type",
                "/subject_type",
                "Kind of the thing it is about, e.g. `aws_iam_user`",
            ),
            Column::text("subject", "/subject", "The thing it is about: an ARN, or the account id"),
            Column::text("reason", "/reason", "Why it has this status: one sentence"),
            Column::json(
                "evidence",
                "/evidence",
                "The facts that decided, as an object. Null: the reason says it all",
            ),
            Column::json(
                "exception",
                "/exception",
                "The exception in force: owner, reason, expiry. Null: none",
            ),
        ]);

/// How a check ended for one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Looked at, and as it should be.
    Pass,
    /// Looked at, and not as it should be.
    Fail,
    /// Could not be told. Never a pass.
    Unknown,
    /// The check has no meaning for it.
    NotApplicable,
}

/// How bad a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Hygiene.
    Low,
    /// Weakens a defence.
    Medium,
    /// Opens a way to what should be closed.
    High,
    /// The account is open, or as good as.
    Critical,
}

/// The document of a `finding`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Id of the check.
    pub check: String,
    /// What the check asks, in one line.
    pub title: String,
    /// How it ended.
    pub status: Status,
    /// How bad a failure is.
    pub severity: Severity,
    /// Kind of the thing it is about.
    pub subject_type: String,
    /// The thing it is about: an ARN, or the account id.
    pub subject: String,
    /// Why it has this status: one sentence. Says nothing that moves from day to day without anybody's doing (an age in
    /// days); a date instead.
    pub reason: String,
    /// The facts that decided, as an object.
    pub evidence: Option<serde_json::Value>,
    /// The exception in force.
    pub exception: Option<Exception>,
}

/// A failure that somebody answers for, for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// Last day on which it counts.
    pub expires_on: chrono::NaiveDate,
}

impl Finding {
    /// Native id of its record.
    pub fn native_id(&self) -> String {
        format!("{}:{}", self.check, self.subject)
    }
}
