//! Collection health one by one: rows that refer to assets listed beside them.
//!
//! References come as `type:key` or `deployment:type:key`, may be null, and may lead into nothing.

use auditor_core::{
    error::SourceError,
    model::{Kind, Resource},
    outcome::{Gap, GapReason},
    source::Collector,
};
use serde_json::{Value, json};

use super::{Found, emit_by_deployment, named};
use crate::{
    client::calls::HEALTH,
    deployment::{Deployment, Levels},
    estate::Estate,
    item::{Item, normal_id},
};

/// Lists what is of one type (`agent`, `appliance`, `collector`).
pub(super) async fn emit(out: &Collector, estate: &Estate<'_>, kind: &'static Kind, asset_type: &str) {
    out.scope(&[kind], async |emit| {
        let deployments = estate.deployments(&emit, kind).await?;
        let levels = estate.levels(&emit, kind).await?;
        let levels = &levels;
        emit_by_deployment(&emit, kind, deployments, |deployment| async move {
            let filter = format!("deployment:{}", deployment.raw_id);
            let reply = estate.api.get(HEALTH, &[asset_type], &[("filter", &filter)]).await?;
            found(&reply, kind, asset_type, deployment, levels)
        })
        .await
    })
    .await;
}

/// Maps one deployment's reply.
pub(super) fn found(
    reply: &Value,
    kind: &'static Kind,
    asset_type: &str,
    deployment: &Deployment,
    levels: &Levels,
) -> Result<Found, SourceError> {
    let Some(rows) = Item(reply).at("list").and_then(|list| list.0.as_array()) else {
        return Err(SourceError::malformed(HEALTH, "the reply holds no list `list`"));
    };
    let graph = Graph(Item(reply));
    let mut found = Found::default();
    let mut nameless = 0;
    for row in rows {
        match graph.refer(Item(row), asset_type) {
            Some(asset) => {
                found.resources.push(Some(map(graph, Item(row), &asset, kind, deployment, levels)));
            }
            None => nameless += 1,
        }
    }
    if nameless > 0 {
        let detail = format!("{nameless} rows refer to no {asset_type} and were left out");
        found.gaps.push(Gap::new(GapReason::Malformed, detail));
    }
    Ok(found)
}

fn map(
    graph: Graph<'_>,
    row: Item<'_>,
    asset: &Reference<'_>,
    kind: &'static Kind,
    deployment: &Deployment,
    levels: &Levels,
) -> Resource {
    let host = graph.refer(row, "host");
    let host_name = host.as_ref().and_then(|host| host.text("name"));
    let policy = row.id("protection_policy_id");
    let mut problems: Vec<_> =
        row.items("exposures").filter_map(|entry| graph.refer(entry, "exposure")?.text("name")).collect();
    problems.sort_unstable();
    problems.dedup();
    let host_key = host.as_ref().map(|host| host.key.clone());
    let document = json!({
        "deployment_id": deployment.id,
        "key": asset.key,
        "host_id": asset.asset.and_then(|asset| asset.id("host_uuid")).or_else(|| last_part(&asset.key).map(normal_id)),
        "host_key": host_key,
        "host_name": host_name,
        "instance_id": host_key.as_deref().and_then(last_part).filter(|id| id.starts_with("i-")),
        "region": graph.refer(row, "region").map(|region| region.key),
        "vpc": graph.refer(row, "vpc").map(|vpc| vpc.key),
        "protection_level": policy.as_deref().map(|id| levels.name(id)),
    });
    let activity = json!({
        "health_level": row.int("health_level"),
        "problems": problems,
        "status": asset.text("status"),
        "status_updated_at": asset.asset.and_then(|asset| asset.secs("status_updated")),
        "modified_at": asset.asset.and_then(|asset| asset.millis("modified_on")),
    });
    let id = format!("{}/{}", deployment.id, asset.key);
    let resource = Resource::new(kind, deployment.account.clone(), id, document);
    let created = asset.asset.and_then(|asset| asset.millis("created_on"));
    named(resource, asset.text("name").or(host_name)).with_times(created, None).with_activity(activity)
}

/// The last part of a key. `None` for a key that ends in `/`.
fn last_part(key: &str) -> Option<String> {
    key.rsplit('/').next().filter(|part| !part.is_empty()).map(str::to_owned)
}

/// A reply: rows, and the assets that they refer to.
#[derive(Clone, Copy)]
struct Graph<'a>(Item<'a>);

/// What a row refers to: always a key, and the asset itself if it is listed.
struct Reference<'a> {
    key: String,
    asset: Option<Item<'a>>,
}

impl Reference<'_> {
    fn text(&self, path: &str) -> Option<String> {
        self.asset?.text(path)
    }
}

impl<'a> Graph<'a> {
    /// What a row refers to as its `asset_type`.
    fn refer(self, row: Item<'_>, asset_type: &str) -> Option<Reference<'a>> {
        let reference = row.text(asset_type)?;
        let asset = self.0.0.get("assets").and_then(|assets| assets.get(&reference)).map(Item);
        let marker = format!("{asset_type}:");
        let key = asset.and_then(|asset| asset.text("key")).or_else(|| {
            let (before, key) = reference.split_once(&marker)?;
            (before.is_empty() || before.ends_with(':')).then(|| key.to_owned())
        });
        Some(Reference { key: key.unwrap_or(reference), asset })
    }
}
