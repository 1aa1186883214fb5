//! Who answers for the account, which tools watch it, and whether all of it was seen.

use std::{borrow::Cow, collections::BTreeMap};

use auditor_core::model::common::{CoverageStatus, Severity, ToolCoverage};
use serde::Deserialize as _;
use serde_json::json;

use crate::{
    check::{Check, Subject, Verdict},
    context::Context,
};

pub(crate) const CHECKS: &[Check] = &[
    Check {
        id: "account_without_owner",
        title: "Somebody answers for the account",
        severity: Severity::Medium,
        rationale: "Of an account without an owner nobody can say what in it is right, and nobody repairs it.",
        remediation: "Tag the account with its owner, or set it with `auditor accounts set`.",
        cis: &[],
        ccm: &["IAM-03"],
        inputs: &["account"],
        also: &["aws_organization_account"],
        evaluate: owner,
    },
    Check {
        id: "tool_coverage",
        title: "Security tools watch the account as set up",
        severity: Severity::High,
        rationale: "What happens in an account that a tool does not watch, its alarms do not tell.",
        remediation: "Deploy the tool to the account, or repair what it reports.",
        cis: &[],
        ccm: &[],
        inputs: &["tool_coverage"],
        also: &[],
        evaluate: tools,
    },
    Check {
        id: "collection_incomplete",
        title: "Everything that the checks look at was read",
        severity: Severity::Medium,
        rationale: "What could not be read is not known to be right: until then, passes are few.",
        remediation: "`auditor gaps` names the permission or setting that is missing.",
        cis: &[],
        ccm: &["A&A-04"],
        inputs: &[
            "aws_iam_access_key",
            "aws_iam_account_settings",
            "aws_iam_credential",
            "aws_iam_group",
            "aws_iam_mfa_device",
            "aws_iam_oidc_provider",
            "aws_iam_policy",
            "aws_iam_role",
            "aws_iam_saml_provider",
            "aws_iam_server_certificate",
            "aws_iam_service_credential",
            "aws_iam_user",
        ],
        also: &[],
        evaluate: complete,
    },
];

fn owner(context: &Context<'_>) -> Vec<Verdict> {
    let account = context.subject();
    let tagged = context.only("aws_organization_account");
    let facts = || context.view.items("account").chain(tagged);
    let owned = facts().any(|item| item.document["owner"].as_str().is_some_and(|who| !who.is_empty()));
    // Null where tags could not be read.
    let read = facts().any(|item| item.document["tags"].is_object());
    vec![if owned {
        account.pass("somebody answers for the account")
    } else if read {
        account.lacking("nobody answers for the account: neither its tags nor another source names an owner")
    } else {
        account.unknown("no source tells who answers for the account")
    }]
}

fn tools(context: &Context<'_>) -> Vec<Verdict> {
    // Of two reports of one tool, the worse counts.
    let mut reports: BTreeMap<String, ToolCoverage> = BTreeMap::new();
    let rank = |status| match status {
        CoverageStatus::Green => 0,
        CoverageStatus::Unknown => 1,
        CoverageStatus::Yellow => 2,
        CoverageStatus::Red => 3,
    };
    for item in context.view.items("tool_coverage") {
        let Ok(report) = ToolCoverage::deserialize(&item.document) else { continue };
        let worse = |other: &ToolCoverage| rank(report.status) > rank(other.status);
        if reports.get(&report.tool).is_none_or(worse) {
            reports.insert(report.tool.clone(), report);
        }
    }
    let judged = reports.values().map(|report| {
        let id = format!("{}/{}", context.account, report.tool);
        let subject = Subject { kind: "tool_coverage", id: Cow::Owned(id), name: &report.tool };
        let why = report.reasons.join("; ");
        let verdict = match report.status {
            CoverageStatus::Green => subject.pass(format!("{} watches the account as set up", report.tool)),
            CoverageStatus::Yellow => subject
                .fail(format!("{} watches the account with shortcomings: {why}", report.tool))
                .rated(Severity::Medium),
            CoverageStatus::Red => subject.fail(format!("{} does not watch the account: {why}", report.tool)),
            CoverageStatus::Unknown => subject.unknown(format!("{} could not tell: {why}", report.tool)),
        };
        verdict.with(json!({ "levels": report.levels, "instances": report.instances }))
    });
    judged.collect()
}

fn complete(context: &Context<'_>) -> Vec<Verdict> {
    let account = context.subject();
    let lacking = context.view.listings.iter().filter(|listing| !listing.outcome.retires());
    let lacking: Vec<_> = lacking
        .map(|listing| format!("{} from `{}` ended {}", listing.kind, listing.source, listing.outcome))
        .collect();
    let Some((first, others)) = lacking.split_first() else {
        return vec![account.pass("every listing was complete")];
    };
    let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
    vec![account.unknown(format!("not complete: {first}{more}")).with(json!({ "listings": lacking }))]
}

#[cfg(test)]
mod tests {
    use auditor_core::{model::common::Severity, outcome::Outcome};
    use serde_json::json;

    use crate::testing::{ACCOUNT, Fixture};

    #[test]
    fn owners() {
        let id = "account_without_owner";
        let tagged = |owner: serde_json::Value, tags: serde_json::Value| {
            Fixture::new().item("aws_organization_account", ACCOUNT, json!({"owner": owner, "tags": tags}))
        };
        tagged(json!("ana"), json!({})).expect(id, &[(ACCOUNT, "pass")]);
        tagged(json!(null), json!({})).expect(id, &[(ACCOUNT, "fail")]);
        tagged(json!(null), json!(null)).expect(id, &[(ACCOUNT, "unknown")]);
        let told = tagged(json!(null), json!({})).item("account", ACCOUNT, json!({"owner": "ana"}));
        told.expect(id, &[(ACCOUNT, "pass")]);
        let unseen = tagged(json!(null), json!({})).outcome("account", Outcome::Failed);
        unseen.expect(id, &[(ACCOUNT, "unknown")]);
    }

    #[test]
    fn tools() {
        let id = "tool_coverage";
        let subject = format!("{ACCOUNT}/alert-logic");
        for (status, expected, severity) in [
            ("green", "pass", None),
            ("yellow", "fail", Some(Severity::Medium)),
            ("red", "fail", None),
            ("unknown", "unknown", None),
        ] {
            let fixture = Fixture::new().tool("alert-logic", status, &["of a reason"]);
            fixture.expect(id, &[(&subject, expected)]);
            assert_eq!(fixture.verdicts(id)[0].severity, severity);
        }
        let two = Fixture::new().tool("alert-logic", "green", &[]).tool("alert-logic", "red", &["x"]);
        two.expect(id, &[(&subject, "fail")]);
        Fixture::new().without("tool_coverage").expect(id, &[(ACCOUNT, "unknown")]);
        Fixture::new().expect(id, &[(ACCOUNT, "not_applicable")]);
    }

    #[test]
    fn listings() {
        let id = "collection_incomplete";
        Fixture::new().expect(id, &[(ACCOUNT, "pass")]);
        let denied = Fixture::new().outcome("aws_iam_role", Outcome::Denied);
        denied.expect(id, &[(ACCOUNT, "unknown")]);
        assert_eq!(denied.verdicts(id)[0].reason, "not complete: aws_iam_role from `test` ended denied");
        Fixture::new().without("aws_iam_user").expect(id, &[(ACCOUNT, "unknown")]);
    }
}
