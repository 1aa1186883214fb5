//! The mapping, over the invented export in `fixtures/`.

use auditor_core::{
    model::{Kind, Part},
    outcome::Outcome,
    testkit::{Collected, collect, context},
};
use serde_json::{Value, json};

use crate::offline::tests::{fixture, source_over};

async fn collected() -> Collected {
    let source = source_over(&fixture());
    let targets = source.plan(&context(None)).await.unwrap();
    assert_eq!(targets.len(), 1);
    assert_eq!(targets[0].name, "payments");
    collect(source.as_ref(), &targets[0], context(None)).await
}

/// Document and activity of the record of that name.
async fn record(kind: &str, name: &str) -> (Value, Value) {
    let collected = collected().await;
    let record = collected.of(kind).into_iter().find(|record| record.content.name.as_deref() == Some(name));
    let record = record.unwrap_or_else(|| panic!("no {kind} is called {name}"));
    let parse = |text: &str| serde_json::from_str(text).unwrap();
    (parse(&record.content.document), record.activity.as_deref().map_or(Value::Null, parse))
}

#[tokio::test]
async fn every_kind_of_a_whole_export_is_complete() {
    let collected = collected().await;
    for (kind, outcome) in &collected.outcomes {
        assert_eq!(*outcome, Outcome::Complete, "{kind}: {:?}", collected.gaps[kind]);
    }
    let ids = |kind| collected.of(kind).iter().map(|record| record.native_id.clone()).collect::<Vec<_>>();
    assert_eq!(ids("aws_iam_user"), ["AIDAEXAMPLEADA000001", "AIDAEXAMPLEDEPLOY0001"]);
    assert_eq!(
        ids("principal"),
        [
            "111122223333:root",
            "AGPAEXAMPLEADMINS0001",
            "AIDAEXAMPLEADA000001",
            "AIDAEXAMPLEDEPLOY0001",
            "AROAEXAMPLEAPP0000001",
            "AROAEXAMPLESUPPORT001",
        ]
    );
}

#[tokio::test]
async fn a_user_joins_details_and_report() {
    let (user, activity) = record("aws_iam_user", "deploy").await;
    assert_eq!(user["console_access"], json!(false));
    assert_eq!(user["mfa"], json!(false));
    assert_eq!(user["access_key_1_active"], json!(true));
    assert_eq!(user["access_key_2_active"], json!(false));
    assert_eq!(user["access_key_2_rotated_at"], json!("2022-05-01T09:00:00Z"));
    assert_eq!(user["policies"], json!(["ReadOnlyAccess", "deploy"]));
    assert_eq!(user["inline_policies"], json!(["broken", "upload"]));
    assert_eq!(user["permissions_boundary"], json!("arn:aws:iam::111122223333:policy/limits"));
    assert_eq!(activity["access_key_1_last_used_at"], json!("2026-01-06T00:00:00Z"));
    assert!(!user.to_string().contains("2026"), "last use makes no version: {user}");

    let (ada, activity) = record("aws_iam_user", "ada").await;
    assert_eq!(ada["groups"], json!(["admins"]));
    assert_eq!(ada["tags"], json!({"team": "payments", "mail": "ada@example.com"}));
    assert_eq!((&ada["mfa"], &ada["console_access"]), (&json!(true), &json!(true)));
    assert_eq!(activity["password_last_used_at"], json!("2026-01-05T06:07:08Z"));
}

#[tokio::test]
async fn a_document_that_is_not_json_does_not_fail_its_record() {
    let (user, _) = record("aws_iam_user", "deploy").await;
    let [broken, upload] = user["inline_policy_documents"].as_array().unwrap().as_slice() else { panic!() };
    assert_eq!(broken["document"], json!("{\"Version\""));
    assert!(broken["parse_error"].is_string());
    assert_eq!(upload["document"]["Statement"][0]["Resource"], json!("arn:aws:s3:::a+b/*"));
    assert!(upload.get("parse_error").is_none());
}

#[tokio::test]
async fn a_role_keeps_its_trust_policy_and_what_lists_add() {
    let (role, activity) = record("aws_iam_role", "app").await;
    assert_eq!(
        role["trust_policy"]["document"]["Statement"][0]["Principal"],
        json!({"AWS": "arn:aws:iam::444455556666:root"})
    );
    assert_eq!(role["description"], json!("Application servers"));
    assert_eq!(role["max_session_duration_secs"], json!(3600));
    assert_eq!(role["instance_profiles"], json!(["arn:aws:iam::111122223333:instance-profile/app"]));
    assert_eq!(activity, json!({"last_used_at": "2026-01-02T03:04:05Z", "last_used_region": "eu-central-1"}));
    let (support, _) = record("aws_iam_role", "AWSServiceRoleForSupport").await;
    assert_eq!(support["service_linked"], json!(true));
}

