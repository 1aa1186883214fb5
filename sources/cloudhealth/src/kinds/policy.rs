//! `cloudhealth_policy`.

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::{Work, emit_listing};
use crate::{client::calls, item::Item};

pub(crate) static POLICY: Kind = Kind::new(
    "cloudhealth_policy",
    "A policy of CloudHealth: what it watches for, and who last changed that",
)
.native_id("The policy's id")
.columns(&[
    Column::boolean("enabled", "/enabled", "Whether it is evaluated"),
    Column::text("description", "/description", "Description"),
    Column::boolean("user_defined", "/user_defined", "False: it came with CloudHealth"),
    Column::text("creator", "/creator", "Who made it: address, else name. Null: not said"),
    Column::text("last_editor", "/last_editor", "Who last changed it: address, else name. Null: not said"),
    Column::timestamp("last_evaluated_at", "/last_evaluated_at", "Last evaluation (`last_evaluation`)")
        .activity(),
])
.permissions(&["GET /v1/policies"]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&POLICY], |emit| async move {
        let listing = work.reader.list(&calls::POLICIES, &[]).await?;
        emit_listing(&emit, &POLICY, listing, |id, item| map(work.account, id, item)).await
    })
    .await;
}

fn map(tenant: &AccountId, id: &str, item: Item<'_>) -> Resource {
    let document = json!({
        "enabled": item.flag("enabled"),
        "description": item.text("description"),
        "user_defined": item.flag("user_defined"),
        "creator": item.text("creator_email").or_else(|| item.text("creator")),
        "last_editor": item.text("last_editor_email").or_else(|| item.text("last_editor")),
    });
    let resource = Resource::new(&POLICY, tenant.clone(), id, document)
        .with_times(item.time("created_at"), None)
        .with_activity(json!({"last_evaluated_at": item.time("last_evaluation")}));
    match item.text("name") {
        Some(name) => resource.named(name),
        None => resource,
    }
}
