//! The program's own identity in AWS: its credentials, and STS, which it calls with them.

use std::sync::Arc;

use auditor_core::{
    error::SourceError,
    source::{Caller, RateLimiter},
};
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use tokio::sync::OnceCell;

use crate::{
    arn::Arn,
    fault::classify,
    http::{CONNECT_TIMEOUT, http_client},
};

/// How AWS is reached, from a source's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct HubSettings {
    /// Region of every client that is not told another.
    pub region: String,
    /// Profile of the shared AWS configuration files.
    pub profile: Option<String>,
    /// Endpoint for every service.
    pub endpoint_url: Option<String>,
    /// Endpoint for STS alone.
    pub sts_endpoint_url: Option<String>,
    /// `AssumeRole` calls per second, over all accounts.
    pub sts_requests_per_second: f64,
    /// Attempts for one `AssumeRole` call, the first included.
    pub sts_attempts: u32,
}

/// The program's own credentials and the STS client that uses them, shared by all accounts of a run. The SDK's own
/// retries are off in whatever is made from it: calls go through [`Caller::call`].
pub struct Hub {
    sdk: SdkConfig,
    pub(crate) sts: aws_sdk_sts::Client,
    sts_limiter: Arc<RateLimiter>,
    sts_attempts: u32,
}

/// Connects when it is first needed: plans of accounts listed elsewhere, and offline sources, never do.
#[derive(Default)]
pub struct LazyHub(OnceCell<Arc<Hub>>);

impl LazyHub {
    /// Connected already, for tests.
    pub fn connected(hub: Hub) -> Self {
        Self(OnceCell::new_with(Some(Arc::new(hub))))
    }

    /// The hub, connected.
    pub async fn get(&self, settings: &HubSettings) -> Arc<Hub> {
        Arc::clone(self.0.get_or_init(|| async { Arc::new(Hub::connect(settings).await) }).await)
    }
}

impl Hub {
    /// Reads the environment and the shared configuration files. Credentials are looked for at the first call.
    pub async fn connect(settings: &HubSettings) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .http_client(http_client());
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &settings.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        Self::new(settings, loader.load().await)
    }

    /// From settings of the SDK that are complete.
    pub fn new(settings: &HubSettings, sdk: SdkConfig) -> Self {
        let sdk = sdk
            .into_builder()
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).build())
            .build();
        let mut sts = aws_sdk_sts::config::Builder::from(&sdk);
        if let Some(url) = &settings.sts_endpoint_url {
            sts = sts.endpoint_url(url);
        }
        Self {
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
            sts_limiter: Arc::new(RateLimiter::new(settings.sts_requests_per_second)),
            sts_attempts: settings.sts_attempts,
            sdk,
        }
    }

    /// The SDK's settings with the program's own credentials, to make clients from.
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// STS has a rate limit of its own and more attempts: all accounts of a run call it at the same time.
    pub(crate) fn sts_caller(&self, caller: &Caller) -> Caller {
        caller
            .clone()
            .with_limiter(Arc::clone(&self.sts_limiter))
            .with_policy(|policy| policy.attempts = self.sts_attempts)
    }

    /// The account of the program's own credentials.
    ///
    /// # Errors
    /// What STS says, or that there are no credentials.
    pub async fn own_account(&self, caller: &Caller) -> Result<String, SourceError> {
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
}
