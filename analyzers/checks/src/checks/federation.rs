//! How people and pipelines come in from outside: identity providers and Identity Center, or users of the account.

use std::collections::BTreeSet;

use auditor_aws_policy::{
    PrincipalPattern,
    trust::{self, Entry},
};
use auditor_core::model::common::{Severity, Status};
use serde_json::json;

use crate::{
    check::{Check, Subject, Verdict},
    context::{Context, Holder},
};

const ROLE: &[&str] = &["aws_iam_role"];

/// What subjects of well-known providers begin with. Behind it, the name of somebody has to follow.
const SUBJECT_PREFIXES: [&str; 4] = ["repo:", "project_path:", "system:serviceaccount:", "organization:"];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "iam_check_saml_providers_sts",
        title: "A SAML identity provider lets people in with temporary credentials",
        severity: Severity::Low,
        rationale: "Who signs in through the company's directory loses access on the day the directory says so.",
        remediation: "Assign the account in IAM Identity Center, or set up a SAML provider and roles that trust it.",
        cis: &[("3.0", "1.21"), ("5.0", "1.20"), ("6.0", "2.20"), ("7.0", "2.19")],
        ccm: &["IAM-13"],
        inputs: &["aws_iam_saml_provider"],
        also: &[],
        evaluate: |context| {
            let account = context.subject();
            vec![match context.only("aws_iam_saml_provider") {
                Some(_) => account.pass("the account has a SAML provider"),
                None => account.lacking("the account has no SAML provider"),
            }]
        },
    },
    Check {
        id: "iam_user_exists_in_sso_account",
        title: "Where Identity Center is in use, nobody signs in as an IAM user",
        severity: Severity::Medium,
        rationale: "A second way in, beside the directory's, is the one that is forgotten when somebody leaves.",
        remediation: "Assign the person a permission set and delete the user's password.",
        cis: &[],
        ccm: &["IAM-13"],
        inputs: &["aws_iam_role", "aws_iam_user"],
        also: &[],
        evaluate: beside_identity_center,
    },
    Check {
        id: "oidc_trust_without_sub",
        title: "Roles that trust an OIDC provider say which of its subjects",
        severity: Severity::Critical,
        rationale: "Providers such as GitHub serve everyone: without a subject, anybody's pipeline takes on the role.",
        remediation: "Add a condition on the provider's `sub` that names the repository, project or service account.",
        cis: &[],
        ccm: &["IAM-14", "IAM-16"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| {
            oidc(context, |subject, entries| {
                let open =
                    entries.iter().find(|entry| entry.subjects.is_empty() && !names_application(entry));
                match open {
                    Some(entry) => {
                        subject.fail(format!("the role trusts every subject of {}", entry.principal.as_str()))
                    }
                    None => subject.pass("the role says which subjects it trusts"),
                }
            })
        },
    },
    Check {
        id: "oidc_trust_wildcard_sub",
        title: "Roles that trust an OIDC provider name whose subjects",
        severity: Severity::Critical,
        rationale: "A pattern such as `repo:*` is fulfilled by anybody's repository.",
        remediation: "Write out the organization and repository, project or namespace; `*` may stand behind them.",
        cis: &[],
        ccm: &["IAM-14", "IAM-16"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| {
            oidc(context, |subject, entries| {
                let wide: BTreeSet<_> =
                    entries.iter().flat_map(|entry| &entry.subjects).filter(|text| is_wide(text)).collect();
                if wide.is_empty() {
                    subject.pass("no pattern of subjects is open to anybody")
                } else {
                    subject.fail("a pattern of subjects is open to anybody").with(json!({ "subjects": wide }))
                }
            })
        },
    },
];

fn beside_identity_center(context: &Context<'_>) -> Vec<Verdict> {
    if !context.roles.iter().any(Holder::is_reserved) {
        return vec![context.subject().not_applicable("the account has no role of IAM Identity Center")];
    }
    let judge = |user: &Holder<'_>| match user.flag("console_access") {
        Some(true) => user.subject().fail("the user has a password, beside Identity Center"),
        Some(false) => user.subject().pass("the user has no password"),
        None => user.subject().unknown("the credential report does not tell whether the user has a password"),
    };
    context.users.iter().map(judge).collect()
}

