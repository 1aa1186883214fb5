//! What records hold.

use auditor_core::testkit::Collected;
use serde_json::{Value, json};

use super::{Fake, collect_one, world};

fn document(collected: &Collected, kind: &str, name: &str) -> Value {
    let record = collected.of(kind).into_iter().find(|record| record.content.name.as_deref() == Some(name));
    let record = record.unwrap_or_else(|| panic!("no {kind} `{name}`"));
    serde_json::from_str(&record.content.document).unwrap()
}

#[tokio::test]
async fn records_hold_what_the_cluster_says() {
    let fake = Fake::start().await;
    let collected = collect_one(&fake).await;
    collected.result.as_ref().unwrap();

    let cluster = &collected.of("kubernetes_cluster")[0];
    assert_eq!(
        (cluster.native_id.as_str(), cluster.content.account.as_str()),
        (world::UID, format!("kubernetes:{}", world::UID).as_str())
    );
    let cluster = document(&collected, "kubernetes_cluster", "prod");
    assert_eq!((&cluster["version"], &cluster["account_source"]), (&json!("v1.36.2"), &json!("none")));
    assert_eq!(cluster["endpoint"], json!(fake.url.strip_prefix("http://").unwrap()));

    let account = document(&collected, "kubernetes_service_account", "api");
    assert_eq!(account["iam_role_arn"], json!("arn:aws:iam::111122223333:role/api"));
    assert_eq!(account["automount_token"], json!(false));
    let principal = document(&collected, "principal", "api");
    assert_eq!(
        (&principal["type"], &principal["identifier"]),
        (&json!("machine"), &json!("system:serviceaccount:app:api"))
    );

    let role = document(&collected, "kubernetes_role", "reader");
    assert_eq!(role["rules"][0]["verbs"], json!(["list", "get"]), "in their order");
    assert_eq!(role["rules"][1]["resource_names"], json!(["db"]));
    let admin = document(&collected, "kubernetes_cluster_role", "admin");
    assert_eq!(admin["rules"], json!([]));
    assert_eq!(
        admin["aggregation_rule"]["clusterRoleSelectors"][0]["matchLabels"],
        json!({ "example.com/to-admin": "true" })
    );

    let binding = document(&collected, "kubernetes_role_binding", "readers");
    assert_eq!(
        binding["subjects"],
        json!([{ "kind": "ServiceAccount", "name": "api", "namespace": null, "api_group": null }])
    );
    assert_eq!(document(&collected, "kubernetes_role_binding", "dangling")["role_name"], json!("gone"));
    assert_eq!(document(&collected, "kubernetes_cluster_role_binding", "nobody")["subjects"], json!([]));
    let admins = document(&collected, "kubernetes_cluster_role_binding", "admins");
    assert_eq!(admins["subjects"][0]["name"], json!("z"), "as written");

    let node = document(&collected, "kubernetes_node", "node-1");
    assert_eq!(node["provider_id"], json!("aws:///eu-west-1a/i-0abc"));
    let policy = document(&collected, "kubernetes_network_policy", "deny");
    assert_eq!((&policy["ingress"], &policy["egress"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn workloads_are_what_nothing_of_kubernetes_made() {
    let fake = Fake::start().await;
    let collected = collect_one(&fake).await;
    let mut found: Vec<_> = collected
        .of("kubernetes_workload")
        .into_iter()
        .map(|record| {
            let document: Value = serde_json::from_str(&record.content.document).unwrap();
            format!(
                "{} {}",
                document["workload_kind"].as_str().unwrap(),
                record.content.name.as_deref().unwrap()
            )
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        ["CronJob nightly", "Deployment api", "Job once", "Pod bare", "Pod static", "ReplicaSet canary"]
    );
    let api = document(&collected, "kubernetes_workload", "api");
    assert_eq!(api["pod_annotations"], json!({ "iam.amazonaws.com/role": "legacy" }));
    assert_eq!((&api["service_account"], &api["secret_names"]), (&json!("api"), &json!(["db"])));
    assert_eq!(api["annotations"], json!({}));
    let canary = document(&collected, "kubernetes_workload", "canary");
    assert_eq!(canary["owner"], json!({ "kind": "Rollout", "name": "canary" }));
}

#[tokio::test]
async fn entries_of_aws_auth_are_kept_also_broken_ones() {
    let fake = Fake::start().await;
    let collected = collect_one(&fake).await;
    let ids: Vec<_> =
        collected.of("kubernetes_aws_auth_entry").iter().map(|record| record.native_id.clone()).collect();
    assert_eq!(
        ids,
        [
            "mapRoles/arn:aws:iam::111122223333:role/nodes",
            "mapRoles/without-principal",
            "mapAccounts/111122223333"
        ]
    );
}
