//! Tests over views made by hand.

#![expect(clippy::needless_pass_by_value, reason = "rules and documents are made where they are handed over")]

mod conformance;
mod deriving;
mod escalating;
mod mapping;
mod properties;
mod semantics;

use auditor_core::{
    analyzer::{Analyzer as _, Item, Listing, View},
    model::Resource,
    outcome::Outcome,
};
use serde_json::{Value, json};

use crate::{Cluster, KubernetesAccess};

const ACCOUNT: &str = "111122223333";
const UID: &str = "uid-1";

/// A cluster under construction, as the source stores it.
#[derive(Clone)]
pub(crate) struct World {
    listings: Vec<Listing>,
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self { listings: Vec::new() };
        for kind in [
            "kubernetes_cluster",
            "kubernetes_service_account",
            "kubernetes_role",
            "kubernetes_cluster_role",
            "kubernetes_role_binding",
            "kubernetes_cluster_role_binding",
            "kubernetes_aws_auth_entry",
        ] {
            world.listing(kind, UID);
        }
        world.item("kubernetes_cluster", "prod", json!({ "endpoint": "10.0.0.1:443" }))
    }

    fn listing(&mut self, kind: &str, target: &str) -> &mut Listing {
        let place = self.listings.iter().position(|listing| listing.kind == kind);
        let place = place.unwrap_or_else(|| {
            self.listings.push(Listing {
                kind: kind.to_owned(),
                source: "source".to_owned(),
                target: target.to_owned(),
                outcome: Outcome::Complete,
                items: Vec::new(),
            });
            self.listings.len() - 1
        });
        &mut self.listings[place]
    }

    pub(crate) fn item(mut self, kind: &str, name: &str, document: Value) -> Self {
        let target = if kind.starts_with("aws_") { "aws" } else { UID };
        let items = &mut self.listing(kind, target).items;
        items.push(Item {
            account: ACCOUNT.parse().unwrap(),
            native_id: format!("{name}-{}", items.len()),
            name: Some(name.to_owned()),
            document,
            activity: None,
            provider_created_at: None,
            provider_updated_at: None,
        });
        self
    }

    /// A role with rules, of a namespace or, where that is empty, of the cluster.
    pub(crate) fn role(self, namespace: &str, name: &str, rules: Value) -> Self {
        let kind = if namespace.is_empty() { "kubernetes_cluster_role" } else { "kubernetes_role" };
        self.item(kind, name, json!({ "namespace": namespace, "rules": rules }))
    }

    /// A binding, of a namespace or, where that is empty, of the cluster; `role` is `Kind:name`.
    pub(crate) fn binding(self, namespace: &str, name: &str, role: &str, subjects: Value) -> Self {
        let kind =
            if namespace.is_empty() { "kubernetes_cluster_role_binding" } else { "kubernetes_role_binding" };
        let (role_kind, role_name) = role.split_once(':').unwrap();
        let document = json!({
            "namespace": namespace, "role_kind": role_kind, "role_name": role_name, "subjects": subjects
        });
        self.item(kind, name, document)
    }

    /// Gives a user one rule in the whole cluster.
    pub(crate) fn allow(self, user: &str, rule: Value) -> Self {
        self.allow_in("", user, rule)
    }

    /// Gives a user one rule in a namespace.
    pub(crate) fn allow_in(self, namespace: &str, user: &str, rule: Value) -> Self {
        let name =
            format!("{user}-{}", self.listings.iter().map(|listing| listing.items.len()).sum::<usize>());
        let subject = match user.split_once('/') {
            Some((namespace, name)) => {
                json!({ "kind": "ServiceAccount", "namespace": namespace, "name": name })
            }
            None => json!({ "kind": "User", "name": user }),
        };
        let world = self.role("", &name, json!([rule]));
        world.binding(namespace, &name, &format!("ClusterRole:{name}"), json!([subject]))
    }

    pub(crate) fn account(self, namespace: &str, name: &str, more: Value) -> Self {
        let mut document = json!({ "namespace": namespace });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.item("kubernetes_service_account", name, document)
    }

    pub(crate) fn outcome(mut self, kind: &str, outcome: Outcome) -> Self {
        self.listing(kind, UID).outcome = outcome;
        self
    }

    pub(crate) fn cluster(&self) -> Cluster {
        let view =
            View { account: None, at: chrono::DateTime::UNIX_EPOCH, listings: &self.listings, shared: &[] };
        let mut clusters = Cluster::all(&view);
        assert_eq!(clusters.len(), 1);
        clusters.remove(0)
    }

    pub(crate) fn analyze(&self) -> Vec<Resource> {
        let account = ACCOUNT.parse().unwrap();
        let view = View {
            account: Some(&account),
            at: chrono::DateTime::UNIX_EPOCH,
            listings: &self.listings,
            shared: &[],
        };
        let mut resources = Vec::new();
        KubernetesAccess.analyze(&view, &mut |resource| resources.push(resource));
        let mut ids: Vec<_> = resources.iter().map(|one| (one.kind.name, one.native_id.clone())).collect();
        ids.sort();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all, "native ids come once");
        resources
    }

    /// The documents of one kind whose native id contains that text.
    pub(crate) fn documents(&self, kind: &str, containing: &str) -> Vec<Value> {
        let found = self.analyze().into_iter();
        let found = found.filter(|one| one.kind.name == kind && one.native_id.contains(containing));
        found.map(|one| one.document).collect()
    }
}

/// A rule about resources.
pub(crate) fn rule(verbs: &[&str], groups: &[&str], resources: &[&str]) -> Value {
    json!({ "verbs": verbs, "api_groups": groups, "resources": resources, "resource_names": [], "non_resource_urls": [] })
}

pub(crate) fn named_rule(verbs: &[&str], groups: &[&str], resources: &[&str], names: &[&str]) -> Value {
    let mut rule = rule(verbs, groups, resources);
    rule["resource_names"] = json!(names);
    rule
}
