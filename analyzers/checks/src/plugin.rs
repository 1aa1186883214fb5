//! The analyzer: checks in, findings out.

use std::collections::BTreeSet;

use auditor_core::{
    analyzer::{Analyzer, View},
    model::{
        Kind, Resource,
        common::{Exception, FINDING, Finding, Status},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::{
    check::{Check, Verdict},
    checks::{self, COVERAGE},
    config::{ChecksConfig, is_account_id},
    context::Context,
};

/// Kinds of this analyzer.
pub(crate) static KINDS: &[&Kind] = &[&FINDING];

/// Raise it with every change of what a check concludes.
const RULES: u32 = 1;

/// Kinds that every context is read from.
const COMMON_INPUTS: [&str; 5] =
    ["aws_iam_group", "aws_iam_policy", "aws_iam_role", "aws_iam_user", "aws_organization_account"];

/// The checks, with what the settings say of them.
#[derive(Debug)]
pub struct Checks {
    settings: ChecksConfig,
    version: u32,
}

impl Checks {
    pub(crate) fn new(settings: ChecksConfig) -> Self {
        let version = version(&settings);
        Self { settings, version }
    }

    fn enabled(&self) -> impl Iterator<Item = &'static Check> {
        checks::all().filter(|check| !self.settings.disabled.iter().any(|id| id == check.id))
    }

    /// The exception in force for a failure: of several, the one that lasts longest.
    fn exception(&self, finding: &Finding, context: &Context<'_>) -> Option<Exception> {
        let today = context.at.date_naive();
        let about = self.settings.exception.iter().filter(|accepted| {
            accepted.expires_on >= today
                && accepted.is_about(&finding.check, &finding.subject, context.account)
        });
        about.max_by_key(|accepted| accepted.expires_on).map(crate::config::Accepted::as_exception)
    }

    fn finding(&self, check: &Check, verdict: Verdict, context: &Context<'_>) -> Finding {
        let mut finding = Finding {
            check: check.id.to_owned(),
            title: check.title.to_owned(),
            status: verdict.status,
            severity: verdict.severity.unwrap_or(check.severity),
            subject_type: verdict.subject_type.to_owned(),
            subject: verdict.subject,
            reason: verdict.reason,
            evidence: verdict.evidence,
            exception: None,
        };
        if finding.status == Status::Fail {
            finding.exception = self.exception(&finding, context);
        }
        finding
    }
}

impl Analyzer for Checks {
    fn inputs(&self) -> Vec<&'static str> {
        let of_checks = self.enabled().flat_map(|check| check.inputs.iter().chain(check.also).copied());
        let inputs: BTreeSet<_> = of_checks.chain(COMMON_INPUTS).collect();
        inputs.into_iter().collect()
    }

    fn outputs(&self) -> Vec<&'static Kind> {
        KINDS.to_vec()
    }

    /// Keys age, certificates and exceptions expire.
    fn holds_until(&self, view: &View<'_>) -> Option<DateTime<Utc>> {
        Some(view.at + TimeDelta::days(1))
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn analyze(&self, view: &View<'_>, emit: &mut dyn FnMut(Resource)) {
        let Some(account) = view.account else { return };
        let context = Context::new(view, account.as_str(), &self.settings);
        let aws = is_account_id(account.as_str());
        // Of an account of another provider, only what is common to all can be asked, where something tells of it.
        let applies = |check: &&Check| {
            aws || COVERAGE.iter().any(|common| common.id == check.id)
                && check.inputs.iter().any(|kind| view.listings(kind).next().is_some())
        };
        for check in self.enabled().filter(applies) {
            // A thing that two sources list has two verdicts, of the same records.
            let mut seen = BTreeSet::new();
            for verdict in check.verdicts(&context) {
                let name = verdict.name.clone();
                let finding = self.finding(check, verdict, &context);
                let id = finding.native_id();
                if !seen.insert(id.clone()) {
                    continue;
                }
                emit(Resource::new(&FINDING, account.clone(), id, json!(finding)).named(name));
            }
        }
    }
}

