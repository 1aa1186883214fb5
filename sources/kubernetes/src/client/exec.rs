//! Programs that kubeconfigs name for credentials (`aws eks get-token`).
//!
//! A kubeconfig that names a program is code that runs. Only programs that the operator allowed are run, with no
//! terminal, with a time limit, beside the async threads; what they print is a credential, or may be, and is not shown.

use std::{collections::BTreeMap, process::Stdio, time::Duration};

use auditor_core::error::SourceError;
use auditor_http_common::clean;
use chrono::{DateTime, Utc};
use kube::config::{Cluster, ExecAuthCluster, ExecConfig};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use tokio::{io::AsyncReadExt as _, process::Command};

const ACTION: &str = "run credential plugin";
/// Longest output that is read.
const MAX_OUTPUT_BYTES: u64 = 1024 * 1024;

/// What kubeconfigs may have run.
#[derive(Debug, Clone)]
pub(crate) struct ExecPolicy {
    /// Programs, spelled as in the kubeconfig.
    pub(crate) allowed: Vec<String>,
    /// Environment variables that a kubeconfig may set.
    pub(crate) environment: Vec<String>,
    /// Upper bound for one run.
    pub(crate) timeout: Duration,
}

/// What a program gave.
pub(super) struct Credentials {
    pub(super) token: Option<SecretString>,
    /// Certificate and key, PEM.
    pub(super) certificate: Option<(String, SecretString)>,
    pub(super) expires_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct ExecCredential {
    status: ExecStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecStatus {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
    expiration_timestamp: Option<DateTime<Utc>>,
}

/// Runs the program that a context names.
///
/// # Errors
/// [`Rejected`](SourceError::Rejected) if it is not allowed, cannot be run, fails or gives no credential;
/// [`Unavailable`](SourceError::Unavailable) if it takes too long.
pub(super) async fn run(
    exec: &ExecConfig,
    cluster: &Cluster,
    policy: &ExecPolicy,
) -> Result<Credentials, SourceError> {
    let rejected = |what: String| SourceError::rejected(ACTION, what);
    let command = exec.command.as_deref().unwrap_or_default();
    let shown = clean(command);
    if command.is_empty() {
        return Err(rejected("the kubeconfig names none".to_owned()));
    }
    if !policy.allowed.iter().any(|allowed| allowed == command) {
        return Err(rejected(format!("the kubeconfig wants to run `{shown}`, which is not allowed"))
            .with_hint(format!("if you trust this kubeconfig, set `exec_plugins = [\"{shown}\"]`")));
    }
    let mut process = Command::new(command);
    process.args(exec.args.iter().flatten());
    for variable in exec.env.iter().flatten() {
        let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) else { continue };
        if !policy.environment.contains(name) {
            let name = clean(name);
            return Err(rejected(format!(
                "the kubeconfig sets `{name}` for `{shown}`, which is not allowed"
            ))
            .with_hint(format!("if you trust this kubeconfig, add `{name}` to `exec_environment`")));
        }
        process.env(name, value);
    }
    process.env("KUBERNETES_EXEC_INFO", info(exec, cluster)?);
    process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);

    let output = tokio::time::timeout(policy.timeout, output(process)).await.map_err(|_| {
        let seconds = policy.timeout.as_secs();
        SourceError::unavailable(ACTION, format!("`{shown}` did not end within {seconds} s"))
            .with_hint("it may be waiting for a person: run it by hand, or raise `exec_timeout_secs`")
    })?;
    let (success, output) = output.map_err(|error| rejected(format!("`{shown}`: {error}")))?;
    if let Some(failure) = success {
        return Err(rejected(format!("`{shown}` failed: {failure}")).with_hint(
            "run it by hand to see why: what it prints is not shown here, since it may be a token",
        ));
    }
    let credential: ExecCredential = serde_json::from_slice(&output)
        .map_err(|_| rejected(format!("`{shown}` printed something else than an `ExecCredential`")))?;
    let status = credential.status;
    let certificate = status.client_certificate_data.zip(status.client_key_data.map(SecretString::from));
    let token = status.token.filter(|token| !token.is_empty()).map(SecretString::from);
    if token.is_none() && certificate.is_none() {
        return Err(rejected(format!("`{shown}` gave neither a token nor a certificate")));
    }
    Ok(Credentials { token, certificate, expires_at: status.expiration_timestamp })
}

