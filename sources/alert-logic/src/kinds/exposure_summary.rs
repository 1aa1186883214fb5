//! Open exposures of each deployment, counted by severity.

use std::collections::BTreeMap;

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use serde_json::{Value, json};

use super::{emit_mapped, named};
use crate::{
    client::calls::{DEPLOYMENTS, EXPOSURE_SUMMARY as SUMMARY},
    deployment::Deployment,
    estate::Estate,
    item::Item,
};

/// Open exposures of a deployment.
pub(crate) static EXPOSURE_SUMMARY: Kind =
    Kind::new("alertlogic_exposure_summary", "How many open exposures a deployment has, by severity")
        .native_id("The deployment's id, a UUID in capitals")
        .columns(&[
            Column::text("deployment_id", "/deployment_id", "The deployment"),
            Column::integer("critical", "/critical", "Critical ones. Null: not reported, which is not zero")
                .activity(),
            Column::integer("high", "/high", "High ones. Null: not reported").activity(),
            Column::integer("medium", "/medium", "Medium ones. Null: not reported").activity(),
            Column::integer("low", "/low", "Low ones. Null: not reported").activity(),
            Column::integer("info", "/info", "Those for information. Null: not reported").activity(),
            Column::integer("total", "/total", "All of them (`summary.all`). Null: not reported").activity(),
            Column::integer("asset_count", "/asset_count", "Assets concerned. Null: not reported").activity(),
        ])
        .permissions(&[SUMMARY, DEPLOYMENTS]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&EXPOSURE_SUMMARY], async |emit| {
        let deployments = estate.deployments(&emit, &EXPOSURE_SUMMARY).await?;
        let deployments: BTreeMap<_, _> =
            deployments.iter().map(|deployment| (deployment.id.as_str(), deployment)).collect();
        let rows = estate.api.list(SUMMARY, &[], &[], Some("exposures")).await?;
        emit_mapped(&emit, &EXPOSURE_SUMMARY, rows.iter().map(|row| map(estate, Item(row), &deployments)))
            .await
    })
    .await;
}

fn map(estate: &Estate<'_>, row: Item<'_>, deployments: &BTreeMap<&str, &Deployment>) -> Option<Resource> {
    let id = row.id("deployment_id")?;
    let deployment = deployments.get(id.as_str());
    let account = deployment.map_or(&estate.tenant, |deployment| &deployment.account).clone();
    let name = deployment.and_then(|deployment| deployment.name.clone()).or_else(|| row.text("name"));
    let resource = Resource::new(&EXPOSURE_SUMMARY, account, &*id, json!({ "deployment_id": id }));
    Some(named(resource, name).with_activity(counts(row)))
}

fn counts(row: Item<'_>) -> Value {
    json!({
        "critical": row.int("summary/critical"),
        "high": row.int("summary/high"),
        "medium": row.int("summary/medium"),
        "low": row.int("summary/low"),
        "info": row.int("summary/info"),
        "total": row.int("summary/all"),
        "asset_count": row.int("asset_count"),
    })
}
