//! IAM principals and subjects.

use auditor_core::outcome::Outcome;
use serde_json::{Value, json};

use super::{World, rule};

const ARN: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/prod";
const KIND: &str = "kubernetes_identity_mapping";

fn eks(mode: &str) -> World {
    World::new().item(
        "aws_eks_cluster",
        "prod",
        json!({ "arn": ARN, "endpoint": "10.0.0.1:443", "authentication_mode": mode }),
    )
}

fn aws_auth(world: World, principal: &str, username: &str, groups: &[&str]) -> World {
    let document = json!({
        "section": "mapRoles", "principal": principal, "matches": principal.to_lowercase(), "username": username,
        "groups": groups, "problem": null
    });
    world.item("kubernetes_aws_auth_entry", principal, document)
}

fn entry(world: World, principal: &str, groups: &[&str], policies: Value) -> World {
    let document = json!({
        "cluster": "prod", "cluster_arn": ARN, "principal_arn": principal, "username": principal,
        "kubernetes_groups": groups, "access_policies": policies
    });
    world.item("aws_eks_access_entry", principal, document)
}

fn policy(name: &str, scope: &str, namespaces: &[&str]) -> Value {
    json!([{ "arn": name, "name": name, "scope": scope, "namespaces": namespaces }])
}

#[test]
fn aws_auth_counts_as_the_mode_says() {
    let admin = "arn:aws:iam::111122223333:role/Admin";
    for (mode, effective, expected) in [
        ("CONFIG_MAP", json!(true), "yes"),
        ("API_AND_CONFIG_MAP", json!(true), "yes"),
        ("API", json!(false), "no"),
    ] {
        let world = aws_auth(eks(mode), admin, "admin", &["system:masters"]);
        let document = &world.documents(KIND, "uid-1/")[0];
        assert_eq!((&document["effective"], &document["admin"]), (&effective, &json!(expected)), "{mode}");
        assert_eq!(document["cluster_arn"], ARN);
    }
    let world = aws_auth(World::new(), admin, "admin", &["system:masters"]);
    let document = &world.documents(KIND, "uid-1/")[0];
    assert_eq!((&document["effective"], &document["admin"]), (&Value::Null, &json!("yes")));
    assert_eq!(document["note"], "the cluster's authentication mode is not known");
    // An access entry of the same principal counts in its place.
    let both = aws_auth(eks("API_AND_CONFIG_MAP"), admin, "admin", &["system:masters"]);
    let both = entry(both, admin, &["viewers"], json!([]));
    let documents = both.documents(KIND, "");
    let of = |via: &str| documents.iter().find(|document| document["via"] == via).unwrap();
    assert_eq!((&of("aws-auth")["admin"], &of("access-entry")["admin"]), (&json!("no"), &json!("no")));
}

#[test]
fn groups_and_names_are_looked_up_in_the_bindings() {
    let everything = json!([rule(&["*"], &["*"], &["*"])]);
    let subjects = json!([{ "kind": "Group", "name": "ops" }, { "kind": "User", "name": "jane" }]);
    let world = || {
        eks("CONFIG_MAP").role("", "all", everything.clone()).binding(
            "",
            "b",
            "ClusterRole:all",
            subjects.clone(),
        )
    };
    for (username, groups, expected) in [
        ("x", &["ops"][..], "yes"),
        ("jane", &[], "yes"),
        ("x", &["dev"], "no"),
        ("x-{{SessionName}}", &[], "no"),
    ] {
        let world = aws_auth(world(), "arn:aws:iam::111122223333:role/R", username, groups);
        let document = &world.documents(KIND, "uid-1/")[0];
        assert_eq!(document["admin"], expected, "{username} {groups:?}");
        assert_eq!(
            document["reason"].as_str().unwrap().contains("session to session"),
            username.contains("{{")
        );
        let unknown = world.outcome("kubernetes_cluster_role_binding", Outcome::Denied);
        let document = &unknown.documents(KIND, "uid-1/")[0];
        assert_eq!(document["admin"], if expected == "yes" { "yes" } else { "unknown" });
    }
    let eve = eks("CONFIG_MAP")
        .account("kube-system", "robot", json!({}))
        .allow("kube-system/robot", rule(&["*"], &["*"], &["*"]))
        .allow("eve", rule(&["create"], &[""], &["pods"]));
    let document =
        &aws_auth(eve, "arn:aws:iam::111122223333:user/eve", "eve", &[]).documents(KIND, "uid-1/")[0];
    assert_eq!(document["admin"], "can_become");
}

