//! What the authorizer allows, case by case.

use auditor_core::outcome::Outcome;
use serde_json::json;

use super::{World, named_rule, rule};
use crate::{Attributes, MASTERS, Oddity, Principal, Subject};

fn user(name: &str) -> Subject {
    Subject::user(name, None::<String>)
}

#[test]
fn a_rule_allows_what_it_says_and_nothing_else() {
    let cases = [
        (rule(&["get"], &[""], &["pods"]), "get", "pods", "", true),
        (rule(&["get"], &[""], &["pods"]), "list", "pods", "", false),
        (rule(&["get"], &[""], &["pods"]), "get", "pods.apps", "", false),
        (rule(&["get"], &[""], &["pods"]), "get", "pods/log", "", false),
        (rule(&["get"], &[""], &["pods/log"]), "get", "pods/log", "", true),
        (rule(&["get"], &[""], &["pods/log"]), "get", "pods", "", false),
        (rule(&["get"], &[""], &["pods/*"]), "get", "pods/log", "", false),
        (rule(&["get"], &[""], &["pods/*"]), "get", "pods", "", false),
        (rule(&["get"], &["apps"], &["*/scale"]), "get", "deployments.apps/scale", "", true),
        (rule(&["get"], &["apps"], &["*/scale"]), "get", "deployments.apps", "", false),
        (rule(&["get"], &["apps"], &["*/scale"]), "get", "deployments.apps/status", "", false),
        (rule(&["get"], &[""], &["*"]), "get", "pods/log", "", true),
        (rule(&["get"], &[""], &["po*"]), "get", "pods", "", false),
        (rule(&["get"], &["*.k8s.io"], &["*"]), "get", "roles.rbac.authorization.k8s.io", "", false),
        (rule(&["get"], &["*"], &["roles"]), "get", "roles.rbac.authorization.k8s.io", "", true),
        (rule(&["*"], &[""], &["users"]), "impersonate", "users", "jane", true),
        (rule(&["*"], &[""], &["pods"]), "made-up", "pods", "", true),
        (rule(&["Get"], &[""], &["pods"]), "get", "pods", "", false),
        (named_rule(&["get"], &[""], &["secrets"], &["db"]), "get", "secrets", "db", true),
        (named_rule(&["get"], &[""], &["secrets"], &["db"]), "get", "secrets", "other", false),
        (named_rule(&["list"], &[""], &["secrets"], &["db"]), "list", "secrets", "", false),
        (named_rule(&["list"], &[""], &["secrets"], &["db"]), "list", "secrets", "db", true),
        (named_rule(&["create"], &[""], &["secrets"], &["db"]), "create", "secrets", "", false),
        (named_rule(&["*"], &["*"], &["*"], &["db"]), "deletecollection", "secrets", "", false),
        (
            named_rule(&["bind"], &["rbac.authorization.k8s.io"], &["clusterroles"], &["view"]),
            "bind",
            "clusterroles.rbac.authorization.k8s.io",
            "view",
            true,
        ),
    ];
    for (rule, verb, resource, name, expected) in cases {
        let cluster = World::new().allow("jane", rule.clone()).cluster();
        for namespace in ["", "app"] {
            let request = Attributes::resource(verb, resource, namespace, name);
            let decision = cluster.decide(&user("jane"), &request);
            assert_eq!(decision.allowed, expected, "{rule} {request:?}");
            assert_eq!(decision.by.is_some(), expected);
            assert!(!cluster.decide(&user("Jane"), &request).allowed);
        }
    }
}

#[test]
fn urls_are_paths_or_beginnings_and_of_the_cluster_alone() {
    for (pattern, path, expected) in [
        ("/logs", "/logs", true),
        ("/logs", "/logs/", false),
        ("/logs/*", "/logs", false),
        ("/logs/*", "/logs/a/b", true),
        ("/logs**", "/logs/a", true),
        ("*", "/anything", true),
        ("/*/a", "/b/a", false),
    ] {
        let rule = json!({ "verbs": ["get"], "non_resource_urls": [pattern] });
        let world = World::new().allow("jane", rule.clone());
        let decide = |world: &World, request| world.cluster().decide(&user("jane"), &request).allowed;
        assert_eq!(decide(&world, Attributes::url("get", path)), expected, "{pattern} {path}");
        assert!(!decide(&world, Attributes::url("post", path)));
        assert!(!decide(&World::new().allow_in("app", "jane", rule), Attributes::url("get", path)));
    }
}

