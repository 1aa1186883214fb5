//! `cloudhealth_organization`.

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::{Work, emit_listing};
use crate::{client::calls, item::Item};

pub(crate) static ORGANIZATION: Kind = Kind::new(
    "cloudhealth_organization",
    "An organization of CloudHealth: who sees how much. CloudHealth tells the number of its users and not who they are",
)
.native_id("The organization's id")
.columns(&[
    Column::text("parent_id", "/parent_id", "The organization above it. Null: none"),
    Column::text("description", "/description", "Description"),
    Column::integer("users", "/users", "How many users are assigned to it (`assigned_users_count`)"),
    Column::integer("aws_accounts", "/aws_accounts", "How many AWS accounts it sees (`num_aws_accounts`)"),
    Column::text("idp_name", "/idp_name", "Its name at the identity provider"),
    Column::boolean("default", "/default", "Whether users who belong to no other see this"),
    Column::boolean("flex", "/flex", "Whether it is a FlexOrg"),
    Column::integer("azure_subscriptions", "/azure_subscriptions", "How many Azure subscriptions it sees"),
    Column::integer("gcp_projects", "/gcp_projects", "How many Google Cloud projects it sees"),
])
.permissions(&["GET /v2/organizations"]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&ORGANIZATION], |emit| async move {
        let listing = work.reader.list(&calls::ORGANIZATIONS, &[]).await?;
        emit_listing(&emit, &ORGANIZATION, listing, |id, item| map(work.account, id, item)).await
    })
    .await;
}

fn map(tenant: &AccountId, id: &str, item: Item<'_>) -> Resource {
    let document = json!({
        "parent_id": item.text("parent_organization_id"),
        "description": item.text("description"),
        "users": item.int("assigned_users_count"),
        "aws_accounts": item.int("num_aws_accounts"),
        "azure_subscriptions": item.int("num_azure_subscriptions"),
        "gcp_projects": item.int("num_gcp_compute_projects"),
        "idp_name": item.text("idp_name"),
        "default": item.flag("default_organization"),
        "flex": item.flag("flex_org"),
    });
    let resource = Resource::new(&ORGANIZATION, tenant.clone(), id, document);
    match item.text("name") {
        Some(name) => resource.named(name),
        None => resource,
    }
}
