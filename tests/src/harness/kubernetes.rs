//! Kubernetes: a real API server with etcd, without nodes and controllers, for rights, paging and what objects really
//! look like.
//!
//! `tests/kubernetes/build-apiserver.sh` makes the programs, `cargo xtask test --kubernetes` calls it where they are
//! missing. Certificates and requests are made with `openssl` and `curl`.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    service::{Service, free_port},
    setting,
};

/// Folder that holds `kube-apiserver` and `etcd`.
pub const PROGRAMS_VARIABLE: &str = "AUDITOR_TEST_KUBERNETES";
/// Token of an administrator, `system:masters`.
const ADMIN_TOKEN: &str = "admin-of-the-test";

/// A cluster: an API server on a loopback port.
#[derive(Debug)]
pub struct Cluster {
    dir: TempDir,
    port: u16,
    _service: Service,
}

/// In folder `$2`, with the programs of `$1`: certificates, etcd on ports `$3` and `$4`, the API server on port `$5`.
const SCRIPT: &str = r#"
set -e
programs=$1; cd "$2"
for needed in openssl curl "$programs/etcd" "$programs/kube-apiserver"; do
    command -v "$needed" >/dev/null || { echo "\`$needed\` is not there" >&2; exit 1; }
done
{
    openssl genrsa -out accounts.key 2048
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-authority -keyout ca.key -out ca.crt
    openssl req -newkey rsa:2048 -nodes -subj /CN=kube-apiserver -keyout server.key -out server.csr
    printf 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n' > server.ext
    openssl x509 -req -days 2 -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile server.ext -out server.crt
} >openssl.log 2>&1 || { cat openssl.log >&2; exit 1; }
printf '%s,admin,1,system:masters\n' "$6" > tokens.csv
"$programs/etcd" --data-dir etcd --listen-client-urls "http://127.0.0.1:$3" --advertise-client-urls "http://127.0.0.1:$3" \
    --listen-peer-urls "http://127.0.0.1:$4" --initial-advertise-peer-urls "http://127.0.0.1:$4" \
    --initial-cluster "default=http://127.0.0.1:$4" --unsafe-no-fsync >etcd.log 2>&1 </dev/null &
etcd=$!
"$programs/kube-apiserver" --etcd-servers "http://127.0.0.1:$3" --etcd-compaction-interval 1s \
    --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$5" \
    --tls-cert-file server.crt --tls-private-key-file server.key --client-ca-file ca.crt \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file accounts.key \
    --service-account-signing-key-file accounts.key --token-auth-file tokens.csv --authorization-mode RBAC \
    --disable-admission-plugins ServiceAccount --allow-privileged --endpoint-reconciler-type none \
    --service-cluster-ip-range 10.0.0.0/24 >apiserver.log 2>&1 </dev/null &
server=$!
until curl --silent --fail --cacert ca.crt "https://127.0.0.1:$5/readyz" >/dev/null; do
    kill -0 $server 2>/dev/null && kill -0 $etcd 2>/dev/null || {
        tail -n 5 etcd.log apiserver.log >&2; kill $server $etcd 2>/dev/null || true; exit 1
    }
    sleep 0.1
done
echo ready
read -r _ || true
kill $server $etcd
wait
"#;

