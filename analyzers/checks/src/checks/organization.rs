//! The account in its organization, and the organization's policies.

use std::borrow::Cow;

use auditor_aws_policy::{Document, Effect};
use auditor_core::{analyzer::Item, model::common::Severity};
use serde_json::Value;

use crate::{
    check::{Check, Subject, Verdict},
    context::Context,
};

/// Kinds that tell of an organization as a whole, and are stored in its management account.
const ORGANIZATION: &[&str] = &["aws_organization", "aws_organization_policy"];
const INPUTS: &[&str] = &["aws_organization_account"];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "organizations_account_part_of_organizations",
        title: "The account is part of an organization",
        severity: Severity::Medium,
        rationale: "Outside of an organization nothing limits the account from above, and its root user is its own.",
        remediation: "Invite the account into the organization.",
        cis: &[],
        ccm: &[],
        inputs: INPUTS,
        also: &[],
        evaluate: |context| {
            let account = context.subject();
            vec![match context.only("aws_organization_account") {
                Some(_) => account.pass("the account is part of an organization"),
                None => account.lacking("the account is part of no organization"),
            }]
        },
    },
    Check {
        id: "organizations_delegated_administrators",
        title: "Only accounts that are meant to administer services for the organization",
        severity: Severity::Critical,
        rationale: "A delegated administrator sees and changes what the service keeps of every other account.",
        remediation: "Deregister the account, or list it under `delegated_administrators`.",
        cis: &[("7.0", "2.1.5"), ("7.0", "2.1.6")],
        ccm: &[],
        inputs: INPUTS,
        also: &["aws_delegated_administrator"],
        evaluate: delegated,
    },
    Check {
        id: "iam_root_credentials_management_enabled",
        title: "Credentials of member accounts' root users are managed from the centre",
        severity: Severity::High,
        rationale: "A root user without credentials cannot be taken over; the centre alone can take them away and keep them away.",
        remediation: "Enable centralized root access with `RootCredentialsManagement` in IAM of the management account.",
        cis: &[("7.0", "2.1.1")],
        ccm: &[],
        inputs: INPUTS,
        also: &["aws_organization"],
        evaluate: |context| of_organization(context, &["aws_organization"], root_credentials),
    },
    Check {
        id: "organizations_opt_out_ai_services_policy",
        title: "The organization opts out of the use of its content for AI services",
        severity: Severity::Medium,
        rationale: "Otherwise AWS may store content that some services process, and improve those services with it.",
        remediation: "Attach an AI services opt-out policy to the root whose default is `optOut`.",
        cis: &[],
        ccm: &[],
        inputs: INPUTS,
        also: ORGANIZATION,
        evaluate: |context| of_organization(context, ORGANIZATION, ai_services),
    },
    Check {
        id: "organizations_scp_check_deny_regions",
        title: "A service control policy refuses regions that are not used",
        severity: Severity::High,
        rationale: "Whoever gets in works where nobody looks; where nothing is allowed, nobody needs to look.",
        remediation: "Attach a service control policy to the root that denies by `aws:RequestedRegion`.",
        cis: &[],
        ccm: &[],
        inputs: INPUTS,
        also: ORGANIZATION,
        evaluate: |context| of_organization(context, ORGANIZATION, regions),
    },
    Check {
        id: "organizations_tags_policies_enabled_and_attached",
        title: "A tag policy says how resources are tagged",
        severity: Severity::Low,
        rationale: "Owners and costs are found by tags, as far as everyone spells them alike.",
        remediation: "Enable tag policies, and attach one to the root.",
        cis: &[],
        ccm: &[],
        inputs: INPUTS,
        also: ORGANIZATION,
        evaluate: |context| of_organization(context, ORGANIZATION, tags),
    },
];

fn delegated(context: &Context<'_>) -> Vec<Verdict> {
    let account = context.subject();
    let Some(item) = context.only("aws_delegated_administrator") else {
        return vec![account.not_applicable("no record says that the account is a delegated administrator")];
    };
    let meant = context.settings.delegated_administrators.iter().any(|id| id == context.account);
    let services = item.document["services"].as_array();
    let services: Option<Vec<_>> =
        services.map(|all| all.iter().filter_map(|one| one["service_principal"].as_str()).collect());
    let verdict = if meant {
        account.pass("the account is meant to be a delegated administrator")
    } else {
        account
            .fail("the account is a delegated administrator, and the settings do not say that it is meant to")
    };
    vec![verdict.with(serde_json::json!({ "services": services }))]
}

