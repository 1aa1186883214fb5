//! IAM users: second factors, unused sign-ins, groups, owners.

use std::collections::HashMap;

use auditor_core::{analyzer::Knowledge, model::common::Severity};
use serde_json::json;

use crate::{
    check::{Check, Verdict},
    context::{Context, Holder, day},
};

const USER: &[&str] = &["aws_iam_user"];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "iam_user_mfa_enabled_console_access",
        title: "Users with a password have a second factor",
        severity: Severity::High,
        rationale: "A password alone is guessed, reused or phished; whoever has it is the user.",
        remediation: "Have the user register an MFA device, take the password away, or move people to Identity Center.",
        cis: &[("3.0", "1.10"), ("5.0", "1.9"), ("6.0", "2.9"), ("7.0", "2.10")],
        ccm: &["IAM-13", "IAM-14"],
        inputs: USER,
        also: &[],
        evaluate: |context| {
            with_password(context, |_, user| match user.flag("mfa") {
                Some(true) => user.subject().pass("the user has an MFA device"),
                Some(false) => user.subject().fail("the user has a password and no MFA device"),
                None => user
                    .subject()
                    .unknown("the credential report does not tell whether there is an MFA device"),
            })
        },
    },
    Check {
        id: "iam_user_hardware_mfa_enabled",
        title: "Users with a password have a hardware second factor",
        severity: Severity::High,
        rationale: "Codes of a virtual device can be phished and its secret copied; a security key's cannot.",
        remediation: "Register a FIDO2 security key for the user and remove virtual devices.",
        cis: &[],
        ccm: &["IAM-14"],
        inputs: &["aws_iam_mfa_device", "aws_iam_user"],
        also: &[],
        evaluate: hardware_mfa,
    },
    Check {
        id: "iam_administrator_access_with_mfa",
        title: "Users who hold AdministratorAccess have a second factor",
        severity: Severity::High,
        rationale: "Of all users, these are the ones whose password opens everything.",
        remediation: "Have the user register an MFA device, or take the policy away and give a role for the work.",
        cis: &[],
        ccm: &["IAM-05"],
        inputs: &["aws_iam_group", "aws_iam_user"],
        also: &[],
        evaluate: administrators_mfa,
    },
    Check {
        id: "iam_user_console_access_unused",
        title: "Passwords that nobody uses are taken away",
        severity: Severity::Medium,
        rationale: "Nobody would notice that somebody else signs in with a password which its owner forgot.",
        remediation: "Delete the user's login profile; make a new one when it is asked for.",
        cis: &[("3.0", "1.12"), ("5.0", "1.11"), ("6.0", "2.11"), ("7.0", "2.11")],
        ccm: &["IAM-03", "IAM-07", "IAM-08"],
        inputs: USER,
        also: &[],
        evaluate: |context| with_password(context, console_use),
    },
    Check {
        id: "iam_policy_attached_only_to_group_or_roles",
        title: "Users get their rights from groups, not from policies of their own",
        severity: Severity::Low,
        rationale: "Rights of single users are given once and never looked at again; groups are reviewed as a whole.",
        remediation: "Put the user into a group that has the policy, and detach it from the user.",
        cis: &[("3.0", "1.15"), ("5.0", "1.14"), ("6.0", "2.14"), ("7.0", "2.13")],
        ccm: &["IAM-04", "IAM-09"],
        inputs: USER,
        also: &[],
        evaluate: |context| {
            each(context, |_, user| {
                let own: Vec<_> = user.attached().chain(user.inline.iter().map(|(name, _)| *name)).collect();
                if own.is_empty() {
                    user.subject().pass("the user has no policies of its own")
                } else {
                    user.subject().fail("the user has policies of its own").with(json!({ "policies": own }))
                }
            })
        },
    },
    Check {
        id: "user_without_group",
        title: "Every user is in a group",
        severity: Severity::Low,
        rationale: "A user in no group has rights of its own, or none, and is then of no use.",
        remediation: "Put the user into the group of its work, or delete it.",
        cis: &[],
        ccm: &["IAM-03"],
        inputs: USER,
        also: &[],
        evaluate: |context| {
            each(context, |_, user| {
                if user.item.document["groups"].as_array().is_some_and(|groups| !groups.is_empty()) {
                    user.subject().pass("the user is in a group")
                } else {
                    user.subject().fail("the user is in no group")
                }
            })
        },
    },
    Check {
        id: "group_empty",
        title: "Every group has a member",
        severity: Severity::Low,
        rationale: "A group without members keeps rights ready that nobody reviews.",
        remediation: "Delete the group, or say by an exception what it is kept for.",
        cis: &[],
        ccm: &["IAM-03"],
        // Who is in a group, the users say.
        inputs: &["aws_iam_group", "aws_iam_user"],
        also: &[],
        evaluate: |context| {
            let judge = |group: &Holder<'_>| {
                if group.item.document["members"].as_array().is_some_and(|members| !members.is_empty()) {
                    group.subject().pass("the group has members")
                } else {
                    group.subject().lacking("the group has no members")
                }
            };
            context.groups.iter().map(judge).collect()
        },
    },
    Check {
        id: "user_without_owner_tag",
        title: "Every user has a tag that says who answers for it",
        severity: Severity::Medium,
        rationale: "When a key leaks, somebody has to be called who knows what it is used for.",
        remediation: "Tag the user with the person or team that answers for it.",
        cis: &[],
        ccm: &["IAM-03"],
        inputs: USER,
        also: &[],
        evaluate: |context| each(context, owner_tag),
    },
    Check {
        id: "iam_key_for_disabled_person",
        title: "People who are disabled in Identity Center have no working IAM user",
        severity: Severity::Critical,
        rationale: "Who left keeps access by a user in the account that the directory does not know of.",
        remediation: "Deactivate the user's keys and delete its password, then look at what was done with them.",
        cis: &[],
        ccm: &["IAM-07"],
        inputs: USER,
        also: &["aws_identity_store_user"],
        evaluate: disabled_people,
    },
];

