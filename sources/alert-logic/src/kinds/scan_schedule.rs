//! Scan schedules: what is scanned how often, and whether that is kept.

use auditor_core::{
    error::SourceError,
    model::{Column, Kind, Resource},
    outcome::Gap,
    source::Collector,
};
use serde_json::{Value, json};

use super::{Found, emit_by_deployment, named};
use crate::{
    client::calls::{DEPLOYMENTS, SCHEDULE_SUMMARY, SCHEDULES},
    deployment::Deployment,
    estate::Estate,
    item::Item,
};

/// A scan schedule.
pub(crate) static SCAN_SCHEDULE: Kind =
    Kind::new("alertlogic_scan_schedule", "A scan schedule of a deployment, and whether it is kept")
        .native_id("The deployment's id and the schedule's, joined by `/`")
        .columns(&[
            Column::text("deployment_id", "/deployment_id", "The deployment"),
            Column::text(
                "type",
                "/type",
                "`vulnerability`, `external`, `discovery` or `abs`, by agents (schedules, `type_of_scan`)",
            ),
            Column::boolean("enabled", "/enabled", "Whether it scans at all. Null: not known"),
            Column::boolean(
                "default",
                "/default",
                "Whether it is the one that new deployments get. Null: not known",
            ),
            Column::text(
                "frequency",
                "/frequency",
                "Promised interval, e.g. `weekly` (schedules, `scan_frequency`)",
            ),
            Column::text("timezone", "/timezone", "Time zone of its windows. Null: UTC"),
            Column::json(
                "windows",
                "/windows",
                "When it may scan, as the service gives it. Null or empty: always",
            ),
            Column::json("scope", "/scope", "What it scans, as the service gives it. Null: not known"),
            Column::text(
                "status",
                "/status",
                "`disabled`, `idle`, `in_progress` or `stopped`. Null: not known",
            )
            .activity(),
            Column::timestamp("last_scan_at", "/last_scan_at", "Last scan. Null: none, or not known")
                .activity(),
            Column::timestamp("next_scan_at", "/next_scan_at", "Next scan. Null: none, or not known")
                .activity(),
            Column::integer("assets", "/assets", "Assets it is to scan. Null: not known").activity(),
            Column::integer(
                "assets_in_time",
                "/assets_in_time",
                "Those scanned as often as promised (`assets_in_sla`). Null: not known",
            )
            .activity(),
            Column::integer("assets_excluded", "/assets_excluded", "Those excluded. Null: not known")
                .activity(),
            Column::integer("assets_to_scan", "/assets_to_scan", "Those that wait. Null: not known")
                .activity(),
        ])
        .permissions(&[SCHEDULES, SCHEDULE_SUMMARY, DEPLOYMENTS]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&SCAN_SCHEDULE], async |emit| {
        let deployments = estate.deployments(&emit, &SCAN_SCHEDULE).await?;
        emit_by_deployment(&emit, &SCAN_SCHEDULE, deployments, |deployment| read(estate, deployment)).await
    })
    .await;
}

async fn read(estate: &Estate<'_>, deployment: &Deployment) -> Result<Found, SourceError> {
    let reply = estate.api.get(SCHEDULES, &[&deployment.raw_id], &[]).await?;
    let Some(schedules) = reply.as_array() else {
        return Err(SourceError::malformed(SCHEDULES, "the reply holds no list"));
    };
    let mut found = Found::default();
    for schedule in schedules.iter().map(Item) {
        let mut summary = None;
        if let Some(id) = schedule.text("id") {
            match estate.api.get(SCHEDULE_SUMMARY, &[&deployment.raw_id, &id], &[]).await {
                Ok(reply) => summary = Some(reply),
                Err(error) if matches!(error.root(), SourceError::Cancelled | SourceError::Bug(_)) => {
                    return Err(error);
                }
                Err(error) => found.gaps.push(Gap::from(&error)),
            }
        }
        found.resources.push(map(deployment, schedule, summary.as_ref()));
    }
    Ok(found)
}

fn map(deployment: &Deployment, schedule: Item<'_>, summary: Option<&Value>) -> Option<Resource> {
    let document = json!({
        "deployment_id": deployment.id,
        "type": schedule.text("type_of_scan"),
        "enabled": schedule.flag("enabled"),
        "default": schedule.flag("default"),
        "frequency": schedule.text("scan_frequency"),
        "timezone": schedule.text("timezone"),
        "windows": schedule.at("scan_windows").map(|windows| windows.0),
        "scope": schedule.at("scan_scope").map(|scope| scope.0),
    });
    let id = format!("{}/{}", deployment.id, schedule.id("id")?);
    let (created, modified) = schedule.stamps();
    let mut resource = Resource::new(&SCAN_SCHEDULE, deployment.account.clone(), id, document);
    if let Some(summary) = summary.map(Item) {
        resource = resource.with_activity(json!({
            "status": summary.text("status"),
            "last_scan_at": summary.secs("last_scan_date"),
            "next_scan_at": summary.secs("next_scan_date"),
            "assets": summary.int("assets_number"),
            "assets_in_time": summary.int("assets_in_sla"),
            "assets_excluded": summary.int("assets_excluded"),
            "assets_to_scan": summary.int("assets_to_scan"),
        }));
    }
    Some(named(resource, schedule.text("name")).with_times(created, modified))
}
