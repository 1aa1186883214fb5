//! Access keys, server certificates and service-specific credentials.

use auditor_core::model::common::Severity;
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::{
    check::{Check, Subject, Verdict},
    context::{Context, Holder, day, time},
};

const USER: &[&str] = &["aws_iam_user"];
const NOT_TOLD: &str = "the credential report does not tell whether the user has access keys";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "iam_rotate_access_key_90_days",
        title: "Access keys are replaced in time",
        severity: Severity::Medium,
        rationale: "The older a key, the more places it was copied to, and the longer a leaked one is of use.",
        remediation: "Make a new key, move what uses the old one, deactivate and delete the old one; better, use roles.",
        cis: &[("3.0", "1.14"), ("5.0", "1.13"), ("6.0", "2.13"), ("7.0", "2.12")],
        ccm: &["CEK-12", "IAM-08"],
        inputs: USER,
        also: &[],
        evaluate: |context| {
            with_key(context, |context, user, keys| {
                let limit = context.settings.max_key_age_days;
                let since = context.days_ago(limit);
                let made = keys.iter().filter(|key| key.active).map(|key| key.made);
                let made: Vec<_> = made.collect();
                match made.iter().flatten().min() {
                    Some(oldest) if *oldest < since => {
                        user.subject().fail(format!("an active access key was made on {}", day(*oldest)))
                    }
                    _ if made.contains(&None) => {
                        user.subject().unknown("it is not known when an active access key was made")
                    }
                    _ => user.subject().pass(format!("active access keys were made within {limit} days")),
                }
            })
        },
    },
    Check {
        id: "iam_user_accesskey_unused",
        title: "Access keys that nobody uses are taken away",
        severity: Severity::Medium,
        rationale: "Nobody would notice that somebody else uses a key which its owner forgot.",
        remediation: "Deactivate the key; delete it when nothing broke.",
        cis: &[("3.0", "1.12"), ("5.0", "1.11"), ("6.0", "2.11"), ("7.0", "2.11")],
        ccm: &["IAM-03", "IAM-07", "IAM-08"],
        inputs: USER,
        also: &[],
        evaluate: |context| with_key(context, key_use),
    },
    Check {
        id: "iam_user_two_active_access_key",
        title: "No user has two active access keys",
        severity: Severity::Medium,
        rationale: "A second key is for the time in which the first is replaced; one that stays is one too many to know of.",
        remediation: "Find out which key is used, and deactivate the other one.",
        cis: &[("3.0", "1.13"), ("5.0", "1.12"), ("6.0", "2.12")],
        ccm: &["IAM-03"],
        inputs: USER,
        also: &[],
        evaluate: |context| {
            with_key(context, |_, user, keys| {
                if keys.iter().filter(|key| key.active).count() > 1 {
                    user.subject().fail("both access keys of the user are active")
                } else {
                    user.subject().pass("one access key of the user is active")
                }
            })
        },
    },
    Check {
        id: "iam_user_no_setup_initial_access_key",
        title: "Users with a password were not given an access key they never used",
        severity: Severity::Medium,
        rationale: "A key that was made along with the user, for nothing in particular, lies about unused.",
        remediation: "Delete the key; let the user make one when there is work for it.",
        cis: &[("3.0", "1.11"), ("5.0", "1.10"), ("6.0", "2.10")],
        ccm: &["IAM-07"],
        inputs: USER,
        also: &[],
        evaluate: |context| with_key(context, initial_key),
    },
    Check {
        id: "iam_user_with_temporary_credentials",
        title: "Long-lived access keys are used for nothing but getting temporary credentials",
        severity: Severity::High,
        rationale: "A key that calls services itself lies where the work is done, and works for whoever finds it there.",
        remediation: "Let the work assume a role: by the service it runs on, by OIDC, or by IAM Roles Anywhere.",
        cis: &[],
        ccm: &[],
        inputs: &["aws_iam_credential", "aws_iam_user"],
        also: &[],
        evaluate: services_used,
    },
    Check {
        id: "iam_no_expired_server_certificates_stored",
        title: "No expired server certificate is kept in IAM",
        severity: Severity::High,
        rationale: "An expired certificate that a load balancer is given by mistake breaks whatever trusts it.",
        remediation: "Delete the certificate; keep certificates in ACM, which renews them.",
        cis: &[("3.0", "1.19"), ("5.0", "1.18"), ("6.0", "2.18"), ("7.0", "2.17")],
        ccm: &[],
        inputs: &["aws_iam_server_certificate"],
        also: &[],
        evaluate: certificates,
    },
    Check {
        id: "service_specific_credential_active",
        title: "No service-specific credential is active",
        severity: Severity::Medium,
        rationale: "Passwords for one service (CodeCommit, Keyspaces, Bedrock) escape key rotation and second factors.",
        remediation: "Deactivate it and sign requests with temporary credentials of a role.",
        cis: &[],
        ccm: &["IAM-14"],
        inputs: &["aws_iam_service_credential"],
        also: &[],
        evaluate: |context| {
            service_credentials(context, |subject, active, _| {
                if active {
                    subject.fail("the credential is active")
                } else {
                    subject.pass("the credential is not active")
                }
            })
        },
    },
    Check {
        id: "service_specific_credential_never_expires",
        title: "Active service-specific credentials expire",
        severity: Severity::Medium,
        rationale: "A key without an end is found one day by somebody whom it was not made for.",
        remediation: "Replace it by one with an expiry date, or by temporary credentials of a role.",
        cis: &[],
        ccm: &["IAM-14"],
        inputs: &["aws_iam_service_credential"],
        also: &[],
        evaluate: |context| {
            service_credentials(context, |subject, active, expires| match expires {
                _ if !active => subject.not_applicable("the credential is not active"),
                Some(expires) => subject.pass(format!("the credential expires on {}", day(expires))),
                None => subject.fail("the credential is active and never expires"),
            })
        },
    },
];

