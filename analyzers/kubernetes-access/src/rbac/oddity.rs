//! What is odd about a cluster's roles and bindings, and grants nothing today.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::{BindingId, Cluster, Role, RoleId, Rule};

/// Labels that selectors can be compared with: others may not be stored.
const STORED_LABELS: [&str; 3] =
    ["rbac.authorization.k8s.io/aggregate-to-", "kubernetes.io/bootstrapping", "app.kubernetes.io/name"];

/// Something that grants nothing today, and may once somebody makes what it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Oddity {
    /// A binding whose role is not there: who makes that role gives its rights to the subjects.
    DanglingRole {
        /// The binding.
        binding: BindingId,
        /// The role. `None`: the binding names something that is no role.
        role: Option<RoleId>,
    },
    /// A binding that names nobody.
    NoSubjects {
        /// The binding.
        binding: BindingId,
    },
    /// A binding of a service account that is not there: who makes it gets the rights.
    DanglingServiceAccount {
        /// The binding.
        binding: BindingId,
        /// The service account.
        principal: super::Principal,
    },
    /// An aggregated role whose rules are not the union of those that it selects, so that they are about to change.
    StaleAggregation {
        /// The role.
        role: RoleId,
        /// Selected and not among its rules, or the other way round.
        differing_rules: usize,
    },
}

impl Cluster {
    /// What is odd, in order. Of what is not wholly known, nothing is said to be missing.
    pub fn oddities(&self) -> Vec<Oddity> {
        let mut odd = Vec::new();
        let known = self.lacks.is_empty();
        for binding in &self.bindings {
            let id = || binding.id.clone();
            if known && binding.role.as_ref().is_none_or(|role| !self.roles.contains_key(role)) {
                odd.push(Oddity::DanglingRole { binding: id(), role: binding.role.clone() });
            }
            if known && binding.subjects.is_empty() {
                odd.push(Oddity::NoSubjects { binding: id() });
            }
            // Without any, service accounts were not listed. Kubernetes binds those of its controllers beforehand.
            let accounts = binding.subjects.iter().filter(|subject| subject.as_service_account().is_some());
            let listed = !self.service_accounts.is_empty() && !binding.built_in;
            for principal in accounts.filter(|one| listed && !self.service_accounts.contains_key(one)) {
                odd.push(Oddity::DanglingServiceAccount { binding: id(), principal: principal.clone() });
            }
        }
        for role in self.roles.values().filter(|_| known) {
            let differing_rules = self.drift(role).unwrap_or_default();
            if differing_rules > 0 {
                odd.push(Oddity::StaleAggregation { role: role.id.clone(), differing_rules });
            }
        }
        odd
    }

    /// How many rules an aggregated role has too many or too few. `None`: it is none, or cannot be told.
    fn drift(&self, role: &Role) -> Option<usize> {
        let selectors = role.aggregation.as_ref()?.get("clusterRoleSelectors")?.as_array()?;
        let mut selected = BTreeSet::<&Rule>::new();
        for other in self.roles.values().filter(|other| other.id.namespace.is_none() && other.id != role.id) {
            let mut matches = false;
            for selector in selectors {
                matches |= selects(selector, other)?;
            }
            if matches {
                selected.extend(&other.rules);
            }
        }
        let has: BTreeSet<_> = role.rules.iter().collect();
        Some(has.symmetric_difference(&selected).count())
    }
}

/// Whether a selector selects a role. `None`: it asks for what is not stored.
fn selects(selector: &Value, role: &Role) -> Option<bool> {
    let expressions = selector.get("matchExpressions").and_then(Value::as_array);
    if expressions.is_some_and(|expressions| !expressions.is_empty()) {
        return None;
    }
    let mut all = true;
    for (key, wanted) in selector.get("matchLabels").and_then(Value::as_object).into_iter().flatten() {
        if !STORED_LABELS.iter().any(|stored| key.starts_with(stored)) {
            return None;
        }
        all &= role.labels.get(key).map(String::as_str) == wanted.as_str();
    }
    Some(all)
}
