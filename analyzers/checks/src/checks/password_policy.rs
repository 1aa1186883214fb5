//! The account's password policy.

use auditor_core::model::common::Severity;
use serde_json::Value;

use crate::{
    check::{Check, Verdict},
    context::Context,
};

const INPUTS: &[&str] = &["aws_iam_account_settings"];
const SET: &str = "Set it in the account's password policy (IAM, account settings), or let people sign in through \
                   Identity Center and have no passwords in the account.";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "iam_password_policy_minimum_length_14",
        title: "Passwords have at least 14 characters",
        severity: Severity::Medium,
        rationale: "Length is what makes guessing a password dear.",
        remediation: SET,
        cis: &[("3.0", "1.8"), ("5.0", "1.7"), ("6.0", "2.7"), ("7.0", "2.8")],
        ccm: &["IAM-02", "IAM-15"],
        inputs: INPUTS,
        also: &[],
        evaluate: |context| {
            rule(context, |policy| match policy["minimum_length"].as_i64() {
                Some(length) if length >= 14 => Ok(format!("passwords have at least {length} characters")),
                Some(length) => Err(format!("passwords may have {length} characters")),
                None => Err("the password policy asks for no length".to_owned()),
            })
        },
    },
    Check {
        id: "iam_password_policy_reuse_24",
        title: "The last 24 passwords cannot be used again",
        severity: Severity::Medium,
        rationale: "A password that comes back comes back to whoever learnt it the first time.",
        remediation: SET,
        cis: &[("3.0", "1.9"), ("5.0", "1.8"), ("6.0", "2.8"), ("7.0", "2.9")],
        ccm: &["IAM-02", "IAM-15"],
        inputs: INPUTS,
        also: &[],
        evaluate: |context| {
            rule(context, |policy| match policy["reuse_prevention"].as_i64() {
                Some(count) if count >= 24 => Ok(format!("the last {count} passwords cannot be used again")),
                Some(count) => Err(format!("only the last {count} passwords cannot be used again")),
                None => Err("earlier passwords can be used again".to_owned()),
            })
        },
    },
    Check {
        id: "iam_password_policy_expires_passwords_within_90_days_or_less",
        title: "Passwords expire within 90 days",
        severity: Severity::Medium,
        rationale: "Where no second factor is enforced, expiry bounds how long a leaked password is of use.",
        remediation: SET,
        cis: &[],
        ccm: &["IAM-02", "IAM-15"],
        inputs: INPUTS,
        also: &[],
        evaluate: |context| {
            rule(context, |policy| match policy["max_age_days"].as_i64() {
                Some(days) if days <= 90 => Ok(format!("passwords expire after {days} days")),
                Some(days) => Err(format!("passwords expire after {days} days only")),
                None => Err("passwords do not expire".to_owned()),
            })
        },
    },
    Check {
        id: "iam_password_policy_lowercase",
        title: "Passwords have a lower-case letter",
        severity: Severity::Low,
        rationale: "Each sort of character that is asked for makes common passwords less likely.",
        remediation: SET,
        cis: &[],
        ccm: &["IAM-02"],
        inputs: INPUTS,
        also: &[],
        evaluate: |context| rule(context, |policy| asks(policy, "require_lowercase", "a lower-case letter")),
    },
    Check {
        id: "iam_password_policy_uppercase",
        title: "Passwords have an upper-case letter",
        severity: Severity::Medium,
        rationale: "Each sort of character that is asked for makes common passwords less likely.",
        remediation: SET,
        cis: &[],
        ccm: &["IAM-02"],
        inputs: INPUTS,
        also: &[],
        evaluate: |context| rule(context, |policy| asks(policy, "require_uppercase", "an upper-case letter")),
    },
    Check {
        id: "iam_password_policy_number",
        title: "Passwords have a digit",
        severity: Severity::Medium,
        rationale: "Each sort of character that is asked for makes common passwords less likely.",
        remediation: SET,
        cis: &[],
        ccm: &["IAM-02"],
        inputs: INPUTS,
        also: &[],
        evaluate: |context| rule(context, |policy| asks(policy, "require_numbers", "a digit")),
    },
    Check {
        id: "iam_password_policy_symbol",
        title: "Passwords have a symbol",
        severity: Severity::Medium,
        rationale: "Each sort of character that is asked for makes common passwords less likely.",
        remediation: SET,
        cis: &[],
        ccm: &["IAM-02"],
        inputs: INPUTS,
        also: &[],
        evaluate: |context| rule(context, |policy| asks(policy, "require_symbols", "a symbol")),
    },
];

fn rule(context: &Context<'_>, judge: fn(&Value) -> Result<String, String>) -> Vec<Verdict> {
    let account = context.subject();
    let Some(settings) = context.only("aws_iam_account_settings") else { return Vec::new() };
    vec![match settings.document["password_policy_set"].as_bool() {
        None => account.unknown("the password policy could not be read"),
        Some(false) => account.fail("the account has no password policy of its own"),
        Some(true) => match judge(&settings.document["password_policy"]) {
            Ok(reason) => account.pass(reason),
            Err(reason) => account.fail(reason),
        },
    }]
}

fn asks(policy: &Value, key: &str, what: &str) -> Result<String, String> {
    if policy[key] == true {
        Ok(format!("passwords must have {what}"))
    } else {
        Err(format!("passwords need not have {what}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::CHECKS;
    use crate::testing::{ACCOUNT, Fixture};

    fn check(id: &str, policy: &Value, expected: &str) {
        let settings = json!({"password_policy_set": true, "password_policy": policy});
        Fixture::new().settings(settings).expect(id, &[(ACCOUNT, expected)]);
    }

    #[test]
    fn each_rule() {
        check("iam_password_policy_minimum_length_14", &json!({"minimum_length": 14}), "pass");
        check("iam_password_policy_minimum_length_14", &json!({"minimum_length": 13}), "fail");
        check("iam_password_policy_reuse_24", &json!({"reuse_prevention": 24}), "pass");
        check("iam_password_policy_reuse_24", &json!({"reuse_prevention": 5}), "fail");
        check("iam_password_policy_reuse_24", &json!({"reuse_prevention": null}), "fail");
        let expires = "iam_password_policy_expires_passwords_within_90_days_or_less";
        check(expires, &json!({"max_age_days": 90}), "pass");
        check(expires, &json!({"max_age_days": 91}), "fail");
        check(expires, &json!({"max_age_days": null}), "fail");
        for (id, key) in [
            ("iam_password_policy_lowercase", "require_lowercase"),
            ("iam_password_policy_uppercase", "require_uppercase"),
            ("iam_password_policy_number", "require_numbers"),
            ("iam_password_policy_symbol", "require_symbols"),
        ] {
            check(id, &json!({key: true}), "pass");
            check(id, &json!({key: false}), "fail");
        }
    }

    #[test]
    fn no_policy_fails_and_an_unread_one_is_unknown() {
        for check in CHECKS {
            let none = Fixture::new().settings(json!({"password_policy_set": false}));
            none.expect(check.id, &[(ACCOUNT, "fail")]);
            let unread = Fixture::new().settings(json!({"password_policy_set": null}));
            unread.expect(check.id, &[(ACCOUNT, "unknown")]);
        }
    }
}
