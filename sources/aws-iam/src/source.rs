//! The source: plan, collect, check.

use std::time::Duration;

use async_trait::async_trait;
use auditor_aws_common::{Access as AccountAccess, HubSettings, LazyHub, Reach, check_item, check_status};
use auditor_core::{
    error::SourceError,
    model::Kind,
    registry::Instance,
    sink::CheckItem,
    source::{Collector, Context, Source, Target},
};
use aws_config::SdkConfig;

use crate::{
    check,
    client::{self, Iam, PolicyCache, ReadSettings, read_account},
    config::{AwsIamConfig, Policies},
    estate::Estate,
    kinds, offline,
    targets::{self, Access, TargetSettings},
};

/// An `aws-iam` source.
pub(crate) struct AwsIam {
    config: AwsIamConfig,
    instance: Instance,
    hub: LazyHub,
    policy_cache: PolicyCache,
}

impl AwsIam {
    /// From settings that were found valid.
    pub(crate) fn new(config: AwsIamConfig, instance: Instance) -> Self {
        Self { config, instance, hub: LazyHub::default(), policy_cache: PolicyCache::default() }
    }

    /// Over a connection that is there already.
    #[cfg(test)]
    pub(crate) fn with_hub(config: AwsIamConfig, instance: Instance, hub: auditor_aws_common::Hub) -> Self {
        Self { hub: LazyHub::connected(hub), ..Self::new(config, instance) }
    }

    fn all_policies(&self) -> bool {
        self.config.policies == Policies::All
    }

    fn reach(&self, hub_settings: HubSettings) -> Reach<'_> {
        Reach {
            hub: &self.hub,
            hub_settings,
            accounts: self.config.account_list(),
            instance: &self.instance,
            session: self.config.session(),
        }
    }

    /// IAM in the target's account.
    async fn open(
        &self,
        target: &Target,
        access: &AccountAccess,
        context: &Context,
    ) -> Result<Iam, SourceError> {
        let endpoint_url = self.config.iam_endpoint_url.clone();
        let connect = move |sdk: &SdkConfig| client::connect(sdk, endpoint_url.as_deref());
        self.reach(self.config.hub()).open(&target.account, access, context, connect).await
    }
}

#[async_trait]
impl Source for AwsIam {
    fn kinds(&self) -> Vec<&'static Kind> {
        if self.config.offline.is_some() { kinds::OFFLINE.to_vec() } else { kinds::ALL.to_vec() }
    }

    async fn plan(&self, context: &Context) -> Result<Vec<Target>, SourceError> {
        if let Some(settings) = &self.config.offline {
            return offline::plan(self.instance.path(&settings.path), self.config.partition).await;
        }
        let accounts = self.config.account_list();
        let planned = accounts.plan(&self.hub, &self.config.hub(), context).await?;
        Ok(planned.into_iter().map(|account| targets::live(&self.config, account)).collect())
    }

    async fn collect(&self, target: &Target, out: &Collector) -> Result<(), SourceError> {
        let settings = TargetSettings::of(target)?;
        let profile = settings.profile(target);
        let access = match &settings.access {
            Access::Live(access) => access,
            Access::Files { files, shared } => {
                let estate = offline::read(files.clone(), *shared, profile, self.all_policies()).await?;
                kinds::emit_all(out, &estate).await;
                return Ok(());
            }
        };
        if let Err(error) = check_status(settings.status.as_deref()) {
            kinds::emit_account(out, &Estate::unread(profile)).await;
            return Err(error);
        }
        let iam = self.open(target, access, out.context()).await?;
        let read = ReadSettings {
            report_timeout: Duration::from_secs(self.config.credential_report_timeout_secs.into()),
            all_policies: self.all_policies(),
            policy_cache: &self.policy_cache,
        };
        let estate = Box::pin(read_account(&iam, profile, &read, |kind| out.wants(kind))).await;
        if out.caller().cancellation().is_cancelled() {
            return Err(SourceError::Cancelled);
        }
        kinds::emit_all(out, &estate).await;
        Ok(())
    }

    async fn check(&self, target: &Target, context: &Context) -> Vec<CheckItem> {
        let on = format!("{} ({})", target.name, target.account);
        let settings = match TargetSettings::of(target) {
            Ok(settings) => settings,
            Err(error) => return vec![check_item("read target", &on, Err(error))],
        };
        let access = match &settings.access {
            Access::Live(access) => access,
            Access::Files { files, shared } => {
                let profile = settings.profile(target);
                let read = offline::read(files.clone(), *shared, profile, self.all_policies()).await;
                return check::files(&on, read);
            }
        };
        let what = match access {
            AccountAccess::Own => "sts:GetCallerIdentity",
            _ => "sts:AssumeRole",
        };
        match self.open(target, access, context).await {
            Ok(iam) => {
                let mut items = vec![check_item(what, &on, Ok(()))];
                items.extend(check::permissions(&iam, &on, &settings.partition).await);
                items
            }
            Err(error) => vec![check_item(what, &on, Err(error))],
        }
    }
}