#[test]
fn a_binding_of_a_namespace_stays_in_it() {
    let cluster = World::new().allow_in("app", "jane", rule(&["*"], &["*"], &["*"])).cluster();
    let may = |namespace: &str| {
        cluster.decide(&user("jane"), &Attributes::resource("get", "pods", namespace, "")).allowed
    };
    assert!(may("app") && !may("other") && !may(""));
    assert!(!cluster.is_admin(&user("jane")));
    let explanation = cluster.explain(&user("jane"), &Attributes::resource("get", "pods", "", ""));
    assert_eq!(explanation.near[0].because, "its binding is limited to the namespace `app`");
}

#[test]
fn a_role_of_a_namespace_is_its_own_and_a_dangling_one_gives_nothing() {
    let jane = json!([{ "kind": "User", "name": "jane" }]);
    let cluster = World::new()
        .role("other", "reader", json!([rule(&["get"], &[""], &["pods"])]))
        .binding("app", "dangling", "Role:reader", jane.clone())
        .binding("", "no-such-kind", "Role:reader", jane)
        .binding("app", "nobody", "Role:reader", json!([]))
        .cluster();
    for namespace in ["app", "other", ""] {
        let request = Attributes::resource("get", "pods", namespace, "");
        assert!(!cluster.decide(&user("jane"), &request).allowed, "{namespace}");
    }
    let dangling = |odd: &&Oddity| matches!(odd, Oddity::DanglingRole { .. });
    assert_eq!(cluster.oddities().iter().filter(dangling).count(), 3);
    assert!(cluster.oddities().iter().any(|odd| matches!(odd, Oddity::NoSubjects { .. })));
}

#[test]
fn service_accounts_are_known_by_name_and_groups() {
    let pods = || json!([rule(&["get"], &[""], &["pods"])]);
    let with = |namespace: &str, subject| {
        World::new().role("", "reader", pods()).binding(
            namespace,
            "b",
            "ClusterRole:reader",
            json!([subject]),
        )
    };
    let account = Subject::service_account("app", "web");
    for (namespace, subject, expected) in [
        ("", json!({ "kind": "ServiceAccount", "namespace": "app", "name": "web" }), true),
        ("", json!({ "kind": "ServiceAccount", "name": "web" }), false),
        ("app", json!({ "kind": "ServiceAccount", "name": "web" }), true),
        ("app", json!({ "kind": "ServiceAccount", "namespace": "", "name": "web" }), true),
        ("app", json!({ "kind": "ServiceAccount", "namespace": "other", "name": "web" }), false),
        ("", json!({ "kind": "User", "name": "system:serviceaccount:app:web" }), true),
        ("", json!({ "kind": "Group", "name": "system:serviceaccounts" }), true),
        ("", json!({ "kind": "Group", "name": "system:serviceaccounts:app" }), true),
        ("", json!({ "kind": "Group", "name": "system:serviceaccounts:other" }), false),
        ("", json!({ "kind": "Group", "name": "system:authenticated" }), true),
        ("", json!({ "kind": "Group", "name": "system:unauthenticated" }), false),
        ("", json!({ "kind": "Robot", "name": "web" }), false),
    ] {
        let cluster = with(namespace, subject.clone()).cluster();
        let request = Attributes::resource("get", "pods", "app", "");
        assert_eq!(cluster.decide(&account, &request).allowed, expected, "{namespace} {subject}");
    }
}

#[test]
fn masters_pass_whatever_the_bindings() {
    let cluster = World::new().cluster();
    let decision = cluster.decide(&Subject::user("jane", [MASTERS]), &Attributes::everything());
    assert!(decision.allowed && decision.bypasses && decision.by.is_none());
    let who = cluster.who_can(&Attributes::resource("get", "secrets", "", "")).who;
    assert_eq!(who.iter().map(|one| one.principal.to_string()).collect::<Vec<_>>(), ["Group:system:masters"]);
}

