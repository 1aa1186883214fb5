//! Policies that give everything, and the wide policies of AWS.

use auditor_core::model::common::Severity;
use serde_json::json;

use super::policies::{inline, judge};
use crate::{
    check::{Check, Verdict},
    context::{Context, Holder, Managed},
    policy,
};

const GOOD: &str = "does not allow everything";
const INSTEAD: &str = "Give a policy that names what the work needs. Keep administration to few roles that people take \
                       on for a time.";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "iam_aws_attached_policy_no_administrative_privileges",
        title: "No policy of AWS that allows everything is attached",
        severity: Severity::Critical,
        rationale: "Whoever holds `AdministratorAccess` can do everything, and undo every other safeguard.",
        remediation: INSTEAD,
        cis: &[("3.0", "1.16"), ("5.0", "1.15"), ("6.0", "2.15"), ("7.0", "2.14")],
        ccm: &["IAM-05", "IAM-16"],
        inputs: &["aws_iam_policy"],
        also: &[],
        evaluate: |context| wide(context, |managed| managed.of_aws && !managed.attached_to().is_empty()),
    },
    Check {
        id: "iam_customer_attached_policy_no_administrative_privileges",
        title: "No attached policy of the account allows everything",
        severity: Severity::High,
        rationale: "Whoever holds it can do everything, and its name does not say so.",
        remediation: INSTEAD,
        cis: &[("3.0", "1.16"), ("5.0", "1.15"), ("6.0", "2.15"), ("7.0", "2.14")],
        ccm: &["IAM-05", "IAM-16"],
        inputs: &["aws_iam_policy"],
        also: &[],
        evaluate: |context| wide(context, |managed| !managed.of_aws && !managed.attached_to().is_empty()),
    },
    Check {
        id: "iam_customer_unattached_policy_no_administrative_privileges",
        title: "No unattached policy of the account allows everything",
        severity: Severity::Medium,
        rationale: "It waits for whoever may attach policies, and then they can do everything.",
        remediation: "Delete the policy, or narrow it before anybody attaches it.",
        cis: &[],
        ccm: &["IAM-05"],
        inputs: &["aws_iam_policy"],
        also: &[],
        evaluate: |context| {
            wide(context, |managed| {
                !managed.of_aws && managed.attached_to().is_empty() && !managed.is_boundary()
            })
        },
    },
    Check {
        id: "iam_inline_policy_no_administrative_privileges",
        title: "No inline policy allows everything",
        severity: Severity::Critical,
        rationale: "Inline policies do not show in lists of policies: an administrator by one is easily overlooked.",
        remediation: INSTEAD,
        cis: &[],
        ccm: &["IAM-05", "IAM-16"],
        inputs: &["aws_iam_group", "aws_iam_role", "aws_iam_user"],
        also: &[],
        evaluate: |context| inline(context, policy::everything, GOOD),
    },
    Check {
        id: "iam_group_administrator_access_policy",
        title: "No group has AdministratorAccess",
        severity: Severity::High,
        rationale: "Each user who is put into the group becomes an administrator with long-lived credentials.",
        remediation: INSTEAD,
        cis: &[],
        ccm: &["IAM-05"],
        inputs: &["aws_iam_group"],
        also: &[],
        evaluate: |context| administrators(context, &context.groups),
    },
    Check {
        id: "iam_user_administrator_access_policy",
        title: "No user has AdministratorAccess",
        severity: Severity::Critical,
        rationale: "A leaked password or key of such a user is the whole account.",
        remediation: INSTEAD,
        cis: &[],
        ccm: &["IAM-05"],
        inputs: &["aws_iam_user"],
        also: &[],
        evaluate: |context| administrators(context, &context.users),
    },
    Check {
        id: "iam_role_administratoraccess_policy",
        title: "No role of the account has AdministratorAccess",
        severity: Severity::High,
        rationale: "Whatever takes on the role, a person or a program, can do everything.",
        remediation: INSTEAD,
        cis: &[],
        ccm: &["IAM-05", "IAM-09"],
        inputs: &["aws_iam_role"],
        also: &[],
        evaluate: |context| administrators(context, &context.roles),
    },
    Check {
        id: "iam_policy_cloudshell_admin_not_attached",
        title: "AWSCloudShellFullAccess is attached to nobody",
        severity: Severity::Medium,
        rationale: "It allows to move files between CloudShell and anywhere, beside every other control of data.",
        remediation: "Detach it; allow CloudShell without `cloudshell:GetFileDownloadUrls` and \
                      `cloudshell:GetFileUploadUrls` where it is needed.",
        cis: &[("5.0", "1.21"), ("6.0", "2.21"), ("7.0", "2.20")],
        ccm: &[],
        inputs: &["aws_iam_group", "aws_iam_role", "aws_iam_user"],
        also: &[],
        evaluate: cloudshell,
    },
];

fn wide(context: &Context<'_>, about: fn(&Managed<'_>) -> bool) -> Vec<Verdict> {
    let policies = context.policies.iter().filter(|managed| about(managed));
    let judged = policies.map(|managed| {
        let verdict = judge(context, &managed.subject(), &managed.document, policy::everything, GOOD);
        let holders = managed.attached_to();
        if holders.is_empty() { verdict } else { verdict.with(json!({ "attached_to": holders })) }
    });
    judged.collect()
}

