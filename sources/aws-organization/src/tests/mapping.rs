//! What is recorded of the invented organization.

use auditor_core::{
    source::Source as _,
    testkit::{Collected, context},
};
use serde_json::{Value, json};

use super::{
    collected, collected_with,
    fake::{self, Fake},
    source,
    world::{CLOSED, INSTANCE, MANAGEMENT, PAYMENTS},
};

/// Account, document and activity of the record of that id.
fn record(collected: &Collected, kind: &str, id: &str) -> (String, Value, Value) {
    let record = collected.of(kind).into_iter().find(|record| record.native_id == id);
    let record = record.unwrap_or_else(|| panic!("no {kind} has the id {id}"));
    let parse = |text: &str| serde_json::from_str(text).unwrap();
    let activity = record.activity.as_deref().map_or(Value::Null, parse);
    (record.content.account.to_string(), parse(&record.content.document), activity)
}

fn document(collected: &Collected, kind: &str, id: &str) -> Value {
    record(collected, kind, id).1
}

#[tokio::test]
async fn an_account_has_its_state_its_place_and_who_answers_for_it() {
    let fake = Fake::start().await;
    let collected = collected(&fake).await;
    let payments = document(&collected, "aws_organization_account", PAYMENTS);
    assert_eq!(
        (&payments["state"], &payments["ou_path"], &payments["parent_id"]),
        (&json!("ACTIVE"), &json!("Root/Production/Payments"), &json!("ou-1-b"))
    );
    assert_eq!(payments["owner"], json!("ada@example.com"));
    assert_eq!(payments["joined_at"], json!("2020-09-13T12:26:40Z"));
    let management = document(&collected, "aws_organization_account", MANAGEMENT);
    assert_eq!(
        (&management["state"], &management["ou_path"], &management["tags"], &management["owner"]),
        (&json!("ACTIVE"), &json!("Root"), &json!({}), &Value::Null)
    );
    let closed = document(&collected, "aws_organization_account", CLOSED);
    assert_eq!((&closed["state"], &closed["ou_path"]), (&json!("CLOSED"), &json!("Root/Production")));

    let (account, facts, _) = record(&collected, "account", PAYMENTS);
    assert_eq!(account, PAYMENTS);
    assert_eq!(
        facts,
        json!({
            "provider": "aws",
            "alias": null,
            "partition": "aws",
            "status": "ACTIVE",
            "owner": "ada@example.com",
            "business_unit": "Shop",
            "support_team": "night shift",
            "security_contact": "security@example.com",
            "email": "root+payments@example.com",
            "tags": {"Owner": "ada@example.com", "SupportTeam": "night shift", "business-unit": "Shop"},
        })
    );
    assert_eq!(document(&collected, "account", CLOSED)["status"], json!("CLOSED"));
}

#[tokio::test]
async fn contacts_say_whether_there_is_one() {
    let fake = Fake::start().await;
    let collected = collected(&fake).await;
    let contact = |account: &str, contact_type: &str| {
        document(&collected, "aws_account_contact", &format!("{account}/{contact_type}"))
    };
    assert_eq!(
        contact(PAYMENTS, "SECURITY"),
        json!({"type": "SECURITY", "registered": true, "contact": "On Call", "title": "Team",
            "email": "security@example.com", "phone": "+1 555 0100"})
    );
    assert_eq!(contact(PAYMENTS, "OPERATIONS"), json!({"type": "OPERATIONS", "registered": false}));
    assert_eq!(contact(MANAGEMENT, "SECURITY")["registered"], json!(false));
    let primary = contact(MANAGEMENT, "PRIMARY");
    assert_eq!(
        (&primary["contact"], &primary["address"]["lines"], &primary["address"]["state_or_region"]),
        (&json!("Example Org"), &json!(["1 Example Street"]), &Value::Null)
    );
    let asked: Vec<_> = fake.calls_of("GetAlternateContact");
    assert!(
        asked.iter().all(|call| call["AccountId"] != json!(CLOSED)),
        "nothing is asked of a closed account"
    );
}