/// An access key's slot, as the user's record has it.
struct Key {
    active: bool,
    made: Option<DateTime<Utc>>,
    used: Option<DateTime<Utc>>,
}

/// The two slots. `None`: not known.
fn keys(user: &Holder<'_>) -> Option<[Key; 2]> {
    let key = |slot: u8| {
        Some(Key {
            active: user.flag(&format!("access_key_{slot}_active"))?,
            made: user.time(&format!("access_key_{slot}_rotated_at")),
            used: user.time(&format!("access_key_{slot}_last_used_at")),
        })
    };
    Some([key(1)?, key(2)?])
}

/// Asks only of users that have an active key.
fn with_key(
    context: &Context<'_>,
    judge: fn(&Context<'_>, &Holder<'_>, &[Key; 2]) -> Verdict,
) -> Vec<Verdict> {
    let asked = context.users.iter().map(|user| match keys(user) {
        None => user.subject().unknown(NOT_TOLD),
        Some(keys) if keys.iter().any(|key| key.active) => judge(context, user, &keys),
        Some(_) => user.subject().not_applicable("the user has no active access key"),
    });
    asked.collect()
}

fn key_use(context: &Context<'_>, user: &Holder<'_>, keys: &[Key; 2]) -> Verdict {
    let (limit, subject) = (context.settings.max_unused_days, user.subject());
    let since = context.days_ago(limit);
    let mut unknown = false;
    for key in keys.iter().filter(|key| key.active) {
        match (key.used, key.made) {
            (Some(last), _) if last >= since => {}
            (_, Some(made)) if made >= since => {}
            (Some(last), _) => {
                return subject.fail(format!("an active access key was last used on {}", day(last)));
            }
            (None, Some(made)) => {
                return subject.fail(format!("an active access key, made on {}, was never used", day(made)));
            }
            (None, None) => unknown = true,
        }
    }
    if unknown {
        subject.unknown("it is not known when an active access key was made, nor that it was used")
    } else {
        subject.pass(format!("active access keys were made or used within {limit} days"))
    }
}

