//! One cluster as it is reached: requests, paging, and what errors mean.
//!
//! `kube` makes connections and signs requests. What it does beyond that is not used: its retries (the engine has its
//! own), its credential plugins (they would run on the async threads, without a time limit, with their output in
//! errors), its proxies by environment (it compares `NO_PROXY` with the proxy instead of the cluster), its reading of
//! replies (of any size, whole into the log when they cannot be read).

mod body;
pub(crate) mod calls;
mod connect;
mod exec;
mod fault;
mod kubeconfig;
mod pages;
mod proxy;
mod tls;

use std::sync::Arc;

use auditor_core::{error::SourceError, source::Caller};
use http::{Request, StatusCode, header};
use kube::client::Body;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use self::{calls::Listing, connect::Live};
pub(crate) use self::{
    connect::{Access, Way},
    exec::ExecPolicy,
    fault::ApiFault,
    kubeconfig::Kubeconfigs,
    pages::Pages,
    proxy::ProxyEnvironment,
};

/// Who we are.
const USER_AGENT: &str = concat!("auditor/", env!("CARGO_PKG_VERSION"));

/// One cluster, connected when it is first asked something.
pub(crate) struct Cluster {
    way: Way,
    access: Arc<Access>,
    live: Mutex<Option<Live>>,
}

/// A reply that is a result, or the word that a continuation is no longer good.
pub(crate) enum Answer {
    /// A body of a successful reply.
    Body(body::Bytes),
    /// HTTP 410: the snapshot that the listing was cut from is gone. With a token to go on from a later one.
    Expired(Option<String>),
}

impl Cluster {
    /// A cluster that has not been spoken to.
    pub(crate) fn new(way: Way, access: Arc<Access>) -> Self {
        Self { way, access, live: Mutex::new(None) }
    }

    /// Host and port of the API server, without user, path and query.
    pub(crate) fn endpoint(&self) -> Option<String> {
        self.way.endpoint()
    }

    /// A reader whose calls go through the engine's caller.
    pub(crate) fn reader<'a>(&'a self, caller: &'a Caller) -> Reader<'a> {
        Reader { cluster: self, caller }
    }

    async fn client(&self) -> Result<kube::Client, SourceError> {
        let mut live = self.live.lock().await;
        if let Some(live) = live.as_ref().filter(|live| live.is_fresh()) {
            return Ok(live.client.clone());
        }
        let connected = connect::connect(&self.way, &self.access).await?;
        let client = connected.client.clone();
        *live = Some(connected);
        Ok(client)
    }

    async fn send(&self, action: &'static str, path: &str) -> Result<Answer, SourceError> {
        let client = self.client().await?;
        let request = Request::get(path)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, USER_AGENT)
            .body(Body::empty())
            .map_err(|error| SourceError::rejected(action, error))?;
        let response = client.send(request).await.map_err(|error| fault::transport(action, error))?;
        let (parts, body) = response.into_parts();
        if parts.status.is_success() {
            let body = body::Bytes::read(action, &parts, body, self.access.max_reply_bytes).await?;
            return Ok(Answer::Body(body));
        }
        let body = body::Bytes::read_error(&parts, body).await;
        if parts.status == StatusCode::GONE {
            return Ok(Answer::Expired(fault::continuation(&body)));
        }
        if parts.status == StatusCode::UNAUTHORIZED {
            // Credentials may be renewed meanwhile, by a plugin or in a file.
            *self.live.lock().await = None;
        }
        Err(fault::classify(action, &parts, &body))
    }
}

/// A cluster and the engine's caller.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    cluster: &'a Cluster,
    caller: &'a Caller,
}

impl<'a> Reader<'a> {
    /// Reads one object.
    ///
    /// # Errors
    /// By class, see `fault`.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        action: &'static str,
        path: &str,
    ) -> Result<T, SourceError> {
        self.caller
            .call(action, || async {
                match self.cluster.send(action, path).await? {
                    Answer::Body(body) => body.json(action),
                    Answer::Expired(_) => Err(SourceError::rejected(action, "HTTP 410: it is gone")),
                }
            })
            .await
    }

    /// A listing over all namespaces, page by page.
    pub(crate) fn list<T>(&self, listing: &'static Listing) -> Pages<'a, T> {
        Pages::new(*self, listing, self.cluster.access.page_size)
    }
}