#[tokio::test]
async fn policies_have_their_text_and_their_targets() {
    let fake = Fake::start().await;
    let collected = collected(&fake).await;
    let (account, policy, _) = record(&collected, "aws_organization_policy", "p-deny");
    assert_eq!(account, MANAGEMENT);
    assert_eq!(policy["type"], json!("SERVICE_CONTROL_POLICY"));
    assert_eq!(policy["content"]["document"]["Statement"][0]["Effect"], json!("Deny"));
    assert_eq!(
        policy["targets"],
        json!([
            {"type": "ACCOUNT", "id": PAYMENTS, "name": "payments"},
            {"type": "ROOT", "id": "r-1", "name": "Root"},
        ])
    );
    assert_eq!(
        document(&collected, "aws_organization_policy", "p-FullAWSAccess")["aws_managed"],
        json!(true)
    );
    let odd = document(&collected, "aws_organization_policy", "p-perimeter");
    assert_eq!(odd["content"]["document"], json!("not json"));
    assert!(odd["content"]["parse_error"].is_string());
    let asked: Vec<_> = fake
        .calls_of("ListPolicies")
        .iter()
        .map(|call| call["Filter"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        asked.iter().any(|kind| kind == "NOVEL_POLICY") && !asked.iter().any(|kind| kind == "TAG_POLICY")
    );

    let root = document(&collected, "aws_organizational_unit", "r-1");
    assert_eq!(
        root["policy_types"],
        json!(["NOVEL_POLICY", "RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY"])
    );
    let unit = document(&collected, "aws_organizational_unit", "ou-1-b");
    assert_eq!((&unit["path"], &unit["parent_id"]), (&json!("Root/Production/Payments"), &json!("ou-1-a")));

    let administrator = document(&collected, "aws_delegated_administrator", PAYMENTS);
    assert_eq!(administrator["services"][0]["service_principal"], json!("guardduty.amazonaws.com"));
    let organization = document(&collected, "aws_organization", "o-example");
    assert_eq!(organization["management_account_id"], json!(MANAGEMENT));
}

#[tokio::test]
async fn an_assignment_keeps_principal_permission_set_and_account() {
    let fake = Fake::start().await;
    let collected = collected(&fake).await;
    let ids: Vec<_> =
        collected.of("aws_sso_assignment").iter().map(|record| record.native_id.clone()).collect();
    assert_eq!(
        ids,
        [
            format!("ps-a/{MANAGEMENT}/GROUP/group-ops"),
            format!("ps-a/{PAYMENTS}/GROUP/group-ops"),
            format!("ps-a/{PAYMENTS}/USER/user-ada"),
            format!("ps-b/{MANAGEMENT}/GROUP/group-ops"),
        ]
    );
    let (account, assignment, _) = record(&collected, "aws_sso_assignment", &ids[2]);
    assert_eq!(account, PAYMENTS);
    assert_eq!(
        assignment,
        json!({
            "account_id": PAYMENTS,
            "permission_set": "Admin",
            "permission_set_arn": "arn:aws:sso:::permissionSet/ssoins-1/ps-a",
            "principal_type": "USER",
            "principal_id": "user-ada",
            "instance_arn": INSTANCE,
        })
    );
    let admin = document(&collected, "aws_sso_permission_set", "arn:aws:sso:::permissionSet/ssoins-1/ps-a");
    assert_eq!(
        admin["managed_policies"],
        json!(["arn:aws:iam::aws:policy/Billing", "arn:aws:iam::aws:policy/ReadOnlyAccess"])
    );
    assert_eq!(admin["customer_managed_policies"], json!(["/audit", "/team/deploy"]));
    assert_eq!(admin["inline_policy"]["document"], json!({"Statement": []}));
    assert_eq!(admin["permissions_boundary"], json!({"path": "/", "name": "boundary"}));
    let reader = document(&collected, "aws_sso_permission_set", "arn:aws:sso:::permissionSet/ssoins-1/ps-b");
    assert_eq!((&reader["inline_policy"], &reader["permissions_boundary"]), (&Value::Null, &json!({})));
}

#[tokio::test]
async fn people_of_the_identity_store_are_principals() {
    let fake = Fake::start().await;
    let collected = collected(&fake).await;
    let (account, ada, _) = record(&collected, "principal", "user-ada");
    assert_eq!(account, MANAGEMENT);
    assert_eq!(
        ada,
        json!({
            "type": "human",
            "provider": "aws-identity-center",
            "identifier": "arn:aws:identitystore:::user/user-ada",
            "enabled": true,
            "console_access": null,
            "mfa": null,
            "groups": ["ops"],
            "credentials": null,
        })
    );
    assert_eq!(document(&collected, "principal", "user-bob")["enabled"], json!(false));
    assert_eq!(document(&collected, "principal", "group-void")["type"], json!("group"));
    let user = document(&collected, "aws_identity_store_user", "user-ada");
    assert_eq!(user["email"], json!("ada@example.com"));
    assert_eq!(user["external_ids"], json!([{"issuer": "https://scim.example.com", "id": "00u1"}]));
    let group = document(&collected, "aws_identity_store_group", "group-ops");
    assert_eq!(group["member_ids"], json!(["user-ada", "user-bob"]));
}

#[tokio::test]
async fn months_that_are_over_are_kept_and_the_running_one_is_activity() {
    let fake = Fake::start().await;
    let collected = collected(&fake).await;
    let costs = collected.of("account_cost");
    let found: Vec<_> = costs
        .iter()
        .map(|cost| {
            let (account, document, activity) = record(&collected, "account_cost", &cost.native_id);
            (account, document["amount"].as_f64(), activity["amount_so_far"].as_f64())
        })
        .collect();
    assert_eq!(
        found,
        [
            (PAYMENTS.to_owned(), Some(10.5), None),
            (PAYMENTS.to_owned(), None, Some(3.0)),
            (MANAGEMENT.to_owned(), Some(1.0), None),
        ]
    );
    assert!(costs[2].native_id.starts_with("NoLinkedAccount/"));
    assert_eq!(fake.calls_of("GetCostAndUsage").len(), 2);
}

#[tokio::test]
async fn what_is_switched_off_is_not_called() {
    let fake = Fake::start().await;
    let collected =
        collected_with(&fake, json!({"parts": {"tags": false, "contacts": false, "identity_store": false}}))
            .await;
    for action in [
        "ListTagsForResource",
        "GetAlternateContact",
        "GetContactInformation",
        "ListUsers",
        "GetCostAndUsage",
    ] {
        assert_eq!(fake.calls_of(action), Vec::<Value>::new(), "{action}");
    }
    for kind in ["aws_account_contact", "principal", "account_cost"] {
        assert!(!collected.outcomes.contains_key(kind), "{kind}");
    }
    assert!(collected.gaps.values().all(Vec::is_empty), "{:?}", collected.gaps);
    let facts = document(&collected, "account", PAYMENTS);
    assert_eq!(
        (&facts["tags"], &facts["owner"], &facts["security_contact"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );

    let fake = Fake::start().await;
    let parts = json!({"accounts": false, "organizational_units": false, "contacts": false, "policies": false,
        "delegated_administrators": false, "identity_center": false});
    collected_with(&fake, json!({"parts": parts})).await;
    let mut called = fake.called();
    called.sort();
    called.dedup();
    assert_eq!(called, ["AssumeRole", "ListGroupMemberships", "ListGroups", "ListInstances", "ListUsers"]);
}

#[tokio::test]
async fn only_reading_calls_leave_the_program() {
    let fake = Fake::start().await;
    collected(&fake).await;
    let source = source(&fake, json!({})).await;
    let target = source.plan(&context(None)).await.unwrap().remove(0);
    source.check(&target, &context(None)).await;
    for action in fake.called() {
        let reads = ["List", "Get", "Describe"].iter().any(|verb| action.starts_with(verb));
        assert!(reads || action == "AssumeRole", "{action}");
    }
    let session = fake.calls_of("AssumeRole")[0].to_string();
    assert!(session.contains(fake::EXTERNAL_ID) && session.contains("RoleSessionName=auditor-"), "{session}");
    assert!(session.contains("identitystore"), "the session is limited to reading");
}
