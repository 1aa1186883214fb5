//! What policies say: managed ones of the account, inline ones of users, groups and roles.

use auditor_aws_policy::Document;
use auditor_core::model::common::Severity;
use serde_json::json;

use crate::{
    check::{Check, Subject, Verdict},
    context::{Context, Holder},
    policy::{self, Question},
};

const MANAGED: &[&str] = &["aws_iam_policy"];
const INLINE: &[&str] = &["aws_iam_group", "aws_iam_role", "aws_iam_user"];
const BOTH: &[&str] = &["aws_iam_group", "aws_iam_policy", "aws_iam_role", "aws_iam_user"];

const NARROW: &str = "Name the actions and resources that are needed; what was used lately is a good start.";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "iam_inline_policy_allows_privilege_escalation",
        title: "Inline policies give no way to more rights",
        severity: Severity::High,
        rationale: "Who may change policies, credentials or who runs as what, may soon do whatever those may.",
        remediation: "Take the action away, limit it to certain resources, or ask for a permissions boundary in its \
                      condition.",
        cis: &[],
        ccm: &["IAM-05", "IAM-10"],
        inputs: INLINE,
        also: &[],
        evaluate: |context| inline(context, policy::escalates, "gives no way to more rights"),
    },
    Check {
        id: "iam_policy_allows_privilege_escalation",
        title: "Policies of the account give no way to more rights",
        severity: Severity::High,
        rationale: "Who may change policies, credentials or who runs as what, may soon do whatever those may.",
        remediation: "Take the action away, limit it to certain resources, or ask for a permissions boundary in its \
                      condition.",
        cis: &[],
        ccm: &["IAM-05", "IAM-10"],
        inputs: MANAGED,
        also: &[],
        evaluate: |context| managed(context, policy::escalates, "gives no way to more rights"),
    },
    Check {
        id: "iam_inline_policy_no_full_access_to_cloudtrail",
        title: "Inline policies do not allow everything in CloudTrail",
        severity: Severity::High,
        rationale: "Who may stop or change the trail can hide what is done next.",
        remediation: NARROW,
        cis: &[],
        ccm: &[],
        inputs: INLINE,
        also: &[],
        evaluate: |context| {
            inline(context, policy::whole_cloudtrail, "does not allow everything in CloudTrail")
        },
    },
    Check {
        id: "iam_policy_no_full_access_to_cloudtrail",
        title: "Policies of the account do not allow everything in CloudTrail",
        severity: Severity::Medium,
        rationale: "Who may stop or change the trail can hide what is done next.",
        remediation: NARROW,
        cis: &[],
        ccm: &[],
        inputs: MANAGED,
        also: &[],
        evaluate: |context| {
            managed(context, policy::whole_cloudtrail, "does not allow everything in CloudTrail")
        },
    },
    Check {
        id: "iam_inline_policy_no_full_access_to_kms",
        title: "Inline policies do not allow everything in KMS",
        severity: Severity::Medium,
        rationale: "Who may use, change and delete every key, reads everything they protect and can destroy it.",
        remediation: NARROW,
        cis: &[],
        ccm: &[],
        inputs: INLINE,
        also: &[],
        evaluate: |context| inline(context, policy::whole_kms, "does not allow everything in KMS"),
    },
    Check {
        id: "iam_policy_no_full_access_to_kms",
        title: "Policies of the account do not allow everything in KMS",
        severity: Severity::Medium,
        rationale: "Who may use, change and delete every key, reads everything they protect and can destroy it.",
        remediation: NARROW,
        cis: &[],
        ccm: &[],
        inputs: MANAGED,
        also: &[],
        evaluate: |context| managed(context, policy::whole_kms, "does not allow everything in KMS"),
    },
    Check {
        id: "iam_inline_policy_no_wildcard_marketplace_subscribe",
        title: "Inline policies do not allow to subscribe to any Marketplace product",
        severity: Severity::Medium,
        rationale: "A subscription costs money and brings other people's software into the account.",
        remediation: NARROW,
        cis: &[],
        ccm: &[],
        inputs: INLINE,
        also: &[],
        evaluate: |context| {
            inline(context, policy::marketplace, "does not allow to subscribe to any product")
        },
    },
    Check {
        id: "iam_policy_no_wildcard_marketplace_subscribe",
        title: "Policies of the account do not allow to subscribe to any Marketplace product",
        severity: Severity::Medium,
        rationale: "A subscription costs money and brings other people's software into the account.",
        remediation: NARROW,
        cis: &[],
        ccm: &[],
        inputs: MANAGED,
        also: &[],
        evaluate: |context| {
            managed(context, policy::marketplace, "does not allow to subscribe to any product")
        },
    },
    Check {
        id: "iam_no_custom_policy_permissive_role_assumption",
        title: "Policies of the account do not allow to assume any role",
        severity: Severity::High,
        rationale: "With it, every role that trusts the account as a whole is open to whoever holds the policy.",
        remediation: "Name the roles that the work needs in `Resource`.",
        cis: &[],
        ccm: &["IAM-05"],
        inputs: MANAGED,
        also: &[],
        evaluate: |context| managed(context, policy::assume_any, "does not allow to assume any role"),
    },
    Check {
        id: "passrole_star",
        title: "No policy allows to pass any role to a service",
        severity: Severity::High,
        rationale: "Who may start something with any role acts with the strongest role there is.",
        remediation: "Name the roles in `Resource` and the service in the condition `iam:PassedToService`.",
        cis: &[],
        ccm: &["IAM-05"],
        inputs: BOTH,
        also: &[],
        evaluate: |context| both(context, policy::pass_any, "does not allow to pass any role"),
    },
    Check {
        id: "unbounded_delegated_iam_admin",
        title: "Who may make users and roles must give them a permissions boundary",
        severity: Severity::High,
        rationale: "Without a boundary, who may make and furnish principals can make an administrator.",
        remediation: "Add the condition `iam:PermissionsBoundary` with the ARN of the boundary to these actions.",
        cis: &[],
        ccm: &["IAM-10"],
        inputs: BOTH,
        also: &[],
        evaluate: |context| {
            both(
                context,
                policy::gives_unbounded,
                "gives nobody the right to furnish any user or role unbounded",
            )
        },
    },
    Check {
        id: "policy_notaction_allow",
        title: "No policy allows everything but some actions",
        severity: Severity::Medium,
        rationale: "`NotAction` with `Allow` grants what nobody thought of, and each new service of AWS as it appears.",
        remediation: "List what is allowed in `Action`; refuse exceptions by a `Deny` statement.",
        cis: &[],
        ccm: &["IAM-05"],
        inputs: BOTH,
        also: &[],
        evaluate: |context| both(context, policy::not_action, "allows by naming actions"),
    },
    Check {
        id: "policy_notresource_allow",
        title: "No policy allows something on everything but some resources",
        severity: Severity::Medium,
        rationale: "`NotResource` with `Allow` grants what nobody thought of, and each new resource as it is made.",
        remediation: "List what is allowed in `Resource`; refuse exceptions by a `Deny` statement.",
        cis: &[],
        ccm: &["IAM-05"],
        inputs: BOTH,
        also: &[],
        evaluate: |context| both(context, policy::not_resource, "allows by naming resources"),
    },
    Check {
        id: "mfa_condition_bypass",
        title: "Second factors that policies ask for cannot be got around with access keys",
        severity: Severity::Medium,
        rationale: "Requests with long-lived keys carry no `aws:MultiFactorAuthPresent` at all: a refusal by `Bool` \
                    does not see them, a grant by `BoolIfExists` lets them in.",
        remediation: "Refuse by `BoolIfExists`, and allow by `Bool`.",
        cis: &[],
        ccm: &["IAM-14"],
        inputs: BOTH,
        also: &[],
        evaluate: |context| {
            both(context, policy::mfa_bypass, "asks for no second factor that can be got around")
        },
    },
    Check {
        id: "policy_unattached",
        title: "Every policy of the account is attached to something",
        severity: Severity::Low,
        rationale: "A policy that nothing uses is not reviewed and is there for whoever may attach it.",
        remediation: "Delete the policy, or say by an exception what it is kept for.",
        cis: &[],
        ccm: &["IAM-03"],
        // What a policy is attached to, its holders say.
        inputs: BOTH,
        also: &[],
        evaluate: |context| {
            let own = context.policies.iter().filter(|managed| !managed.of_aws);
            let judged = own.map(|managed| {
                if !managed.attached_to().is_empty() {
                    managed.subject().pass("the policy is attached")
                } else if managed.is_boundary() {
                    managed.subject().pass("the policy is a permissions boundary")
                } else {
                    managed.subject().lacking("the policy is attached to nothing")
                }
            });
            judged.collect()
        },
    },
    Check {
        id: "policy_version_rollback_risk",
        title: "No older version of a policy allows more than the one in force",
        severity: Severity::Medium,
        rationale: "`iam:SetDefaultPolicyVersion` brings an older version back, without anybody having to write one.",
        remediation: "Delete the versions that are not in force.",
        cis: &[],
        ccm: &["IAM-05"],
        inputs: MANAGED,
        also: &[],
        evaluate: rollback,
    },
];

