//! From a context to a connection.

use std::{path::Path, sync::Arc, time::Duration};

use auditor_core::error::{SourceError, chain};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use http::Uri;
use kube::{
    Client, Config,
    client::ClientBuilder,
    config::{AuthInfo, KubeconfigError},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    exec::{self, ExecPolicy},
    kubeconfig::Entry,
    proxy::{ProxyEnvironment, bare_host, is_local},
    tls,
};

const ACTION: &str = "connect to cluster";
/// How long a connection may take to come about. The engine limits the call as a whole.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Longest silence within a reply. `kube` would wait without end.
const READ_TIMEOUT: Duration = Duration::from_mins(1);
/// Credentials are renewed this long before they end, and not more often than that.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

/// How connections are made, whichever cluster they lead to.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) exec: ExecPolicy,
    pub(crate) proxies: ProxyEnvironment,
    pub(crate) accept_invalid_certificates: bool,
    pub(crate) page_size: u16,
    pub(crate) max_reply_bytes: u64,
}

/// The way to one cluster.
pub(crate) enum Way {
    /// A context of a kubeconfig.
    Context(Box<Entry>),
    /// The pod's own service account.
    InCluster,
}

/// A connection, and until when its credentials are good.
pub(super) struct Live {
    pub(super) client: Client,
    renew_at: Option<DateTime<Utc>>,
}

impl Live {
    pub(super) fn is_fresh(&self) -> bool {
        self.renew_at.is_none_or(|at| Utc::now() < at)
    }
}

impl Way {
    pub(super) fn endpoint(&self) -> Option<String> {
        let uri = match self {
            Self::Context(entry) => entry.cluster.server.as_deref()?.parse::<Uri>().ok()?,
            Self::InCluster => Config::incluster_env().ok()?.cluster_url,
        };
        let port = match (uri.port_u16(), uri.scheme_str()) {
            (Some(port), _) => port,
            (None, Some("http")) => 80,
            (None, _) => 443,
        };
        Some(format!("{}:{port}", uri.host()?.to_ascii_lowercase()))
    }
}

/// Makes a connection. Runs the context's credential plugin if it names one.
///
/// # Errors
/// [`Rejected`](SourceError::Rejected) with what is wrong with the context; see `exec` for its plugin.
pub(super) async fn connect(way: &Way, access: &Arc<Access>) -> Result<Live, SourceError> {
    let rejected = |what: String| SourceError::rejected(ACTION, what);
    let mut renew_at = None;
    let mut config = match way {
        Way::InCluster => Config::incluster_env().map_err(|error| {
            rejected(chain(&error))
                .with_hint("`in_cluster` works in a pod, with its service account's token mounted")
        })?,
        Way::Context(entry) => {
            let mut user = entry.user.clone();
            if user.auth_provider.is_some() {
                return Err(rejected(
                    "the kubeconfig's user has an `auth-provider`, which kubectl gave up, too".to_owned(),
                )
                .with_hint("use a token, a client certificate, or an `exec` plugin"));
            }
            // A token beside a plugin comes first, as with kubectl.
            if let Some(exec) = user.exec.take().filter(|_| user.token.is_none() && user.token_file.is_none())
            {
                let credentials = exec::run(&exec, &entry.cluster, &access.exec).await?;
                let earliest = Utc::now() + MARGIN;
                renew_at = credentials.expires_at.map(|at| earliest.max(at - MARGIN));
                adopt(&mut user, credentials);
            }
            configure(entry, user, access).map_err(rejected)?
        }
    };
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    config.read_timeout = Some(READ_TIMEOUT);
    config.reset_reader_on_write = true;
    // Reads files: certificates, tokens.
    let build =
        tokio::task::spawn_blocking(move || ClientBuilder::try_from(config).map(ClientBuilder::build));
    let client =
        build.await.map_err(|error| rejected(error.to_string()))?.map_err(|error| explain(&error))?;
    Ok(Live { client, renew_at })
}

fn adopt(user: &mut AuthInfo, credentials: exec::Credentials) {
    user.token = credentials.token;
    if let Some((certificate, key)) = credentials.certificate {
        user.client_certificate_data = Some(STANDARD.encode(certificate));
        user.client_key_data = Some(SecretString::from(STANDARD.encode(key.expose_secret())));
    }
}

/// The configuration of a context, put together here: `kube` would have the environment's proxies in it, wrongly.
fn configure(entry: &Entry, mut user: AuthInfo, access: &Access) -> Result<Config, String> {
    let cluster = &entry.cluster;
    let expected = "`server` in the kubeconfig: expected an address like `https://cluster.example.com:6443`";
    let uri: Uri = cluster.server.as_deref().unwrap_or_default().parse().map_err(|_| expected.to_owned())?;
    match uri.scheme_str() {
        Some("https") if uri.host().is_some() => {}
        Some("http") if is_local(&bare_host(&uri)) => {}
        Some("http") => {
            return Err(format!("{expected}: without TLS, credentials would be readable on the way"));
        }
        _ => return Err(expected.to_owned()),
    }
    let insecure = cluster.insecure_skip_tls_verify.unwrap_or(false);
    if insecure && !access.accept_invalid_certificates {
        return Err("the kubeconfig asks for `insecure-skip-tls-verify`: anyone could answer in the cluster's name; set \
                    `accept_invalid_certificates = true` if that is meant"
            .to_owned());
    }
    let mut config = Config::new(uri);
    config.proxy_url = access.proxies.choose(cluster.proxy_url.as_deref(), &config.cluster_url)?;
    config.accept_invalid_certs = insecure;
    config.disable_compression = cluster.disable_compression.unwrap_or(false);
    config.tls_server_name.clone_from(&cluster.tls_server_name);
    let pem = match (&cluster.certificate_authority_data, &cluster.certificate_authority) {
        (Some(data), _) => {
            let place = "`certificate-authority-data` in the kubeconfig";
            Some((
                place.to_owned(),
                STANDARD.decode(data.trim()).map_err(|_| format!("{place} is not base64"))?,
            ))
        }
        (None, Some(path)) => Some((format!("`{path}`"), read(Path::new(path))?)),
        (None, None) => None,
    };
    if let Some((place, pem)) = pem {
        config.root_cert = Some(tls::authorities(&pem).map_err(|wrong| format!("{place} {wrong}"))?);
    }
    if let Some(token) = user.token.take() {
        // `kube` panics at what is no header.
        let token = token.expose_secret().trim();
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the token has characters that no token has".to_owned());
        }
        user.token = Some(SecretString::from(token));
    }
    config.auth_info = user;
    Ok(config)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))
}

/// What is wrong with a user's certificate or token. Keys are not repeated, not even a byte of them.
fn explain(error: &kube::Error) -> SourceError {
    let what = match error {
        kube::Error::InferKubeconfig(KubeconfigError::LoadClientKey(_)) => {
            "the client key cannot be read".to_owned()
        }
        kube::Error::InferKubeconfig(KubeconfigError::LoadClientCertificate(_)) => {
            "the client certificate cannot be read".to_owned()
        }
        kube::Error::InferKubeconfig(_) => "the kubeconfig's user cannot be used".to_owned(),
        error => chain(error),
    };
    SourceError::rejected(ACTION, what)
}
