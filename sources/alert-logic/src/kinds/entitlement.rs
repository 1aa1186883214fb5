//! What is bought.

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::{Value, json};

use super::emit_mapped;
use crate::{client::calls::ENTITLEMENTS, estate::Estate, item::Item};

/// An entitlement.
pub(crate) static ENTITLEMENT: Kind = Kind::new(
    "alertlogic_entitlement",
    "A product or a retention that an Alert Logic account is entitled to",
)
.native_id("The entitlement's id and its product family, joined by `/`: ids alone are not unique")
.columns(&[
    Column::text(
        "product_family",
        "/product_family",
        "What is bought, e.g. `detect` or `log_data_retention`",
    ),
    Column::text("status", "/status", "`active` or `canceled`. Null: not known"),
    Column::number("value", "/value", "How much, where it is a quantity. Null: none"),
    Column::text("value_type", "/value_type", "Unit of the quantity, e.g. `months`. Null: none"),
    Column::boolean("usage_based", "/usage_based", "Whether it is paid by use. Null: not known"),
    Column::timestamp("starts_at", "/starts_at", "Begin (entitlements, `start_date`). Null: not known"),
    Column::timestamp("ends_at", "/ends_at", "End (entitlements, `end_date`). Null: none, or not known"),
    Column::text("subscription_id", "/subscription_id", "Id of the subscription that gives it"),
])
.permissions(&[ENTITLEMENTS]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&ENTITLEMENT], async |emit| {
        let entitlements = estate.api.list(ENTITLEMENTS, &[], &[], Some("entitlements")).await?;
        let map = |entitlement: &Value| map(&estate.tenant, Item(entitlement));
        emit_mapped(&emit, &ENTITLEMENT, entitlements.iter().map(map)).await
    })
    .await;
}

fn map(tenant: &AccountId, entitlement: Item<'_>) -> Option<Resource> {
    let family = entitlement.text("product_family")?;
    let id = format!("{}/{family}", entitlement.id("id")?);
    let document = json!({
        "product_family": family,
        "status": entitlement.text("status"),
        "value": entitlement.number("value"),
        "value_type": entitlement.text("value_type"),
        "usage_based": entitlement.flag("usage_based"),
        "starts_at": entitlement.secs("start_date"),
        "ends_at": entitlement.secs("end_date"),
        "subscription_id": entitlement.id("subscription_id"),
    });
    let times = (entitlement.secs("created/at"), entitlement.secs("updated/at"));
    Some(Resource::new(&ENTITLEMENT, tenant.clone(), id, document).named(family).with_times(times.0, times.1))
}
