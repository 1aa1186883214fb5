//! Ways to more rights.

use auditor_core::outcome::Outcome;
use serde_json::{Value, json};

use super::{World, named_rule, rule};

const RBAC: &str = "rbac.authorization.k8s.io";

fn everything() -> Value {
    rule(&["*"], &["*"], &["*"])
}

/// Method and admin of each way that a subject has.
fn ways(world: &World, subject: &str) -> Vec<(String, String)> {
    let documents = world.documents("kubernetes_escalation", &format!("/{subject} "));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut ways: Vec<_> =
        documents.iter().map(|document| (text(&document["method"]), text(&document["admin"]))).collect();
    ways.sort();
    ways
}

fn admin(world: &World, method: &str) -> Option<String> {
    ways(world, "User:eve").into_iter().find(|(id, _)| id == method).map(|(_, admin)| admin)
}

#[test]
fn each_method_is_found_and_half_of_it_is_not() {
    // A cluster where a service account in `app` may do everything.
    let base = || {
        World::new()
            .account("app", "robot", json!({ "secret_names": ["t"] }))
            .allow("app/robot", everything())
    };
    let bindings = || rule(&["create"], &[RBAC], &["clusterrolebindings"]);
    let cases: Vec<(&str, Vec<Value>, &str)> = vec![
        ("impersonate-masters", vec![rule(&["impersonate"], &[""], &["users", "groups"])], "can_become"),
        ("bind-cluster-roles", vec![rule(&["bind"], &[RBAC], &["clusterroles"]), bindings()], "can_become"),
        (
            "bind-cluster-roles",
            vec![named_rule(&["bind"], &[RBAC], &["clusterroles"], &["cluster-admin"]), bindings()],
            "can_become",
        ),
        (
            "escalate-cluster-roles",
            vec![rule(&["escalate", "patch"], &[RBAC], &["clusterroles"])],
            "can_become",
        ),
        (
            "escalate-cluster-roles",
            vec![named_rule(&["escalate", "patch"], &[RBAC], &["clusterroles"], &["mine"])],
            "possible",
        ),
        (
            "sign-in-certificates",
            vec![
                rule(&["create"], &["certificates.k8s.io"], &["certificatesigningrequests"]),
                rule(&["update"], &["certificates.k8s.io"], &["certificatesigningrequests/approval"]),
                named_rule(&["approve"], &["certificates.k8s.io"], &["signers"], &["kubernetes.io/*"]),
            ],
            "can_become",
        ),
        (
            "mutating-webhooks",
            vec![rule(&["patch"], &["admissionregistration.k8s.io"], &["mutatingwebhookconfigurations"])],
            "can_become",
        ),
        (
            "validating-webhooks",
            vec![rule(&["create"], &["admissionregistration.k8s.io"], &["validatingwebhookconfigurations"])],
            "possible",
        ),
        ("write-aws-auth", vec![named_rule(&["patch"], &[""], &["configmaps"], &["aws-auth"])], "possible"),
        (
            "bind-roles",
            vec![rule(&["bind"], &[RBAC], &["roles"]), rule(&["create"], &[RBAC], &["rolebindings"])],
            "can_become",
        ),
        ("escalate-roles", vec![rule(&["escalate", "update"], &[RBAC], &["roles"])], "can_become"),
        (
            "impersonate-service-accounts",
            vec![rule(&["impersonate"], &[""], &["serviceaccounts"])],
            "can_become",
        ),
        (
            "create-tokens",
            vec![named_rule(&["create"], &[""], &["serviceaccounts/token"], &["robot"])],
            "can_become",
        ),
        ("create-tokens", vec![named_rule(&["create"], &[""], &["serviceaccounts/token"], &["other"])], "no"),
        ("create-token-secrets", vec![rule(&["create", "get"], &[""], &["secrets"])], "can_become"),
        ("read-secrets", vec![rule(&["list"], &[""], &["secrets"])], "possible"),
        ("create-pods", vec![rule(&["create"], &[""], &["pods"])], "can_become"),
        ("write-workloads", vec![rule(&["patch"], &["apps"], &["deployments"])], "can_become"),
        ("exec-in-pods", vec![rule(&["create"], &[""], &["pods/exec"])], "possible"),
        ("change-pods", vec![rule(&["patch"], &[""], &["pods"])], "possible"),
        ("nodes-proxy", vec![rule(&["get"], &[""], &["nodes/proxy"])], "possible"),
        (
            "persistent-volumes",
            vec![rule(&["create"], &[""], &["persistentvolumes"]), rule(&["create"], &[""], &["pods"])],
            "possible",
        ),
        ("change-nodes", vec![rule(&["patch"], &[""], &["nodes"])], "possible"),
    ];
    for (method, rules, expected) in cases {
        let whole = rules.iter().fold(base(), |world, rule| world.allow("eve", rule.clone()));
        assert_eq!(admin(&whole, method).as_deref(), Some(expected), "{method}: {rules:?}");
        // A method that needs several rules is not found without one of them.
        for left_out in (0..rules.len()).filter(|_| rules.len() > 1) {
            let kept = rules.iter().enumerate().filter(|(n, _)| *n != left_out);
            let half = kept.fold(base(), |world, (_, rule)| world.allow("eve", rule.clone()));
            assert_eq!(admin(&half, method), None, "{method} without {}", rules[left_out]);
        }
    }
}