/// The verdict on one document: what is proven, unless it was not read whole.
pub(super) fn judge(
    context: &Context<'_>,
    subject: &Subject<'_>,
    document: &Document,
    question: Question,
    good: &str,
) -> Verdict {
    match (question(context, document), &document.unreadable) {
        (Some(reason), _) => subject.fail(reason),
        (None, Some(why)) => subject.unknown(format!("the policy could not be read: {why}")),
        (None, None) => subject.pass(format!("the policy {good}")),
    }
}

/// Asks of every managed policy of the account.
pub(super) fn managed(context: &Context<'_>, question: Question, good: &str) -> Vec<Verdict> {
    let own = context.policies.iter().filter(|managed| !managed.of_aws);
    own.map(|managed| judge(context, &managed.subject(), &managed.document, question, good)).collect()
}

/// Asks of everybody who has inline policies.
pub(super) fn inline(context: &Context<'_>, question: Question, good: &str) -> Vec<Verdict> {
    let holders = context.users.iter().chain(&context.groups).chain(&context.roles);
    let holders = holders.filter(|holder| !holder.inline.is_empty());
    holders.map(|holder| of_holder(context, holder, question, good)).collect()
}

fn of_holder(context: &Context<'_>, holder: &Holder<'_>, question: Question, good: &str) -> Verdict {
    let subject = holder.subject();
    if let Some(why) = holder.foreign() {
        return subject.not_applicable(why);
    }
    let failing =
        holder.inline.iter().filter_map(|(name, document)| Some((name, question(context, document)?)));
    let failing: Vec<_> = failing.collect();
    if let Some((name, reason)) = failing.first() {
        let names: Vec<_> = failing.iter().map(|(name, _)| name).collect();
        return subject.fail(format!("inline policy `{name}`: {reason}")).with(json!({ "policies": names }));
    }
    let unread =
        holder.inline.iter().find_map(|(name, document)| Some((name, document.unreadable.as_ref()?)));
    match unread {
        Some((name, why)) => subject.unknown(format!("inline policy `{name}` could not be read: {why}")),
        None => subject.pass(format!("each inline policy {good}")),
    }
}

