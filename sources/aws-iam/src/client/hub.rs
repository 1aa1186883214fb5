//! The program's own identity in AWS: its credentials, and the two services it calls with them.

use auditor_core::{
    error::SourceError,
    source::{Caller, RateLimiter},
};
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use std::sync::Arc;
use tokio::sync::OnceCell;

use super::{
    fault::classify,
    http::{CONNECT_TIMEOUT, http_client},
    pages::Pages,
};
use crate::{arn::Arn, config::AwsIamConfig};

/// The program's own credentials and the clients that use them, shared by all accounts of a run.
pub(crate) struct Hub {
    pub(super) sdk: SdkConfig,
    pub(super) sts: aws_sdk_sts::Client,
    organizations: aws_sdk_organizations::Client,
    pub(super) iam_endpoint_url: Option<String>,
    sts_limiter: Arc<RateLimiter>,
    sts_attempts: u32,
}

/// Connects when it is first needed: plans of accounts listed elsewhere, and offline sources, never do.
#[derive(Default)]
pub(crate) struct LazyHub(OnceCell<Arc<Hub>>);

impl LazyHub {
    /// Connected already.
    #[cfg(test)]
    pub(crate) fn connected(hub: Hub) -> Self {
        Self(OnceCell::new_with(Some(Arc::new(hub))))
    }

    /// The hub, connected.
    pub(crate) async fn get(&self, config: &AwsIamConfig) -> Arc<Hub> {
        Arc::clone(self.0.get_or_init(|| async { Arc::new(Hub::connect(config).await) }).await)
    }
}

/// One account of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrganizationAccount {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    /// `ACTIVE`, `SUSPENDED`, `CLOSED` …
    pub(crate) state: Option<String>,
}

impl Hub {
    /// Reads the environment and the shared configuration files. Credentials are looked for at the first call.
    pub(crate) async fn connect(config: &AwsIamConfig) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(config.region().to_owned()))
            .http_client(http_client());
        if let Some(profile) = &config.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &config.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        Self::new(config, loader.load().await)
    }

    /// From settings of the SDK that are complete.
    pub(crate) fn new(config: &AwsIamConfig, sdk: SdkConfig) -> Self {
        let sdk = sdk
            .into_builder()
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).build())
            .build();
        let mut sts = aws_sdk_sts::config::Builder::from(&sdk);
        if let Some(url) = &config.sts_endpoint_url {
            sts = sts.endpoint_url(url);
        }
        let mut organizations = aws_sdk_organizations::config::Builder::from(&sdk);
        if let Some(url) = &config.organizations_endpoint_url {
            organizations = organizations.endpoint_url(url);
        }
        Self {
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
            organizations: aws_sdk_organizations::Client::from_conf(organizations.build()),
            iam_endpoint_url: config.iam_endpoint_url.clone(),
            sts_limiter: Arc::new(RateLimiter::new(config.sts_requests_per_second)),
            sts_attempts: config.sts_attempts.get(),
            sdk,
        }
    }

    /// STS has a rate limit of its own and more attempts: all accounts of a run call it at the same time.
    pub(super) fn sts_caller(&self, caller: &Caller) -> Caller {
        caller
            .clone()
            .with_limiter(Arc::clone(&self.sts_limiter))
            .with_policy(|policy| policy.attempts = self.sts_attempts)
    }

    /// The account of the program's own credentials.
    pub(crate) async fn own_account(&self, caller: &Caller) -> Result<String, SourceError> {
        const ACTION: &str = "sts:GetCallerIdentity";
        let identity = self
            .sts_caller(caller)
            .call(ACTION, || async {
                self.sts.get_caller_identity().send().await.map_err(|error| classify(ACTION, &error))
            })
            .await?;
        let from_arn = || identity.arn().and_then(Arn::parse).map(|arn| arn.account);
        identity
            .account()
            .or_else(from_arn)
            .map(str::to_owned)
            .ok_or_else(|| SourceError::malformed(ACTION, "the answer names no account"))
    }

    /// Every account of the organization, in the order AWS gives them.
    pub(crate) async fn organization_accounts(
        &self,
        caller: &Caller,
    ) -> Result<Vec<OrganizationAccount>, SourceError> {
        const ACTION: &str = "organizations:ListAccounts";
        let mut accounts = Vec::new();
        let mut pages = Pages::new(ACTION);
        while let Some(token) = pages.next() {
            let page = caller
                .call(ACTION, || async {
                    let request = self.organizations.list_accounts().set_next_token(token.clone());
                    request.send().await.map_err(|error| classify(ACTION, &error))
                })
                .await?;
            pages.turn(page.next_token.is_some(), page.next_token)?;
            accounts.extend(page.accounts.into_iter().flatten().filter_map(|account| {
                let state = account.state.map(|state| state.as_str().to_owned());
                // Superseded by `State`, which emulators and older partitions do not answer yet.
                let status = account.status.map(|status| status.as_str().to_owned());
                Some(OrganizationAccount {
                    id: account.id?,
                    name: account.name,
                    email: account.email,
                    state: state.or(status),
                })
            }));
        }
        Ok(accounts)
    }
}
