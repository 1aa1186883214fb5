//! The source: plan, collect, check.

use std::time::Duration;

use async_trait::async_trait;
use auditor_aws_common::{LazyHub, SessionRequest};
use auditor_core::{
    error::{SourceError, chain},
    model::Kind,
    registry::Instance,
    sink::{AccountUse, CheckItem},
    source::{Collector, Context, Source, Target},
};
use chrono::Utc;

use crate::{
    check,
    client::{self, Iam, PolicyCache, ReadSettings, SESSION_POLICY, read_account},
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

    /// IAM in the target's account. Tells the account table how that went.
    async fn open(
        &self,
        target: &Target,
        settings: &TargetSettings,
        context: &Context,
    ) -> Result<Iam, SourceError> {
        match &settings.access {
            Access::Own => {
                let hub = self.hub.get(&self.config.hub()).await;
                let own = hub.own_account(&context.caller).await?;
                if own != target.account.as_str() {
                    return Err(SourceError::rejected(
                        "sts:GetCallerIdentity",
                        format!("the program's own credentials belong to account {own}"),
                    ));
                }
                Ok(client::own(hub, context.caller.clone(), self.config.iam_endpoint_url.clone()))
            }
            Access::Role { role_arn, external_id, recorded } => {
                let opening = async {
                    let request = SessionRequest {
                        role_arn: role_arn.clone(),
                        account: target.account.as_str().to_owned(),
                        external_id: external_id.resolve(&self.config, &self.instance, &target.account)?,
                        session_name: format!("{}{}", self.config.session_name_prefix, context.run),
                        source_identity: self.config.source_identity.clone(),
                        duration_secs: self.config.session_duration_secs,
                        session_policy: self.config.session_policy.then_some(SESSION_POLICY),
                    };
                    let hub = self.hub.get(&self.config.hub()).await;
                    let endpoint_url = self.config.iam_endpoint_url.clone();
                    client::assume(hub, context.caller.clone(), request, endpoint_url).await
                };
                let result = opening.await;
                if *recorded {
                    record(target, context, result.as_ref().err()).await;
                }
                result
            }
            Access::Wrong { problem } => Err(SourceError::rejected(
                "read the account's row",
                problem.as_str(),
            )
            .with_hint(
                "correct it in the table of accounts to audit, for instance with `auditor targets import`",
            )),
            Access::Files { .. } => Err(SourceError::Bug("files are not opened".to_owned())),
        }
    }
}

/// Keeps in the account table whether the role worked. That the table cannot be written is no reason not to audit.
async fn record(target: &Target, context: &Context, error: Option<&SourceError>) {
    let Some(directory) = &context.accounts else { return };
    if matches!(error.map(SourceError::root), Some(SourceError::Cancelled)) {
        return;
    }
    let usage = AccountUse { at: Utc::now(), error: error.map(|error| chain(error)) };
    if let Err(error) = directory.record_use(&target.account, &usage).await {
        tracing::warn!(account = %target.account, error = %chain(&error), "could not keep whether the role worked");
    }
}

#[async_trait]
impl Source for AwsIam {
    fn kinds(&self) -> Vec<&'static Kind> {
        if self.config.offline.is_some() { kinds::OFFLINE.to_vec() } else { kinds::ALL.to_vec() }
    }

    async fn plan(&self, context: &Context) -> Result<Vec<Target>, SourceError> {
        match &self.config.offline {
            Some(settings) => offline::plan(self.instance.path(&settings.path), self.config.partition).await,
            None => targets::live(&self.config, &self.hub, context).await,
        }
    }

    async fn collect(&self, target: &Target, out: &Collector) -> Result<(), SourceError> {
        let settings = TargetSettings::of(target)?;
        let profile = settings.profile(target);
        if let Access::Files { files, shared } = &settings.access {
            let estate = offline::read(files.clone(), *shared, profile, self.all_policies()).await?;
            kinds::emit_all(out, &estate).await;
            return Ok(());
        }
        match settings.status.as_deref() {
            Some("CLOSED") => {
                kinds::emit_account(out, &Estate::unread(profile)).await;
                return Err(SourceError::Gone);
            }
            Some(status @ ("SUSPENDED" | "PENDING_ACTIVATION")) => {
                kinds::emit_account(out, &Estate::unread(profile)).await;
                return Err(SourceError::rejected(
                    "sts:AssumeRole",
                    format!("AWS Organizations says `{status}`"),
                )
                .with_hint("accounts in this state cannot be read; nothing of them is retired"));
            }
            _ => {}
        }
        let iam = self.open(target, &settings, out.context()).await?;
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
            Err(error) => return vec![check::item("read target", &on, Err(error))],
        };
        if let Access::Files { files, shared } = &settings.access {
            let profile = settings.profile(target);
            let read = offline::read(files.clone(), *shared, profile, self.all_policies()).await;
            return check::files(&on, read);
        }
        let what = match &settings.access {
            Access::Own => "sts:GetCallerIdentity",
            _ => "sts:AssumeRole",
        };
        match self.open(target, &settings, context).await {
            Ok(iam) => {
                let mut items = vec![check::item(what, &on, Ok(()))];
                items.extend(check::permissions(&iam, &on, &settings.partition).await);
                items
            }
            Err(error) => vec![check::item(what, &on, Err(error))],
        }
    }
}