#[tokio::test]
async fn a_policy_knows_its_versions_and_who_uses_it() {
    let (policy, activity) = record("aws_iam_policy", "deploy").await;
    assert_eq!(
        policy["attached_to"],
        json!([
            {"type": "role", "name": "app", "id": "AROAEXAMPLEAPP0000001"},
            {"type": "user", "name": "deploy", "id": "AIDAEXAMPLEDEPLOY0001"},
        ])
    );
    assert_eq!(policy["default_version"]["version_id"], json!("v10"));
    let others: Vec<_> =
        policy["other_versions"].as_array().unwrap().iter().map(|v| &v["version_id"]).collect();
    assert_eq!(others, ["v8", "v9"]);
    assert_eq!(activity["attachment_count"], json!(2));
    assert!(policy.get("attachment_count").is_none());

    let (limits, _) = record("aws_iam_policy", "limits").await;
    assert_eq!(
        limits["boundary_of"],
        json!([{"type": "user", "name": "deploy", "id": "AIDAEXAMPLEDEPLOY0001"}])
    );
}

#[tokio::test]
async fn policies_of_aws_are_kept_where_used_with_the_version_in_force() {
    let collected = collected().await;
    let names: Vec<_> =
        collected.of("aws_iam_policy").iter().filter_map(|record| record.content.name.clone()).collect();
    assert!(names.contains(&"spare".to_owned()), "the account's own policies are kept, used or not");
    assert!(!names.contains(&"AWSDenyAll".to_owned()), "nothing uses it");
    let (read_only, _) = record("aws_iam_policy", "ReadOnlyAccess").await;
    assert_eq!(read_only["default_version"]["version_id"], json!("v2"));
    assert_eq!(read_only["other_versions"], json!([]));
}

#[tokio::test]
async fn settings_tell_facts_from_counts() {
    let (settings, activity) = record("aws_iam_account_settings", "payments").await;
    assert_eq!((&settings["root_mfa"], &settings["root_access_keys"]), (&json!(true), &json!(false)));
    assert_eq!(settings["password_policy"]["minimum_length"], json!(14));
    assert_eq!(settings["password_policy"]["max_age_days"], Value::Null);
    assert_eq!(settings["quotas"], json!({"UsersQuota": 5000}));
    assert_eq!(activity["counts"]["Users"], json!(2));
    assert!(settings.get("counts").is_none());
    let (account, _) = record("account", "payments").await;
    assert_eq!((&account["alias"], &account["provider"]), (&json!("example-payments"), &json!("aws")));
}

#[tokio::test]
async fn principals_tell_people_from_machines() {
    let (ada, activity) = record("principal", "ada").await;
    assert_eq!((&ada["type"], &ada["mfa"], &ada["enabled"]), (&json!("human"), &json!(true), &json!(true)));
    assert_eq!(activity["last_used_at"], json!("2026-01-05T06:07:08Z"));
    let (deploy, _) = record("principal", "deploy").await;
    assert_eq!((&deploy["type"], &deploy["mfa"]), (&json!("machine"), &Value::Null));
    assert_eq!(
        deploy["credentials"],
        json!([
            {"type": "access_key", "id": "1", "active": true, "changed_at": "2020-05-01T09:00:00Z"},
            {"type": "access_key", "id": "2", "active": false, "changed_at": "2022-05-01T09:00:00Z"},
            {"type": "certificate", "id": "1", "active": true, "changed_at": "2020-05-02T08:00:00Z"},
        ])
    );
    let (root, _) = record("principal", "root").await;
    assert_eq!((&root["type"], &root["mfa"]), (&json!("root"), &json!(true)));
    assert_eq!((&root["console_access"], &root["enabled"]), (&Value::Null, &Value::Null));
    let (support, _) = record("principal", "AWSServiceRoleForSupport").await;
    assert_eq!(support["type"], json!("service"));
}

#[test]
fn kinds_are_well_formed() {
    for kind in super::ALL {
        let own = kind.name.starts_with("aws_iam_");
        assert!(!own || !kind.permissions.is_empty(), "{}", kind.name);
        assert!(kind.permissions.iter().all(|permission| permission.starts_with("iam:")), "{}", kind.name);
        assert!(kind.permissions.is_sorted(), "{}", kind.name);
        assert!(!kind.native_id.is_empty(), "{}", kind.name);
    }
    let last_used = |kind: &'static Kind| {
        kind.columns
            .iter()
            .filter(|column| column.name.contains("last_used"))
            .all(|column| column.part == Part::Activity)
    };
    assert!(super::ALL.iter().all(|kind| last_used(kind)));
}
