//! What operators set for the connection to a service.

use std::path::PathBuf;

use auditor_core::config::{Problem, Secret};
use reqwest::Url;
use schemars::JsonSchema;
use serde::Deserialize;

/// How a service is reached. Plugins embed it under the key `http`, which the advice in errors names.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSettings {
    /// Address of the service's API, for gateways and emulators. `http://` is taken for this machine alone, since keys
    /// go along. Default: the service's own address.
    pub endpoint: Option<String>,
    /// PEM file of certificate authorities to trust beside the platform's. Relative to the configuration file.
    pub ca_file: Option<PathBuf>,
    /// Address of a proxy; with its user and password if it wants any. Default: the environment's `HTTPS_PROXY`,
    /// `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    pub proxy: Option<Secret>,
    /// Largest reply that is read, in bytes, unpacked. A larger one is cut off and counts as an error.
    #[schemars(range(min = 1024, max = 1_073_741_824))]
    pub max_reply_bytes: u64,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self { endpoint: None, ca_file: None, proxy: None, max_reply_bytes: 64 * 1024 * 1024 }
    }
}

impl HttpSettings {
    /// What is wrong with the settings. Keys are relative to this table.
    pub fn validate(&self) -> Vec<Problem> {
        let endpoint = self.endpoint.as_deref().map(parse_endpoint);
        endpoint.and_then(Result::err).map(|wrong| Problem::new("endpoint", wrong)).into_iter().collect()
    }
}

/// Reads the address of an API.
///
/// # Errors
/// What was expected. Never repeats the address.
pub fn parse_endpoint(text: &str) -> Result<Url, String> {
    let expected = "expected an address like `https://api.example.com`";
    let url = Url::parse(text).map_err(|error| format!("{expected}: {error}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("{expected}, without user and password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{expected}, without `?` and `#`"));
    }
    match url.scheme() {
        "https" if url.has_host() => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(format!("{expected}: without TLS, keys would be readable on the way")),
        _ => Err(expected.to_owned()),
    }
}

/// Whether an address is this machine's own.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_https_or_this_machine() {
        for good in
            ["https://api.example.com", "https://gateway.example.com:8443/api/", "http://127.0.0.1:80"]
        {
            assert!(parse_endpoint(good).is_ok(), "{good}");
        }
        assert!(parse_endpoint("http://[::1]:8080/x").is_ok());
        for bad in [
            "api.example.com",
            "http://api.example.com",
            "http://127.0.0.1.example.com",
            "ftp://api.example.com",
            "https://user:hunter2@api.example.com",
            "https://api.example.com?api_key=hunter2",
            "",
        ] {
            let wrong = parse_endpoint(bad).unwrap_err();
            assert!(!wrong.contains("hunter2"), "{wrong}");
        }
    }
}
