//! A session in an account.

use auditor_core::{
    error::{SourceError, chain},
    model::AccountId,
    registry::Instance,
    sink::AccountUse,
    source::Context,
};
use chrono::Utc;

use super::{Access, AccountList};
use crate::{
    assume_role::SessionRequest,
    hub::{HubSettings, LazyHub},
    session::Session,
};

/// What a source's sessions are like. Each field but the last is the setting of its name.
#[derive(Debug, Clone, Copy)]
pub struct SessionSettings<'a> {
    /// Sessions are named this, followed by the run's id.
    pub session_name_prefix: &'a str,
    /// Source identity.
    pub source_identity: Option<&'a str>,
    /// How long they last, in seconds.
    pub session_duration_secs: u32,
    /// What limits them, whatever the role may do.
    pub session_policy: Option<&'static str>,
}

/// How a source reaches its accounts.
#[derive(Clone)]
pub struct Reach<'a> {
    /// The program's own identity.
    pub hub: &'a LazyHub,
    /// How AWS is reached.
    pub hub_settings: HubSettings,
    /// The source's accounts.
    pub accounts: AccountList<'a>,
    /// The source.
    pub instance: &'a Instance,
    /// What its sessions are like.
    pub session: SessionSettings<'a>,
}

impl Reach<'_> {
    /// A session in an account. Tells the account table how that went, where the account is listed there.
    ///
    /// # Errors
    /// Why the session could not be opened.
    pub async fn open<C: Clone>(
        &self,
        account: &AccountId,
        access: &Access,
        context: &Context,
        connect: impl Fn(&aws_config::SdkConfig) -> C + Send + Sync + 'static,
    ) -> Result<Session<C>, SourceError> {
        match access {
            Access::Own => {
                let hub = self.hub.get(&self.hub_settings).await;
                let own = hub.own_account(&context.caller).await?;
                if own != account.as_str() {
                    return Err(SourceError::rejected(
                        "sts:GetCallerIdentity",
                        format!("the program's own credentials belong to account {own}"),
                    ));
                }
                Ok(Session::own(hub, context.caller.clone(), connect))
            }
            Access::Role { role_arn, external_id, recorded } => {
                let opening = async {
                    let request = SessionRequest {
                        role_arn: role_arn.clone(),
                        account: account.as_str().to_owned(),
                        external_id: self.accounts.resolve(external_id, self.instance, account)?,
                        session_name: format!("{}{}", self.session.session_name_prefix, context.run),
                        source_identity: self.session.source_identity.map(str::to_owned),
                        duration_secs: self.session.session_duration_secs,
                        session_policy: self.session.session_policy,
                    };
                    let hub = self.hub.get(&self.hub_settings).await;
                    Session::assume(hub, context.caller.clone(), request, connect).await
                };
                let result = opening.await;
                if *recorded {
                    record(account, context, result.as_ref().err()).await;
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
        }
    }
}

/// Keeps in the account table whether the role worked. That the table cannot be written is no reason not to audit.
async fn record(account: &AccountId, context: &Context, error: Option<&SourceError>) {
    let Some(directory) = &context.accounts else { return };
    if matches!(error.map(SourceError::root), Some(SourceError::Cancelled)) {
        return;
    }
    let usage = AccountUse { at: Utc::now(), error: error.map(|error| chain(error)) };
    if let Err(error) = directory.record_use(account, &usage).await {
        tracing::warn!(%account, error = %chain(&error), "could not keep whether the role worked");
    }
}