fn each(context: &Context<'_>, judge: fn(&Context<'_>, &Holder<'_>) -> Verdict) -> Vec<Verdict> {
    context.users.iter().map(|user| judge(context, user)).collect()
}

/// Asks only of users that have a password.
fn with_password(context: &Context<'_>, judge: fn(&Context<'_>, &Holder<'_>) -> Verdict) -> Vec<Verdict> {
    let asked = context.users.iter().map(|user| match user.flag("console_access") {
        Some(true) => judge(context, user),
        Some(false) => user.subject().not_applicable("the user has no password"),
        None => user.subject().unknown("the credential report does not tell whether the user has a password"),
    });
    asked.collect()
}

fn hardware_mfa(context: &Context<'_>) -> Vec<Verdict> {
    let mut devices: HashMap<&str, Vec<&str>> = HashMap::new();
    for item in context.view.items("aws_iam_mfa_device") {
        if let (Some(user), Some(sort)) =
            (item.document["user_name"].as_str(), item.document["type"].as_str())
        {
            devices.entry(user).or_default().push(sort);
        }
    }
    let judge = |user: &Holder<'_>| {
        let subject = user.subject();
        match user.flag("console_access") {
            Some(false) => return subject.not_applicable("the user has no password"),
            None => {
                return subject
                    .unknown("the credential report does not tell whether the user has a password");
            }
            Some(true) => {}
        }
        match devices.get(user.name) {
            None if user.flag("mfa") == Some(true) => subject.unknown("the user's MFA device is not listed"),
            None => subject.lacking("the user has no MFA device"),
            Some(sorts) if sorts.contains(&"virtual") => subject.fail("the user has a virtual MFA device"),
            Some(_) => subject.pass("the user's MFA devices are hardware"),
        }
    };
    context.users.iter().map(judge).collect()
}

