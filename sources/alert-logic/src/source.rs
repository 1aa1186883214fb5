//! The source: plan, collect, check.

use std::collections::BTreeMap;

use async_trait::async_trait;
use auditor_core::{
    config::Problem,
    error::{SourceError, chain},
    model::{AccountId, Kind},
    registry::Instance,
    sink::CheckItem,
    source::{Collector, Context, Source, Target},
};
use auditor_http_common::StatusCode;
use serde_json::Value;

use crate::{
    check,
    client::{Api, Client, calls, status},
    config::{AlertLogicConfig, is_account_id},
    estate::Estate,
    item::Item,
    kinds,
};

/// An `alert-logic` source.
pub(crate) struct AlertLogic {
    config: AlertLogicConfig,
    client: Client,
}

impl AlertLogic {
    /// From settings that were found valid.
    pub(crate) fn new(config: AlertLogicConfig, instance: &Instance) -> Result<Self, Vec<Problem>> {
        let client = Client::new(&config, instance)?;
        Ok(Self { config, client })
    }

    /// With another way to find hosts than the settings imply.
    #[cfg(test)]
    pub(crate) fn with_discovery(
        config: AlertLogicConfig,
        instance: &Instance,
        discovery: crate::client::Discovery,
    ) -> Result<Self, Vec<Problem>> {
        let client = Client::with_discovery(&config, instance, Some(discovery))?;
        Ok(Self { config, client })
    }

    /// Names of managed accounts by their ids. Empty, with a warning, if they may not be listed: the own account's
    /// collection then says so.
    async fn managed(&self, api: &Api<'_>) -> Result<BTreeMap<String, Option<String>>, SourceError> {
        match api.list(calls::MANAGED_ACCOUNTS, &[], &[], Some("accounts")).await {
            Ok(accounts) => {
                let accounts = accounts.iter().map(Item);
                let pairs = accounts.filter_map(|account| Some((account.text("id")?, account.text("name"))));
                Ok(pairs.filter(|(id, _)| is_account_id(id)).collect())
            }
            Err(error) if matches!(error.root(), SourceError::Denied { .. }) => {
                tracing::warn!(error = %chain(&error), "managed accounts could not be listed");
                Ok(BTreeMap::new())
            }
            Err(error) => Err(error),
        }
    }
}

/// `alert-logic:<id>`.
fn tenant(id: &str) -> Result<AccountId, SourceError> {
    format!("alert-logic:{id}")
        .parse()
        .map_err(|_| SourceError::Bug(format!("`{id}` is no Alert Logic account id")))
}

/// The account's record.
///
/// # Errors
/// [`Gone`](SourceError::Gone) for an account that was deleted.
async fn read_account(api: &Api<'_>) -> Result<Value, SourceError> {
    let record = api
        .get(calls::ACCOUNT, &[], &[])
        .await
        .map_err(|error| if status(&error) == Some(StatusCode::GONE) { SourceError::Gone } else { error })?;
    if Item(&record).text("id").is_none() {
        return Err(SourceError::malformed(calls::ACCOUNT, "the reply holds no account"));
    }
    api.at_home_in(Item(&record).text("default_location").as_deref());
    Ok(record)
}

#[async_trait]
impl Source for AlertLogic {
    fn kinds(&self) -> Vec<&'static Kind> {
        kinds::of(&self.config)
    }

    async fn plan(&self, context: &Context) -> Result<Vec<Target>, SourceError> {
        let login = self.client.session.login(&context.caller, context.run).await?;
        let mut accounts = BTreeMap::new();
        if self.config.managed_accounts {
            accounts = self.managed(&self.client.api(context, &login.account, false)).await?;
        }
        accounts.insert(login.account.clone(), login.account_name.clone());
        if !self.config.accounts.is_empty() {
            let wanted = self.config.accounts.iter();
            accounts = wanted.map(|id| (id.clone(), accounts.remove(id).flatten())).collect();
        }
        accounts
            .into_iter()
            .map(|(id, name)| {
                let account = tenant(&id)?;
                let name = name.unwrap_or_else(|| id.clone());
                Ok(Target { id, account, name, settings: Value::Null })
            })
            .collect()
    }

    async fn collect(&self, target: &Target, out: &Collector) -> Result<(), SourceError> {
        let context = out.context();
        let login = self.client.session.login(&context.caller, context.run).await?;
        let api = self.client.api(context, &target.id, login.account != target.id);
        let record = read_account(&api).await?;
        let estate = Estate::new(api, &self.config, tenant(&target.id)?, &target.id, &login, record);
        kinds::emit_all(out, &estate).await;
        Ok(())
    }

    async fn check(&self, target: &Target, context: &Context) -> Vec<CheckItem> {
        let on = format!("{} ({})", target.name, target.account);
        let login = match self.client.session.login(&context.caller, context.run).await {
            Ok(login) => login,
            Err(error) => return vec![check::item(calls::LOGIN, &on, Err(error))],
        };
        let mut items = vec![CheckItem::ok(calls::LOGIN, on.as_str())];
        let api = self.client.api(context, &target.id, login.account != target.id);
        match read_account(&api).await {
            Ok(_) => {
                items.push(CheckItem::ok(calls::ACCOUNT, on.as_str()));
                items.extend(check::calls(&api, &self.config, login.account == target.id, &on).await);
            }
            Err(error) => items.push(check::item(calls::ACCOUNT, &on, Err(error))),
        }
        items
    }
}
