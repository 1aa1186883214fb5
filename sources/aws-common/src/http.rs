//! Connections: one pool that all clients of a source share.

use std::time::Duration;

use aws_smithy_http_client::{
    Connector,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
        http_client_fn,
    },
    orchestrator::HttpRequest,
};

/// How long a connection may take to be made.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// TLS is rustls with ring and the system's certificates; `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are honoured.
pub fn http_client() -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Route {
        proxied: connector(ProxyConfig::from_env()),
        direct: connector(ProxyConfig::disabled()),
    });
    http_client_fn(move |_, _| connector.clone())
}

fn connector(proxy: ProxyConfig) -> Connector {
    Connector::builder()
        .connector_settings(HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build())
        .proxy_config(proxy)
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build()
}

/// Instance and container credentials come from link-local addresses, which no proxy can reach.
#[derive(Debug)]
struct Route {
    proxied: Connector,
    direct: Connector,
}

impl HttpConnector for Route {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if is_link_local(request.uri()) { self.direct.call(request) } else { self.proxied.call(request) }
    }
}

fn is_link_local(uri: &str) -> bool {
    ["http://169.254.", "http://[fd00:ec2:"].iter().any(|prefix| uri.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_metadata_services_are_reached_past_the_proxy() {
        assert!(is_link_local("http://169.254.169.254/latest/api/token"));
        assert!(is_link_local("http://169.254.170.2/v2/credentials"));
        assert!(!is_link_local("https://iam.amazonaws.com/"));
    }
}
