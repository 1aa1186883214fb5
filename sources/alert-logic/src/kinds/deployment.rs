//! Deployments: what watches which AWS account, and how.

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use serde_json::{Value, json};

use super::{emit_sorted, named};
use crate::{
    client::calls::{DEPLOYMENTS, POLICIES},
    deployment::{Deployment, Levels},
    estate::Estate,
    item::Item,
};

/// A deployment.
pub(crate) static DEPLOYMENT: Kind = Kind::new("alertlogic_deployment", "A deployment: what watches one AWS account, Azure subscription or data centre")
    .native_id("The deployment's id, a UUID in capitals")
    .columns(&[
        Column::text("platform_type", "/platform_type", "`aws`, `azure` or `datacenter` (deployments, `platform.type`)"),
        Column::text("platform_id", "/platform_id", "AWS account id or Azure subscription id. Null: none"),
        Column::boolean("enabled", "/enabled", "Whether it protects anything at all. Null: not known"),
        Column::text("status", "/status", "`new`, `ok`, `warning`, `error`, or another word of the service. Null: not known"),
        Column::text("status_message", "/status_message", "What the service says of that. Null: nothing"),
        Column::text(
            "mode",
            "/mode",
            "Who deploys Alert Logic's parts: `automatic`, `guided`, `manual`, `readonly`, `none`. Null: not known",
        ),
        Column::boolean("discover", "/discover", "Whether assets are discovered. Null: not known"),
        Column::boolean("scan", "/scan", "Whether assets are scanned for vulnerabilities. Null: not reported"),
        Column::json("protection_levels", "/protection_levels", "Names of the levels in its scope, highest first"),
        Column::text("highest_level", "/protection_levels/0", "The highest of them. Null: none is set"),
        Column::integer(
            "without_level",
            "/without_level",
            "Entries of its scope that have no protection level. Null: the scope is not known",
        ),
        Column::json(
            "scope_include",
            "/scope_include",
            "What is protected: type, key, policy's id and level, sorted by key. Null: not known",
        ),
        Column::json("scope_exclude", "/scope_exclude", "What is taken out of protection, sorted by key"),
        Column::boolean("monitor_enabled", "/monitor_enabled", "Whether CloudTrail is watched. Null: not known"),
        Column::text("monitor_region", "/monitor_region", "Region in which that is set up. Null: none"),
        Column::json("credentials", "/credentials", "Credentials it uses: id and purpose, sorted by id"),
        Column::boolean("control_tower", "/control_tower", "Whether AWS Control Tower made it. Null: not known"),
        Column::text(
            "control_tower_master_account",
            "/control_tower_master_account",
            "Management account of that Control Tower. Null: none, or not known",
        ),
        Column::boolean("cloud_defender", "/cloud_defender", "Whether it is tied to the former product. Null: not known"),
        Column::json("features", "/features", "Further scopes, e.g. of file integrity monitoring, as the service gives them"),
        Column::timestamp("status_updated_at", "/status_updated_at", "When the status was last told. Null: not known")
            .activity(),
    ])
    .permissions(&[DEPLOYMENTS, POLICIES]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&DEPLOYMENT], async |emit| {
        let deployments = estate.deployments(&emit, &DEPLOYMENT).await?;
        let levels = estate.levels(&emit, &DEPLOYMENT).await?;
        emit_sorted(&emit, deployments.iter().map(|deployment| map(deployment, &levels))).await
    })
    .await;
}

fn map(deployment: &Deployment, levels: &Levels) -> Resource {
    let item = deployment.item();
    let policies = deployment.policy_ids();
    let (created, modified) = item.stamps();
    let document = json!({
        "platform_type": item.text("platform/type"),
        "platform_id": item.text("platform/id"),
        "enabled": item.flag("enabled"),
        "status": item.text("status/status"),
        "status_message": item.text("status/message"),
        "mode": item.text("mode"),
        "discover": item.flag("discover"),
        "scan": item.flag("scan"),
        "protection_levels": levels.names(policies.iter().map(String::as_str)),
        "without_level": deployment.without_level(),
        "scope_include": assets(item, "scope/include", levels),
        "scope_exclude": assets(item, "scope/exclude", levels),
        "monitor_enabled": item.flag("platform/monitor/enabled"),
        "monitor_region": item.text("platform/monitor/ct_install_region"),
        "credentials": credentials(item),
        "control_tower": item.flag("is_control_tower"),
        "control_tower_master_account": item.text("control_tower/org/master_account"),
        "cloud_defender": item.flag("cloud_defender/enabled"),
        "features": item.at("features").map(|features| features.0),
    });
    let resource = Resource::new(&DEPLOYMENT, deployment.account.clone(), &*deployment.id, document);
    let activity =
        json!({ "status_updated_at": item.secs("status/updated").or_else(|| item.secs("status/timestamp")) });
    named(resource, deployment.name.clone()).with_times(created, modified).with_activity(activity)
}

/// Assets of a scope, sorted by key. Null where the scope is not known.
fn assets(deployment: Item<'_>, path: &str, levels: &Levels) -> Value {
    if deployment.at(path).is_none() {
        return Value::Null;
    }
    let mut assets: Vec<_> = deployment
        .items(path)
        .map(|asset| {
            let policy = asset.id("policy/id");
            let level = policy.as_deref().map(|id| levels.name(id));
            (asset.text("key"), asset.text("type"), policy, level)
        })
        .collect();
    assets.sort_unstable();
    assets
        .into_iter()
        .map(|(key, ty, policy, level)| json!({"key": key, "type": ty, "policy_id": policy, "level": level}))
        .collect()
}

fn credentials(deployment: Item<'_>) -> Value {
    let mut all: Vec<_> = deployment
        .items("credentials")
        .map(|credential| (credential.id("id"), credential.text("purpose")))
        .collect();
    all.sort_unstable();
    all.into_iter().map(|(id, purpose)| json!({"id": id, "purpose": purpose})).collect()
}
