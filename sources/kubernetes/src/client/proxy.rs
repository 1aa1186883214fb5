//! Which proxy a cluster is reached through.
//!
//! `kube` compares `NO_PROXY` with the proxy's own address, so that it never helps. Here it is compared with the
//! cluster's, as everywhere else.

use std::net::IpAddr;

use http::Uri;

/// What the environment says about proxies.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProxyEnvironment {
    /// `HTTPS_PROXY`.
    pub(crate) https_proxy: Option<String>,
    /// `NO_PROXY`.
    pub(crate) no_proxy: Option<String>,
}

impl ProxyEnvironment {
    /// This process's environment.
    pub(crate) fn of_process() -> Self {
        let read = |names: [&str; 2]| {
            names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        };
        Self { https_proxy: read(["HTTPS_PROXY", "https_proxy"]), no_proxy: read(["NO_PROXY", "no_proxy"]) }
    }

    /// The proxy for a cluster: its kubeconfig's own, else the environment's unless the cluster is exempt.
    ///
    /// # Errors
    /// What was expected. Never repeats the address, which may hold a password.
    pub(super) fn choose(&self, own: Option<&str>, cluster: &Uri) -> Result<Option<Uri>, String> {
        if let Some(own) = own.filter(|own| !own.is_empty()) {
            return parse(own, "`proxy-url` in the kubeconfig").map(Some);
        }
        let Some(proxy) = self.https_proxy.as_deref().filter(|_| cluster.scheme_str() == Some("https"))
        else {
            return Ok(None);
        };
        let host = bare_host(cluster);
        if is_local(&host) || self.exempts(&host, cluster.port_u16().unwrap_or(443)) {
            return Ok(None);
        }
        parse(proxy, "the environment variable `HTTPS_PROXY`").map(Some)
    }

    fn exempts(&self, host: &str, port: u16) -> bool {
        let entries = self.no_proxy.as_deref().unwrap_or_default().split(',');
        entries.map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| matches(entry, host, port))
    }
}

/// Host without the brackets of an IPv6 address, in small letters.
pub(super) fn bare_host(uri: &Uri) -> String {
    uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase()
}

/// Whether a host is this machine.
pub(super) fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn parse(text: &str, place: &str) -> Result<Uri, String> {
    let expected = format!("{place}: expected an address like `http://proxy.example.com:3128`");
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let uri: Uri = text.parse().map_err(|_| expected.clone())?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some_and(|host| !host.is_empty()) => Ok(uri),
        Some("socks5" | "socks5h") => Err(format!("{place}: SOCKS proxies are not supported")),
        _ => Err(expected),
    }
}

/// One entry of `NO_PROXY`: `*`, an address, a range of addresses, or a domain, which stands for its subdomains, too
/// (with a dot in front: for them alone). A port limits it.
fn matches(entry: &str, host: &str, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    let entry = entry.to_ascii_lowercase();
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    let ip: Option<IpAddr> = host.parse().ok();
    if let Ok(address) = bare.parse::<IpAddr>() {
        return ip == Some(address);
    }
    if let Some((network, length)) = entry.split_once('/') {
        let (Ok(network), Ok(length), Some(ip)) = (network.parse(), length.parse(), ip) else { return false };
        return in_range(ip, network, length);
    }
    let (name, only_port) = match entry.rsplit_once(':') {
        Some((name, digits)) => match digits.parse::<u16>() {
            Ok(port) => (name, Some(port)),
            Err(_) => return false,
        },
        None => (entry.as_str(), None),
    };
    if only_port.is_some_and(|only| only != port) {
        return false;
    }
    let name = name.trim_start_matches('[').trim_end_matches(']').trim_start_matches('*');
    match name.strip_prefix('.') {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
        None => host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')),
    }
}

fn in_range(ip: IpAddr, network: IpAddr, length: u32) -> bool {
    let (ip, network, bits) = match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => (u32::from(ip).into(), u32::from(network).into(), 32),
        (IpAddr::V6(ip), IpAddr::V6(network)) => (u128::from(ip), u128::from(network), 128),
        _ => return false,
    };
    if length > bits {
        return false;
    }
    let shift = bits - length;
    shift == 128 || ip >> shift == network >> shift
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(no_proxy: &str, cluster: &str) -> Option<String> {
        let environment = ProxyEnvironment {
            https_proxy: Some("http://proxy.example.com:3128".to_owned()),
            no_proxy: Some(no_proxy.to_owned()),
        };
        environment.choose(None, &cluster.parse().unwrap()).unwrap().map(|uri| uri.to_string())
    }

    #[test]
    fn exemptions_are_of_the_cluster() {
        let cluster = "https://api.prod.example.org:6443";
        for exempt in [
            "*",
            "example.org",
            ".example.org",
            "*.example.org",
            "api.prod.example.org",
            "x, EXAMPLE.org:6443",
        ] {
            assert_eq!(proxy(exempt, cluster), None, "{exempt}");
        }
        for other in ["", "proxy.example.com", "ample.org", "example.org:443", "10.0.0.0/8", "example.org:x"]
        {
            assert!(proxy(other, cluster).is_some(), "{other}");
        }
        assert_eq!(proxy("10.0.0.0/8", "https://10.1.2.3"), None);
        assert_eq!(proxy("fd00::/8", "https://[fd00::1]:6443"), None);
        assert!(proxy("10.0.0.0/8", "https://11.1.2.3").is_some());
        assert_eq!(proxy("0.0.0.0/0", "https://11.1.2.3"), None);
        assert!(proxy("10.0.0.0/99", "https://10.1.2.3").is_some());
    }

    #[test]
    fn this_machine_needs_no_proxy_and_the_kubeconfig_has_the_last_word() {
        assert_eq!(proxy("", "https://127.0.0.1:6443"), None);
        assert_eq!(proxy("", "http://10.0.0.1"), None);
        let none = ProxyEnvironment::default();
        let cluster = "https://127.0.0.1".parse().unwrap();
        assert!(none.choose(Some("http://user:hunter2@proxy.example.com"), &cluster).unwrap().is_some());
        for bad in
            ["socks5://user:hunter2@proxy.example.com", "ftp://user:hunter2@x", "http://user:hunter2@:x"]
        {
            let wrong = none.choose(Some(bad), &cluster).unwrap_err();
            assert!(!wrong.contains("hunter2"), "{wrong}");
        }
    }
}
