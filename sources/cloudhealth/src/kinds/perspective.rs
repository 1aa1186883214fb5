//! `cloudhealth_perspective`.

use auditor_core::{
    error::SourceError,
    model::{AccountId, Column, DigestBuilder, Kind, Resource, canonical_json},
    outcome::{Gap, GapReason},
    source::{Collector, Emitter},
};
use serde_json::{Value, json};

use super::Work;
use crate::{
    client::{calls, no_result},
    item::Item,
};

pub(crate) static PERSPECTIVE: Kind = Kind::new(
    "cloudhealth_perspective",
    "A perspective: one way in which everything is split into groups, for instance by owner",
)
.native_id("The perspective's id")
.columns(&[
    Column::boolean("active", "/active", "False: archived"),
    Column::json(
        "groups",
        "/groups",
        "Its groups: id, name, type, whether it is the catch-all. Null: not known",
    ),
    Column::integer("groups_count", "/groups_count", "How many groups it has. Null: not known"),
    Column::integer("rules_count", "/rules_count", "How many rules it has. Null: not known"),
    Column::text(
        "rules_digest",
        "/rules_digest",
        "BLAKE3 hash over rules and merges: differs when they do. Null: not known",
    ),
    Column::boolean("include_in_reports", "/include_in_reports", "Whether reports can be split by it"),
    Column::integer("version", "/version", "CloudHealth's count of its changes. Null: not said"),
])
.permissions(&["GET /v1/perspective_schemas", "GET /v1/perspective_schemas/{id}"]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&PERSPECTIVE], |emit| async move {
        let action = calls::PERSPECTIVES.action;
        let request = work.reader.request(&calls::PERSPECTIVES, &[]);
        let body = work.reader.get(&request, action).await?;
        let mut perspectives: Vec<_> = body.as_object().into_iter().flatten().collect();
        if perspectives.iter().any(|(_, perspective)| !perspective.is_object()) {
            return Err(no_result(action, &request, &body, "the reply is no table of perspectives"));
        }
        perspectives.sort_by_key(|(id, _)| *id);
        let mut refused = false;
        for (id, perspective) in perspectives {
            if let Some(schema) = schema(&emit, work, id, &mut refused).await? {
                let schema = schema.as_ref().map(Item);
                emit.emit(map(work.account, id, Item(perspective), schema)).await?;
            }
        }
        Ok(())
    })
    .await;
}

/// The perspective's details; `Some(None)` where they may not be read, which is then a gap, as is a failure. After the
/// first refusal no other is asked for.
async fn schema(
    emit: &Emitter,
    work: &Work<'_>,
    id: &str,
    refused: &mut bool,
) -> Result<Option<Option<Value>>, SourceError> {
    if *refused {
        return Ok(Some(None));
    }
    let action = calls::PERSPECTIVE.action;
    let request = work.reader.request(&calls::PERSPECTIVE, &[id]).query("include_version", true);
    let error = match work.reader.get(&request, action).await {
        Ok(mut body) => match body.get_mut("schema").filter(|schema| schema.is_object()) {
            Some(schema) => return Ok(Some(Some(schema.take()))),
            None => no_result(action, &request, &body, "the reply holds no `schema`"),
        },
        Err(error) => error,
    };
    let lasting = matches!(error.reason(), GapReason::Denied | GapReason::Rejected);
    *refused = error.reason() == GapReason::Denied;
    if matches!(error.reason(), GapReason::Stopped | GapReason::Internal) {
        return Err(error);
    }
    let mut gap = Gap::from(&error);
    gap.detail = format!("perspective {id}: {}", gap.detail);
    emit.gap(&PERSPECTIVE, gap);
    Ok(lasting.then_some(None))
}

fn map(tenant: &AccountId, id: &str, perspective: Item<'_>, schema: Option<Item<'_>>) -> Resource {
    let groups = schema.map(groups);
    let rules = schema.and_then(|schema| Some((schema.at("rules")?, schema.at("merges"))));
    let digest = rules.map(|(rules, merges)| {
        let mut digest = DigestBuilder::new("auditor cloudhealth perspective rules v1");
        digest.part(canonical_json(rules).as_bytes());
        digest.optional(merges.map(canonical_json).as_deref().map(str::as_bytes));
        digest.digest().to_string()
    });
    let version = schema.and_then(|schema| {
        let version =
            schema.items("constants").find(|list| list.text("type").as_deref() == Some("Version"))?;
        version.items("list").find_map(|entry| entry.int("val"))
    });
    let document = json!({
        "active": perspective.flag("active"),
        "groups_count": groups.as_ref().map(Vec::len),
        "groups": groups,
        "rules_count": rules.and_then(|(rules, _)| rules.as_array()).map(Vec::len),
        "rules_digest": digest,
        "include_in_reports": schema.and_then(|schema| schema.flag("include_in_reports")),
        "version": version,
    });
    let resource = Resource::new(&PERSPECTIVE, tenant.clone(), id, document);
    match perspective.text("name").or_else(|| schema?.text("name")) {
        Some(name) => resource.named(name),
        None => resource,
    }
}

/// Groups of every type, by id. Older replies call static groups `Group`.
fn groups(schema: Item<'_>) -> Vec<Value> {
    let types = ["Static Group", "Group", "Dynamic Group"];
    let mut groups = Vec::new();
    for constants in schema.items("constants") {
        let Some(group_type) = constants.text("type").filter(|name| types.contains(&name.as_str())) else {
            continue;
        };
        for group in constants.items("list") {
            groups.push((
                group.text("ref_id"),
                json!({
                    "id": group.text("ref_id"),
                    "name": group.text("name"),
                    "type": group_type,
                    "catch_all": group.flag("is_other").unwrap_or(false),
                }),
            ));
        }
    }
    groups.sort_by(|a, b| a.0.cmp(&b.0));
    groups.into_iter().map(|(_, group)| group).collect()
}