#[test]
fn what_rbac_would_refuse_is_no_way() {
    let base = || World::new().account("app", "robot", json!({})).allow("app/robot", everything());
    for (method, rule) in [
        ("create-pods", named_rule(&["create"], &[""], &["pods"], &["a"])),
        ("bind-cluster-roles", rule(&["create"], &[RBAC], &["clusterrolebindings"])),
        ("create-pods", rule(&["create"], &["apps"], &["pods"])),
        ("exec-in-pods", rule(&["create"], &[""], &["pods/*"])),
        ("impersonate-masters", rule(&["impersonate"], &[""], &["groups"])),
    ] {
        assert_eq!(admin(&base().allow("eve", rule.clone()), method), None, "{method} {rule}");
    }
    // What is of the whole cluster is not reached from a namespace.
    let nodes = rule(&["get"], &[""], &["nodes/proxy"]);
    assert_eq!(ways(&base().allow_in("app", "eve", nodes), "User:eve"), []);
}

#[test]
fn a_namespace_without_anybody_mighty_leads_nowhere() {
    let world = World::new()
        .account("app", "robot", json!({}))
        .account("dev", "toy", json!({}))
        .allow("app/robot", everything())
        .allow_in("dev", "eve", rule(&["create"], &[""], &["pods"]));
    let document = &world.documents("kubernetes_escalation", "/User:eve ")[0];
    assert_eq!(document["admin"], "no");
    assert_eq!(document["namespaces"], json!(["dev"]));
    assert_eq!(document["reach"], "service_accounts");
    assert_eq!(document["targets"], json!([]));
    // Where not everything is known, it is not ruled out.
    let unknown = world.outcome("kubernetes_role_binding", Outcome::Partial);
    let document = &unknown.documents("kubernetes_escalation", "/User:eve ")[0];
    assert_eq!(document["admin"], "unknown");
    assert!(document["note"].as_str().unwrap().contains("ended partial"));
}

#[test]
fn ways_are_followed_over_several_steps() {
    let world = World::new()
        .account("app", "robot", json!({}))
        .account("ops", "deployer", json!({}))
        .allow("app/robot", everything())
        .allow_in("app", "ops/deployer", rule(&["create"], &[""], &["serviceaccounts/token"]))
        .allow_in("ops", "eve", rule(&["create"], &["batch"], &["jobs"]));
    assert_eq!(ways(&world, "User:eve"), [("write-workloads".to_owned(), "can_become".to_owned())]);
    let document = &world.documents("kubernetes_escalation", "/User:eve ")[0];
    assert_eq!(document["targets"], json!(["ServiceAccount:ops:deployer"]));
    assert_eq!(document["paths"][0][2], "rule 0");
    // Whoever may do everything already has no way to more.
    assert!(world.documents("kubernetes_escalation", "ServiceAccount:app:robot").is_empty());
}

#[test]
fn impersonation_is_limited_to_the_names_given() {
    let base = || {
        World::new()
            .allow("root", everything())
            .account("app", "robot", json!({}))
            .allow("app/robot", everything())
    };
    let users = |names: &[&str]| named_rule(&["impersonate"], &[""], &["users"], names);
    let admin = |world: World| admin(&world, "impersonate-users");
    assert_eq!(admin(base().allow("eve", users(&["root"]))).as_deref(), Some("can_become"));
    assert_eq!(admin(base().allow("eve", users(&["joe"]))).as_deref(), Some("no"));
    // A service account is no user that this right reaches.
    let account = users(&["system:serviceaccount:app:robot"]);
    assert_eq!(admin(base().allow("eve", account)).as_deref(), Some("no"));
}

#[test]
fn binding_is_as_good_as_the_roles_that_may_be_bound() {
    let base = |name: &str| {
        World::new()
            .role("", "mighty", json!([everything()]))
            .role("", "weak", json!([rule(&["get"], &[""], &["pods"])]))
            .allow("eve", named_rule(&["bind"], &[RBAC], &["clusterroles"], &[name]))
            .allow("eve", rule(&["create"], &[RBAC], &["clusterrolebindings"]))
    };
    assert_eq!(admin(&base("mighty"), "bind-cluster-roles").as_deref(), Some("can_become"));
    assert_eq!(admin(&base("weak"), "bind-cluster-roles"), None);
}

#[test]
fn a_long_chain_is_followed_to_its_end() {
    let began = std::time::Instant::now();
    let links = 1000;
    let mut world = World::new().allow(&format!("n{links}/a"), everything());
    for n in 0..links {
        let next = format!("n{}", n + 1);
        world = world.allow_in(&next, &format!("n{n}/a"), rule(&["create"], &[""], &["pods"]));
    }
    let all = world.documents("kubernetes_escalation", "");
    assert_eq!(all.iter().filter(|document| document["admin"] == "can_become").count(), links);
    assert!(began.elapsed() < std::time::Duration::from_mins(1), "{:?}", began.elapsed());
}