/// Judges an organization by its record and its policies.
type Judge = fn(&Subject<'_>, &Item, &[&Item]) -> Verdict;

fn root_credentials(subject: &Subject<'_>, organization: &Item, _: &[&Item]) -> Verdict {
    match organization.document["root_features"].as_array() {
        Some(features) if features.iter().any(|feature| feature == "RootCredentialsManagement") => {
            subject.pass("root credentials of member accounts are managed from the centre")
        }
        Some(_) => subject.fail("every member account looks after its own root credentials"),
        None => subject.unknown("IAM did not tell whether root credentials are managed from the centre"),
    }
}

/// Asks of the organization, in the view of its management account alone.
fn of_organization(context: &Context<'_>, needs: &[&str], judge: Judge) -> Vec<Verdict> {
    let account = context.subject();
    let Some(organization) = context.only("aws_organization") else {
        return vec![match context.organization() {
            Some((_, management)) if management != context.account => account.not_applicable(format!(
                "this is asked of the organization, whose management account is {management}"
            )),
            _ => account.unknown("no source collects aws_organization here"),
        }];
    };
    let id = organization.document["arn"].as_str().unwrap_or(&organization.native_id);
    let subject = Subject { kind: "aws_organization", id: Cow::Borrowed(id), name: &organization.native_id };
    if organization.document["feature_set"] == "CONSOLIDATED_BILLING" {
        return vec![subject.fail("the organization is for billing alone: no policy is in force")];
    }
    let policies: Vec<_> = context.view.items("aws_organization_policy").collect();
    let verdict = judge(&subject, organization, &policies);
    let lack = needs.iter().find_map(|kind| context.view.knowledge(kind).lack(kind));
    vec![lack.map_or(verdict, |lack| subject.unknown(lack))]
}

/// Policies of a type, and whether each is attached to a root and to anything at all. `None`: not known.
fn of_type<'v>(policies: &[&'v Item], wanted: &str) -> Vec<(&'v Value, Option<(bool, bool)>)> {
    let typed = policies.iter().filter(|item| item.document["type"] == wanted);
    let attached = typed.map(|item| {
        let targets = item.document["targets"].as_array();
        let attached =
            targets.map(|all| (all.iter().any(|target| target["type"] == "ROOT"), !all.is_empty()));
        (&item.document, attached)
    });
    attached.collect()
}

/// Passes if one of the policies is attached to the root.
fn at_root(subject: &Subject<'_>, policies: &[Option<(bool, bool)>], what: &str) -> Verdict {
    if policies.iter().any(|attached| matches!(attached, Some((true, _)))) {
        subject.pass(format!("{what} is attached to the root"))
    } else if policies.contains(&None) {
        subject.unknown(format!("it is not known what {what} is attached to"))
    } else if policies.iter().any(|attached| matches!(attached, Some((_, true)))) {
        subject.fail(format!("{what} is attached to parts of the organization only")).rated(Severity::Medium)
    } else {
        subject.fail(format!("{what} is attached to nothing, or not there"))
    }
}

fn ai_services(subject: &Subject<'_>, _: &Item, policies: &[&Item]) -> Verdict {
    let opts_out = |document: &Value| {
        document["content"]["document"]["services"]["default"]["opt_out_policy"]["@@assign"] == "optOut"
    };
    let of_type = of_type(policies, "AISERVICES_OPT_OUT_POLICY");
    let attached: Vec<_> =
        of_type.iter().filter(|(document, _)| opts_out(document)).map(|(_, attached)| *attached).collect();
    at_root(subject, &attached, "a policy that opts out of AI services by default")
}

fn regions(subject: &Subject<'_>, _: &Item, policies: &[&Item]) -> Verdict {
    let refuses = |document: &Value| {
        Document::parse(&document["content"]["document"]).statements.iter().any(|statement| {
            statement.effect == Effect::Deny
                && statement
                    .conditions
                    .iter()
                    .any(|condition| condition.folded_key() == "aws:requestedregion")
        })
    };
    let of_type = of_type(policies, "SERVICE_CONTROL_POLICY");
    let attached: Vec<_> =
        of_type.iter().filter(|(document, _)| refuses(document)).map(|(_, attached)| *attached).collect();
    at_root(subject, &attached, "a service control policy that refuses regions")
}