fn both(context: &Context<'_>, question: Question, good: &str) -> Vec<Verdict> {
    let mut verdicts = managed(context, question, good);
    verdicts.extend(inline(context, question, good));
    verdicts
}

fn rollback(context: &Context<'_>) -> Vec<Verdict> {
    let questions: [Question; 5] = [
        policy::everything,
        policy::whole_kms,
        policy::whole_cloudtrail,
        policy::pass_any,
        policy::assume_any,
    ];
    let wider = |now: &Document, old: &Document| {
        let more = |question: &Question| question(context, now).is_none().then(|| question(context, old))?;
        let ways = policy::escalations(context, now);
        let new_way = || policy::escalations(context, old).into_iter().find(|way| !ways.contains(way));
        questions.iter().find_map(more).or_else(|| Some(format!("it allows {}", new_way()?)))
    };
    let own = context.policies.iter().filter(|managed| !managed.of_aws);
    let judged = own.map(|managed| {
        let subject = managed.subject();
        let found = managed.others.iter().find_map(|(id, old)| Some((id, wider(&managed.document, old)?)));
        let mut documents = managed.others.iter().map(|(_, document)| document).chain([&managed.document]);
        match (found, documents.find_map(|document| document.unreadable.as_ref())) {
            // Against a version in force that was not read whole, nothing is wider for sure.
            (Some((id, reason)), _) if managed.document.unreadable.is_none() => {
                subject.fail(format!("version {id}, not in force: {reason}"))
            }
            (_, Some(why)) => subject.unknown(format!("a version could not be read: {why}")),
            _ => subject.pass("no older version is known to allow more"),
        }
    });
    judged.collect()
}

