//! The common kind `principal`: users of the console are people with access, too.

use auditor_core::{
    model::{
        AccountId, Resource,
        common::{Credential, PRINCIPAL, Principal, PrincipalType},
    },
    source::Collector,
};
use serde_json::{Value, json};

use super::{PROVIDER, access_key::id_of, emit_mapped, named};
use crate::{estate::Estate, item::Item};

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&PRINCIPAL], async |emit| {
        let map = |user: &Value| map(&estate.tenant, Item(user));
        emit_mapped(&emit, &PRINCIPAL, estate.users().await?.iter().map(map)).await
    })
    .await;
}

fn map(tenant: &AccountId, user: Item<'_>) -> Option<Resource> {
    let id = user.id("id")?;
    let enabled = match (user.flag("active"), user.flag("locked")) {
        (Some(false), _) | (_, Some(true)) => Some(false),
        (Some(true), Some(false)) => Some(true),
        (active, _) => active,
    };
    let has_password = user.at("user_credential").is_some();
    let has_keys = user.items("access_keys").next().is_some();
    let principal = Principal {
        principal_type: if has_keys && !has_password { PrincipalType::Machine } else { PrincipalType::Human },
        provider: PROVIDER.to_owned(),
        identifier: user.text("email").or_else(|| user.text("username")).unwrap_or_else(|| id.clone()),
        enabled,
        // Users who sign in by their own organisation have no password here, so that none reported says nothing.
        console_access: if has_password { enabled } else { None },
        mfa: user.flag("mfa_enabled"),
        groups: Vec::new(),
        credentials: credentials(user, enabled),
    };
    let keys = user.items("access_keys").filter_map(|key| key.secs("last_login"));
    let last_used = keys.chain(user.secs("user_credential/last_login")).max();
    let (created, modified) = user.stamps();
    let resource = Resource::new(&PRINCIPAL, tenant.clone(), id, json!(principal));
    let activity = json!({ "last_used_at": last_used });
    Some(named(resource, user.text("name")).with_times(created, modified).with_activity(activity))
}

/// Access keys and password. `None`: neither was reported.
fn credentials(user: Item<'_>, enabled: Option<bool>) -> Option<Vec<Credential>> {
    if user.at("access_keys").is_none() && user.at("user_credential").is_none() {
        return None;
    }
    // Nothing works that belongs to a user who may not sign in; keys have no switch of their own.
    let active = enabled.unwrap_or(true);
    let keys = user.items("access_keys").filter_map(|key| {
        Some(Credential {
            credential_type: "access_key".to_owned(),
            id: Some(id_of(key)?),
            active,
            changed_at: key.secs("created/at"),
        })
    });
    let password = user.at("user_credential").map(|password| Credential {
        credential_type: "password".to_owned(),
        id: None,
        active,
        changed_at: password.secs("modified/at"),
    });
    let mut all: Vec<_> = keys.chain(password).collect();
    all.sort_unstable();
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(user: &Value) -> Value {
        map(&"alert-logic:1".parse().unwrap(), Item(user)).unwrap().document
    }

    #[test]
    fn unknown_is_not_no() {
        let bare = principal(&json!({"id": "u", "name": "Bare"}));
        for field in ["enabled", "console_access", "mfa", "credentials"] {
            assert_eq!(bare[field], Value::Null, "{field}");
        }
        assert_eq!((&bare["type"], &bare["identifier"]), (&json!("human"), &json!("u")));
    }

    #[test]
    fn keys_without_a_password_make_a_machine() {
        let machine = principal(&json!({"id": "u", "active": true, "locked": false, "access_keys": ["k"]}));
        assert_eq!((&machine["type"], &machine["enabled"]), (&json!("machine"), &json!(true)));
        assert_eq!(machine["credentials"][0]["id"], json!("k"));
        let locked = principal(&json!({"id": "u", "active": true, "locked": true, "access_keys": ["k"]}));
        assert_eq!((&locked["enabled"], &locked["credentials"][0]["active"]), (&json!(false), &json!(false)));
    }
}
