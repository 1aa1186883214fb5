//! moto: an AWS that this project did not write. The server that `AUDITOR_TEST_MOTO_URL` names, or one of our own.

use std::{
    net::TcpStream,
    path::Path,
    process::Command,
    sync::OnceLock,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};

use super::{
    service::{Service, free_port},
    setting,
};

/// Names the server to use. Without it one is started.
pub const URL_VARIABLE: &str = "AUDITOR_TEST_MOTO_URL";

/// The Python that has `boto3` and beside which `moto_server` lies. Default: `python3` and `moto_server` of the path.
pub const PYTHON_VARIABLE: &str = "AUDITOR_TEST_PYTHON";

/// A moto server.
#[derive(Debug)]
pub struct Moto {
    url: String,
    _service: Option<Service>,
}

/// Starts `$1` on port `$2`. That it answers is for the caller to find out.
const SCRIPT: &str = r#"
command -v "$1" >/dev/null || { echo "\`$1\` is not installed" >&2; exit 1; }
MOTO_IAM_LOAD_MANAGED_POLICIES=true "$1" -H 127.0.0.1 -p "$2" >/dev/null 2>&1 </dev/null &
echo ready
read -r _
kill $!
wait
"#;

impl Moto {
    /// The server all tests of this process share.
    ///
    /// # Panics
    /// If there is none and none can be started.
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<Moto> = OnceLock::new();
        SERVER.get_or_init(|| match setting(URL_VARIABLE) {
            Some(url) => Self { url, _service: None },
            None => Self::start()
                .expect("install moto (`pip install 'moto[server]' boto3`) or set AUDITOR_TEST_MOTO_URL"),
        })
    }

    /// Starts a server on a free port.
    ///
    /// # Errors
    /// If moto is not installed or does not answer within a minute.
    pub fn start() -> anyhow::Result<Self> {
        let beside =
            |python: String| Path::new(&python).with_file_name("moto_server").to_string_lossy().into_owned();
        let program = setting(PYTHON_VARIABLE).map_or_else(|| "moto_server".to_owned(), beside);
        let port = free_port()?;
        let service = Service::start(SCRIPT, &[&program, &port.to_string()], None)?;
        let deadline = Instant::now() + Duration::from_mins(1);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > deadline {
                bail!("`{program}` does not answer on port {port}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Self { url: format!("http://127.0.0.1:{port}"), _service: Some(service) })
    }

    /// What to configure as endpoint.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Fills accounts by `tests/moto/seed.py`, which uses boto3: for each the same users, groups, roles and policies.
    ///
    /// # Errors
    /// If the script fails, with what it wrote.
    pub fn seed(&self, accounts: &[String]) -> anyhow::Result<()> {
        self.run("seed.py", accounts).map(drop)
    }

    /// Makes an account the management account of an organization with Identity Center, by
    /// `tests/moto/seed_organization.py`. Returns the ids that moto gave.
    ///
    /// # Errors
    /// If the script fails, with what it wrote.
    pub fn seed_organization(&self, account: &str) -> anyhow::Result<serde_json::Value> {
        let output = self.run("seed_organization.py", &[account.to_owned()])?;
        serde_json::from_str(&output).context("the script's output is no JSON")
    }

    /// Makes clusters of EKS in an account, by `tests/moto/seed_eks.py`.
    ///
    /// # Errors
    /// If the script fails, with what it wrote.
    pub fn seed_eks(&self, account: &str) -> anyhow::Result<()> {
        self.run("seed_eks.py", &[account.to_owned()]).map(drop)
    }

    /// Runs a script of `tests/moto/`, and returns what it wrote.
    fn run(&self, script: &str, arguments: &[String]) -> anyhow::Result<String> {
        let python = setting(PYTHON_VARIABLE).unwrap_or_else(|| "python3".to_owned());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("moto").join(script);
        let output = Command::new(&python)
            .arg(&script)
            .arg(&self.url)
            .args(arguments)
            .output()
            .with_context(|| format!("cannot run `{python}`"))?;
        ensure!(
            output.status.success(),
            "`{}` failed: {}",
            script.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).context("the script's output is not UTF-8")
    }
}
