//! Every method, and what must not be reported.

use serde_json::{Value, json};

use super::{Account, allow, document, statement, trusting};
use crate::{
    Admin, CanEscalate, TargetAdmin,
    escalation::methods::{METHODS, Method, On, Shape, Tier},
};

/// An account with one of everything that is worth having, and an actor with the given policies.
fn account(shape: Shape, policies: &[Value]) -> Account {
    let everything = allow(&["*"]);
    let services: Vec<_> = METHODS.iter().flat_map(|method| method.services).collect();
    let mine = json!("arn:aws:iam::111122223333:policy/mine");
    let theirs = json!("arn:aws:iam::111122223333:policy/theirs");
    let held: Vec<_> = policies.iter().cloned().chain([mine]).collect();
    let actor_role = shape == Shape::OwnRole;
    let account = Account::new()
        .policy("mine", &[allow(&["s3:ListBucket"]), everything.clone()])
        .policy("theirs", &[allow(&["s3:ListBucket"])])
        .group("team", &[])
        .group("admins", std::slice::from_ref(&everything))
        .user("boss", std::slice::from_ref(&everything), json!({}))
        .user("clerk", &[], json!({}))
        .role("machine", &trusting(&json!({"Service": services})), &[everything])
        .role("open", &trusting(&json!({"AWS": "arn:aws:iam::111122223333:root"})), &[theirs])
        .role(
            "privileged",
            &trusting(&json!({"AWS": "arn:aws:iam::111122223333:user/actor"})),
            &[allow(&["*"])],
        );
    if actor_role {
        account.role("actor", &trusting(&json!({"Service": "nothing.amazonaws.com"})), &held)
    } else {
        account.user("actor", &held, json!({"GroupList": ["team"]}))
    }
}

/// What a method needs, on everything; but no policy of the actor's own, where another's is to be rewritten.
fn policy(method: &Method, without: Option<&str>) -> Value {
    let needed = method.needs.iter().filter(|(action, _)| Some(*action) != without);
    let statements: Vec<_> = needed
        .map(|(action, on)| {
            let resource = if *on == On::Policy { "arn:aws:iam::111122223333:policy/theirs" } else { "*" };
            statement("Allow", &json!(action), &json!(resource))
        })
        .collect();
    document(&statements)
}

#[test]
fn every_method_is_found_and_needs_each_of_its_actions() {
    let ids = |policies: &[Value], shape| -> Vec<(String, TargetAdmin, String)> {
        let paths = account(shape, policies).run().paths("/actor");
        paths.into_iter().map(|path| (path.method, path.target_admin, path.tier)).collect()
    };
    for method in METHODS {
        // Users with two keys, which the details do not tell, have a test of their own.
        if method.id == "iam-003" {
            continue;
        }
        let found = ids(&[policy(method, None)], method.shape);
        let record = found.iter().find(|(id, ..)| id == method.id);
        let Some((_, admin, tier)) = record else { panic!("{} is not among {found:?}", method.id) };
        let potential = method.tier == Tier::Potential;
        assert_eq!(*admin, if potential { TargetAdmin::Possible } else { TargetAdmin::Yes }, "{}", method.id);
        assert_eq!(tier == "potential", potential, "{}", method.id);
        for (action, on) in method.needs {
            // Trust that names the actor, or that it has changed, needs no right of its own.
            if matches!(on, On::Trusted | On::OnceTrusted) || *action == "sts:AssumeRole" {
                continue;
            }
            let found = ids(&[policy(method, Some(action))], method.shape);
            assert!(
                found.iter().all(|(id, ..)| id != method.id),
                "{} without {action}: {found:?}",
                method.id
            );
            let refused = document(&[statement("Deny", &json!(action), &json!("*"))]);
            let found = ids(&[policy(method, None), refused], method.shape);
            assert!(
                found.iter().all(|(id, ..)| id != method.id),
                "{} with {action} refused: {found:?}",
                method.id
            );
        }
    }
}

#[test]
fn without_anyone_privileged_there_is_nothing_to_reach() {
    for method in METHODS.iter().filter(|method| {
        matches!(
            method.shape,
            Shape::OtherUser | Shape::OtherRole | Shape::PassRole | Shape::Existing | Shape::JoinGroup
        )
    }) {
        let services: Vec<_> = METHODS.iter().flat_map(|method| method.services).collect();
        let run = Account::new()
            .group("team", &[allow(&["s3:GetObject"])])
            .user("clerk", &[allow(&["s3:GetObject"])], json!({}))
            .user("actor", &[policy(method, None)], json!({}))
            .role("machine", &trusting(&json!({"Service": services})), &[allow(&["s3:GetObject"])])
            .run();
        let admins: Vec<_> =
            run.paths("/actor").into_iter().filter(|path| path.target_admin != TargetAdmin::No).collect();
        assert!(admins.is_empty(), "{}: {admins:?}", method.id);
        assert_eq!(run.access("/actor").can_escalate, CanEscalate::No, "{}", method.id);
    }
}

