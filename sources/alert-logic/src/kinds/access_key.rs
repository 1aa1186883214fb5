//! Access keys of users.

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::{emit_mapped, named};
use crate::{client::calls::USERS, estate::Estate, item::Item};

/// An access key.
pub(crate) static ACCESS_KEY: Kind =
    Kind::new("alertlogic_access_key", "An access key of an Alert Logic user; never its secret")
        .native_id("The access key id")
        .columns(&[
            Column::text("user_id", "/user_id", "Id of the user it belongs to"),
            Column::text("user_name", "/user_name", "Name of that user. Null: not reported"),
            Column::boolean("user_active", "/user_active", "Whether that user is active. Null: not known"),
            Column::timestamp(
                "last_used_at",
                "/last_used_at",
                "Last login with the key (`access_keys[].last_login`). Null: none on record",
            )
            .activity(),
        ])
        .permissions(&[USERS]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&ACCESS_KEY], async |emit| {
        let mut keys = Vec::new();
        for user in estate.users().await?.iter().map(Item) {
            keys.extend(user.items("access_keys").map(|key| map(&estate.tenant, user, key)));
        }
        emit_mapped(&emit, &ACCESS_KEY, keys).await
    })
    .await;
}

fn map(tenant: &AccountId, user: Item<'_>, key: Item<'_>) -> Option<Resource> {
    let document = json!({
        "user_id": user.id("id"),
        "user_name": user.text("name"),
        "user_active": user.flag("active"),
    });
    let (created, modified) = key.stamps();
    let resource = Resource::new(&ACCESS_KEY, tenant.clone(), id_of(key)?, document);
    let activity = json!({ "last_used_at": key.secs("last_login") });
    Some(named(resource, key.text("label")).with_times(created, modified).with_activity(activity))
}

/// A key's id. Some listings give ids alone.
pub(super) fn id_of(key: Item<'_>) -> Option<String> {
    key.0.as_str().map(str::to_owned).or_else(|| key.text("access_key_id"))
}