#[cfg(test)]
mod tests {
    use auditor_core::outcome::Outcome;
    use serde_json::{Value, json};

    use crate::testing::{ACCOUNT, Fixture, allow, arn, document, statement};

    /// Asks the same of a managed and of an inline policy.
    fn check(managed: Option<&str>, inline: Option<&str>, policy: &Value, expected: &str) {
        if let Some(id) = managed {
            Fixture::new().policy("p", policy, &[]).expect(id, &[(&arn("policy/p"), expected)]);
        }
        if let Some(id) = inline {
            let fixture = Fixture::new().role_with("r", policy);
            fixture.expect(id, &[(&arn("role/r"), expected)]);
        }
    }

    #[test]
    fn ways_to_more_rights() {
        let (managed, inline) = (
            Some("iam_policy_allows_privilege_escalation"),
            Some("iam_inline_policy_allows_privilege_escalation"),
        );
        check(managed, inline, &allow(&["iam:PutUserPolicy"]), "fail");
        check(managed, inline, &allow(&["iam:P*", "ec2:Run*"]), "fail");
        check(managed, inline, &allow(&["iam:PassRole"]), "pass");
        check(managed, inline, &allow(&["s3:*"]), "pass");
        let own = statement("Allow", &["iam:CreateAccessKey"], "arn:aws:iam::*:user/${aws:username}");
        check(managed, inline, &document(&[own]), "pass");
        let deny = [statement("Allow", &["iam:*"], "*"), statement("Deny", &["iam:*"], "*")];
        check(managed, inline, &document(&deny), "pass");
        let mut bounded = statement("Allow", &["iam:PutRolePolicy"], "*");
        bounded["Condition"] = json!({"StringEquals": {"iam:PermissionsBoundary": arn("policy/b")}});
        check(managed, inline, &document(&[bounded]), "pass");
        check(managed, inline, &json!("no JSON {"), "unknown");
    }

    #[test]
    fn whole_services() {
        for service in ["kms", "cloudtrail"] {
            let managed = format!("iam_policy_no_full_access_to_{service}");
            let inline = format!("iam_inline_policy_no_full_access_to_{service}");
            let check = |policy: &Value, expected| check(Some(&managed), Some(&inline), policy, expected);
            check(&allow(&[&format!("{service}:*")]), "fail");
            check(&allow(&["*"]), "fail");
            check(&allow(&[&format!("{service}:Describe*")]), "pass");
            check(&document(&[statement("Allow", &[&format!("{service}:*")], "arn:aws:x:::y")]), "pass");
            check(&json!(null), "unknown");
        }
    }

    #[test]
    fn wide_grants() {
        let (managed, inline) = (
            Some("iam_policy_no_wildcard_marketplace_subscribe"),
            Some("iam_inline_policy_no_wildcard_marketplace_subscribe"),
        );
        check(managed, inline, &allow(&["aws-marketplace:Subscribe"]), "fail");
        check(managed, inline, &allow(&["aws-marketplace:View*"]), "pass");
        let managed = Some("iam_no_custom_policy_permissive_role_assumption");
        check(managed, None, &allow(&["sts:AssumeRole"]), "fail");
        check(managed, None, &document(&[statement("Allow", &["sts:*"], "arn:aws:iam::*:role/*")]), "fail");
        check(managed, None, &document(&[statement("Allow", &["sts:AssumeRole"], &arn("role/x"))]), "pass");
        let both = Some("passrole_star");
        check(both, both, &allow(&["iam:PassRole"]), "fail");
        check(both, both, &document(&[statement("Allow", &["iam:PassRole"], &arn("role/app-*"))]), "pass");
        let both = Some("unbounded_delegated_iam_admin");
        check(both, both, &allow(&["iam:Create*"]), "fail");
        check(both, both, &allow(&["iam:Get*"]), "pass");
    }