fn initial_key(_: &Context<'_>, user: &Holder<'_>, keys: &[Key; 2]) -> Verdict {
    let subject = user.subject();
    match user.flag("console_access") {
        Some(true) => {}
        Some(false) => return subject.not_applicable("the user has no password"),
        None => {
            return subject.unknown("the credential report does not tell whether the user has a password");
        }
    }
    let Some(created) = user.item.provider_created_at else {
        return subject.unknown("it is not known when the user was made");
    };
    let along = |made: DateTime<Utc>| made.signed_duration_since(created).num_seconds().abs() <= 60;
    let unused = |key: &&Key| key.active && key.used.is_none() && key.made.is_some_and(along);
    if keys.iter().any(|key| unused(&key)) {
        subject.fail(format!("an access key was made along with the user on {} and never used", day(created)))
    } else {
        subject.pass("no unused access key was made along with the user")
    }
}

fn services_used(context: &Context<'_>) -> Vec<Verdict> {
    let rows = context.view.items("aws_iam_credential");
    let rows: std::collections::HashMap<_, _> = rows.map(|row| (row.document["arn"].as_str(), row)).collect();
    let judge = |user: &Holder<'_>| {
        let subject = user.subject();
        match keys(user) {
            None => return subject.unknown(NOT_TOLD),
            Some(keys) if !keys.iter().any(|key| key.active) => {
                return subject.pass("the user has no active access key");
            }
            Some(_) => {}
        }
        let activity = rows.get(&Some(user.arn)).and_then(|row| row.activity.as_ref());
        let used = |slot: u8| {
            let active = user.flag(&format!("access_key_{slot}_active")) == Some(true);
            activity?[format!("access_key_{slot}_last_used_service")].as_str().filter(|_| active)
        };
        let direct = [1, 2].into_iter().filter_map(used).find(|service| !["iam", "sts"].contains(service));
        match direct {
            Some(service) => subject.fail(format!("an access key of the user was last used with {service}")),
            None => subject.unknown(
                "the report tells the service of the last use alone, which was not a call of another service",
            ),
        }
    };
    context.users.iter().map(judge).collect()
}

fn certificates(context: &Context<'_>) -> Vec<Verdict> {
    let judge = |item: &auditor_core::analyzer::Item| {
        let id = item.document["arn"].as_str().unwrap_or(&item.native_id);
        let name = item.name.as_deref().unwrap_or(id);
        let subject = Subject { kind: "aws_iam_server_certificate", id: id.into(), name };
        match time(&item.document["expires_at"]) {
            Some(expires) if expires < context.at => {
                subject.fail(format!("the certificate expired on {}", day(expires)))
            }
            Some(expires) => subject.pass(format!("the certificate expires on {}", day(expires))),
            None => subject.unknown("it is not known when the certificate expires"),
        }
    };
    context.view.items("aws_iam_server_certificate").map(judge).collect()
}

