//! A session in an account: clients over credentials that are renewed when they end.

use std::{
    error::Error,
    future::Future,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use auditor_core::{error::SourceError, source::Caller};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::{
    assume_role::SessionRequest,
    fault::{classify, is_expired},
    hub::Hub,
};

/// Makes the clients of a session from the SDK's settings, which hold its credentials.
type Connect<C> = Box<dyn Fn(&aws_config::SdkConfig) -> C + Send + Sync>;

/// Clients `C` in one account, over a session that is renewed when it ends, or with the program's own credentials.
pub struct Session<C> {
    hub: Arc<Hub>,
    caller: Caller,
    connect: Connect<C>,
    request: Option<SessionRequest>,
    /// The clients and how often they were renewed.
    current: RwLock<(u32, C)>,
    renewing: tokio::sync::Mutex<()>,
}

impl<C: Clone> Session<C> {
    /// A session with the program's own credentials.
    pub fn own(
        hub: Arc<Hub>,
        caller: Caller,
        connect: impl Fn(&aws_config::SdkConfig) -> C + Send + Sync + 'static,
    ) -> Self {
        let current = RwLock::new((0, connect(hub.sdk())));
        let (connect, renewing): (Connect<C>, _) = (Box::new(connect), tokio::sync::Mutex::new(()));
        Self { hub, caller, connect, request: None, current, renewing }
    }

    /// A session of another role.
    ///
    /// # Errors
    /// Why the session could not be opened.
    pub async fn assume(
        hub: Arc<Hub>,
        caller: Caller,
        request: SessionRequest,
        connect: impl Fn(&aws_config::SdkConfig) -> C + Send + Sync + 'static,
    ) -> Result<Self, SourceError> {
        let credentials = request.open(&hub, &caller).await?;
        let current = RwLock::new((0, connect(&with(&hub, credentials))));
        let (connect, renewing): (Connect<C>, _) = (Box::new(connect), tokio::sync::Mutex::new(()));
        Ok(Self { hub, caller, connect, request: Some(request), current, renewing })
    }

    /// Makes a call; if the session ended meanwhile, renews it and calls once more.
    ///
    /// # Errors
    /// What AWS says, by its class; whatever [`Caller::call`] says.
    pub async fn call<T, E, F, Fut>(&self, action: &'static str, send: F) -> Result<T, SourceError>
    where
        F: Fn(&C) -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let (renewals, clients) = self.current();
        match self.call_with(&clients, action, &send).await {
            Err(error) if self.request.is_some() && is_expired(&error) => {
                tracing::debug!(action, "the session ended; opening another");
                let clients = self.renew(renewals).await?;
                self.call_with(&clients, action, &send).await
            }
            result => result,
        }
    }

    async fn call_with<T, E, F, Fut>(
        &self,
        clients: &C,
        action: &'static str,
        send: &F,
    ) -> Result<T, SourceError>
    where
        F: Fn(&C) -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        self.caller
            .call(action, || {
                let sending = send(clients);
                async move { sending.await.map_err(|error| classify(action, &error)) }
            })
            .await
    }

    /// Opens another session, unless another call has done so since `seen`.
    async fn renew(&self, seen: u32) -> Result<C, SourceError> {
        let _one_at_a_time = self.renewing.lock().await;
        let (renewals, renewed) = self.current();
        let Some(request) = self.request.as_ref().filter(|_| renewals == seen) else { return Ok(renewed) };
        let credentials = request.open(&self.hub, &self.caller).await?;
        let renewed = (self.connect)(&with(&self.hub, credentials));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = (seen + 1, renewed.clone());
        Ok(renewed)
    }

    fn current(&self) -> (u32, C) {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits, or ends at once when the run is stopped.
    ///
    /// # Errors
    /// [`Cancelled`](SourceError::Cancelled).
    pub async fn pause(&self, time: Duration) -> Result<(), SourceError> {
        tokio::select! {
            biased;
            () = self.caller.cancellation().cancelled() => Err(SourceError::Cancelled),
            () = tokio::time::sleep(time) => Ok(()),
        }
    }
}

fn with(hub: &Hub, credentials: Credentials) -> aws_config::SdkConfig {
    let provider = SharedCredentialsProvider::new(credentials);
    hub.sdk().clone().into_builder().credentials_provider(provider).build()
}