impl Cluster {
    /// Starts one.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start() -> Self {
        // A port that was free a moment ago may be another test's by now.
        let mut attempts = (0..3).map(|_| Self::try_start());
        let started = attempts.find(|attempt| {
            attempt.as_ref().err().is_none_or(|error| !error.to_string().contains("address already in use"))
        });
        let started = started.unwrap_or_else(Self::try_start);
        started.expect("run `cargo xtask test --kubernetes`, which builds kube-apiserver")
    }

    fn try_start() -> anyhow::Result<Self> {
        let programs = programs()?;
        let dir = tempfile::Builder::new().prefix("auditor-kubernetes-").tempdir()?;
        let ports = [free_port()?, free_port()?, free_port()?].map(|port| port.to_string());
        let [etcd, peer, server] = &ports;
        let folder = dir.path().to_string_lossy();
        let arguments = [&programs.to_string_lossy(), &*folder, etcd, peer, server, ADMIN_TOKEN];
        let service = Service::start(SCRIPT, &arguments, None)?;
        Ok(Self { dir, port: server.parse()?, _service: service })
    }

    /// Makes an object of that kind, as an administrator, and returns it as stored. A `TokenRequest` comes back with
    /// its token.
    ///
    /// # Panics
    /// If the server refuses.
    pub fn create(&self, path: &str, kind: &str, object: &Value) -> Value {
        let body = body(path, kind, object);
        self.request("POST", path, "application/json", &body).expect("the administrator may do anything")
    }

    /// Makes objects of that kind one after the other over one connection, and returns the server's answers, refusals
    /// included.
    ///
    /// # Panics
    /// If the server does not answer.
    pub fn create_many(&self, path: &str, kind: &str, objects: &[Value]) -> Vec<Value> {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let authority = self.dir.path().join("ca.crt").display().to_string();
        let transfers = objects.iter().map(|object| {
            format!(
                "silent\nshow-error\nnoproxy = \"*\"\nurl = \"https://127.0.0.1:{}{path}\"\ncacert = \"{}\"\n\
                 header = \"Authorization: Bearer {ADMIN_TOKEN}\"\nheader = \"Content-Type: application/json\"\n\
                 data-binary = \"{}\"\n",
                self.port,
                quoted(&authority),
                quoted(&body(path, kind, object)),
            )
        });
        let config = self.dir.path().join("transfers");
        std::fs::write(&config, transfers.collect::<Vec<_>>().join("next\n")).expect("a folder of its own");
        let output = Command::new("curl").arg("--config").arg(&config).output().expect("`curl` is there");
        let answers = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
        let answers: Result<_, _> = answers.collect();
        answers.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Makes the objects of a YAML document.
    ///
    /// # Panics
    /// If the server refuses.
    pub fn create_yaml(&self, path: &str, yaml: &str) {
        self.request("POST", path, "application/yaml", yaml).expect("the administrator may do anything");
    }

    /// Replaces an object.
    ///
    /// # Panics
    /// If the server refuses.
    pub fn replace_yaml(&self, path: &str, yaml: &str) {
        self.request("PUT", path, "application/yaml", yaml).expect("the administrator may do anything");
    }

    /// Reads an object or a list.
    ///
    /// # Panics
    /// If the server refuses.
    pub fn get(&self, path: &str) -> Value {
        self.request("GET", path, "application/json", "").expect("the administrator may do anything")
    }

    /// A service account's token, as the API server gives it to pods.
    ///
    /// # Panics
    /// If there is no such account.
    pub fn token(&self, namespace: &str, account: &str) -> String {
        let request = json!({ "apiVersion": "authentication.k8s.io/v1", "spec": {} });
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
        let token =
            self.create(&path, "TokenRequest", &request)["status"]["token"].as_str().map(str::to_owned);
        token.expect("a token")
    }

    /// A kubeconfig with one context for that token.
    pub fn kubeconfig(&self, context: &str, token: &str) -> String {
        let authority = self.dir.path().join("ca.crt");
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{ "name": context, "cluster": {
                "server": format!("https://127.0.0.1:{}", self.port), "certificate-authority": authority,
            }}],
            "users": [{ "name": context, "user": { "token": token } }],
            "contexts": [{ "name": context, "context": { "cluster": context, "user": context } }],
        })
        .to_string()
    }

    fn request(&self, method: &str, path: &str, content_type: &str, body: &str) -> anyhow::Result<Value> {
        let mut curl = Command::new("curl")
            .args(["--silent", "--show-error", "--noproxy", "*", "--request", method, "--data-binary", "@-"])
            .args(["--header", &format!("Authorization: Bearer {ADMIN_TOKEN}")])
            .args(["--header", &format!("Content-Type: {content_type}"), "--cacert"])
            .arg(self.dir.path().join("ca.crt"))
            .arg(format!("https://127.0.0.1:{}{path}", self.port))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run `curl`")?;
        curl.stdin.take().context("curl's input is piped")?.write_all(body.as_bytes())?;
        let output = curl.wait_with_output()?;
        ensure!(output.status.success(), "{method} {path}: curl: {}", output.status);
        let reply: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("{method} {path}: {}", String::from_utf8_lossy(&output.stdout)))?;
        if reply["kind"] == "Status" && reply["status"] == "Failure" {
            bail!("{method} {path}: {}", reply["message"]);
        }
        Ok(reply)
    }
}

/// An object as it is sent.
fn body(path: &str, kind: &str, object: &Value) -> String {
    let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
    let version = if parts[0] == "api" { parts[1].to_owned() } else { parts[1..3].join("/") };
    let mut body = object.clone();
    body["kind"] = json!(kind);
    if body["apiVersion"].is_null() {
        body["apiVersion"] = json!(version);
    }
    body.to_string()
}

/// Where the programs are: where the variable says, else where `xtask` puts them.
fn programs() -> anyhow::Result<PathBuf> {
    if let Some(named) = setting(PROGRAMS_VARIABLE) {
        return Ok(named.into());
    }
    let cache = setting("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(Path::new(&setting("HOME")?).join(".cache")));
    Ok(cache.context("neither `XDG_CACHE_HOME` nor `HOME` is set")?.join("auditor-ci/kubernetes/bin"))
}
