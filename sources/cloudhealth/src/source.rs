//! The source: plan, collect, check.

use async_trait::async_trait;
use auditor_core::{
    error::SourceError,
    model::Kind,
    sink::CheckItem,
    source::{Collector, Context, Source, Target},
};

use crate::{
    check,
    client::Api,
    config::CloudHealthConfig,
    kinds::{self, Work},
    target::{self, TargetSettings},
};

/// A `cloudhealth` source.
pub(crate) struct CloudHealth {
    config: CloudHealthConfig,
    /// One per configured tenant, in the same order.
    apis: Vec<Api>,
}

impl CloudHealth {
    /// From settings that were found valid.
    pub(crate) fn new(config: CloudHealthConfig, apis: Vec<Api>) -> Self {
        Self { config, apis }
    }

    fn api(&self, settings: &TargetSettings) -> Result<&Api, SourceError> {
        self.apis.iter().find(|api| api.tenant == settings.tenant).ok_or_else(|| {
            SourceError::rejected("find tenant", format!("no tenant is called `{}`", settings.tenant))
                .with_hint("configure it as a `tenant` of this source here, too")
        })
    }
}

#[async_trait]
impl Source for CloudHealth {
    fn kinds(&self) -> Vec<&'static Kind> {
        let partner = self.config.tenant.iter().any(|tenant| tenant.partner);
        kinds::ALL.iter().copied().filter(|kind| partner || !kinds::PARTNER.contains(kind)).collect()
    }

    async fn plan(&self, context: &Context) -> Result<Vec<Target>, SourceError> {
        let mut targets = Vec::new();
        for (tenant, api) in self.config.tenant.iter().zip(&self.apis) {
            targets.extend(target::plan(tenant, api, context).await?);
        }
        targets.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(targets)
    }

    async fn collect(&self, target: &Target, out: &Collector) -> Result<(), SourceError> {
        let settings = TargetSettings::of(target)?;
        let work = Work {
            config: &self.config,
            reader: self.api(&settings)?.reader(out.caller(), settings.customer.as_deref()),
            account: &target.account,
            settings: &settings,
        };
        kinds::emit_all(out, &work).await
    }

    async fn check(&self, target: &Target, context: &Context) -> Vec<CheckItem> {
        let on = format!("{} ({})", target.name, target.account);
        let settings = match TargetSettings::of(target) {
            Ok(settings) => settings,
            Err(error) => return vec![check::item("read target", &on, Err(error))],
        };
        match self.api(&settings) {
            Ok(api) => {
                let reader = api.reader(&context.caller, settings.customer.as_deref());
                check::calls(&reader, &on, &settings).await
            }
            Err(error) => vec![check::item("find tenant", &on, Err(error))],
        }
    }
}