/// What a program is told: that nobody is there, and the cluster if it asks for that.
fn info(exec: &ExecConfig, cluster: &Cluster) -> Result<String, SourceError> {
    let version = exec.api_version.as_deref().unwrap_or("client.authentication.k8s.io/v1");
    let mut spec = BTreeMap::from([("interactive", json!(false))]);
    if exec.provide_cluster_info {
        let cluster = ExecAuthCluster::try_from(cluster).map_err(|_| {
            SourceError::rejected(ACTION, "the cluster's certificate authority cannot be read")
        })?;
        spec.insert("cluster", json!(cluster));
    }
    Ok(json!({ "apiVersion": version, "kind": "ExecCredential", "spec": spec }).to_string())
}

/// How it failed, if it did, and what it printed.
async fn output(mut process: Command) -> std::io::Result<(Option<String>, Vec<u8>)> {
    let mut child = process.spawn()?;
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(MAX_OUTPUT_BYTES).read_to_end(&mut output).await?;
    }
    let status = child.wait().await?;
    Ok(((!status.success()).then(|| status.to_string()), output))
}

#[cfg(test)]
mod tests {
    use auditor_core::error::chain;

    use super::*;

    async fn run_shell(
        script: &str,
        change: impl FnOnce(&mut ExecConfig, &mut ExecPolicy),
    ) -> Result<Credentials, String> {
        let mut exec = ExecConfig {
            command: Some("sh".to_owned()),
            args: Some(vec!["-c".to_owned(), script.to_owned()]),
            ..ExecConfig::default()
        };
        let mut policy = ExecPolicy {
            allowed: vec!["sh".to_owned()],
            environment: vec!["AWS_PROFILE".to_owned()],
            timeout: Duration::from_secs(30),
        };
        change(&mut exec, &mut policy);
        let result = run(&exec, &Cluster::default(), &policy).await;
        result.map_err(|error| format!("{} {error:?} {:?}", chain(&error), error.hint()))
    }

    fn variable(name: &str, value: &str) -> std::collections::HashMap<String, String> {
        [("name", name), ("value", value)].map(|(key, text)| (key.to_owned(), text.to_owned())).into()
    }

    #[tokio::test]
    async fn a_token_is_taken_and_never_shown() {
        let script = r#"printf '{"status":{"token":"hunter2-%s","expirationTimestamp":"2026-11-27T04:00:00Z"}}' "$AWS_PROFILE""#;
        let set =
            |exec: &mut ExecConfig, _: &mut ExecPolicy| exec.env = Some(vec![variable("AWS_PROFILE", "x")]);
        let credentials = run_shell(script, set).await.ok().unwrap();
        assert!(credentials.token.is_some() && credentials.expires_at.is_some());

        for script in [
            "echo hunter2; echo hunter2 >&2; exit 3",
            "echo hunter2",
            r#"echo '{"status":{"token":["hunter2"]}}'"#,
            r#"echo '{"status":{"tokken":"hunter2"}}'"#,
        ] {
            let wrong = run_shell(script, |_, _| ()).await.err().unwrap();
            assert!(!wrong.replace(script, "").contains("hunter2"), "{wrong}");
        }
    }

    #[tokio::test]
    async fn only_what_was_allowed_is_run() {
        let dir = tempfile::tempdir().unwrap();
        let mark = dir.path().join("ran");
        let script = format!("touch {}", mark.display());
        let refused = run_shell(&script, |_, policy| policy.allowed = vec!["aws".to_owned()]).await;
        assert!(refused.err().unwrap().contains("exec_plugins"));
        let refused = run_shell(&script, |exec, _| exec.env = Some(vec![variable("PATH", "/tmp")])).await;
        assert!(refused.err().unwrap().contains("exec_environment"));
        let refused = run_shell(&script, |exec, _| exec.command = Some("/tmp/sh".to_owned())).await;
        assert!(refused.is_err() && !mark.exists());
    }

    #[tokio::test]
    async fn one_that_waits_for_a_person_is_ended() {
        // No terminal: `read` ends at once.
        let asked = run_shell("read -r answer && exit 0; exit 7", |_, _| ()).await;
        assert!(asked.err().unwrap().contains("exit status: 7"));
        let hangs = run_shell("exec sleep 600", |_, policy| policy.timeout = Duration::from_millis(50)).await;
        assert!(hangs.err().unwrap().contains("exec_timeout_secs"));
    }
}
