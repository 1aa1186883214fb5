//! Protection levels: Essentials, Professional, Enterprise.

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::{Value, json};

use super::{emit_mapped, named};
use crate::{client::calls::POLICIES, estate::Estate, item::Item};

/// A protection policy.
pub(crate) static PROTECTION_POLICY: Kind = Kind::new(
    "alertlogic_protection_policy",
    "A level of protection that deployments give to what is in their scope",
)
.native_id("The policy's id, a UUID in capitals")
.columns(&[
    Column::text(
        "product_family",
        "/product_family",
        "`assess`, `detect` or `respond` (policies, `product_family`)",
    ),
    Column::json(
        "features",
        "/features",
        "What it covers, e.g. `scan`, `ids`, `log`; sorted. Null: not known",
    ),
    Column::integer("rank", "/rank", "The service's own order of levels (`policy_rank`). Null: not reported"),
])
.permissions(&[POLICIES]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&PROTECTION_POLICY], async |emit| {
        let map = |policy: &Value| map(&estate.tenant, Item(policy));
        emit_mapped(&emit, &PROTECTION_POLICY, estate.policies().await?.iter().map(map)).await
    })
    .await;
}

fn map(tenant: &AccountId, policy: Item<'_>) -> Option<Resource> {
    let features = policy.at("features").map(|_| {
        let mut features: Vec<_> =
            policy.items("features").filter_map(|feature| feature.text("type")).collect();
        features.sort_unstable();
        features
    });
    let document = json!({
        "product_family": policy.text("product_family"),
        "features": features,
        "rank": policy.int("policy_rank"),
    });
    let resource = Resource::new(&PROTECTION_POLICY, tenant.clone(), policy.id("id")?, document);
    Some(named(resource, policy.text("name")))
}
