//! The source: plan, collect, check.

use async_trait::async_trait;
use auditor_aws_common::{Access, LazyHub, Reach, check_item, check_status};
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
    client::{self, Eks},
    config::AwsEksConfig,
    kinds::{self, Work},
    target::{self, TargetSettings},
};

/// An `aws-eks` source.
pub(crate) struct AwsEks {
    config: AwsEksConfig,
    instance: Instance,
    hub: LazyHub,
}

impl AwsEks {
    /// From settings that were found valid.
    pub(crate) fn new(config: AwsEksConfig, instance: Instance) -> Self {
        Self { config, instance, hub: LazyHub::default() }
    }

    /// Over a connection that is there already.
    #[cfg(test)]
    pub(crate) fn with_hub(config: AwsEksConfig, instance: Instance, hub: auditor_aws_common::Hub) -> Self {
        Self { hub: LazyHub::connected(hub), ..Self::new(config, instance) }
    }

    /// EKS in the target's account and region.
    async fn open(
        &self,
        target: &Target,
        settings: &TargetSettings,
        context: &Context,
    ) -> Result<Eks, SourceError> {
        let reach = Reach {
            hub: &self.hub,
            hub_settings: self.config.hub(),
            accounts: self.config.account_list(),
            instance: &self.instance,
            session: self.config.session(),
        };
        let (region, endpoint_url) = (settings.region.clone(), self.config.eks_endpoint_url.clone());
        let connect = move |sdk: &SdkConfig| client::connect(sdk, &region, endpoint_url.as_deref());
        reach.open(&target.account, &settings.access, context, connect).await
    }
}

#[async_trait]
impl Source for AwsEks {
    fn kinds(&self) -> Vec<&'static Kind> {
        kinds::ALL.to_vec()
    }

    async fn plan(&self, context: &Context) -> Result<Vec<Target>, SourceError> {
        let planned = self.config.account_list().plan(&self.hub, &self.config.hub(), context).await?;
        Ok(planned.iter().flat_map(|account| target::of_account(account, &self.config.regions)).collect())
    }

    async fn collect(&self, target: &Target, out: &Collector) -> Result<(), SourceError> {
        let settings = TargetSettings::of(target)?;
        check_status(settings.status.as_deref())?;
        let eks = self.open(target, &settings, out.context()).await?;
        let estate = Box::pin(client::read(&eks, |kind| out.wants(kind))).await;
        if out.caller().cancellation().is_cancelled() {
            return Err(SourceError::Cancelled);
        }
        let work = Work { estate: &estate, account: &target.account, region: &settings.region };
        kinds::emit_all(out, &work).await;
        Ok(())
    }

    async fn check(&self, target: &Target, context: &Context) -> Vec<CheckItem> {
        let on = format!("{} ({})", target.name, target.account);
        let settings = match TargetSettings::of(target) {
            Ok(settings) => settings,
            Err(error) => return vec![check_item("read target", &on, Err(error))],
        };
        let what = match settings.access {
            Access::Own => "sts:GetCallerIdentity",
            _ => "sts:AssumeRole",
        };
        match self.open(target, &settings, context).await {
            Ok(eks) => {
                let mut items = vec![check_item(what, &on, Ok(()))];
                items.extend(check::permissions(&eks, &on).await);
                items
            }
            Err(error) => vec![check_item(what, &on, Err(error))],
        }
    }
}
