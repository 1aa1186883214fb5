//! Roles that should be there, and roles that nobody needs.

use auditor_core::model::common::Severity;

use crate::{
    check::{Check, Verdict},
    context::{Context, Holder, day},
};

const ROLE: &[&str] = &["aws_iam_role"];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "iam_securityaudit_role_created",
        title: "A role for security audits is there",
        severity: Severity::Low,
        rationale: "When something happens, whoever investigates needs a way to look that cannot change anything.",
        remediation: "Make a role with the policy `SecurityAudit` that the security team may assume.",
        cis: &[],
        ccm: &["IAM-04"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| has_role_with(context, "SecurityAudit"),
    },
    Check {
        id: "iam_support_role_created",
        title: "A role for cases with AWS Support is there",
        severity: Severity::Low,
        rationale: "In an incident somebody must be able to call AWS without signing in as the root user.",
        remediation: "Make a role with the policy `AWSSupportAccess` that those who handle incidents may assume.",
        cis: &[("3.0", "1.17"), ("5.0", "1.16"), ("6.0", "2.16"), ("7.0", "2.15")],
        ccm: &["IAM-04"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| has_role_with(context, "AWSSupportAccess"),
    },
    Check {
        id: "role_unused_90d",
        title: "Roles that nobody uses are removed",
        severity: Severity::Medium,
        rationale: "An unused role is a way to rights that nobody would miss and nobody watches.",
        remediation: "Refuse everything to the role for some weeks, then delete it; or say by an exception what it is \
                      kept for.",
        cis: &[],
        ccm: &["IAM-07", "IAM-08"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| context.roles.iter().map(|role| in_use(context, role)).collect(),
    },
];

fn has_role_with(context: &Context<'_>, policy: &str) -> Vec<Verdict> {
    let arn = context.aws_policy(policy);
    let account = context.subject();
    let found = context.roles.iter().any(|role| role.has_attached(&arn));
    vec![if found {
        account.pass(format!("a role has the policy {policy}"))
    } else {
        account.lacking(format!("no role has the policy {policy}"))
    }]
}

fn in_use(context: &Context<'_>, role: &Holder<'_>) -> Verdict {
    let subject = role.subject();
    if let Some(why) = role.foreign() {
        return subject.not_applicable(why);
    }
    let limit = context.settings.max_role_unused_days;
    let since = context.days_ago(limit);
    match (role.time("last_used_at"), role.item.provider_created_at) {
        (Some(used), _) if used >= since => subject.pass(format!("the role was used within {limit} days")),
        (_, Some(made)) if made >= since => {
            subject.pass(format!("the role was made on {}, within {limit} days", day(made)))
        }
        (Some(used), _) => subject.fail(format!("the role was last used on {}", day(used))),
        (None, Some(made)) => {
            subject.fail(format!("the role, made on {}, was not used as far back as AWS knows", day(made)))
        }
        (None, None) => subject.unknown("it is not known when the role was made, nor that it was used"),
    }
}

#[cfg(test)]
mod tests {
    use auditor_core::outcome::Outcome;
    use serde_json::{Value, json};

    use crate::testing::{ACCOUNT, Fixture, arn};

    #[test]
    fn roles_that_should_be_there() {
        for (id, policy) in [
            ("iam_securityaudit_role_created", "SecurityAudit"),
            ("iam_support_role_created", "AWSSupportAccess"),
        ] {
            let with = json!({"policy_arns": [format!("arn:aws:iam::aws:policy/{policy}")]});
            Fixture::new().role("r", &with).expect(id, &[(ACCOUNT, "pass")]);
            Fixture::new().role("r", &json!({})).expect(id, &[(ACCOUNT, "fail")]);
            let unseen = Fixture::new().role("r", &json!({})).outcome("aws_iam_role", Outcome::Partial);
            unseen.expect(id, &[(ACCOUNT, "unknown")]);
        }
    }

    #[test]
    fn use_of_roles() {
        let id = "role_unused_90d";
        let check = |name: &str, used: Value, expected: &str| {
            let activity = json!({"last_used_at": used});
            let fixture = Fixture::new().role_used(name, activity, Some("2020-01-01T00:00:00Z"));
            fixture.expect(id, &[(&arn(&format!("role/{name}")), expected)]);
        };
        check("r", json!("2026-06-01T00:00:00Z"), "pass");
        check("r", json!("2026-01-01T00:00:00Z"), "fail");
        check("r", json!(null), "fail");
        check("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Read_1", json!(null), "not_applicable");
        check("aws-service-role/x/AWSServiceRoleForX", json!(null), "not_applicable");
        let made = |at| Fixture::new().role_used("r", json!({}), at);
        made(Some("2026-06-01T00:00:00Z")).expect(id, &[(&arn("role/r"), "pass")]);
        made(None).expect(id, &[(&arn("role/r"), "unknown")]);
    }
}
