//! How people sign in: identity providers and Identity Center, or users of the account.

use auditor_core::model::common::Severity;

use crate::{
    check::{Check, Verdict},
    context::{Context, Holder},
};

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

#[cfg(test)]
mod tests {
    use auditor_core::outcome::Outcome;
    use serde_json::json;

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
                .role("AWSReservedSSO_Read_1", &json!({}))
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
}