fn administrators_mfa(context: &Context<'_>) -> Vec<Verdict> {
    let wide = context.aws_policy("AdministratorAccess");
    let groups: Vec<_> =
        context.groups.iter().filter(|group| group.has_attached(&wide)).map(|group| group.name).collect();
    let judge = |user: &Holder<'_>| {
        let by_group =
            crate::context::texts(&user.item.document["groups"]).any(|group| groups.contains(&group));
        let subject = user.subject();
        if !by_group && !user.has_attached(&wide) {
            return subject.not_applicable("the user does not hold AdministratorAccess").by_absence();
        }
        match user.flag("mfa") {
            Some(true) => subject.pass("the user has an MFA device"),
            Some(false) => subject.fail("the user holds AdministratorAccess and has no MFA device"),
            None => subject.unknown("the credential report does not tell whether there is an MFA device"),
        }
    };
    context.users.iter().map(judge).collect()
}

fn console_use(context: &Context<'_>, user: &Holder<'_>) -> Verdict {
    let (limit, subject) = (context.settings.max_unused_days, user.subject());
    let since = context.days_ago(limit);
    let changed = user.time("password_changed_at");
    match (user.time("password_last_used_at"), changed) {
        (Some(last), _) if last >= since => {
            subject.pass(format!("the password was used within {limit} days"))
        }
        (_, Some(changed)) if changed >= since => {
            subject.pass(format!("the password was set on {}, within {limit} days", day(changed)))
        }
        (Some(last), _) => subject.fail(format!("the password was last used on {}", day(last))),
        (None, Some(changed)) => {
            subject.fail(format!("the password, set on {}, was never used", day(changed)))
        }
        (None, None) => subject.unknown("it is not known when the password was set, nor that it was used"),
    }
}

fn owner_tag(context: &Context<'_>, user: &Holder<'_>) -> Verdict {
    let plain = |text: &str| -> String {
        text.chars().filter(|char| !['-', '_', ' '].contains(char)).flat_map(char::to_lowercase).collect()
    };
    let wanted: Vec<_> = context.settings.owner_tags.iter().map(|tag| plain(tag)).collect();
    let mut tags = user.item.document["tags"].as_object().into_iter().flatten();
    let found = tags.any(|(key, value)| {
        value.as_str().is_some_and(|value| !value.trim().is_empty()) && wanted.contains(&plain(key))
    });
    if found {
        user.subject().pass("a tag says who answers for the user")
    } else {
        user.subject().fail("no tag says who answers for the user")
    }
}

/// Whether a user can act by itself. `None`: not known.
fn works(user: &Holder<'_>) -> Option<bool> {
    let flags = ["console_access", "access_key_1_active", "access_key_2_active"].map(|key| user.flag(key));
    if flags.contains(&Some(true)) { Some(true) } else { flags.iter().all(Option::is_some).then_some(false) }
}

