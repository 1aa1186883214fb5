//! Roles: what they allow.

use std::collections::BTreeMap;

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::{Value, json};

use super::{emit_mapped, named};
use crate::{client::calls::ROLES, estate::Estate, item::Item};

/// A role.
pub(crate) static ROLE: Kind =
    Kind::new("alertlogic_role", "A role that Alert Logic users may have: global, or the account's own")
        .native_id("The role's id, a UUID in capitals")
        .columns(&[
            Column::boolean(
                "global",
                "/global",
                "Whether Alert Logic keeps it for all accounts. Null: not known",
            ),
            Column::boolean(
                "can_write",
                "/can_write",
                "Whether it allows anything beside `list` and `get`. Null: its permissions are not known",
            ),
            Column::json(
                "permissions",
                "/permissions",
                "`service:scope:operation:resource` to `allowed` or `denied` (roles, `permissions`)",
            ),
            Column::json(
                "legacy_permissions",
                "/legacy_permissions",
                "Permissions of the former product, sorted",
            ),
        ])
        .permissions(&[ROLES]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&ROLE], async |emit| {
        let map = |role: &Value| map(&estate.tenant, Item(role));
        emit_mapped(&emit, &ROLE, estate.roles().await?.iter().map(map)).await
    })
    .await;
}

fn map(tenant: &AccountId, role: Item<'_>) -> Option<Resource> {
    let permissions: Option<BTreeMap<&str, &str>> = role
        .at("permissions")
        .and_then(|item| item.0.as_object())
        .map(|map| map.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))).collect());
    let (created, modified) = role.stamps();
    let document = json!({
        "global": role.flag("global"),
        "can_write": permissions.as_ref().map(|all| {
            all.iter().any(|(permission, effect)| *effect == "allowed" && writes(permission))
        }),
        "permissions": permissions,
        "legacy_permissions": role.texts("legacy_permissions"),
    });
    let resource = Resource::new(&ROLE, tenant.clone(), role.id("id")?, document);
    Some(named(resource, role.text("name")).with_times(created, modified))
}

/// Whether a permission `service:scope:operation:resource` is one to change something.
pub(crate) fn writes(permission: &str) -> bool {
    !matches!(permission.split(':').nth(2), Some("list" | "get"))
}