fn service_credentials(
    context: &Context<'_>,
    judge: fn(&Subject<'_>, bool, Option<DateTime<Utc>>) -> Verdict,
) -> Vec<Verdict> {
    let items = context.view.items("aws_iam_service_credential");
    let judged = items.map(|item| {
        let id = item.native_id.as_str();
        let subject = Subject { kind: "aws_iam_service_credential", id: id.into(), name: id };
        let verdict = judge(&subject, item.document["active"] == true, time(&item.document["expires_at"]));
        verdict.with(json!({ "user": item.document["user_name"], "service": item.document["service"] }))
    });
    judged.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{ACCOUNT, Fixture, arn};

    fn check(id: &str, document: &Value, activity: Value, expected: &str) {
        Fixture::new().user_with("ana", document, activity).expect(id, &[(&arn("user/ana"), expected)]);
    }

    fn keys(first: bool, second: bool, made: &str) -> Value {
        json!({"console_access": true, "access_key_1_active": first, "access_key_1_rotated_at": made,
            "access_key_2_active": second, "access_key_2_rotated_at": second.then_some(made)})
    }

    #[test]
    fn age() {
        let id = "iam_rotate_access_key_90_days";
        check(id, &keys(true, false, "2026-06-01T00:00:00Z"), json!({}), "pass");
        check(id, &keys(true, false, "2026-01-01T00:00:00Z"), json!({}), "fail");
        check(id, &keys(false, false, "2020-01-01T00:00:00Z"), json!({}), "not_applicable");
        check(id, &json!({"access_key_1_active": true, "access_key_2_active": false}), json!({}), "unknown");
        check(id, &json!({}), json!({}), "unknown");
    }

    #[test]
    fn unused_and_two() {
        let id = "iam_user_accesskey_unused";
        let old = keys(true, false, "2025-01-01T00:00:00Z");
        check(id, &old, json!({"access_key_1_last_used_at": "2026-06-01T00:00:00Z"}), "pass");
        check(id, &old, json!({"access_key_1_last_used_at": "2026-01-01T00:00:00Z"}), "fail");
        check(id, &old, json!({}), "fail");
        check(id, &keys(true, false, "2026-06-10T00:00:00Z"), json!({}), "pass");
        check(id, &keys(false, false, "2025-01-01T00:00:00Z"), json!({}), "not_applicable");
        check(id, &json!({"access_key_1_active": true, "access_key_2_active": false}), json!({}), "unknown");
        let id = "iam_user_two_active_access_key";
        check(id, &keys(true, true, "2025-01-01T00:00:00Z"), json!({}), "fail");
        check(id, &keys(true, false, "2025-01-01T00:00:00Z"), json!({}), "pass");
        check(id, &keys(false, false, "2025-01-01T00:00:00Z"), json!({}), "not_applicable");
        check(id, &json!({"access_key_1_active": null}), json!({}), "unknown");
    }

    #[test]
    fn made_along_with_the_user() {
        let id = "iam_user_no_setup_initial_access_key";
        // Users of the fixture were made at this time.
        check(id, &keys(true, false, "2020-01-01T00:00:30Z"), json!({}), "fail");
        check(id, &keys(true, false, "2020-01-02T00:00:00Z"), json!({}), "pass");
        let used = json!({"access_key_1_last_used_at": "2020-02-01T00:00:00Z"});
        check(id, &keys(true, false, "2020-01-01T00:00:30Z"), used, "pass");
        let mut machine = keys(true, false, "2020-01-01T00:00:30Z");
        machine["console_access"] = json!(false);
        check(id, &machine, json!({}), "not_applicable");
        machine["console_access"] = json!(null);
        check(id, &machine, json!({}), "unknown");
    }

    #[test]
    fn services() {
        let id = "iam_user_with_temporary_credentials";
        let with = |service: Value| {
            Fixture::new().user("ana", &keys(true, false, "2026-01-01T00:00:00Z")).with_activity(
                "aws_iam_credential",
                "ana",
                json!({"arn": arn("user/ana")}),
                json!({"access_key_1_last_used_service": service}),
            )
        };
        let user = arn("user/ana");
        with(json!("s3")).expect(id, &[(&user, "fail")]);
        with(json!("sts")).expect(id, &[(&user, "unknown")]);
        with(json!(null)).expect(id, &[(&user, "unknown")]);
        check(id, &keys(false, false, "2026-01-01T00:00:00Z"), json!({}), "pass");
    }

    #[test]
    fn certificates_and_service_credentials() {
        let certificate = |expires: Value, expected: &str| {
            let document = json!({"arn": arn("server-certificate/web"), "expires_at": expires});
            Fixture::new().item("aws_iam_server_certificate", "ASCA1", document).expect(
                "iam_no_expired_server_certificates_stored",
                &[(&arn("server-certificate/web"), expected)],
            );
        };
        certificate(json!("2026-06-14T00:00:00Z"), "fail");
        certificate(json!("2026-07-14T00:00:00Z"), "pass");
        certificate(json!(null), "unknown");
        Fixture::new().expect("iam_no_expired_server_certificates_stored", &[(ACCOUNT, "not_applicable")]);
        let credential = |active: bool, expires: Value, is_active: &str, never_expires: &str| {
            let document = json!({"user_name": "ana", "service": "bedrock.amazonaws.com", "active": active,
                "expires_at": expires});
            let fixture = Fixture::new().item("aws_iam_service_credential", "ACCA1", document);
            fixture.expect("service_specific_credential_active", &[("ACCA1", is_active)]);
            fixture.expect("service_specific_credential_never_expires", &[("ACCA1", never_expires)]);
        };
        credential(true, json!(null), "fail", "fail");
        credential(true, json!("2026-12-01T00:00:00Z"), "fail", "pass");
        credential(false, json!(null), "pass", "not_applicable");
    }
}
