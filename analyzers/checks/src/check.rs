//! What a check is, and how its verdicts become findings' statuses.

use std::borrow::Cow;

use auditor_core::model::common::{Severity, Status};
use serde_json::Value;

use crate::context::Context;

/// One check: what it asks, as data, and how it is answered.
#[derive(Debug)]
pub struct Check {
    /// Its id, for good: findings and exceptions name it.
    pub id: &'static str,
    /// What it asks for, as the state that passes, in one line.
    pub title: &'static str,
    /// How bad a failure is. Single findings may be rated lower, where their check says so.
    pub severity: Severity,
    /// Why it matters.
    pub rationale: &'static str,
    /// What to do about a failure.
    pub remediation: &'static str,
    /// Versions of the CIS AWS Foundations Benchmark, and the section that asks for the same. Empty: none does.
    pub cis: &'static [(&'static str, &'static str)],
    /// Controls of the CSA Cloud Controls Matrix v4 that it is evidence for. Empty: none.
    pub ccm: &'static [&'static str],
    /// Kinds without whose complete listings it cannot pass.
    pub inputs: &'static [&'static str],
    /// Kinds it also reads where they are stored, and can do without.
    pub also: &'static [&'static str],
    pub(crate) evaluate: fn(&Context<'_>) -> Vec<Verdict>,
}

/// What a verdict is about.
#[derive(Debug, Clone)]
pub(crate) struct Subject<'a> {
    /// Its kind.
    pub(crate) kind: &'static str,
    /// ARN or account id.
    pub(crate) id: Cow<'a, str>,
    /// The name people use.
    pub(crate) name: &'a str,
}

/// What a check concludes of one subject from the records that are there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) subject_type: &'static str,
    pub(crate) subject: String,
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) reason: String,
    pub(crate) evidence: Option<Value>,
    /// How bad this failure is. `None`: as bad as the check says.
    pub(crate) severity: Option<Severity>,
    /// Whether it stands on something not being there, which an incomplete listing does not prove.
    by_absence: bool,
}

impl Subject<'_> {
    fn verdict(&self, status: Status, reason: impl Into<String>) -> Verdict {
        Verdict {
            subject_type: self.kind,
            subject: self.id.to_string(),
            name: self.name.to_owned(),
            status,
            reason: reason.into(),
            evidence: None,
            severity: None,
            by_absence: false,
        }
    }

    pub(crate) fn pass(&self, reason: impl Into<String>) -> Verdict {
        self.verdict(Status::Pass, reason)
    }

    /// A failure that is proven by a record.
    pub(crate) fn fail(&self, reason: impl Into<String>) -> Verdict {
        self.verdict(Status::Fail, reason)
    }

    /// A failure because something is not there.
    pub(crate) fn lacking(&self, reason: impl Into<String>) -> Verdict {
        self.fail(reason).by_absence()
    }

    pub(crate) fn unknown(&self, reason: impl Into<String>) -> Verdict {
        self.verdict(Status::Unknown, reason)
    }

    pub(crate) fn not_applicable(&self, reason: impl Into<String>) -> Verdict {
        self.verdict(Status::NotApplicable, reason)
    }
}

impl Verdict {
    pub(crate) fn by_absence(mut self) -> Self {
        self.by_absence = true;
        self
    }

    pub(crate) fn with(mut self, evidence: Value) -> Self {
        self.evidence = Some(evidence);
        self
    }

    pub(crate) fn rated(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}

impl Check {
    /// Its verdicts, none of which says more than the listings of its inputs do.
    pub(crate) fn verdicts(&self, context: &Context<'_>) -> Vec<Verdict> {
        let account = context.subject();
        let lacks: Vec<_> =
            self.inputs.iter().filter_map(|kind| context.view.knowledge(kind).lack(kind)).collect();
        if self.inputs.iter().all(|kind| context.view.listings(kind).next().is_none()) {
            return vec![account.unknown(lacks.join("; "))];
        }
        let mut verdicts = (self.evaluate)(context);
        if lacks.is_empty() {
            if verdicts.is_empty() {
                verdicts.push(account.not_applicable("the account has nothing that this check is about"));
            }
            return verdicts;
        }
        let lack = lacks.join("; ");
        for verdict in &mut verdicts {
            let stands = match verdict.status {
                Status::Pass => false,
                Status::Fail => !verdict.by_absence,
                Status::Unknown => true,
                // Of the account as a whole it says that something is not there.
                Status::NotApplicable => verdict.subject_type != account.kind && !verdict.by_absence,
            };
            if !stands {
                verdict.status = Status::Unknown;
                verdict.reason.clone_from(&lack);
            }
        }
        // Others may be there that were not seen.
        if !verdicts.iter().any(|verdict| verdict.subject_type == account.kind) {
            verdicts.push(account.unknown(lack));
        }
        verdicts
    }
}