fn administrators(context: &Context<'_>, holders: &[Holder<'_>]) -> Vec<Verdict> {
    let wide = context.aws_policy("AdministratorAccess");
    let judge = |holder: &Holder<'_>| match holder.foreign() {
        Some(why) => holder.subject().not_applicable(why),
        None if holder.has_attached(&wide) => holder.subject().fail("AdministratorAccess is attached"),
        None => holder.subject().pass("AdministratorAccess is not attached"),
    };
    holders.iter().map(judge).collect()
}

fn cloudshell(context: &Context<'_>) -> Vec<Verdict> {
    let arn = context.aws_policy("AWSCloudShellFullAccess");
    let holders = context.users.iter().chain(&context.groups).chain(&context.roles);
    let holders: Vec<_> = holders.filter(|holder| holder.has_attached(&arn)).collect();
    if holders.is_empty() {
        return vec![context.subject().pass("AWSCloudShellFullAccess is attached to nobody")];
    }
    holders.iter().map(|holder| holder.subject().fail("AWSCloudShellFullAccess is attached")).collect()
}

#[cfg(test)]
mod tests {
    use auditor_core::outcome::Outcome;
    use serde_json::json;

    use crate::testing::{ACCOUNT, Fixture, allow, arn, document, statement};

    #[test]
    fn policies_that_allow_everything() {
        let own = arn("policy/p");
        let attached = "iam_customer_attached_policy_no_administrative_privileges";
        let unattached = "iam_customer_unattached_policy_no_administrative_privileges";
        Fixture::new().attached("p", &allow(&["*"])).expect(attached, &[(&own, "fail")]);
        Fixture::new().attached("p", &allow(&["*:*"])).expect(attached, &[(&own, "fail")]);
        Fixture::new().attached("p", &allow(&["s3:*"])).expect(attached, &[(&own, "pass")]);
        Fixture::new().attached("p", &json!("?")).expect(attached, &[(&own, "unknown")]);
        Fixture::new().attached("p", &allow(&["*"])).expect(unattached, &[(ACCOUNT, "not_applicable")]);
        Fixture::new().policy("p", &allow(&["*"]), &[]).expect(unattached, &[(&own, "fail")]);
        let narrow = document(&[statement("Allow", &["*"], "arn:aws:s3:::x")]);
        Fixture::new().policy("p", &narrow, &[]).expect(unattached, &[(&own, "pass")]);

        let aws = "arn:aws:iam::aws:policy/AdministratorAccess";
        let id = "iam_aws_attached_policy_no_administrative_privileges";
        let with = |policy| {
            Fixture::new().item(
                "aws_iam_policy",
                "ANPA1",
                json!({"arn": aws, "aws_managed": true,
                "attached_to": [{"type": "role", "name": "r"}], "default_version": {"document": policy}}),
            )
        };
        with(allow(&["*"])).expect(id, &[(aws, "fail")]);
        with(allow(&["s3:*"])).expect(id, &[(aws, "pass")]);
        let partial = with(allow(&["s3:*"])).outcome("aws_iam_policy", Outcome::Partial);
        partial.expect(id, &[(ACCOUNT, "unknown"), (aws, "unknown")]);
        let inline = "iam_inline_policy_no_administrative_privileges";
        Fixture::new().role_with("r", &allow(&["*"])).expect(inline, &[(&arn("role/r"), "fail")]);
        Fixture::new().role_with("r", &allow(&["s3:*"])).expect(inline, &[(&arn("role/r"), "pass")]);
    }

    #[test]
    fn holders_of_administrator_access() {
        let wide = json!({"policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"]});
        let none = json!({});
        let id = "iam_role_administratoraccess_policy";
        Fixture::new().role("r", &wide).expect(id, &[(&arn("role/r"), "fail")]);
        Fixture::new().role("r", &none).expect(id, &[(&arn("role/r"), "pass")]);
        let reserved = Fixture::new().role("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1", &wide);
        reserved.expect(
            id,
            &[(&arn("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"), "not_applicable")],
        );
        let id = "iam_user_administrator_access_policy";
        Fixture::new().user("u", &wide).expect(id, &[(&arn("user/u"), "fail")]);
        Fixture::new().user("u", &none).expect(id, &[(&arn("user/u"), "pass")]);
        let id = "iam_group_administrator_access_policy";
        Fixture::new().group("g", &wide).expect(id, &[(&arn("group/g"), "fail")]);
        Fixture::new().group("g", &none).expect(id, &[(&arn("group/g"), "pass")]);
        let id = "iam_policy_cloudshell_admin_not_attached";
        let shell = json!({"policy_arns": ["arn:aws:iam::aws:policy/AWSCloudShellFullAccess"]});
        Fixture::new().user("u", &shell).expect(id, &[(&arn("user/u"), "fail")]);
        Fixture::new().user("u", &none).expect(id, &[(ACCOUNT, "pass")]);
    }
}
