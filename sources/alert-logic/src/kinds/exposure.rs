//! Open exposures of the severities that the settings name, each deployment's apart.

use auditor_core::{
    error::SourceError,
    model::{Column, Kind, Resource},
    source::Collector,
};
use serde_json::{Value, json};

use super::{Found, emit_by_deployment, named};
use crate::{
    client::calls::{DEPLOYMENTS, EXPOSURES},
    config::Severity,
    deployment::Deployment,
    estate::Estate,
    item::Item,
};

/// Rows of one page.
const PAGE_SIZE: &str = "1000";

/// An open exposure.
pub(crate) static EXPOSURE: Kind = Kind::new(
    "alertlogic_exposure",
    "An open exposure of a deployment, of a severity that the settings name",
)
.native_id("The deployment's id and the vulnerability's, joined by `/`")
.columns(&[
    Column::text("severity", "/severity", "`critical`, `high`, `medium`, `low` or `info`"),
    Column::text("deployment_id", "/deployment_id", "The deployment"),
    Column::text("vulnerability_id", "/vulnerability_id", "The vulnerability"),
    Column::text("cve", "/cve", "Its CVE id. Null: none, or not reported"),
    Column::number("cvss_score", "/cvss_score", "Its CVSS score. Null: none, or not reported"),
    Column::json("categories", "/categories", "Its categories, sorted"),
    Column::json("remediations", "/remediations", "Names of what remedies it, sorted"),
    Column::integer("asset_count", "/asset_count", "Assets concerned. Null: not reported").activity(),
    Column::integer("instance_count", "/instance_count", "Places where it was found. Null: not reported")
        .activity(),
])
.permissions(&[EXPOSURES, DEPLOYMENTS]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&EXPOSURE], async |emit| {
        let deployments = estate.deployments(&emit, &EXPOSURE).await?;
        emit_by_deployment(&emit, &EXPOSURE, deployments, |deployment| read(estate, deployment)).await
    })
    .await;
}

async fn read(estate: &Estate<'_>, deployment: &Deployment) -> Result<Found, SourceError> {
    let severities = &*estate.config.exposure_severities;
    let mut found = Found::default();
    let filter = format!("deployment_id:{}", deployment.raw_id);
    let query = [("group", "exposure"), ("filter", &*filter), ("page_size", PAGE_SIZE)];
    let keep = |page: &[Value]| {
        let rows = page.iter().map(Item).filter(|row| wanted(*row, severities));
        found.resources.extend(rows.map(|row| map(deployment, row)));
    };
    estate.api.pages(EXPOSURES, &[], &query, "exposures/assets", keep).await?;
    Ok(found)
}

/// Whether a row's severity is one that is recorded. One that is not known is.
fn wanted(row: Item<'_>, severities: &[Severity]) -> bool {
    row.text("severity").is_none_or(|text| severities.iter().any(|severity| severity.as_str() == text))
}

fn map(deployment: &Deployment, row: Item<'_>) -> Option<Resource> {
    let vulnerability = row.text("vulnerability_id")?;
    let mut remedies: Vec<_> = row.items("remediations").filter_map(|remedy| remedy.text("name")).collect();
    remedies.sort_unstable();
    remedies.dedup();
    let document = json!({
        "severity": row.text("severity"),
        "deployment_id": deployment.id,
        "vulnerability_id": vulnerability,
        "cve": row.text("cve"),
        "cvss_score": row.number("cvss_score"),
        "categories": row.texts("categories"),
        "remediations": remedies,
    });
    let id = format!("{}/{vulnerability}", deployment.id);
    let resource = Resource::new(&EXPOSURE, deployment.account.clone(), id, document);
    let activity =
        json!({ "asset_count": row.int("asset_count"), "instance_count": row.int("vinstances_count") });
    Some(named(resource, row.text("name")).with_activity(activity))
}
