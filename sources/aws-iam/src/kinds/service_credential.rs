//! `aws_iam_service_credential`.

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::emit_listing;
use crate::{
    estate::Estate,
    wire::{ServiceCredential, chrono},
};

pub(crate) static SERVICE_CREDENTIAL: Kind = Kind::new(
    "aws_iam_service_credential",
    "A long-lived credential of a user for one service (CodeCommit, Keyspaces, Bedrock API keys)",
)
.native_id("`ServiceSpecificCredentialId` (`ACCA…`)")
.columns(&[
    Column::text(
        "user_name",
        "/user_name",
        "Name of its user (`ListServiceSpecificCredentials`, `UserName`)",
    ),
    Column::text("service", "/service", "The service (`ListServiceSpecificCredentials`, `ServiceName`)"),
    Column::boolean("active", "/active", "Whether it works (`ListServiceSpecificCredentials`, `Status`)"),
    Column::timestamp(
        "expires_at",
        "/expires_at",
        "When it expires. Null: never (`ListServiceSpecificCredentials`, `ExpirationDate`)",
    ),
    Column::text(
        "alias",
        "/alias",
        "Alias. Null: none (`ListServiceSpecificCredentials`, `ServiceCredentialAlias`)",
    ),
])
.permissions(&["iam:ListServiceSpecificCredentials"]);

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&SERVICE_CREDENTIAL], |emit| async move {
        let listing = &estate.service_credentials;
        emit_listing(&emit, &SERVICE_CREDENTIAL, listing, |credential| map(estate, credential)).await
    })
    .await;
}

fn map(estate: &Estate, credential: &ServiceCredential) -> Resource {
    let document = json!({
        "user_name": credential.user_name,
        "service": credential.service_name,
        "service_user_name": credential.service_user_name,
        "alias": credential.alias,
        "active": credential.status == "Active",
        "expires_at": chrono(credential.expires_at),
    });
    Resource::new(&SERVICE_CREDENTIAL, estate.account().clone(), credential.id.as_str(), document)
        .named(credential.id.as_str())
        .with_times(chrono(credential.created_at), None)
}