fn tags(subject: &Subject<'_>, _: &Item, policies: &[&Item]) -> Verdict {
    let attached: Vec<_> =
        of_type(policies, "TAG_POLICY").into_iter().map(|(_, attached)| attached).collect();
    if attached.iter().any(|attached| matches!(attached, Some((_, true)))) {
        subject.pass("a tag policy is attached")
    } else if attached.contains(&None) {
        subject.unknown("it is not known what tag policies are attached to")
    } else {
        subject.fail("no tag policy is attached")
    }
}

#[cfg(test)]
mod tests {
    use auditor_core::outcome::Outcome;
    use serde_json::{Value, json};

    use crate::testing::{ACCOUNT, Fixture};

    const ARN: &str = "arn:aws:organizations::111122223333:organization/o-1";

    fn management() -> Fixture {
        Fixture::new().member_of("o-1", ACCOUNT).item(
            "aws_organization",
            "o-1",
            json!({"arn": ARN, "feature_set": "ALL"}),
        )
    }

    fn policy(sort: &str, content: &Value, targets: &Value) -> Fixture {
        let document = json!({"type": sort, "content": {"document": content}, "targets": targets});
        management().item("aws_organization_policy", "p-1", document)
    }

    #[test]
    fn membership_and_delegation() {
        let id = "organizations_account_part_of_organizations";
        Fixture::new().member_of("o-1", ACCOUNT).expect(id, &[(ACCOUNT, "pass")]);
        Fixture::new().expect(id, &[(ACCOUNT, "fail")]);
        Fixture::new().without("aws_organization_account").expect(id, &[(ACCOUNT, "unknown")]);
        let id = "organizations_delegated_administrators";
        Fixture::new().expect(id, &[(ACCOUNT, "not_applicable")]);
        let services = json!({"services": [{"service_principal": "sso.amazonaws.com"}]});
        let delegated = Fixture::new().item("aws_delegated_administrator", ACCOUNT, services);
        delegated.expect(id, &[(ACCOUNT, "fail")]);
        let mut meant = delegated;
        meant.settings.delegated_administrators = vec![ACCOUNT.to_owned()];
        meant.expect(id, &[(ACCOUNT, "pass")]);
    }

    #[test]
    fn central_root_access() {
        let id = "iam_root_credentials_management_enabled";
        let of = |features: &Value| {
            let document = json!({"arn": ARN, "feature_set": "ALL", "root_features": features});
            Fixture::new().member_of("o-1", ACCOUNT).item("aws_organization", "o-1", document)
        };
        of(&json!(["RootCredentialsManagement", "RootSessions"])).expect(id, &[(ARN, "pass")]);
        of(&json!([])).expect(id, &[(ARN, "fail")]);
        of(&json!(null)).expect(id, &[(ARN, "unknown")]);
        Fixture::new().member_of("o-1", "333333333333").expect(id, &[(ACCOUNT, "not_applicable")]);
    }

    #[test]
    fn policies_of_the_organization() {
        let (root, unit) =
            (json!([{"type": "ROOT", "id": "r-1"}]), json!([{"type": "ORGANIZATIONAL_UNIT", "id": "ou-1"}]));
        let refuse = json!({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}});
        let opt_out = json!({"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}});
        let cases = [
            ("organizations_scp_check_deny_regions", "SERVICE_CONTROL_POLICY", &refuse),
            ("organizations_opt_out_ai_services_policy", "AISERVICES_OPT_OUT_POLICY", &opt_out),
        ];
        for (id, sort, content) in cases {
            policy(sort, content, &root).expect(id, &[(ARN, "pass")]);
            policy(sort, content, &unit).expect(id, &[(ARN, "fail")]);
            policy(sort, content, &json!([])).expect(id, &[(ARN, "fail")]);
            policy(sort, content, &json!(null)).expect(id, &[(ARN, "unknown")]);
            policy(sort, &json!({}), &root).expect(id, &[(ARN, "fail")]);
            management().expect(id, &[(ARN, "fail")]);
        }
        let id = "organizations_tags_policies_enabled_and_attached";
        policy("TAG_POLICY", &json!({}), &unit).expect(id, &[(ARN, "pass")]);
        policy("TAG_POLICY", &json!({}), &json!([])).expect(id, &[(ARN, "fail")]);
        policy("TAG_POLICY", &json!({}), &json!(null)).expect(id, &[(ARN, "unknown")]);
        let denied = management().outcome("aws_organization_policy", Outcome::Denied);
        denied.expect(id, &[(ARN, "unknown")]);
        Fixture::new().member_of("o-1", "333333333333").expect(id, &[(ACCOUNT, "not_applicable")]);
        Fixture::new().expect(id, &[(ACCOUNT, "unknown")]);
    }
}
