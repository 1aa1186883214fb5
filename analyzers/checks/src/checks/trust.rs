//! Whom roles let in.

use std::collections::BTreeSet;

use auditor_aws_policy::{
    Effect, PrincipalPattern,
    trust::{self, Entry},
};
use auditor_core::model::common::Severity;
use serde_json::json;

use crate::{
    check::{Check, Subject, Verdict},
    config::is_account_id,
    context::{Context, Holder},
};

const ROLE: &[&str] = &["aws_iam_role"];

/// Services that use a role on behalf of the account which gave it to them, and for no other.
const OWN_ACCOUNT_ONLY: [&str; 2] = ["ec2.amazonaws.com", "lambda.amazonaws.com"];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "role_trust_public",
        title: "No role lets anyone in",
        severity: Severity::Critical,
        rationale: "A role that trusts `*` is open to every AWS account there is.",
        remediation: "Name the principals; where that cannot be, add the condition `aws:PrincipalOrgID`.",
        cis: &[],
        ccm: &["IAM-10", "IAM-16"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| each(context, public),
    },
    Check {
        id: "trust_notprincipal_allow",
        title: "No role lets in everybody but some",
        severity: Severity::Medium,
        rationale: "`NotPrincipal` with `Allow` lets in everyone whom nobody thought of, other accounts included.",
        remediation: "Name who is let in; refuse exceptions by a `Deny` statement.",
        cis: &[],
        ccm: &["IAM-05"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| {
            each(context, |_, subject, role, _| {
                let statements = role.trust.iter().flat_map(|trust| &trust.statements);
                let mut allowing = statements.filter(|statement| statement.effect == Effect::Allow);
                if allowing.any(|statement| statement.principals.as_ref().is_some_and(|named| named.negated))
                {
                    subject.fail("the role lets in everybody but some (`NotPrincipal`)")
                } else {
                    subject.pass("the role names whom it lets in")
                }
            })
        },
    },
    Check {
        id: "role_trust_orphaned_principal",
        title: "No role trusts a principal that was deleted",
        severity: Severity::Medium,
        rationale: "The id left behind says that nobody looked at the trust policy since; what else is in it is as old.",
        remediation: "Take the id (`AIDA…`, `AROA…`) out of the trust policy.",
        cis: &[],
        ccm: &["IAM-07"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| {
            each(context, |_, subject, _, entries| {
                let deleted = entries.iter().map(|entry| &entry.principal);
                let deleted = deleted.filter(|principal| matches!(principal, PrincipalPattern::UniqueId(_)));
                let ids: BTreeSet<_> = deleted.map(PrincipalPattern::as_str).collect();
                if ids.is_empty() {
                    subject.pass("the role trusts no deleted principal")
                } else {
                    subject
                        .fail("the role trusts a principal that was deleted")
                        .with(json!({ "principals": ids }))
                }
            })
        },
    },
    Check {
        id: "iam_role_cross_service_confused_deputy_prevention",
        title: "Roles that trust a service say for whom the service may act",
        severity: Severity::High,
        rationale: "A service that acts for every customer can be made to use this role for another of them.",
        remediation: "Add a condition on `aws:SourceAccount`, `aws:SourceArn` or `aws:SourceOrgID` where the service \
                      sends it.",
        cis: &[],
        ccm: &["IAM-10"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| each(context, confused_deputy),
    },
];

type Judge = fn(&Context<'_>, &Subject<'_>, &Holder<'_>, &[Entry]) -> Verdict;

/// Asks of each role that is the account's own.
pub(super) fn each(context: &Context<'_>, judge: Judge) -> Vec<Verdict> {
    let judged = context.roles.iter().map(|role| {
        let subject = role.subject();
        if let Some(why) = role.foreign() {
            return subject.not_applicable(why);
        }
        let Some(trust) = &role.trust else { return subject.unknown("its trust policy is not stored") };
        let verdict = judge(context, &subject, role, &trust::entries(trust));
        match &trust.unreadable {
            Some(why) if verdict.status != auditor_core::model::common::Status::Fail => {
                subject.unknown(format!("the trust policy could not be read: {why}"))
            }
            _ => verdict,
        }
    });
    judged.collect()
}

/// The account that a pattern of ARNs names, if it names one.
pub(super) fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| is_account_id(account))
}

/// Whether an entry that lets in anyone is limited to certain organizations, accounts or principals.
fn is_limited(entry: &Entry) -> bool {
    let named =
        !entry.principal_arns.is_empty() && entry.principal_arns.iter().all(|arn| account_of(arn).is_some());
    !entry.organizations.is_empty() || !entry.accounts.is_empty() || named
}

fn public(_: &Context<'_>, subject: &Subject<'_>, _: &Holder<'_>, entries: &[Entry]) -> Verdict {
    let open =
        entries.iter().filter(|entry| entry.principal == PrincipalPattern::Everyone && !is_limited(entry));
    let open: Vec<_> = open.collect();
    match open.iter().find(|entry| entry.keys.is_empty()).or_else(|| open.first()) {
        None => subject.pass("the role does not let anyone in"),
        Some(entry) if entry.keys.is_empty() => {
            subject.fail(format!("{} of the trust policy lets anyone in", entry.label))
        }
        Some(entry) => subject
            .fail(format!("{} of the trust policy lets in anyone who fulfils its conditions", entry.label))
            .with(json!({ "conditions": entry.keys }))
            .rated(Severity::High),
    }
}

fn confused_deputy(_: &Context<'_>, subject: &Subject<'_>, _: &Holder<'_>, entries: &[Entry]) -> Verdict {
    let service = |entry: &Entry| match &entry.principal {
        PrincipalPattern::Service(name) => {
            let plain = name.strip_suffix(".cn").unwrap_or(name).to_ascii_lowercase();
            (!OWN_ACCOUNT_ONLY.contains(&plain.as_str())).then_some(plain)
        }
        _ => None,
    };
    let of_organization = |entry: &Entry| {
        let keys = entry.keys.iter().map(|key| key.to_ascii_lowercase());
        keys.into_iter().any(|key| ["aws:sourceorgid", "aws:sourceorgpaths"].contains(&key.as_str()))
    };
    let open =
        |entry: &&Entry| entry.accounts.is_empty() && entry.source_arns.is_empty() && !of_organization(entry);
    let services: BTreeSet<_> = entries.iter().filter(open).filter_map(service).collect();
    if !services.is_empty() {
        let named: Vec<_> = services.iter().map(String::as_str).collect();
        return subject
            .fail(format!("the role does not say for whom {} may act", named.join(", ")))
            .with(json!({ "services": named }));
    }
    if entries.iter().any(|entry| service(entry).is_some()) {
        subject.pass("the role says for whom services may act")
    } else {
        subject.not_applicable("the role trusts no service that acts for others")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Fixture, arn};

    pub(in crate::checks) fn trusting(principal: &Value, condition: &Value) -> Value {
        json!({"trust_policy": {"document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"], "Principal": principal,
            "Condition": condition}]}}})
    }

    pub(in crate::checks) fn check(id: &str, principal: &Value, condition: &Value, expected: &str) {
        let fixture = Fixture::new().role("r", &trusting(principal, condition));
        fixture.expect(id, &[(&arn("role/r"), expected)]);
    }

    #[test]
    fn anyone() {
        let id = "role_trust_public";
        check(id, &json!("*"), &json!({}), "fail");
        check(id, &json!({"AWS": "*"}), &json!({"StringEquals": {"sts:ExternalId": "x"}}), "fail");
        check(id, &json!({"AWS": "*"}), &json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), "pass");
        let anywhere = json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}});
        check(id, &json!({"AWS": "*"}), &anywhere, "fail");
        let here = json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}});
        check(id, &json!({"AWS": "*"}), &here, "pass");
        check(id, &json!({"AWS": "111122223333"}), &json!({}), "pass");
        let unread = Fixture::new().role("r", &json!({"trust_policy": {"document": "{"}}));
        unread.expect(id, &[(&arn("role/r"), "unknown")]);
        let reserved = Fixture::new()
            .role("aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_1", &trusting(&json!("*"), &json!({})));
        reserved.expect(
            id,
            &[(&arn("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_1"), "not_applicable")],
        );
        check("trust_notprincipal_allow", &json!("*"), &json!({}), "pass");
        let not = json!({"trust_policy": {"document": {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
            "NotPrincipal": {"AWS": "111122223333"}}}}});
        Fixture::new().role("r", &not).expect("trust_notprincipal_allow", &[(&arn("role/r"), "fail")]);
    }

    #[test]
    fn deleted_principals() {
        check("role_trust_orphaned_principal", &json!({"AWS": "AIDAEXAMPLE"}), &json!({}), "fail");
        check("role_trust_orphaned_principal", &json!({"AWS": arn("user/u")}), &json!({}), "pass");
    }

    #[test]
    fn services() {
        let id = "iam_role_cross_service_confused_deputy_prevention";
        let service = |name: &str| json!({"Service": name});
        check(id, &service("events.amazonaws.com"), &json!({}), "fail");
        let account = json!({"StringEquals": {"aws:SourceAccount": "111122223333"}});
        check(id, &service("events.amazonaws.com"), &account, "pass");
        let organization = json!({"StringEquals": {"aws:SourceOrgID": "o-1"}});
        check(id, &service("events.amazonaws.com"), &organization, "pass");
        check(id, &service("ec2.amazonaws.com"), &json!({}), "not_applicable");
        check(id, &json!({"AWS": "111122223333"}), &json!({}), "not_applicable");
    }
}
