//! The rules that every analyzer keeps.

use auditor_core::testkit::AnalyzerFixture;
use serde_json::json;

use super::{ACCOUNT, World, rule};
use crate::KubernetesAccess;

fn world() -> AnalyzerFixture {
    let mapping = json!({
        "section": "mapRoles", "principal": "arn:aws:iam::111122223333:role/ops",
        "matches": "arn:aws:iam::111122223333:role/ops", "username": "ops", "groups": ["ops"], "problem": null
    });
    let world = World::new()
        .allow("ana", rule(&["get", "list"], &[""], &["pods", "secrets"]))
        .allow("ben", rule(&["impersonate"], &[""], &["users"]))
        .item("kubernetes_aws_auth_entry", "ops", mapping);
    AnalyzerFixture {
        analyzer: Box::new(KubernetesAccess),
        account: Some(ACCOUNT.parse().unwrap()),
        listings: world.listings,
        decisive: &["kubernetes_cluster_role", "kubernetes_cluster_role_binding", "kubernetes_role_binding"],
    }
}

auditor_core::analyzer_conformance!(world);
