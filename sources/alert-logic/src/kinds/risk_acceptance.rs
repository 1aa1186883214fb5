//! Risks that somebody accepted: exposures taken off the list, by whom, why and until when.

use std::collections::BTreeMap;

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    outcome::{Gap, GapReason},
    source::Collector,
};
use serde_json::json;

use super::{emit_mapped, named};
use crate::{
    client::calls::{DEPLOYMENTS, REMEDIATION_ITEMS},
    estate::Estate,
    item::Item,
};

/// An accepted risk.
pub(crate) static RISK_ACCEPTANCE: Kind = Kind::new(
    "alertlogic_risk_acceptance",
    "An exposure or remediation that somebody took off the list: who, why, until when",
)
.native_id("The remediation item's id")
.columns(&[
    Column::text("deployment_id", "/deployment_id", "The deployment. Null: not reported"),
    Column::text("reason", "/reason", "`acceptable_risk`, `compensating_control` or `false_positive`"),
    Column::text("comment", "/comment", "What was written to it. Null: nothing"),
    Column::text("user_id", "/user_id", "Id of the user who did it. Null: not reported"),
    Column::timestamp("expires_at", "/expires_at", "Until when. Null: for good, or not known"),
    Column::boolean(
        "for_good",
        "/for_good",
        "Whether it never expires (remediation-items, `expires` is 0). Null: not reported",
    ),
    Column::text("state", "/state", "State of the item, `disposed`"),
    Column::text("remediation_id", "/remediation_id", "The remediation. Null: none"),
    Column::text("vulnerability_id", "/vulnerability_id", "The vulnerability. Null: none"),
    Column::json("filters", "/filters", "What it applies to, sorted"),
    Column::json("severities", "/severities", "Exposures concerned, counted by severity").activity(),
])
.permissions(&[REMEDIATION_ITEMS, DEPLOYMENTS]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&RISK_ACCEPTANCE], async |emit| {
        let deployments = estate.deployments(&emit, &RISK_ACCEPTANCE).await?;
        let accounts: BTreeMap<_, _> = deployments
            .iter()
            .map(|deployment| (deployment.id.clone(), deployment.account.clone()))
            .collect();
        let reply = estate.api.get(REMEDIATION_ITEMS, &[], &[("state", "disposed")]).await?;
        let rows = Item(&reply);
        let Some(listed) = rows.at("remediation-items/assets").and_then(|list| list.0.as_array()) else {
            return Err(auditor_core::error::SourceError::malformed(
                REMEDIATION_ITEMS,
                "the reply holds no list `remediation-items/assets`",
            ));
        };
        estate.api.believe(REMEDIATION_ITEMS, listed.is_empty() && deployments.is_empty()).await?;
        let announced = rows.int("remediation-items/rows").and_then(|count| usize::try_from(count).ok());
        if let Some(announced) = announced.filter(|announced| *announced > listed.len()) {
            let read = listed.len();
            emit.gap(
                &RISK_ACCEPTANCE,
                Gap::new(GapReason::Mismatch, format!("{read} of {announced} remediation items came")),
            );
        }
        emit_mapped(
            &emit,
            &RISK_ACCEPTANCE,
            listed.iter().map(|row| map(&estate.tenant, Item(row), &accounts)),
        )
        .await
    })
    .await;
}

fn map(tenant: &AccountId, row: Item<'_>, accounts: &BTreeMap<String, AccountId>) -> Option<Resource> {
    let deployment = row.id("deployment_id");
    let account = deployment.as_ref().and_then(|id| accounts.get(id)).unwrap_or(tenant).clone();
    let document = json!({
        "deployment_id": deployment,
        "reason": row.text("reason"),
        "comment": row.text("comment"),
        "user_id": row.id("user_id"),
        "expires_at": row.millis("expires"),
        "for_good": row.int("expires").map(|expires| expires == 0),
        "state": row.text("state"),
        "remediation_id": row.text("remediation_id"),
        "vulnerability_id": row.text("vulnerability_id"),
        "filters": row.texts("filters"),
    });
    let resource = Resource::new(&RISK_ACCEPTANCE, account, row.id("item_id")?, document);
    let activity = json!({ "severities": row.at("severities").map(|counts| counts.0) });
    Some(
        named(resource, row.text("name"))
            .with_times(row.millis("created_on"), row.millis("modified_on"))
            .with_activity(activity),
    )
}
