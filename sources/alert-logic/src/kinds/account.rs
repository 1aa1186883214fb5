//! The Alert Logic account itself, and what is known of it as an `account`.

use auditor_core::{
    model::{
        Column, Kind, Resource,
        common::{self, AccountFacts},
    },
    source::Collector,
};
use serde_json::{Value, json};

use super::{PROVIDER, named};
use crate::{
    client::calls::{self, MANAGED_ACCOUNTS},
    estate::Estate,
    item::Item,
};

/// An Alert Logic account.
pub(crate) static ACCOUNT: Kind =
    Kind::new("alertlogic_account", "An Alert Logic account: the key's own, or one it manages")
        .native_id("The Alert Logic account id")
        .columns(&[
            Column::text(
                "relation",
                "/relation",
                "`own`: the key's own account; `managed`: one that it manages",
            ),
            Column::boolean(
                "active",
                "/active",
                "Whether the account is active (account, `active`). Null: not known",
            ),
            Column::text(
                "default_location",
                "/default_location",
                "Where it is at home (account, `default_location`)",
            ),
            Column::json(
                "accessible_locations",
                "/accessible_locations",
                "Where it may be served from, sorted",
            ),
            Column::boolean(
                "mfa_required",
                "/mfa_required",
                "Whether its users must have a second factor (account, `mfa_required`). Null: not reported",
            ),
            Column::boolean(
                "federated_login_required",
                "/federated_login_required",
                "Whether its users must sign in by their own organisation. Null: not reported",
            ),
            Column::integer(
                "idle_session_timeout",
                "/idle_session_timeout",
                "As the service gives it. Null: not reported",
            ),
            Column::json(
                "managed_account_ids",
                "/managed_account_ids",
                "Ids of the accounts that it manages, sorted. Null: not known, or not asked for",
            ),
        ])
        .permissions(&[calls::ACCOUNT, MANAGED_ACCOUNTS]);

/// The common facts.
pub(super) async fn emit_facts(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&common::ACCOUNT], async |emit| {
        let record = Item(&estate.record);
        let facts = AccountFacts {
            provider: PROVIDER.to_owned(),
            status: record.flag("active").map(|active| if active { "active" } else { "inactive" }.to_owned()),
            ..AccountFacts::default()
        };
        let resource =
            Resource::new(&common::ACCOUNT, estate.tenant.clone(), estate.tenant.as_str(), json!(facts));
        emit.emit(named(resource, record.text("name"))).await
    })
    .await;
}

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&ACCOUNT], async |emit| {
        let mut managed = None;
        if estate.own && estate.config.managed_accounts {
            match estate.api.list(MANAGED_ACCOUNTS, &[], &[], Some("accounts")).await {
                Ok(accounts) => {
                    let mut ids: Vec<_> =
                        accounts.iter().filter_map(|account| Item(account).id("id")).collect();
                    ids.sort_unstable();
                    managed = Some(ids);
                }
                Err(error) => emit.gap_from(&ACCOUNT, error)?,
            }
        }
        emit.emit(map(estate, managed)).await
    })
    .await;
}

fn map(estate: &Estate<'_>, managed: Option<Vec<String>>) -> Resource {
    let record = Item(&estate.record);
    let (created, modified) = record.stamps();
    let document = json!({
        "relation": if estate.own { "own" } else { "managed" },
        "active": record.flag("active"),
        "default_location": record.text("default_location"),
        "accessible_locations": record.texts("accessible_locations"),
        "mfa_required": record.flag("mfa_required"),
        "federated_login_required": record.flag("federated_login_required"),
        "idle_session_timeout": record.int("idle_session_timeout"),
        "managed_account_ids": managed.map_or(Value::Null, Value::from),
    });
    let resource = Resource::new(&ACCOUNT, estate.tenant.clone(), estate.id, document);
    named(resource, record.text("name")).with_times(created, modified)
}
