//! Collection health of each deployment, counted.

use auditor_core::{
    error::SourceError,
    model::{Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::{Found, emit_by_deployment, named};
use crate::{
    client::calls::{DEPLOYMENTS, HEALTH_SUMMARY},
    estate::Estate,
};

/// Collection health of a deployment.
pub(crate) static COLLECTION_HEALTH: Kind = Kind::new(
    "alertlogic_collection_health",
    "How many agents, appliances, collectors and networks a deployment has, and how they are",
)
.native_id("The deployment's id, a UUID in capitals")
.columns(&[
    Column::text("deployment_id", "/deployment_id", "The deployment"),
    Column::integer("agents_total", "/agents_total", "Agents. Null: not reported").activity(),
    Column::integer("agents_protected", "/agents_protected", "Agents that protect. Null: not reported")
        .activity(),
    Column::integer("agents_healthy", "/agents_healthy", "Healthy agents. Null: not reported").activity(),
    Column::integer("agents_unhealthy", "/agents_unhealthy", "Other agents. Null: not reported").activity(),
    Column::integer("appliances_total", "/appliances_total", "Appliances. Null: not reported").activity(),
    Column::integer("appliances_unhealthy", "/appliances_unhealthy", "Unhealthy ones. Null: not reported")
        .activity(),
    Column::integer("collectors_total", "/collectors_total", "Log collectors. Null: not reported").activity(),
    Column::integer("collectors_unhealthy", "/collectors_unhealthy", "Unhealthy ones. Null: not reported")
        .activity(),
    Column::integer("networks_total", "/networks_total", "Networks. Null: not reported").activity(),
    Column::integer("networks_protected", "/networks_protected", "Protected ones. Null: not reported")
        .activity(),
    Column::integer("networks_unhealthy", "/networks_unhealthy", "Unhealthy ones. Null: not reported")
        .activity(),
])
.permissions(&[HEALTH_SUMMARY, DEPLOYMENTS]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&COLLECTION_HEALTH], async |emit| {
        let deployments = estate.deployments(&emit, &COLLECTION_HEALTH).await?;
        let health = estate.health(deployments).await?;
        emit_by_deployment(&emit, &COLLECTION_HEALTH, deployments, |deployment| async move {
            let Some(health) = health.get(&deployment.id) else {
                return Err(SourceError::Bug("a deployment's health was not asked for".to_owned()));
            };
            let counts = health.as_ref().map_err(SourceError::again)?.counts();
            let document = json!({ "deployment_id": deployment.id });
            let resource =
                Resource::new(&COLLECTION_HEALTH, deployment.account.clone(), &*deployment.id, document);
            let resource = named(resource, deployment.name.clone()).with_activity(counts);
            Ok(Found { resources: vec![Some(resource)], ..Found::default() })
        })
        .await
    })
    .await;
}