    #[test]
    fn all_but() {
        let both = Some("policy_notaction_allow");
        let all_but =
            |effect: &str| document(&[json!({"Effect": effect, "NotAction": "iam:*", "Resource": "*"})]);
        check(both, both, &all_but("Allow"), "fail");
        check(both, both, &all_but("Deny"), "pass");
        let both = Some("policy_notresource_allow");
        let all_but = |effect: &str| {
            document(&[json!({"Effect": effect, "Action": "s3:*", "NotResource": "arn:aws:s3:::x"})])
        };
        check(both, both, &all_but("Allow"), "fail");
        check(both, both, &all_but("Deny"), "pass");
        check(both, both, &allow(&["s3:*"]), "pass");
    }

    #[test]
    fn second_factors() {
        let both = Some("mfa_condition_bypass");
        let asks = |effect: &str, operator: &str, value: &str| {
            document(&[json!({"Effect": effect, "Action": "*", "Resource": "*",
                "Condition": {operator: {"aws:MultiFactorAuthPresent": value}}})])
        };
        check(both, both, &asks("Deny", "Bool", "false"), "fail");
        check(both, both, &asks("Deny", "BoolIfExists", "false"), "pass");
        check(both, both, &asks("Allow", "BoolIfExists", "true"), "fail");
        check(both, both, &asks("Allow", "Bool", "true"), "pass");
        let mut with_null = asks("Deny", "Bool", "false");
        let null = asks("Deny", "Null", "true")["Statement"][0].clone();
        with_null["Statement"].as_array_mut().unwrap().push(null);
        check(both, both, &with_null, "pass");
    }

    #[test]
    fn nothing_attached_and_older_versions() {
        let policy = arn("policy/p");
        let own = Fixture::new().policy("p", &allow(&["s3:*"]), &[]);
        own.expect("policy_unattached", &[(&policy, "fail")]);
        let unseen =
            Fixture::new().policy("p", &allow(&["s3:*"]), &[]).outcome("aws_iam_role", Outcome::Failed);
        unseen.expect("policy_unattached", &[(ACCOUNT, "unknown"), (&policy, "unknown")]);
        Fixture::new().attached("p", &allow(&["s3:*"])).expect("policy_unattached", &[(&policy, "pass")]);

        let id = "policy_version_rollback_risk";
        let with = |now: &Value, old: &Value| Fixture::new().policy("p", now, std::slice::from_ref(old));
        with(&allow(&["s3:*"]), &allow(&["*"])).expect(id, &[(&policy, "fail")]);
        with(&allow(&["s3:*"]), &allow(&["iam:PutUserPolicy"])).expect(id, &[(&policy, "fail")]);
        with(&allow(&["*"]), &allow(&["*"])).expect(id, &[(&policy, "pass")]);
        with(&allow(&["s3:*"]), &allow(&["s3:Get*"])).expect(id, &[(&policy, "pass")]);
        with(&allow(&["s3:*"]), &json!(7)).expect(id, &[(&policy, "unknown")]);
        with(&json!(7), &allow(&["*"])).expect(id, &[(&policy, "unknown")]);
    }

    #[test]
    fn policies_of_services_and_identity_center_are_not_the_accounts() {
        let id = "iam_inline_policy_allows_privilege_escalation";
        for name in
            ["aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1", "aws-service-role/x/AWSServiceRoleForX"]
        {
            let fixture = Fixture::new().role_with(name, &allow(&["*"]));
            fixture.expect(id, &[(&arn(&format!("role/{name}")), "not_applicable")]);
        }
        let forged = Fixture::new().role_with("AWSReservedSSO_Admin_1", &allow(&["*"]));
        forged.expect(id, &[(&arn("role/AWSReservedSSO_Admin_1"), "fail")]);
    }
}
