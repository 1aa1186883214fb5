//! The root user.

use auditor_core::model::common::Severity;
use serde_json::json;

use crate::{
    check::{Check, Verdict},
    context::{Context, day, time},
};

/// How far back a use of the root user counts, in days: a quarter.
const RECENT_DAYS: u32 = 90;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "iam_no_root_access_key",
        title: "The root user has no access keys",
        severity: Severity::Critical,
        rationale: "A key of the root user can do everything in the account, and no policy of the account limits it.",
        remediation: "Move whatever uses the key to a role, then delete the key as the root user.",
        cis: &[("3.0", "1.4"), ("5.0", "1.3"), ("6.0", "2.3"), ("7.0", "2.4")],
        ccm: &["IAM-09", "IAM-10"],
        inputs: &["aws_iam_account_settings"],
        also: &[],
        evaluate: |context| {
            root(context, "root_access_keys", |account, there| {
                if there {
                    account.fail("the root user has an access key")
                } else {
                    account.pass("the root user has no access key")
                }
            })
        },
    },
    Check {
        id: "iam_root_mfa_enabled",
        title: "The root user signs in with a second factor",
        severity: Severity::Critical,
        rationale: "With a password alone, one leaked mailbox or reused password gives away the whole account.",
        remediation: "Register an MFA device for the root user; better, let the organization remove root credentials \
                      of member accounts.",
        cis: &[("3.0", "1.5"), ("5.0", "1.4"), ("6.0", "2.4"), ("7.0", "2.5")],
        ccm: &["IAM-14"],
        inputs: &["aws_iam_account_settings"],
        also: &["aws_iam_credential"],
        evaluate: |context| {
            with_credentials(context, |context| {
                root(context, "root_mfa", |account, there| {
                    if there {
                        account.pass("the root user has an MFA device")
                    } else {
                        account.fail("the root user has no MFA device")
                    }
                })
            })
        },
    },
    Check {
        id: "iam_root_hardware_mfa_enabled",
        title: "The root user's second factor is hardware",
        severity: Severity::Critical,
        rationale: "The secret of a virtual device can be copied when it is set up, or with the telephone it is on; a \
                    security key's cannot.",
        remediation: "Register a FIDO2 security key or hardware token for the root user and remove its virtual devices.",
        cis: &[("3.0", "1.6"), ("5.0", "1.5"), ("6.0", "2.5"), ("7.0", "2.6")],
        ccm: &["IAM-14"],
        inputs: &["aws_iam_account_settings", "aws_iam_mfa_device"],
        also: &["aws_iam_credential"],
        evaluate: |context| with_credentials(context, hardware),
    },
    Check {
        id: "iam_avoid_root_usage",
        title: "The root user is not used in daily work",
        severity: Severity::High,
        rationale: "What the root user does is bound by no policy and leads back to no person.",
        remediation: "Find out who used it and for what, give them a role for that, and keep the root user for what \
                      AWS lets no one else do.",
        cis: &[("3.0", "1.7"), ("5.0", "1.6"), ("6.0", "2.6"), ("7.0", "2.7")],
        ccm: &["IAM-09", "IAM-10"],
        inputs: &["aws_iam_credential"],
        also: &[],
        evaluate: usage,
    },
];

/// A flag of the root user in the account's settings.
fn root(
    context: &Context<'_>,
    key: &str,
    judge: fn(&crate::check::Subject<'_>, bool) -> Verdict,
) -> Vec<Verdict> {
    let account = context.subject();
    let Some(settings) = context.only("aws_iam_account_settings") else { return Vec::new() };
    vec![match settings.document[key].as_bool() {
        Some(flag) => judge(&account, flag),
        None => account.unknown("the account summary does not tell"),
    }]
}

/// Asks only where the root user has something to sign in with: the organization may have removed it.
fn with_credentials(context: &Context<'_>, ask: fn(&Context<'_>) -> Vec<Verdict>) -> Vec<Verdict> {
    let Some(settings) = context.only("aws_iam_account_settings") else { return Vec::new() };
    let row = context.view.items("aws_iam_credential").find(|row| row.document["root"] == true);
    let password =
        settings.document["root_password"].as_bool().or_else(|| row?.document["password_enabled"].as_bool());
    let none = |key: &str| settings.document[key] == false;
    if password == Some(false) && none("root_access_keys") && none("root_signing_certificates") {
        return vec![context.subject().not_applicable("the root user has no credentials at all")];
    }
    ask(context)
}