/// Asks of each role that trusts an OIDC provider.
fn oidc(context: &Context<'_>, judge: fn(&Subject<'_>, &[Entry]) -> Verdict) -> Vec<Verdict> {
    let judged = context.roles.iter().map(|role| {
        let subject = role.subject();
        let trust = role.trust.as_ref();
        let federated = |entry: &Entry| {
            matches!(&entry.principal, PrincipalPattern::Federated(name) if !name.contains(":saml-provider/"))
        };
        let entries: Vec<_> =
            trust.map(trust::entries).unwrap_or_default().into_iter().filter(federated).collect();
        let verdict = if entries.is_empty() {
            subject.not_applicable("the role trusts no OIDC provider")
        } else {
            judge(&subject, &entries)
        };
        match trust.and_then(|trust| trust.unreadable.as_ref()) {
            Some(why) if verdict.status != Status::Fail => {
                subject.unknown(format!("the trust policy could not be read: {why}"))
            }
            _ => verdict,
        }
    });
    judged.collect()
}

/// Whether the provider is one of those without an ARN whose users come by one application, which is named.
fn names_application(entry: &Entry) -> bool {
    let application = entry.keys.iter().any(|key| key.to_ascii_lowercase().ends_with(":app_id"));
    !entry.principal.as_str().starts_with("arn:") && (!entry.audiences.is_empty() || application)
}

fn is_wide(subject: &str) -> bool {
    let rest = SUBJECT_PREFIXES.iter().find_map(|prefix| subject.strip_prefix(prefix)).unwrap_or(subject);
    rest.is_empty() || rest.starts_with(['*', '?'])
}

#[cfg(test)]
mod tests {
    use auditor_core::outcome::Outcome;
    use serde_json::json;

    use super::super::trust::tests::check;
    use crate::testing::{ACCOUNT, Fixture, arn};

    #[test]
    fn a_provider_is_enough_and_its_absence_must_be_sure() {
        let id = "iam_check_saml_providers_sts";
        Fixture::new().expect(id, &[(ACCOUNT, "fail")]);
        Fixture::new().item("aws_iam_saml_provider", "p", json!({})).expect(id, &[(ACCOUNT, "pass")]);
        Fixture::new().outcome("aws_iam_saml_provider", Outcome::Denied).expect(id, &[(ACCOUNT, "unknown")]);
        Fixture::new().without("aws_iam_saml_provider").expect(id, &[(ACCOUNT, "unknown")]);
    }

    #[test]
    fn users_beside_identity_center() {
        let id = "iam_user_exists_in_sso_account";
        let user = arn("user/ana");
        let with = |console: serde_json::Value| {
            Fixture::new()
                .role("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Read_1", &json!({}))
                .user("ana", &json!({"console_access": console}))
        };
        with(json!(true)).expect(id, &[(&user, "fail")]);
        with(json!(false)).expect(id, &[(&user, "pass")]);
        with(json!(null)).expect(id, &[(&user, "unknown")]);
        let without = Fixture::new().user("ana", &json!({"console_access": true}));
        without.expect(id, &[(ACCOUNT, "not_applicable")]);
        let unseen = without.outcome("aws_iam_role", Outcome::Partial);
        unseen.expect(id, &[(ACCOUNT, "unknown")]);
    }

    #[test]
    fn oidc_subjects() {
        let github = json!({"Federated": arn("oidc-provider/token.actions.githubusercontent.com")});
        let of = |subject: &str| json!({"StringLike": {"token.actions.githubusercontent.com:sub": subject}});
        let (without, wildcard) = ("oidc_trust_without_sub", "oidc_trust_wildcard_sub");
        check(without, &github, &json!({}), "fail");
        let audience =
            json!({"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}});
        check(without, &github, &audience, "fail");
        check(without, &github, &of("repo:example/app:*"), "pass");
        check(without, &json!({"AWS": "111122223333"}), &json!({}), "not_applicable");
        let cognito = json!({"Federated": "cognito-identity.amazonaws.com"});
        let pool = json!({"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:x"}});
        check(without, &cognito, &pool, "pass");
        check(without, &cognito, &json!({}), "fail");
        for (subject, expected) in
            [("repo:*", "fail"), ("*", "fail"), ("repo:*/app:*", "fail"), ("repo:example/*", "pass")]
        {
            check(wildcard, &github, &of(subject), expected);
        }
        check(wildcard, &json!("*"), &json!({}), "not_applicable");
    }
}
