//! `cloudhealth_sso_configuration`.

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use serde_json::{Value, json};

use super::Work;
use crate::{
    client::{calls, no_result},
    item::Item,
};

pub(crate) static SSO_CONFIGURATION: Kind =
    Kind::new("cloudhealth_sso_configuration", "How people sign in to CloudHealth: single sign-on, if any")
        .native_id("Always `sso`: a tenant has one")
        .columns(&[
            Column::text("provider", "/provider", "Identity provider. Null: no single sign-on"),
            Column::json("claimed_domains", "/claimed_domains", "Mail domains whose users sign in this way"),
            Column::json(
                "pending_domains",
                "/pending_domains",
                "Domains that were claimed and not yet proven",
            ),
            Column::text("connection_name", "/connection_name", "Name of the connection"),
            Column::text(
                "default_organization",
                "/default_organization",
                "Where users land whom no rule places",
            ),
        ])
        .permissions(&["GET /v1/sso/configuration"]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&SSO_CONFIGURATION], |emit| async move {
        let action = calls::SSO.action;
        let request = work.reader.request(&calls::SSO, &[]);
        let body = work.reader.get(&request, action).await?;
        // Present and null: there is none. Absent: not the reply it should be.
        let Some(configuration @ (Value::Object(_) | Value::Null)) = body.get("configuration") else {
            return Err(no_result(action, &request, &body, "the reply holds no `configuration`"));
        };
        let item = Item(configuration);
        let document = json!({
            "provider": item.text("sso_provider"),
            "claimed_domains": domains(item, "claimed_domains"),
            "pending_domains": domains(item, "pending_domains"),
            "connection_name": item.text("connection_name"),
            "default_organization": item.text("default_organization"),
        });
        emit.emit(Resource::new(&SSO_CONFIGURATION, work.account.clone(), "sso", document)).await
    })
    .await;
}

/// Domains as texts, or as objects, whose tokens go no further. `None`: not said.
fn domains(item: Item<'_>, key: &str) -> Option<Vec<String>> {
    let mut domains = item.texts(key)?;
    domains.extend(item.items(key).filter_map(|domain| domain.text("domain")));
    domains.sort_unstable();
    domains.dedup();
    Some(domains)
}
