//! The plugin.

use auditor_core::{
    analyzer::{Analyzer, View},
    config::Problem,
    model::{AccountId, Kind, Resource, common::ENTITLEMENT},
    registry::{AnalyzerConfig, Instance},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{
    entitlements,
    escalation::Escalations,
    identity::{self, ACCESS_ENTRY, EKS_CLUSTER},
    kinds::{ESCALATION, IDENTITY_MAPPING},
    rbac::{Cluster, INPUTS},
};

/// Every kind that is emitted.
pub(crate) static KINDS: &[&Kind] = &[&ENTITLEMENT, &ESCALATION, &IDENTITY_MAPPING];

/// Settings of a `kubernetes-access` analyzer: none.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KubernetesAccessConfig {}

impl AnalyzerConfig for KubernetesAccessConfig {
    fn build(self, _: &Instance) -> Result<Box<dyn Analyzer>, Vec<Problem>> {
        Ok(Box::new(KubernetesAccess))
    }
}

/// What the subjects of an account's clusters may do, and how they come by more.
#[derive(Debug, Clone, Copy)]
pub struct KubernetesAccess;

impl Analyzer for KubernetesAccess {
    fn inputs(&self) -> Vec<&'static str> {
        [&INPUTS[..], &[ACCESS_ENTRY, EKS_CLUSTER]].concat()
    }

    fn outputs(&self) -> Vec<&'static Kind> {
        KINDS.to_vec()
    }

    fn version(&self) -> u32 {
        1
    }

    fn analyze(&self, view: &View<'_>, emit: &mut dyn FnMut(Resource)) {
        let Some(account) = account(view) else { return };
        let mut resource = |kind: &'static Kind, id: String, name: String, document: serde_json::Value| {
            emit(Resource::new(kind, account.clone(), id, document).named(name));
        };
        let clusters = Cluster::all(view);
        let escalations: Vec<_> = clusters.iter().map(Escalations::new).collect();
        for (cluster, escalations) in clusters.iter().zip(&escalations) {
            if let Some(unlisted) = entitlements::unlisted(cluster) {
                let id = entitlements::native_id(&unlisted);
                resource(&ENTITLEMENT, id, "not listed".to_owned(), json!(unlisted));
            }
            for principal in cluster.entitled() {
                for entitlement in entitlements::of(cluster, &principal) {
                    let id = entitlements::native_id(&entitlement);
                    resource(&ENTITLEMENT, id, principal.to_string(), json!(entitlement));
                }
            }
            for (principal, escalation) in escalations.records() {
                let id = format!("{}/{principal} {}", cluster.id, escalation.method);
                resource(&ESCALATION, id, principal.to_string(), json!(escalation));
            }
        }
        let known: Vec<_> = clusters.iter().zip(&escalations).collect();
        for mapping in identity::mappings(view, &known) {
            resource(&IDENTITY_MAPPING, mapping.native_id, mapping.name, json!(mapping.document));
        }
    }
}

/// The account that records belong to.
fn account(view: &View<'_>) -> Option<AccountId> {
    let first = || view.listings.iter().flat_map(|listing| &listing.items).next();
    view.account.or_else(|| first().map(|item| &item.account)).cloned()
}