#[test]
fn access_policies_count_beside_bindings() {
    for (policies, expected) in [
        (policy("AmazonEKSClusterAdminPolicy", "cluster", &[]), "yes"),
        (policy("AmazonEKSClusterAdminPolicy", "namespace", &["dev"]), "unknown"),
        (policy("AmazonEKSClusterAdminPolicy", "namespace", &["kube-*"]), "possible"),
        (policy("AmazonEKSAdminPolicy", "cluster", &[]), "possible"),
        (policy("AmazonEKSViewPolicy", "cluster", &[]), "no"),
        (policy("AmazonEKSNewPolicy", "cluster", &[]), "unknown"),
        (json!([]), "no"),
        (Value::Null, "unknown"),
        (json!([{ "oops": 1 }]), "unknown"),
    ] {
        let world = entry(eks("API"), "arn:aws:iam::111122223333:role/R", &[], policies.clone());
        let document = &world.documents(KIND, "role/R")[0];
        assert_eq!(document["admin"], expected, "{policies}");
        assert_eq!(document["cluster"], "uid-1");
        assert_eq!(
            document["access_policies"].is_null(),
            expected == "unknown" && policies[0]["name"].is_null()
        );
    }
    // Where entries do not count, nothing comes of them.
    let world = entry(
        eks("CONFIG_MAP"),
        "arn:aws:iam::111122223333:role/R",
        &[],
        policy("AmazonEKSClusterAdminPolicy", "cluster", &[]),
    );
    assert_eq!(world.documents(KIND, "role/R")[0]["admin"], "no");
}

#[test]
fn an_entry_of_a_cluster_that_is_not_audited_is_kept_and_not_cleared() {
    let world = entry(World::new(), "arn:aws:iam::111122223333:role/R", &["dev"], json!([]));
    let document = &world.documents(KIND, "role/R")[0];
    assert_eq!((&document["cluster"], &document["admin"]), (&Value::Null, &json!("unknown")));
    assert!(document["note"].as_str().unwrap().contains("not collected here"));
}

#[test]
fn service_accounts_with_an_iam_role_are_mapped_the_other_way() {
    let role = "arn:aws:iam::111122223333:role/s3";
    let world = World::new().account("app", "web", json!({ "iam_role_arn": role })).account(
        "app",
        "plain",
        json!({ "iam_role_arn": null }),
    );
    let documents = world.documents(KIND, "");
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0]["iam_principal"], role);
    assert_eq!(documents[0]["direction"], "to_iam");
    assert_eq!(documents[0]["username"], "system:serviceaccount:app:web");
    assert_eq!(world.documents(KIND, "uid-1/ServiceAccount:app:web").len(), 1);
}

#[test]
fn who_is_not_listed_is_not_nobody() {
    assert_eq!(World::new().documents(KIND, ""), Vec::<Value>::new());
    let denied = World::new().outcome("kubernetes_aws_auth_entry", Outcome::Denied);
    let document = &denied.documents(KIND, "uid-1/aws-auth not listed")[0];
    assert_eq!((&document["admin"], &document["effective"]), (&json!("unknown"), &Value::Null));
    let lack = "the latest listing of kubernetes_aws_auth_entry from `source` ended denied";
    assert_eq!(document["note"], lack);
    // Without a source for access entries, those of an EKS cluster are not known.
    let world = aws_auth(World::new(), "arn:aws:iam::111122223333:role/R", "r", &[]);
    assert_eq!(world.documents(KIND, "access entries not listed").len(), 1);
    let listed = entry(world, "arn:aws:iam::111122223333:role/S", &[], json!([]));
    assert_eq!(listed.documents(KIND, "not listed").len(), 0);
}