fn disabled_people(context: &Context<'_>) -> Vec<Verdict> {
    // By name and by address, in small letters.
    let mut people: HashMap<String, (&str, bool)> = HashMap::new();
    for person in context.view.items("aws_identity_store_user") {
        let names = [person.name.as_deref(), person.document["email"].as_str()];
        let disabled = person.document["status"] == "DISABLED";
        for name in names.into_iter().flatten() {
            people.insert(name.to_lowercase(), (&person.native_id, disabled));
        }
    }
    let knowledge = context.view.knowledge("aws_identity_store_user");
    let lack = knowledge.lack("aws_identity_store_user");
    if let (Knowledge::NotCollected, Some(lack)) = (&knowledge, &lack) {
        let account = context.subject();
        return vec![if context.users.iter().all(|user| works(user) == Some(false)) {
            account.not_applicable("no user has a working password or access key")
        } else {
            account.unknown(lack.clone())
        }];
    }
    let judge = |user: &Holder<'_>| {
        let subject = user.subject();
        if works(user) == Some(false) {
            return subject.not_applicable("the user has no working password or access key");
        }
        let tags = user.item.document["tags"].as_object().into_iter().flatten();
        let tags = tags.filter(|(key, _)| ["email", "mail", "owner"].contains(&key.to_lowercase().as_str()));
        let names = tags.filter_map(|(_, value)| value.as_str()).chain([user.name]);
        let found: Vec<_> = names.filter_map(|name| people.get(&name.to_lowercase())).collect();
        match (found.iter().find(|(_, disabled)| *disabled), &lack) {
            (Some((id, _)), _) if works(user) == Some(true) => subject
                .fail("the person of this name or address is disabled in Identity Center")
                .with(json!({ "identity_store_user": id })),
            (Some(_), _) => {
                subject.unknown("it is not known whether the user has a working password or access key")
            }
            (None, Some(lack)) => subject.unknown(lack.clone()),
            (None, None) if found.is_empty() => {
                subject.not_applicable("nobody of this name or address is in Identity Center")
            }
            (None, None) => subject.pass("the person of this name or address is enabled in Identity Center"),
        }
    };
    context.users.iter().map(judge).collect()
}

#[cfg(test)]
mod tests {
    use auditor_core::outcome::Outcome;
    use serde_json::{Value, json};

    use crate::testing::{ACCOUNT, Fixture, arn};

    fn check(id: &str, document: &Value, activity: Value, expected: &str) {
        Fixture::new().user_with("ana", document, activity).expect(id, &[(&arn("user/ana"), expected)]);
    }

    #[test]
    fn second_factors() {
        let id = "iam_user_mfa_enabled_console_access";
        check(id, &json!({"console_access": true, "mfa": true}), json!({}), "pass");
        check(id, &json!({"console_access": true, "mfa": false}), json!({}), "fail");
        check(id, &json!({"console_access": true, "mfa": null}), json!({}), "unknown");
        check(id, &json!({"console_access": false}), json!({}), "not_applicable");
        check(id, &json!({"console_access": null}), json!({}), "unknown");
        Fixture::new().expect(id, &[(ACCOUNT, "not_applicable")]);
        let user = arn("user/ana");
        let partial = Fixture::new()
            .user("ana", &json!({"console_access": true, "mfa": true}))
            .outcome("aws_iam_user", Outcome::Partial);
        partial.expect(id, &[(ACCOUNT, "unknown"), (&user, "unknown")]);
    }

    #[test]
    fn hardware() {
        let id = "iam_user_hardware_mfa_enabled";
        let user = arn("user/ana");
        let with = |sort: &str| {
            Fixture::new().user("ana", &json!({"console_access": true, "mfa": true})).item(
                "aws_iam_mfa_device",
                "d",
                json!({"user_name": "ana", "type": sort}),
            )
        };
        with("virtual").expect(id, &[(&user, "fail")]);
        with("security_key").expect(id, &[(&user, "pass")]);
        with("hardware").expect(id, &[(&user, "pass")]);
        check(id, &json!({"console_access": true, "mfa": true}), json!({}), "unknown");
        check(id, &json!({"console_access": true, "mfa": false}), json!({}), "fail");
        check(id, &json!({"console_access": false}), json!({}), "not_applicable");
        let unseen = Fixture::new()
            .user("ana", &json!({"console_access": true, "mfa": false}))
            .outcome("aws_iam_mfa_device", Outcome::Denied);
        unseen.expect(id, &[(ACCOUNT, "unknown"), (&user, "unknown")]);
    }