/// Stands for the rules and the settings, both of which decide what comes out (FNV-1a).
fn version(settings: &ChecksConfig) -> u32 {
    let settings = serde_json::to_vec(settings).unwrap_or_default();
    let start = 0x811c_9dc5 ^ RULES;
    settings.iter().fold(start, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use auditor_core::outcome::Outcome;
    use chrono::NaiveDate;

    use super::*;
    use crate::{
        config::Accepted,
        testing::{ACCOUNT, Fixture},
    };

    fn accepted(resource: &str, expires_on: &str) -> Accepted {
        Accepted {
            check: "iam_root_mfa_enabled".to_owned(),
            resource: resource.to_owned(),
            account: None,
            owner: "ana".to_owned(),
            reason: "the safe is being replaced".to_owned(),
            expires_on: expires_on.parse::<NaiveDate>().unwrap(),
        }
    }

    #[test]
    fn an_exception_in_force_is_written_beside_the_failure() {
        let cases: [(Accepted, Option<&str>); 5] = [
            (accepted(ACCOUNT, "2026-06-15"), Some("ana")),
            (accepted("1111*", "2027-01-01"), Some("ana")),
            (accepted(ACCOUNT, "2026-06-14"), None),
            (accepted("2222*", "2027-01-01"), None),
            (Accepted { account: Some("222222222222".to_owned()), ..accepted("*", "2027-01-01") }, None),
        ];
        for (accepted, owner) in cases {
            let settings = ChecksConfig { exception: vec![accepted.clone()], ..ChecksConfig::default() };
            let fixture =
                Fixture::new().settings(serde_json::json!({"root_mfa": false, "root_password": true}));
            let findings = fixture.findings(&Checks::new(settings));
            let finding = findings.iter().find(|finding| finding.check == "iam_root_mfa_enabled").unwrap();
            assert_eq!(finding.status, Status::Fail);
            assert_eq!(finding.exception.as_ref().map(|one| one.owner.as_str()), owner, "{accepted:?}");
        }
    }

    #[test]
    fn settings_make_the_analysis_due() {
        let plain = Checks::new(ChecksConfig::default());
        let other = Checks::new(ChecksConfig { max_key_age_days: 30, ..ChecksConfig::default() });
        assert_ne!(plain.version(), other.version());
        let less =
            Checks::new(ChecksConfig { disabled: vec!["tool_coverage".into()], ..ChecksConfig::default() });
        assert!(plain.inputs().contains(&"tool_coverage") && !less.inputs().contains(&"tool_coverage"));
        assert!(!plain.inputs().contains(&"finding"), "an analyzer cannot wait for itself");
    }

    #[test]
    fn nothing_passes_where_nothing_was_read() {
        let checks = Checks::new(ChecksConfig::default());
        for fixture in [Fixture::bare(), Fixture::new().outcome_of_all(Outcome::Denied)] {
            let findings = fixture.findings(&checks);
            for check in checks::all() {
                let of: Vec<_> = findings.iter().filter(|finding| finding.check == check.id).collect();
                assert!(!of.is_empty(), "{} says nothing", check.id);
                for finding in of {
                    assert_eq!(finding.status, Status::Unknown, "{}: {}", check.id, finding.reason);
                }
            }
        }
    }

    #[test]
    fn every_check_leaves_a_record_and_no_two_share_an_id() {
        let findings = Fixture::large(20).findings(&Checks::new(ChecksConfig::default()));
        for check in checks::all() {
            assert!(findings.iter().any(|finding| finding.check == check.id), "{}", check.id);
        }
        let ids: BTreeSet<_> = findings.iter().map(Finding::native_id).collect();
        assert_eq!(ids.len(), findings.len());
    }

    #[test]
    fn other_providers_accounts_are_asked_what_is_common() {
        let fixture = Fixture::bare().of("azure:sub-1").tool("alert-logic", "green", &[]);
        let findings = fixture.findings(&Checks::new(ChecksConfig::default()));
        let checks: BTreeSet<_> = findings.iter().map(|finding| finding.check.as_str()).collect();
        assert!(checks.contains("tool_coverage"), "{checks:?}");
        assert!(checks.iter().all(|id| COVERAGE.iter().any(|check| check.id == *id)), "{checks:?}");
    }

    /// Far above what it takes (some 60 ms, optimised): for machines that are busy with something else.
    #[test]
    fn a_thousand_principals_take_little_time() {
        let fixture = Fixture::large(1000);
        let checks = Checks::new(ChecksConfig::default());
        let start = Instant::now();
        let count = fixture.count(&checks);
        let took = start.elapsed();
        assert!(count > 20_000, "{count}");
        let bound = if cfg!(debug_assertions) { 5000 } else { 250 };
        assert!(took.as_millis() < bound, "{took:?} for {count} findings");
    }
}