/// The one policy of a user, beside an administrator `boss`, an admin role `machine` for Lambda and EC2.
fn alone(policy: Value) -> super::Run {
    Account::new()
        .policy("own", &[allow(&["s3:ListBucket"])])
        .user("boss", &[allow(&["*"])], json!({}))
        .user("actor", &[policy, json!("arn:aws:iam::111122223333:policy/own")], json!({}))
        .role(
            "machine",
            &trusting(&json!({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]})),
            &[allow(&["*"])],
        )
        .run()
}

#[test]
fn resources_conditions_and_refusals_count() {
    let one = |action: &str, resource: &str, condition: Value| {
        document(&[
            json!({"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}),
        ])
    };
    let none = json!({});
    let lambda = |passed: Value| {
        document(&[
            statement("Allow", &json!(["lambda:CreateFunction", "lambda:InvokeFunction"]), &json!("*")),
            passed,
        ])
    };
    let pass = |resource: &str, condition: Value| json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": resource, "Condition": condition});
    for (policy, expected) in [
        (one("iam:CreateAccessKey", "arn:aws:iam::*:user/boss", none.clone()), CanEscalate::Yes),
        (one("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}", none.clone()), CanEscalate::No),
        (one("iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}", none.clone()), CanEscalate::Yes),
        (one("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/*", none.clone()), CanEscalate::No),
        (one("iam:CreatePolicyVersion", "arn:aws:iam::*:policy/o*", none.clone()), CanEscalate::Yes),
        (
            one(
                "iam:AttachUserPolicy",
                "*",
                json!({"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}),
            ),
            CanEscalate::No,
        ),
        (
            one(
                "iam:AttachUserPolicy",
                "*",
                json!({"ArnLike": {"iam:PolicyARN": "arn:aws:iam::aws:policy/*"}}),
            ),
            CanEscalate::Yes,
        ),
        (
            one(
                "iam:PutUserPolicy",
                "*",
                json!({"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/b"}}),
            ),
            CanEscalate::No,
        ),
        (
            one("iam:PutUserPolicy", "*", json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
            CanEscalate::Conditional,
        ),
        (
            one(
                "iam:PutUserPolicy",
                "*",
                json!({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}),
            ),
            CanEscalate::No,
        ),
        (one("iam:*", "*", json!({"StringEquals": {"aws:PrincipalTag/admin": "yes"}})), CanEscalate::No),
        (
            one("lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:function:f*", none.clone()),
            CanEscalate::Potential,
        ),
        (one("lambda:UpdateFunctionCode", "arn:aws:s3:::bucket/*", none.clone()), CanEscalate::No),
        (one("ssm:SendCommand", "arn:aws:ssm:*:*:document/d", none.clone()), CanEscalate::No),
        (one("ssm:SendCommand", "arn:aws:ec2:*:*:instance/*", none.clone()), CanEscalate::Potential),
        (lambda(pass("arn:aws:iam::*:role/machine", none.clone())), CanEscalate::Yes),
        (lambda(pass("arn:aws:iam::*:role/other", none.clone())), CanEscalate::No),
        (
            lambda(pass("*", json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}))),
            CanEscalate::Yes,
        ),
        (
            lambda(pass("*", json!({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}))),
            CanEscalate::No,
        ),
        (
            document(&[
                json!({"Effect": "Allow", "NotAction": ["iam:Update*", "iam:Create*"], "Resource": "*"}),
            ]),
            CanEscalate::Yes,
        ),
        (
            document(&[
                statement("Allow", &json!("*"), &json!("*")),
                statement("Deny", &json!("*"), &json!("*")),
            ]),
            CanEscalate::No,
        ),
    ] {
        let access = alone(policy.clone()).access("/actor");
        assert_eq!(access.can_escalate, expected, "{policy} {access:?}");
    }
}

#[test]
fn administrators_are_told_from_those_who_could_be() {
    let deny = |action: &str, resource: &str| statement("Deny", &json!(action), &json!(resource));
    let all = || statement("Allow", &json!("*"), &json!("*"));
    for (policy, expected) in [
        (allow(&["*"]), Admin::Admin),
        (allow(&["*:*"]), Admin::Admin),
        (document(&[all(), deny("s3:DeleteBucket", "*")]), Admin::Admin),
        (document(&[all(), deny("iam:*", "arn:aws:iam::*:role/audit")]), Admin::Admin),
        (document(&[all(), deny("iam:*", "*")]), Admin::No),
        (
            document(&[
                all(),
                json!({"Effect": "Deny", "Action": "*", "Resource": "*",
                "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}),
            ]),
            Admin::ConditionalAdmin,
        ),
        (allow(&["iam:*"]), Admin::AdminEquivalent),
        (allow(&["iam:PutUserPolicy"]), Admin::AdminEquivalent),
        (allow(&["s3:*"]), Admin::No),
        (document(&[json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})]), Admin::No),
    ] {
        assert_eq!(alone(policy.clone()).access("/actor").admin, expected, "{policy}");
    }
}

#[test]
fn boundaries_hold_unless_they_can_be_lifted() {
    let bounded = |policy: Value, boundary: Value| {
        let account = Account::new().policy("edge", &[boundary]).user(
            "actor",
            &[policy],
            json!({"PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/edge"}}),
        );
        account.run().access("/actor").admin
    };
    assert_eq!(bounded(allow(&["iam:PutUserPolicy"]), allow(&["iam:PutUserPolicy", "s3:*"])), Admin::No);
    assert_eq!(bounded(allow(&["iam:PutUserPolicy"]), allow(&["*"])), Admin::AdminEquivalent);
    let lifting = ["iam:PutUserPolicy", "iam:DeleteUserPermissionsBoundary"];
    assert_eq!(bounded(allow(&lifting), allow(&["iam:*"])), Admin::AdminEquivalent);
    assert_eq!(bounded(allow(&["*"]), allow(&["s3:*"])), Admin::No);
    assert_eq!(bounded(allow(&["*"]), allow(&["*"])), Admin::Admin);
}

#[test]
fn chains_end_at_administrators_and_rings_end() {
    let role = |n: usize| json!({"AWS": format!("arn:aws:iam::111122223333:role/r{n}")});
    let mut account = Account::new().user("actor", &[], json!({}));
    account = account.role("r0", &trusting(&json!({"AWS": "arn:aws:iam::111122223333:user/actor"})), &[]);
    for n in 1..30 {
        account = account.role(&format!("r{n}"), &trusting(&role(n - 1)), &[]);
    }
    let ring = account.clone().role("a", &trusting(&role(29)), &[]).role(
        "b",
        &trusting(&json!({"AWS": ["arn:aws:iam::111122223333:role/a"]})),
        &[],
    );
    assert_eq!(ring.run().access("/actor").can_escalate, CanEscalate::No);
    let run = account.role("top", &trusting(&role(29)), &[allow(&["*"])]).run();
    let access = run.access("/actor");
    assert_eq!((access.can_escalate, access.path.len()), (CanEscalate::Yes, 31));
    let path = &run.paths("/actor")[0];
    assert_eq!((path.method.as_str(), path.target_admin), ("sts-001", TargetAdmin::Yes));
    assert_eq!(
        path.steps.last().unwrap(),
        "as role/r29: sts:AssumeRole on arn:aws:iam::111122223333:role/top"
    );
    let mutual = Account::new()
        .role("x", &trusting(&json!({"AWS": "arn:aws:iam::111122223333:role/y"})), &[])
        .role("y", &trusting(&json!({"AWS": "arn:aws:iam::111122223333:role/x"})), &[]);
    assert_eq!(mutual.run().access("/x").can_escalate, CanEscalate::No);
}

#[test]
fn trust_in_one_session_is_conditional() {
    let session = json!({"AWS": "arn:aws:sts::111122223333:assumed-role/jump/ana"});
    let run = Account::new()
        .role("jump", &trusting(&json!({"Service": "ec2.amazonaws.com"})), &[])
        .role("top", &trusting(&session), &[allow(&["*"])])
        .run();
    assert_eq!(run.access("/jump").can_escalate, CanEscalate::Conditional);
    assert_eq!(run.paths("/jump")[0].conditions.first().unwrap(), "aws:userid");
}

#[test]
fn a_second_key_must_be_deleted_first() {
    let account = Account::new().user("boss", &[allow(&["*"])], json!({})).user(
        "actor",
        &[allow(&["iam:CreateAccessKey", "iam:DeleteAccessKey"])],
        json!({}),
    );
    let mut listings = account.listings();
    let boss = listings
        .iter_mut()
        .flat_map(|listing| &mut listing.items)
        .find(|item| item.name.as_deref() == Some("boss"));
    let boss = &mut boss.unwrap().document;
    boss["access_key_1_active"] = true.into();
    boss["access_key_2_active"] = true.into();
    let paths = super::run(super::ACCOUNT, &listings).paths("/actor");
    assert_eq!(paths.iter().map(|path| path.method.as_str()).collect::<Vec<_>>(), ["iam-003"]);
}

#[test]
fn what_aws_keeps_cannot_be_changed() {
    let account = Account::new().user(
        "actor",
        &[allow(&["iam:UpdateAssumeRolePolicy", "iam:AttachRolePolicy"])],
        json!({}),
    );
    let reserved = account.clone().role(
        "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin",
        &trusting(&json!({"Federated": "arn:aws:iam::111122223333:saml-provider/sso"})),
        &[allow(&["*"])],
    );
    assert_eq!(reserved.run().access("/actor").can_escalate, CanEscalate::No);
    let own = Account::new().role(
        "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops",
        &trusting(&json!({"Federated": "arn:aws:iam::111122223333:saml-provider/sso"})),
        &[allow(&["iam:PutRolePolicy"])],
    );
    assert_eq!(own.run().access("_Ops").admin, Admin::No);
    let plain = account.role("admin", &trusting(&json!({"Service": "ec2.amazonaws.com"})), &[allow(&["*"])]);
    assert_eq!(plain.run().access("/actor").can_escalate, CanEscalate::Yes);
}