    #[test]
    fn administrators() {
        let id = "iam_administrator_access_with_mfa";
        let wide = json!(["arn:aws:iam::aws:policy/AdministratorAccess"]);
        check(id, &json!({"policy_arns": wide, "mfa": false}), json!({}), "fail");
        check(id, &json!({"policy_arns": wide, "mfa": true}), json!({}), "pass");
        check(id, &json!({"policy_arns": wide, "mfa": null}), json!({}), "unknown");
        check(id, &json!({"mfa": false}), json!({}), "not_applicable");
        let by_group = Fixture::new()
            .user("ana", &json!({"groups": ["admins"], "mfa": false}))
            .group("admins", &json!({"policy_arns": wide}));
        by_group.expect(id, &[(&arn("user/ana"), "fail")]);
        let unseen =
            Fixture::new().user("ana", &json!({"mfa": false})).outcome("aws_iam_group", Outcome::Denied);
        unseen.expect(id, &[(ACCOUNT, "unknown"), (&arn("user/ana"), "unknown")]);
    }

    #[test]
    fn passwords_in_use() {
        let id = "iam_user_console_access_unused";
        let set = json!({"console_access": true, "password_changed_at": "2020-01-01T00:00:00Z"});
        check(id, &set, json!({"password_last_used_at": "2026-06-01T00:00:00Z"}), "pass");
        check(id, &set, json!({"password_last_used_at": "2026-03-01T00:00:00Z"}), "fail");
        check(id, &set, json!({}), "fail");
        let new = json!({"console_access": true, "password_changed_at": "2026-06-10T00:00:00Z"});
        check(id, &new, json!({}), "pass");
        check(id, &json!({"console_access": true}), json!({}), "unknown");
        check(id, &json!({"console_access": false}), json!({}), "not_applicable");
    }

    #[test]
    fn groups_policies_and_owners() {
        let id = "iam_policy_attached_only_to_group_or_roles";
        check(id, &json!({}), json!({}), "pass");
        check(id, &json!({"policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}), json!({}), "fail");
        check(id, &json!({"inline_policy_documents": [{"name": "own", "document": {}}]}), json!({}), "fail");
        check("user_without_group", &json!({"groups": ["devs"]}), json!({}), "pass");
        check("user_without_group", &json!({"groups": []}), json!({}), "fail");
        check("user_without_owner_tag", &json!({"tags": {"Owner": "ana"}}), json!({}), "pass");
        check("user_without_owner_tag", &json!({"tags": {"owner": " "}}), json!({}), "fail");
        let group = arn("group/devs");
        let with = |members: Value| Fixture::new().group("devs", &json!({"members": members}));
        with(json!(["ana"])).expect("group_empty", &[(&group, "pass")]);
        with(json!([])).expect("group_empty", &[(&group, "fail")]);
        let unseen = with(json!([])).outcome("aws_iam_user", Outcome::Partial);
        unseen.expect("group_empty", &[(ACCOUNT, "unknown"), (&group, "unknown")]);
    }

    #[test]
    fn people_who_left() {
        let id = "iam_key_for_disabled_person";
        let user = arn("user/ana");
        let active = json!({"console_access": false, "access_key_1_active": true, "access_key_2_active": false,
            "tags": {"Email": "Ana@example.com"}});
        let with = |status: &str| {
            let person = json!({"email": "ana@example.com", "status": status});
            Fixture::new().item("aws_identity_store_user", "90676-1", person)
        };
        with("DISABLED").user("ana", &active).expect(id, &[(&user, "fail")]);
        with("ENABLED").user("ana", &active).expect(id, &[(&user, "pass")]);
        Fixture::new().user("ana", &active).expect(id, &[(&user, "not_applicable")]);
        let elsewhere = Fixture::new().user("ana", &active).without("aws_identity_store_user");
        elsewhere.expect(id, &[(ACCOUNT, "unknown")]);
        let idle =
            json!({"console_access": false, "access_key_1_active": false, "access_key_2_active": false});
        let nobody = Fixture::new().user("ana", &idle).without("aws_identity_store_user");
        nobody.expect(id, &[(ACCOUNT, "not_applicable")]);
        let denied = Fixture::new().user("ana", &active).outcome("aws_identity_store_user", Outcome::Denied);
        denied.expect(id, &[(&user, "unknown")]);
    }
}
