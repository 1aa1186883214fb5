//! What is collected: tenants, and the customers of partners.

use auditor_core::{
    error::{SourceError, chain},
    model::AccountId,
    source::{Context, Target},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    client::{Api, calls},
    config::TenantConfig,
    item::Item,
};

/// What a target's settings hold. No secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TargetSettings {
    /// Id of the configured tenant whose key is used.
    pub(crate) tenant: String,
    /// The partner's customer to read with it. `None`: the tenant itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) customer: Option<String>,
    /// Whether the tenant is a partner's, whose customers are recorded.
    #[serde(default)]
    pub(crate) partner: bool,
    /// Why not every customer became a target of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unplanned: Option<Unplanned>,
}

/// Why customers could not be listed, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unplanned {
    pub(crate) cause: String,
    pub(crate) hint: String,
}

impl Unplanned {
    fn of(error: &SourceError) -> Self {
        let hint = match error.hint() {
            Some(hint) => hint.into_owned(),
            None if error.is_transient() => "run again".to_owned(),
            None => "`auditor check` tries the same call".to_owned(),
        };
        Self { cause: chain(error), hint }
    }
}

impl TargetSettings {
    /// A target's settings.
    ///
    /// # Errors
    /// [`Bug`](SourceError::Bug): only this source writes them.
    pub(crate) fn of(target: &Target) -> Result<Self, SourceError> {
        serde_json::from_value(target.settings.clone()).map_err(|error| {
            SourceError::Bug(format!("target `{}` has settings of another source: {error}", target.id))
        })
    }
}

/// The tenant, and each customer if it is a partner's.
///
/// # Errors
/// [`Cancelled`](SourceError::Cancelled) alone. Customers that cannot be listed must not keep the tenant itself from
/// being read: its target remembers why they are missing.
pub(crate) async fn plan(
    tenant: &TenantConfig,
    api: &Api,
    context: &Context,
) -> Result<Vec<Target>, SourceError> {
    let name = tenant.name.clone().unwrap_or_else(|| tenant.id.clone());
    let mut targets = Vec::new();
    let mut unplanned = None;
    if tenant.partner {
        match api.reader(&context.caller, None).list(&calls::CUSTOMERS, &[]).await {
            Ok(listing) => {
                targets.extend(listing.items.iter().filter_map(|item| customer(tenant, &name, Item(item))));
                unplanned = listing.problem;
            }
            Err(error) => unplanned = Some(error),
        }
    }
    if matches!(unplanned.as_ref().map(SourceError::root), Some(SourceError::Cancelled)) {
        return Err(SourceError::Cancelled);
    }
    let settings = TargetSettings {
        tenant: tenant.id.clone(),
        customer: None,
        partner: tenant.partner,
        unplanned: unplanned.as_ref().map(Unplanned::of),
    };
    targets.push(target(tenant.id.clone(), name, &settings));
    Ok(targets)
}

/// A customer without an id cannot be read; its record's absence is a gap of the listing of customers.
fn customer(tenant: &TenantConfig, tenant_name: &str, item: Item<'_>) -> Option<Target> {
    let is_id = |id: &String| id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let id = item.text("id").filter(is_id)?;
    let name = item.text("name").unwrap_or_else(|| id.clone());
    let settings = TargetSettings {
        tenant: tenant.id.clone(),
        customer: Some(id.clone()),
        partner: false,
        unplanned: None,
    };
    Some(target(format!("{}/{id}", tenant.id), format!("{name} ({tenant_name})"), &settings))
}

fn target(id: String, name: String, settings: &TargetSettings) -> Target {
    let account: AccountId =
        format!("cloudhealth:{id}").parse().expect("a prefix and at most 165 letters, digits and `._-/`");
    Target { id, account, name, settings: json!(settings) }
}
