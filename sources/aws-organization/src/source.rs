//! The source: plan, collect, check.

use async_trait::async_trait;
use auditor_aws_common::{Arn, LazyHub, SessionRequest, check_external_id, check_item};
use auditor_core::{
    error::SourceError,
    model::{AccountId, Kind},
    registry::Instance,
    sink::CheckItem,
    source::{Collector, Context, Source, Target},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::{
    check,
    client::{self, Api, SESSION_POLICY},
    config::AwsOrganizationConfig,
    kinds::{self, Work},
};

/// An `aws-organization` source.
pub(crate) struct AwsOrganization {
    config: AwsOrganizationConfig,
    instance: Instance,
    hub: LazyHub,
}

impl AwsOrganization {
    /// From settings that were found valid.
    pub(crate) fn new(config: AwsOrganizationConfig, instance: Instance) -> Self {
        Self { config, instance, hub: LazyHub::default() }
    }

    /// Over a connection that is there already.
    #[cfg(test)]
    pub(crate) fn with_hub(
        config: AwsOrganizationConfig,
        instance: Instance,
        hub: auditor_aws_common::Hub,
    ) -> Self {
        Self { hub: LazyHub::connected(hub), ..Self::new(config, instance) }
    }

    /// The organization's services in the target's account.
    async fn open(&self, target: &Target, context: &Context) -> Result<Api, SourceError> {
        let hub = self.hub.get(&self.config.hub()).await;
        let Some(role_arn) = &self.config.role_arn else {
            let own = hub.own_account(&context.caller).await?;
            if own != target.account.as_str() {
                return Err(SourceError::rejected(
                    "sts:GetCallerIdentity",
                    format!("the program's own credentials belong to account {own}"),
                ));
            }
            return Ok(client::own(hub, context.caller.clone(), &self.config));
        };
        let request = SessionRequest {
            role_arn: role_arn.clone(),
            account: target.account.as_str().to_owned(),
            external_id: self.external_id()?,
            session_name: format!("{}{}", self.config.session_name_prefix, context.run),
            source_identity: self.config.source_identity.clone(),
            duration_secs: self.config.session_duration_secs,
            session_policy: self.config.session_policy.then_some(SESSION_POLICY),
        };
        client::assume(hub, context, request, &self.config).await
    }

    /// Read when it is needed, so that a file may change while the program runs.
    fn external_id(&self) -> Result<Option<SecretString>, SourceError> {
        const ACTION: &str = "read external id";
        let Some(secret) = &self.config.external_id else { return Ok(None) };
        let text = secret
            .resolve(&self.instance)
            .map_err(|problem| SourceError::rejected(ACTION, problem.message))?;
        check_external_id(text.expose_secret()).map_err(|wrong| SourceError::rejected(ACTION, wrong))?;
        Ok(Some(text))
    }
}

#[async_trait]
impl Source for AwsOrganization {
    fn kinds(&self) -> Vec<&'static Kind> {
        kinds::of(&self.config)
    }

    /// One target: the organization as the session's account sees it. What management account and delegated
    /// administrators see differs, so that this account is part of every record's key.
    async fn plan(&self, context: &Context) -> Result<Vec<Target>, SourceError> {
        let account = match self.config.role_arn.as_deref().map(Arn::parse_role) {
            Some(Ok(arn)) => arn.account.to_owned(),
            Some(Err(wrong)) => return Err(SourceError::rejected("read `role_arn`", wrong)),
            None => self.hub.get(&self.config.hub()).await.own_account(&context.caller).await?,
        };
        let account: AccountId =
            account.parse().map_err(|error| SourceError::malformed("sts:GetCallerIdentity", error))?;
        Ok(vec![Target {
            id: account.as_str().to_owned(),
            account,
            name: "organization".to_owned(),
            settings: json!({}),
        }])
    }

    async fn collect(&self, target: &Target, out: &Collector) -> Result<(), SourceError> {
        let api = self.open(target, out.context()).await?;
        let wants = |kind| out.wants(kind);
        let reading = client::read_organization(&api, &self.config, target.account.as_str(), wants);
        let estate = Box::pin(reading).await;
        if out.caller().cancellation().is_cancelled() {
            return Err(SourceError::Cancelled);
        }
        let work = Work { config: &self.config, estate: &estate, account: &target.account };
        kinds::emit_all(out, &work).await;
        Ok(())
    }

    async fn check(&self, target: &Target, context: &Context) -> Vec<CheckItem> {
        let on = format!("{} ({})", target.name, target.account);
        let what = match self.config.role_arn {
            Some(_) => "sts:AssumeRole",
            None => "sts:GetCallerIdentity",
        };
        match self.open(target, context).await {
            Ok(api) => {
                let mut items = vec![check_item(what, &on, Ok(()))];
                items.extend(check::permissions(&api, &self.config, target.account.as_str(), &on).await);
                items
            }
            Err(error) => vec![check_item(what, &on, Err(error))],
        }
    }
}
