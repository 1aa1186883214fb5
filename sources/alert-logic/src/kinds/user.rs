//! Users of the Alert Logic console.

use std::collections::BTreeMap;

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::{Value, json};

use super::{emit_mapped, named};
use crate::{
    client::calls::{ROLES, USERS},
    estate::Estate,
    item::Item,
};

/// A user.
pub(crate) static USER: Kind = Kind::new("alertlogic_user", "A user of the Alert Logic console or API")
    .native_id("The user's id, a UUID in capitals")
    .columns(&[
        Column::text("email", "/email", "E-mail address (users, `email`)").sensitive(),
        Column::text("username", "/username", "Name to sign in with. Null: not reported").sensitive(),
        Column::boolean("active", "/active", "Whether the user may sign in. Null: not known"),
        Column::boolean("locked", "/locked", "Whether the user is locked out. Null: not known"),
        Column::boolean(
            "mfa_enabled",
            "/mfa_enabled",
            "Whether a second factor is set up (users, `mfa_enabled`). Null: not reported, which is not `false`",
        ),
        Column::json("roles", "/roles", "Names of the user's roles, sorted; ids where a name is not known"),
        Column::json("role_ids", "/role_ids", "Ids of the user's roles, sorted. Null: not reported"),
        Column::boolean(
            "has_password",
            "/has_password",
            "Whether a password is on record (users, `user_credential`). Null: none reported",
        ),
        Column::boolean("one_time_password", "/one_time_password", "Whether the password must be changed at sign-in"),
        Column::timestamp("password_changed_at", "/password_changed_at", "Last change of the password's record"),
        Column::integer("access_key_count", "/access_key_count", "How many access keys there are. Null: not reported"),
        Column::boolean(
            "notifications_only",
            "/notifications_only",
            "Whether the user is only sent notifications. Null: not reported",
        ),
        Column::timestamp(
            "last_login_at",
            "/last_login_at",
            "Last sign-in with the password (`user_credential.last_login`). Null: none on record",
        )
        .activity(),
    ])
    .permissions(&[USERS, ROLES]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&USER], async |emit| {
        let users = estate.users().await?;
        let roles = estate.role_names(&emit, &USER).await?;
        let map = |user: &Value| map(&estate.tenant, Item(user), roles.as_ref());
        emit_mapped(&emit, &USER, users.iter().map(map)).await
    })
    .await;
}

fn map(tenant: &AccountId, user: Item<'_>, names: Option<&BTreeMap<String, String>>) -> Option<Resource> {
    let role_ids = user.ids("role_ids");
    let roles = role_ids.as_ref().zip(names).map(|(ids, names)| {
        let mut roles: Vec<_> = ids.iter().map(|id| names.get(id).unwrap_or(id)).collect();
        roles.sort_unstable();
        roles
    });
    let (created, modified) = user.stamps();
    // Phone numbers and webhook addresses, which carry keys, are left where they are.
    let document = json!({
        "email": user.text("email"),
        "username": user.text("username"),
        "active": user.flag("active"),
        "locked": user.flag("locked"),
        "mfa_enabled": user.flag("mfa_enabled"),
        "roles": roles,
        "role_ids": role_ids,
        "has_password": user.at("user_credential").map(|_| true),
        "one_time_password": user.flag("user_credential/one_time_password"),
        "password_changed_at": user.secs("user_credential/modified/at"),
        "access_key_count": user.at("access_keys").map(|_| user.items("access_keys").count()),
        "notifications_only": user.flag("notifications_only"),
    });
    let resource = Resource::new(&USER, tenant.clone(), user.id("id")?, document);
    let activity = json!({ "last_login_at": user.secs("user_credential/last_login") });
    Some(named(resource, user.text("name")).with_times(created, modified).with_activity(activity))
}
