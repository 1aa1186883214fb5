//! IAM in one account.

use std::{
    future::Future,
    sync::{Arc, PoisonError, RwLock},
};

use auditor_core::{error::SourceError, source::Caller};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_iam::Client;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{
    credentials::SessionRequest,
    fault::{classify, is_expired},
    hub::Hub,
    whole::WholeAnswer,
};

/// IAM in one account, over a session that is renewed when it ends, or with the program's own credentials.
pub(crate) struct Iam {
    hub: Arc<Hub>,
    caller: Caller,
    request: Option<SessionRequest>,
    /// The client and how often it was renewed.
    current: RwLock<(u32, Client)>,
    renewing: tokio::sync::Mutex<()>,
}

impl Iam {
    /// IAM in the account of the program's own credentials.
    pub(crate) fn own(hub: Arc<Hub>, caller: Caller) -> Self {
        let current = RwLock::new((0, client(&hub, None)));
        Self { hub, caller, request: None, current, renewing: tokio::sync::Mutex::new(()) }
    }

    /// IAM in another account.
    ///
    /// # Errors
    /// Why the session could not be opened.
    pub(crate) async fn assume(
        hub: Arc<Hub>,
        caller: Caller,
        request: SessionRequest,
    ) -> Result<Self, SourceError> {
        let credentials = request.open(&hub, &caller).await?;
        let current = RwLock::new((0, client(&hub, Some(credentials))));
        Ok(Self { hub, caller, request: Some(request), current, renewing: tokio::sync::Mutex::new(()) })
    }

    /// Makes a call; if the session ended meanwhile, renews it and calls once more.
    pub(crate) async fn call<T, E, F, Fut>(&self, action: &'static str, send: F) -> Result<T, SourceError>
    where
        F: Fn(&Client) -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let (renewals, client) = self.current();
        match self.call_with(&client, action, &send).await {
            Err(error) if self.request.is_some() && is_expired(&error) => {
                tracing::debug!(action, "the session ended; opening another");
                let client = self.renew(renewals).await?;
                self.call_with(&client, action, &send).await
            }
            result => result,
        }
    }

    async fn call_with<T, E, F, Fut>(
        &self,
        client: &Client,
        action: &'static str,
        send: &F,
    ) -> Result<T, SourceError>
    where
        F: Fn(&Client) -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.caller
            .call(action, || {
                let sending = send(client);
                async move { sending.await.map_err(|error| classify(action, &error)) }
            })
            .await
    }

    /// Opens another session, unless another call has done so since `seen`.
    async fn renew(&self, seen: u32) -> Result<Client, SourceError> {
        let _one_at_a_time = self.renewing.lock().await;
        let (renewals, renewed) = self.current();
        let Some(request) = self.request.as_ref().filter(|_| renewals == seen) else { return Ok(renewed) };
        let credentials = request.open(&self.hub, &self.caller).await?;
        let renewed = client(&self.hub, Some(credentials));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = (seen + 1, renewed.clone());
        Ok(renewed)
    }

    fn current(&self) -> (u32, Client) {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits, or ends at once when the run is stopped.
    ///
    /// # Errors
    /// [`Cancelled`](SourceError::Cancelled).
    pub(super) async fn pause(&self, time: std::time::Duration) -> Result<(), SourceError> {
        tokio::select! {
            biased;
            () = self.caller.cancellation().cancelled() => Err(SourceError::Cancelled),
            () = tokio::time::sleep(time) => Ok(()),
        }
    }
}

fn client(hub: &Hub, credentials: Option<Credentials>) -> Client {
    let mut config = aws_sdk_iam::config::Builder::from(&hub.sdk).interceptor(WholeAnswer);
    if let Some(url) = &hub.iam_endpoint_url {
        config = config.endpoint_url(url);
    }
    if let Some(credentials) = credentials {
        config = config.credentials_provider(SharedCredentialsProvider::new(credentials));
    }
    Client::from_conf(config.build())
}