fn hardware(context: &Context<'_>) -> Vec<Verdict> {
    root(context, "root_mfa", |account, there| {
        if there {
            account.pass("the root user's MFA device is hardware")
        } else {
            account.fail("the root user has no MFA device")
        }
    })
    .into_iter()
    .map(|verdict| {
        // AWS lists the root user's virtual devices and no others.
        let mut devices = context.view.items("aws_iam_mfa_device");
        let device = devices.find(|item| item.document["root"] == true && item.document["type"] == "virtual");
        match device {
            Some(device) => context
                .subject()
                .fail("the root user has a virtual MFA device")
                .with(json!({ "device": device.native_id })),
            None => verdict,
        }
    })
    .collect()
}

fn usage(context: &Context<'_>) -> Vec<Verdict> {
    let account = context.subject();
    let Some(row) = context.view.items("aws_iam_credential").find(|row| row.document["root"] == true) else {
        return vec![account.unknown("the credential report has no row for the root user")];
    };
    let activity = row.activity.as_ref();
    let used = ["password_last_used_at", "access_key_1_last_used_at", "access_key_2_last_used_at"];
    let used = used.into_iter().filter_map(|key| time(&activity?[key])).max();
    vec![match used {
        Some(used) if used >= context.days_ago(RECENT_DAYS) => {
            account.fail(format!("the root user was last used on {}", day(used)))
        }
        _ => account.pass(format!("the root user was not used within {RECENT_DAYS} days")),
    }]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ACCOUNT, Fixture};

    #[test]
    fn keys_and_mfa() {
        let check = |id: &str, settings, expected: &str| {
            Fixture::new().settings(settings).expect(id, &[(ACCOUNT, expected)]);
        };
        check("iam_no_root_access_key", json!({"root_access_keys": true}), "fail");
        check("iam_no_root_access_key", json!({"root_access_keys": false}), "pass");
        check("iam_no_root_access_key", json!({"root_access_keys": null}), "unknown");
        check("iam_root_mfa_enabled", json!({"root_mfa": true, "root_password": true}), "pass");
        check("iam_root_mfa_enabled", json!({"root_mfa": false, "root_password": null}), "fail");
        check("iam_root_mfa_enabled", json!({"root_mfa": null}), "unknown");
        let removed = json!({"root_mfa": false, "root_password": false, "root_access_keys": false,
            "root_signing_certificates": false});
        check("iam_root_mfa_enabled", removed.clone(), "not_applicable");
        check("iam_root_hardware_mfa_enabled", removed, "not_applicable");
        check("iam_root_hardware_mfa_enabled", json!({"root_mfa": true}), "pass");
        check("iam_root_hardware_mfa_enabled", json!({"root_mfa": false}), "fail");
    }

    #[test]
    fn a_virtual_device_is_no_hardware() {
        let fixture = Fixture::new().settings(json!({"root_mfa": true})).item(
            "aws_iam_mfa_device",
            "arn:aws:iam::111122223333:mfa/root",
            json!({"type": "virtual", "root": true}),
        );
        fixture.expect("iam_root_hardware_mfa_enabled", &[(ACCOUNT, "fail")]);
        // What was seen is there, whatever was not seen.
        let denied = fixture.outcome("aws_iam_mfa_device", auditor_core::outcome::Outcome::Partial);
        denied.expect("iam_root_hardware_mfa_enabled", &[(ACCOUNT, "fail")]);
        let unseen = Fixture::new()
            .settings(json!({"root_mfa": true}))
            .outcome("aws_iam_mfa_device", auditor_core::outcome::Outcome::Denied);
        unseen.expect("iam_root_hardware_mfa_enabled", &[(ACCOUNT, "unknown")]);
    }

    #[test]
    fn use_within_a_quarter_counts() {
        let check = |used: Option<&str>, expected: &str| {
            let activity = json!({"password_last_used_at": used});
            Fixture::new()
                .with_activity("aws_iam_credential", "root", json!({"root": true}), activity)
                .expect("iam_avoid_root_usage", &[(ACCOUNT, expected)]);
        };
        check(None, "pass");
        check(Some("2026-06-01T10:00:00Z"), "fail");
        check(Some("2025-06-01T10:00:00Z"), "pass");
        Fixture::new().expect("iam_avoid_root_usage", &[(ACCOUNT, "unknown")]);
    }
}
