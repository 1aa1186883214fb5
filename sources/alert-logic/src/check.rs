//! `auditor check`: each call once, as cheaply as it goes.

use auditor_core::{
    error::{SourceError, chain},
    sink::CheckItem,
};
use chrono::Utc;
use serde_json::Value;

use crate::{
    client::{Api, allowed, calls},
    config::AlertLogicConfig,
    item::Item,
    kinds::writes,
};

/// A line of the check's result.
pub(crate) fn item(what: &str, on: &str, result: Result<(), SourceError>) -> CheckItem {
    match result {
        Ok(()) => CheckItem::ok(what, on),
        Err(error) => {
            let mut problem = chain(&error);
            if let Some(hint) = error.hint() {
                problem = format!("{problem}; {hint}");
            }
            CheckItem::failed(what, on, problem)
        }
    }
}

/// Tries the calls of a collection, those about a deployment on the first one.
pub(crate) async fn calls(api: &Api<'_>, config: &AlertLogicConfig, own: bool, on: &str) -> Vec<CheckItem> {
    let mut items = Vec::new();
    let mut tried = |what: &str, result: Result<(), SourceError>| items.push(item(what, on, result));
    tried(calls::TOKEN_INFO, api.get(calls::TOKEN_INFO, &[], &[]).await.map(|info| warn_of_rights(&info)));
    if own && config.managed_accounts {
        tried(calls::MANAGED_ACCOUNTS, list(api, calls::MANAGED_ACCOUNTS, Some("accounts")).await.map(drop));
    }
    tried(calls::USERS, list(api, calls::USERS, Some("users")).await.map(drop));
    tried(calls::ROLES, list(api, calls::ROLES, Some("roles")).await.map(drop));
    tried(calls::ENTITLEMENTS, list(api, calls::ENTITLEMENTS, Some("entitlements")).await.map(drop));
    tried(calls::POLICIES, list(api, calls::POLICIES, None).await.map(drop));
    tried(calls::CREDENTIALS, list(api, calls::CREDENTIALS, None).await.map(drop));
    tried(calls::EXPOSURE_SUMMARY, list(api, calls::EXPOSURE_SUMMARY, Some("exposures")).await.map(drop));
    let query = [("state", "disposed")];
    tried(calls::REMEDIATION_ITEMS, api.get(calls::REMEDIATION_ITEMS, &[], &query).await.map(drop));
    let now = Utc::now().timestamp();
    let (hour_ago, now) = ((now - 3600).to_string(), now.to_string());
    let query = [("start_time", &*hour_ago), ("end_time", &now), ("pagination", "true"), ("limit", "1")];
    tried(calls::INCIDENTS, api.get(calls::INCIDENTS, &[], &query).await.map(drop));
    let deployments = list(api, calls::DEPLOYMENTS, None).await;
    let first = deployments.as_ref().ok().and_then(|all| Item(all.first()?).text("id"));
    tried(calls::DEPLOYMENTS, deployments.map(drop));
    if let Some(id) = first {
        let filter = format!("deployment:{id}");
        let filter = [("filter", filter.as_str())];
        tried(calls::HEALTH_SUMMARY, api.get(calls::HEALTH_SUMMARY, &[], &filter).await.map(drop));
        tried(calls::HEALTH, api.get(calls::HEALTH, &["appliance"], &filter).await.map(drop));
        tried(calls::SCHEDULES, api.get(calls::SCHEDULES, &[&id], &[]).await.map(drop));
        let filter = format!("deployment_id:{id}");
        let query = [("group", "exposure"), ("filter", filter.as_str()), ("page_size", "1")];
        tried(calls::EXPOSURES, api.get(calls::EXPOSURES, &[], &query).await.map(drop));
    }
    items
}

async fn list(api: &Api<'_>, action: &'static str, key: Option<&str>) -> Result<Vec<Value>, SourceError> {
    api.list(action, &[], &[], key).await
}

/// An auditor's key that may change something works, and should not.
fn warn_of_rights(info: &Value) {
    if allowed(info).any(writes) {
        let roles: Vec<_> = Item(info).items("roles").filter_map(|role| role.text("name")).collect();
        tracing::warn!(roles = ?roles, "the access key may change things: the role `Read Only` is enough for its user");
    }
}
