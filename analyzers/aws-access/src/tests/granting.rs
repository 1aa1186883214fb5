//! Entitlements and questions.

use auditor_core::analyzer::{Item, Listing};
use serde_json::{Value, json};

use super::{ACCOUNT, Account, allow, document, run, statement, trusting};
use crate::{Grade, Outcome, estate::INPUTS};

#[test]
fn rights_are_told_by_service_level_and_grade() {
    let deny = |action: &str, resource: &str| statement("Deny", &json!(action), &json!(resource));
    let granting = |action: &str, resource: &str| statement("Allow", &json!(action), &json!(resource));
    let mfa = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}});
    for (statements, expected) in [
        (vec![granting("s3:GetObject", "*")], vec!["s3 read full"]),
        (vec![granting("S3:getobject", "arn:aws:s3:::b/*")], vec!["s3 read limited"]),
        (vec![mfa], vec!["s3 read conditional"]),
        (vec![granting("s3:GetObject", "*"), deny("s3:*", "*")], vec![]),
        (vec![granting("s3:GetObject", "*"), deny("s3:*", "arn:aws:s3:::b/*")], vec!["s3 read limited"]),
        (vec![granting("s3:GetObject", "arn:aws:s3:::a/*"), deny("s3:*", "arn:aws:s3:::*")], vec![]),
        (
            vec![granting("s3:GetObject", "arn:aws:s3:::a/*"), deny("s3:*", "arn:aws:s3:::b*")],
            vec!["s3 read limited"],
        ),
        (
            vec![granting("newservice:DoIt", "*"), granting("s3:NewAction", "*")],
            vec!["newservice unknown full", "s3 unknown full"],
        ),
        (vec![granting("*", "*")], vec!["* all full"]),
        (vec![granting("*", "*"), deny("organizations:LeaveOrganization", "*")], vec!["* all limited"]),
        (
            vec![
                granting("iam:PutRolePolicy", "*"),
                granting("sts:AssumeRole", "*"),
                granting("ec2:CreateTags", "*"),
            ],
            vec!["ec2 tagging full", "iam permissions full", "sts write full"],
        ),
    ] {
        let run = Account::new().user("ana", &[document(&statements)], json!({})).run();
        assert_eq!(run.entitlements("/ana"), expected, "{statements:?}");
    }
    let power =
        document(&[json!({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"})]);
    let rights = Account::new().user("ana", &[power], json!({})).run().entitlements("/ana");
    assert!(rights.contains(&"s3 permissions full".to_owned()) && rights.len() > 1000);
    assert!(!rights.iter().any(|right| right.starts_with("iam ") || right.starts_with('*')));
}

#[test]
fn groups_and_boundaries_count() {
    let account = Account::new()
        .policy("edge", &[allow(&["s3:Get*", "ec2:*"])])
        .group("readers", &[allow(&["s3:*"])])
        .user(
            "ana",
            &[allow(&["sqs:*"])],
            json!({"GroupList": ["readers"],
                "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/edge"}}),
        );
    let run = account.run();
    assert_eq!(run.entitlements("/ana"), ["s3 read full"]);
    let all = run.all::<auditor_core::model::common::Entitlement>("entitlement");
    assert_eq!(all[0].paths, [["group readers", "inline policy inline0", "statement 1"]]);
    assert_eq!(
        (all[0].actions.as_slice(), all[0].resources.as_slice()),
        (&["s3:*".to_owned()][..], &["*".to_owned()][..])
    );
}

fn item(account: &str, id: &str, document: Value) -> Item {
    Item {
        account: account.parse().unwrap(),
        native_id: id.to_owned(),
        name: Some(id.to_owned()),
        document,
        activity: None,
        provider_created_at: None,
        provider_updated_at: None,
    }
}

/// An organization `r-1` with a unit `ou-1` that holds the account.
fn organization(at_root: &Value, at_unit: &Value) -> Vec<Listing> {
    let policy = |id: &str, target: &str, content: &Value| {
        item(
            "999999999999",
            id,
            json!({"type": "SERVICE_CONTROL_POLICY", "targets": [{"id": target}],
            "content": {"document": content}}),
        )
    };
    let listing =
        |kind: &str, items| Listing { kind: kind.to_owned(), items, ..Account::new().listings().remove(0) };
    vec![
        listing(
            "aws_organization",
            vec![item("999999999999", "o-example", json!({"management_account_id": "999999999999"}))],
        ),
        listing("aws_organization_account", vec![item(ACCOUNT, ACCOUNT, json!({"parent_id": "ou-1"}))]),
        listing(
            "aws_organizational_unit",
            vec![
                item("999999999999", "r-1", json!({"parent_id": null})),
                item("999999999999", "ou-1", json!({"parent_id": "r-1"})),
            ],
        ),
        listing(
            "aws_organization_policy",
            vec![
                policy("p-1", "r-1", at_root),
                policy("p-2", "ou-1", at_unit),
                policy("p-3", ACCOUNT, &allow(&["*"])),
            ],
        ),
    ]
}

#[test]
fn service_control_policies_bind_at_every_level() {
    let mut account = Account::new().user("ana", &[allow(&["s3:GetObject", "sqs:SendMessage"])], json!({}));
    account = account.role(
        "linked",
        &trusting(&json!({"Service": "ec2.amazonaws.com"})),
        &[allow(&["s3:GetObject"])],
    );
    let rights = |at_root: &Value, at_unit: &Value| {
        let mut listings = account.listings();
        listings.extend(organization(at_root, at_unit));
        run(ACCOUNT, &listings).entitlements("/ana")
    };
    let all = allow(&["*"]);
    assert_eq!(rights(&all, &all), ["s3 read full", "sqs write full"]);
    assert_eq!(rights(&allow(&["s3:*"]), &all), ["s3 read full"]);
    assert_eq!(rights(&allow(&["s3:*"]), &allow(&["sqs:*"])), [""; 0]);
    let refusing = document(&[
        statement("Allow", &json!("*"), &json!("*")),
        statement("Deny", &json!("s3:*"), &json!("*")),
    ]);
    assert_eq!(rights(&all, &refusing), ["sqs write full"]);
    assert!(INPUTS.contains(&"aws_organization_policy"));
    // Of the resources' account: what its roles let in is bound as well.
    let outsiders = document(&[
        statement("Allow", &json!("*"), &json!("*")),
        json!({"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}}}),
    ]);
    let mut listings = account.listings();
    let mut organization = organization(&all, &all);
    organization[3].items[1].document["type"] = "RESOURCE_CONTROL_POLICY".into();
    organization[3].items[1].document["content"]["document"] = outsiders;
    listings.extend(organization);
    assert_eq!(run(ACCOUNT, &listings).entitlements("/ana"), ["s3 read full", "sqs write full"]);
}

#[test]
fn questions_are_answered() {
    let estate = Account::new()
        .user("ana", &[allow(&["s3:GetObject"])], json!({}))
        .user(
            "bob",
            &[document(&[statement("Allow", &json!("s3:*"), &json!("arn:aws:s3:::b/*"))])],
            json!({}),
        )
        .user("cid", &[allow(&["ec2:*"])], json!({}))
        .role("app", &trusting(&json!({"AWS": "arn:aws:iam::111122223333:root"})), &[])
        .estate();
    let who = |action: &str, resource: Option<&str>| -> Vec<(String, Grade)> {
        let answers = estate.who_can(action, resource);
        answers
            .into_iter()
            .map(|who| (who.principal.rsplit('/').next().unwrap().to_owned(), who.grade))
            .collect()
    };
    assert_eq!(
        who("s3:GetObject", None),
        [("ana".to_owned(), Grade::Full), ("bob".to_owned(), Grade::Limited)]
    );
    assert_eq!(who("s3:getobject", Some("arn:aws:s3:::a/k")), [("ana".to_owned(), Grade::Full)]);
    assert_eq!(who("sts:AssumeRole", Some("arn:aws:iam::111122223333:role/app")), []);
    let explanation = estate.explain("bob", "s3:GetObject", "arn:aws:s3:::b/k").unwrap();
    assert_eq!(explanation.outcome, Outcome::Allowed);
    assert_eq!(explanation.causes[0].policy, "inline policy inline0");
    let refused = estate.explain("user/cid", "s3:GetObject", "arn:aws:s3:::b/k").unwrap();
    assert!(matches!(refused.outcome, Outcome::Denied { explicit: false, .. }) && refused.causes.is_empty());
    assert!(estate.explain("nobody", "s3:GetObject", "*").is_none());
    let what = estate.what_can("arn:aws:iam::111122223333:user/cid").unwrap();
    assert_eq!(
        (what.access.services, what.entitlements.len()),
        (Some(1), what.entitlements.iter().filter(|right| right.service == "ec2").count())
    );
    assert!(estate.paths("cid").is_empty());
    serde_json::to_value(&what).unwrap();
}
