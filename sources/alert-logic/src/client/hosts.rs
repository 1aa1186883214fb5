//! Which host serves what: asked of the endpoints service, once per account and service.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use auditor_core::error::SourceError;
use auditor_http_common::HttpClient;
use serde_json::Value;

use super::calls;
use crate::item::Item;

/// Hosts that may be sent the token.
pub(super) const TRUSTED: &[&str] = &["alertlogic.com", "alertlogic.co.uk"];

/// How the services of one region are found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Discovery {
    pub(crate) scheme: &'static str,
    pub(crate) trusted: &'static [&'static str],
}

/// Hosts found so far.
pub(super) struct Hosts {
    pub(super) base: HttpClient,
    pub(super) discovery: Option<Discovery>,
    found: Mutex<HashMap<(String, &'static str), HttpClient>>,
}

impl Hosts {
    pub(super) fn new(base: HttpClient, discovery: Option<Discovery>) -> Self {
        Self { base, discovery, found: Mutex::default() }
    }

    /// The host of a service, if it need not be asked for.
    pub(super) fn known(&self, account: &str, service: &'static str) -> Option<HttpClient> {
        if self.discovery.is_none() || calls::is_global(service) {
            return Some(self.base.clone());
        }
        self.lock().get(&(account.to_owned(), service)).cloned()
    }

    /// Keeps the host that the endpoints service named.
    ///
    /// # Errors
    /// [`Malformed`](SourceError::Malformed) if it named none; [`Rejected`](SourceError::Rejected) if it named one that
    /// must not be sent the token.
    pub(super) fn learn(
        &self,
        account: &str,
        service: &'static str,
        reply: &Value,
    ) -> Result<HttpClient, SourceError> {
        let host = Item(reply)
            .text(service)
            .ok_or_else(|| SourceError::malformed(calls::ENDPOINT, format!("no host of `{service}`")))?;
        self.accept(account, service, &host)
    }

    /// Keeps the regional host of a place where accounts are at home, for services that the endpoints service does not
    /// know by their name.
    pub(super) fn learn_from_location(
        &self,
        account: &str,
        service: &'static str,
        is_emea: bool,
    ) -> Result<HttpClient, SourceError> {
        let host =
            if is_emea { "api.cloudinsight.alertlogic.co.uk" } else { "api.cloudinsight.alertlogic.com" };
        self.accept(account, service, host)
    }

    fn accept(&self, account: &str, service: &'static str, address: &str) -> Result<HttpClient, SourceError> {
        let Some(discovery) = &self.discovery else { return Ok(self.base.clone()) };
        let host = address.split_once("://").map_or(address, |(_, rest)| rest);
        let host = host.split(['/', '?', '#']).next().unwrap_or_default();
        let untrusted = || {
            SourceError::rejected(
                calls::ENDPOINT,
                format!(
                    "the host of `{service}` is not one of Alert Logic's: `{}`",
                    auditor_http_common::clean(host)
                ),
            )
            .with_hint("set `http.endpoint` to the address that serves Alert Logic's API, if this is meant")
        };
        if !is_trusted(host, discovery.trusted) {
            return Err(untrusted());
        }
        let http = self.base.at(&format!("{}://{host}", discovery.scheme)).map_err(|_| untrusted())?;
        self.lock().insert((account.to_owned(), service), http.clone());
        Ok(http)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, &'static str), HttpClient>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a host, with or without a port, is one of these domains or below one.
fn is_trusted(host: &str, domains: &[&str]) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let name = name.to_ascii_lowercase();
    let below = |domain: &str| {
        name.strip_suffix(domain).is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('.'))
    };
    plain && domains.iter().any(|domain| below(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_goes_to_alert_logic_alone() {
        for good in ["api.cloudinsight.alertlogic.com", "API.alertlogic.co.uk:443", "alertlogic.com"] {
            assert!(is_trusted(good, TRUSTED), "{good}");
        }
        for bad in [
            "alertlogic.com.example.com",
            "notalertlogic.com",
            "user@alertlogic.com",
            "example.com\\.alertlogic.com",
            "",
            "api.example.com:443",
        ] {
            assert!(!is_trusted(bad, TRUSTED), "{bad}");
        }
    }
}
