//! The records.

use std::time::{Duration, Instant};

use auditor_core::{
    analyzer::{Analyzer as _, View},
    outcome::Outcome,
};
use serde_json::{Value, json};

use super::{World, named_rule, rule};
use crate::KubernetesAccess;

/// Service, level and grade of what a principal has.
fn levels(world: &World, principal: &str) -> Vec<(String, String, String)> {
    let documents = world.documents("entitlement", &format!("{principal}:"));
    let text = |document: &Value, field: &str| document[field].as_str().unwrap().to_owned();
    let mut levels: Vec<_> = documents
        .iter()
        .map(|document| (text(document, "service"), text(document, "level"), text(document, "grade")))
        .collect();
    levels.sort();
    levels
}

fn level(service: &str, level: &str, grade: &str) -> (String, String, String) {
    (service.to_owned(), level.to_owned(), grade.to_owned())
}

#[test]
fn verbs_are_levels_and_namespaces_limit() {
    for (rule, expected) in [
        (rule(&["get", "list", "watch"], &[""], &["pods"]), vec![level("core", "read", "full")]),
        (
            rule(&["create", "get"], &["apps"], &["deployments"]),
            vec![level("apps", "read", "full"), level("apps", "write", "full")],
        ),
        (named_rule(&["patch"], &[""], &["secrets"], &["db"]), vec![level("core", "write", "limited")]),
        (rule(&["impersonate"], &[""], &["users"]), vec![level("core", "permissions", "full")]),
        (
            rule(&["create"], &["rbac.authorization.k8s.io"], &["rolebindings"]),
            vec![level("rbac.authorization.k8s.io", "permissions", "full")],
        ),
        (rule(&["create"], &[""], &["serviceaccounts/token"]), vec![level("core", "permissions", "full")]),
        (rule(&["*"], &[""], &["*"]), vec![level("core", "all", "full")]),
        (rule(&["get"], &["*"], &["*"]), vec![level("*", "read", "full")]),
        (rule(&["made-up"], &[""], &["pods"]), vec![level("core", "unknown", "full")]),
        (rule(&[], &[""], &["pods"]), vec![]),
        (
            json!({ "verbs": ["get"], "non_resource_urls": ["/metrics"] }),
            vec![level("nonResourceURLs", "read", "limited")],
        ),
    ] {
        assert_eq!(levels(&World::new().allow("jane", rule.clone()), "User:jane"), expected, "{rule}");
    }
    let world = World::new().allow_in("app", "jane", rule(&["*"], &["*"], &["*"]));
    assert_eq!(levels(&world, "User:jane"), [level("*", "all", "limited")]);
    let document = &world.documents("entitlement", "User:jane")[0];
    assert_eq!((&document["resources"], &document["note"]), (&json!(["app/*"]), &Value::Null));
    assert_eq!(document["principal"], "uid-1/User:jane");
}

#[test]
fn who_may_do_everything_has_one_record() {
    let world = World::new()
        .allow("root", rule(&["get"], &[""], &["pods"]))
        .allow("root", rule(&["get", "*"], &["", "*"], &["pods", "*"]));
    assert_eq!(levels(&world, "User:root"), [level("*", "all", "full")]);
    assert_eq!(levels(&world, "Group:system:masters"), [level("*", "all", "full")]);
    assert_eq!(world.documents("entitlement", "User:root")[0]["paths"].as_array().unwrap().len(), 1);
}

#[test]
fn a_service_account_has_what_its_groups_have() {
    let group = json!([{ "kind": "Group", "name": "system:serviceaccounts:app" }]);
    let world = World::new()
        .account("app", "web", json!({}))
        .account("other", "web", json!({}))
        .role("", "reader", json!([rule(&["get"], &[""], &["pods"])]))
        .binding("", "b", "ClusterRole:reader", group);
    assert_eq!(levels(&world, "ServiceAccount:app:web"), [level("core", "read", "full")]);
    assert_eq!(levels(&world, "ServiceAccount:other:web"), []);
    let document = &world.documents("entitlement", "ServiceAccount:app:web")[0];
    let path =
        json!([["Group:system:serviceaccounts:app", "ClusterRoleBinding:b", "ClusterRole:reader", "rule 0"]]);
    assert_eq!(document["paths"], path);
    assert_eq!(document["principal_type"], "machine");
}

#[test]
fn what_is_not_whole_is_never_a_clean_bill() {
    let world = World::new().allow("jane", rule(&["get"], &[""], &["pods"]));
    assert!(world.documents("entitlement", "uid-1/*:").is_empty());
    let world = world.outcome("kubernetes_cluster_role", Outcome::Failed);
    let all = world.documents("entitlement", "uid-1/");
    assert!(
        all.iter().all(|document| document["note"].as_str().unwrap().contains("ended failed")),
        "{all:?}"
    );
    let unlisted = &world.documents("entitlement", "uid-1/*:")[0];
    assert_eq!((&unlisted["grade"], &unlisted["level"]), (&json!("unknown"), &json!("unknown")));
    // Parts that cannot be read are lacks, too.
    let broken = World::new().role("", "r", json!([{ "verbs": "get" }])).cluster();
    assert_eq!(broken.lack().as_deref(), Some("1 stored roles and bindings have parts that cannot be read"));
    // What ended has nobody.
    let mut gone = World::new();
    for listing in &mut gone.listings {
        listing.outcome = Outcome::Gone;
        listing.items.clear();
    }
    assert!(gone.analyze().is_empty());
    // An account without clusters has nothing.
    let view = View { account: None, at: chrono::DateTime::UNIX_EPOCH, listings: &[], shared: &[] };
    KubernetesAccess.analyze(&view, &mut |resource| panic!("{resource:?}"));
}

#[test]
fn the_order_of_what_is_stored_does_not_matter() {
    let world = World::new()
        .allow("jane", rule(&["get"], &[""], &["pods"]))
        .allow("joe", rule(&["create"], &[""], &["pods"]))
        .account("app", "web", json!({ "iam_role_arn": "arn:aws:iam::111122223333:role/s3" }));
    let mut turned = world.clone();
    turned.listings.reverse();
    for listing in &mut turned.listings {
        listing.items.reverse();
    }
    assert_eq!(world.analyze(), turned.analyze());
}

#[test]
fn ten_thousand_bindings_take_bounded_time_and_space() {
    let mut world = World::new();
    for n in 0..500 {
        let rules = json!([
            rule(&["get", "list"], &["", "apps"], &["pods", "deployments"]),
            rule(&["create"], &[""], &["pods"]),
        ]);
        world = world.role("", &format!("r{n}"), rules);
    }
    for n in 0..10_000 {
        let (namespace, role) = (format!("n{}", n % 100), format!("ClusterRole:r{}", n % 500));
        let subjects = json!([
            { "kind": "User", "name": format!("u{}", n % 3000) },
            { "kind": "User", "name": "everywhere" },
            { "kind": "ServiceAccount", "name": format!("a{n}") },
        ]);
        world = world.binding(&namespace, &format!("b{n}"), &role, subjects);
        world = world.account(&namespace, &format!("a{n}"), json!({}));
    }
    let began = Instant::now();
    let resources = world.analyze();
    let took = began.elapsed();
    assert!(took < Duration::from_mins(1), "{took:?}");
    let largest = resources.iter().map(|one| one.document.to_string().len()).max().unwrap();
    assert!(largest < 100_000, "{largest}");
    let everywhere = world.documents("entitlement", "User:everywhere:core:read");
    assert!(everywhere[0]["note"].as_str().unwrap().contains("are left out"));
}