#[test]
fn who_can_and_what_can_name_binding_and_rule() {
    let cluster = World::new()
        .role("", "mixed", json!([rule(&["list"], &[""], &["nodes"]), rule(&["get"], &[""], &["secrets"])]))
        .binding(
            "app",
            "readers",
            "ClusterRole:mixed",
            json!([{ "kind": "Group", "name": "dev" }, { "kind": "ServiceAccount", "name": "web" }]),
        )
        .cluster();
    let who = cluster.who_can(&Attributes::resource("get", "secrets", "app", "db"));
    let names: Vec<_> = who.who.iter().map(|one| one.principal.to_string()).collect();
    assert_eq!(names, ["ServiceAccount:app:web", "Group:dev", "Group:system:masters"]);
    assert_eq!(who.who[0].grants[0].path(), ["RoleBinding:app:readers", "ClusterRole:mixed", "rule 1"]);
    assert_eq!(who.lack, None);
    let what = cluster.what_can(&Subject::user("jane", ["dev"]));
    assert_eq!(what.rules.len(), 2);
    assert!(what.rules.iter().all(|given| given.namespace.as_deref() == Some("app")));
    assert_eq!(json!(what)["rules"][0]["grant"]["role"]["name"], "mixed");
}

#[test]
fn what_is_not_known_is_said() {
    let world = World::new().allow("jane", rule(&["get"], &[""], &["pods"]));
    let request = Attributes::resource("get", "secrets", "", "");
    assert_eq!(world.cluster().who_can(&request).lack, None);
    let denied = world.clone().outcome("kubernetes_role_binding", Outcome::Denied).cluster();
    let lack = "the latest listing of kubernetes_role_binding from `source` ended denied";
    assert_eq!(denied.who_can(&request).lack.as_deref(), Some(lack));
    assert_eq!(denied.decide(&user("jane"), &request).lack.as_deref(), Some(lack));
    assert_eq!(denied.oddities(), []);
    let mut missing = world;
    missing.listings.retain(|listing| listing.kind != "kubernetes_cluster_role");
    let lack = missing.cluster().lack().unwrap();
    assert_eq!(lack, "no source collects kubernetes_cluster_role here");
}

#[test]
fn aggregated_roles_are_read_as_written_and_their_drift_is_told() {
    let label = "rbac.authorization.k8s.io/aggregate-to-view";
    let selected = json!({ "rules": [rule(&["get"], &[""], &["pods"])], "labels": { label: "true" } });
    let aggregation = json!({ "clusterRoleSelectors": [{ "matchLabels": { label: "true" } }] });
    let world = |rules| {
        World::new()
            .item("kubernetes_cluster_role", "part", selected.clone())
            .item(
                "kubernetes_cluster_role",
                "view",
                json!({ "rules": rules, "aggregation_rule": aggregation }),
            )
            .binding("", "b", "ClusterRole:view", json!([{ "kind": "User", "name": "jane" }]))
            .cluster()
    };
    let request = Attributes::resource("get", "pods", "", "");
    let stale = world(json!([]));
    assert!(!stale.decide(&user("jane"), &request).allowed);
    assert!(matches!(&stale.oddities()[..], [Oddity::StaleAggregation { differing_rules: 1, .. }]));
    let fresh = world(json!([rule(&["get"], &[""], &["pods"])]));
    assert!(fresh.decide(&user("jane"), &request).allowed);
    assert_eq!(fresh.oddities(), []);
}

#[test]
fn principals_are_written_one_way() {
    for (principal, expected) in [
        (Principal::service_account("app", "web"), "ServiceAccount:app:web"),
        (Principal::User("system:serviceaccount:app:web".to_owned()), "ServiceAccount:app:web"),
        (Principal::User("system:serviceaccount:app".to_owned()), "User:system:serviceaccount:app"),
        (Principal::Group("dev".to_owned()), "Group:dev"),
    ] {
        assert_eq!(principal.to_string(), expected);
    }
}
