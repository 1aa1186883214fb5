//! Connections to one service.

use std::{sync::Arc, time::Duration};

use auditor_core::{config::Problem, registry::Instance};
use reqwest::{Client, Method, Proxy, Url, redirect};
use secrecy::ExposeSecret as _;

use crate::{
    Dialect, Request,
    settings::{HttpSettings, is_loopback, parse_endpoint},
    tls,
};

/// Who we are.
const USER_AGENT: &str = concat!("auditor/", env!("CARGO_PKG_VERSION"));
/// How long a connection may take to come about. The engine limits the call as a whole.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Connections to one service. Cheap to clone; clones share them.
///
/// Redirects are never followed: keys would go along.
#[derive(Clone)]
pub struct HttpClient {
    pub(crate) client: Client,
    pub(crate) endpoint: Url,
    pub(crate) dialect: Arc<dyn Dialect>,
    pub(crate) max_reply_bytes: u64,
}

impl HttpClient {
    /// Connections as the settings say, to `default_endpoint` unless they name another. Uses no network.
    ///
    /// # Errors
    /// What is wrong with the settings, with keys relative to their table.
    pub fn new(
        settings: &HttpSettings,
        default_endpoint: &str,
        instance: &Instance,
        dialect: impl Dialect,
    ) -> Result<Self, Vec<Problem>> {
        let wrong = |key: &'static str| move |message: String| vec![Problem::new(key, message)];
        let endpoint = settings.endpoint.as_deref().unwrap_or(default_endpoint);
        let endpoint = parse_endpoint(endpoint).map_err(wrong("endpoint"))?;
        let ca_file = settings.ca_file.as_ref().map(|path| instance.path(path));
        let tls = tls::config(ca_file.as_deref()).map_err(wrong("ca_file"))?;
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT);
        if let Some(proxy) = &settings.proxy {
            let address = proxy.resolve(instance).map_err(|problem| vec![problem.under("proxy")])?;
            let expected = "expected an address like `http://proxy.example.com:3128`";
            let proxy =
                Proxy::all(address.expose_secret()).map_err(|_| vec![Problem::new("proxy", expected)])?;
            builder = builder.proxy(proxy);
        } else if is_loopback(&endpoint) {
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| vec![Problem::new("", auditor_core::error::chain(&error.without_url()))])?;
        Ok(Self { client, endpoint, dialect: Arc::new(dialect), max_reply_bytes: settings.max_reply_bytes })
    }

    /// The same connections, for another address of the service.
    ///
    /// # Errors
    /// What was expected of the address. Never repeats it.
    pub fn at(&self, endpoint: &str) -> Result<Self, String> {
        Ok(Self { endpoint: parse_endpoint(endpoint)?, ..self.clone() })
    }

    /// A `GET` of a path below the endpoint. `action` names it in the provider's words, without ids: `GET /v1/users`.
    /// `path` comes in segments, each of which is escaped; empty ones and `..` are left out.
    pub fn get(&self, action: &'static str, path: &[&str]) -> Request {
        Request::new(self, Method::GET, action, path)
    }

    /// A `POST` of a path below the endpoint, for the services that log in or search with one.
    pub fn post(&self, action: &'static str, path: &[&str]) -> Request {
        Request::new(self, Method::POST, action, path)
    }
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpClient({})", self.endpoint.host_str().unwrap_or_default())
    }
}
