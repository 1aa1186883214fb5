//! PostgreSQL: the server that `AUDITOR_TEST_POSTGRES_URL` names, or one of our own; one database per test.

use std::{
    collections::BTreeMap,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use anyhow::{Context as _, ensure};
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    service::{Service, User, free_port, is_root, user},
    setting,
};

/// Names the server to use, as an administrator's URL. Without it a server is started from the installed binaries.
pub const URL_VARIABLE: &str = "AUDITOR_TEST_POSTGRES_URL";

/// A server, and how its administrator reaches it.
#[derive(Debug)]
pub struct Server {
    url: String,
    own: Option<Own>,
}

/// What is known of a server that was started here.
#[derive(Debug)]
struct Own {
    bin: PathBuf,
    data: PathBuf,
    user: Option<User>,
    _service: Service,
    _dir: TempDir,
}

/// Makes a server in `$2`, with the binaries in `$1` and options `$3`.
const SCRIPT: &str = r#"
"$1/initdb" -D "$2/data" -U admin -A scram-sha-256 --pwfile="$2/password" -E UTF8 --locale=C --no-sync \
    >"$2/log" 2>&1 || { cat "$2/log" >&2; exit 1; }
"$1/pg_ctl" -D "$2/data" -l "$2/log" -w -t 60 -o "$3" start >/dev/null 2>&1 || { cat "$2/log" >&2; exit 1; }
echo ready
read -r _
"$1/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null 2>&1
rm -rf "$2"
"#;

impl Server {
    /// The server all tests of this process share.
    ///
    /// # Panics
    /// If there is none and none can be started.
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| match setting(URL_VARIABLE) {
            Some(url) => Self { url, own: None },
            None => Self::start(&[]).expect(
                "install PostgreSQL (Debian: `apt-get install postgresql`) or set AUDITOR_TEST_POSTGRES_URL",
            ),
        })
    }

    /// Starts a server in a temporary directory on a free port, with settings such as `wal_compression=lz4`. It trades
    /// safety against a crash of the machine for speed.
    ///
    /// # Errors
    /// If PostgreSQL is not installed or does not start.
    pub fn start(settings: &[&str]) -> anyhow::Result<Self> {
        let bin = binaries().context("PostgreSQL's server is not installed")?;
        // PostgreSQL refuses to run as root.
        let user = if is_root() {
            Some(
                user("postgres")
                    .or_else(|| user("nobody"))
                    .context("no unprivileged user to run PostgreSQL as")?,
            )
        } else {
            None
        };
        let dir = tempfile::Builder::new().prefix("auditor-postgres-").tempdir()?;
        let password = Uuid::new_v4().simple().to_string();
        let password_file = dir.path().join("password");
        std::fs::write(&password_file, &password)?;
        if let Some(user) = user {
            for path in [dir.path(), &password_file] {
                std::os::unix::fs::chown(path, Some(user.uid), Some(user.gid))
                    .with_context(|| format!("cannot give `{}` to the server's user", path.display()))?;
            }
        }
        let port = free_port()?;
        let mut options =
            format!("-c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''");
        for setting in ["fsync=off", "max_connections=200"].iter().chain(settings) {
            options.push_str(" -c ");
            options.push_str(setting);
        }
        let service = Service::start(SCRIPT, &[text(&bin)?, text(dir.path())?, &options], user)?;
        let url = format!("postgres://admin:{password}@127.0.0.1:{port}/postgres");
        let data = dir.path().join("data");
        Ok(Self { url, own: Some(Own { bin, data, user, _service: service, _dir: dir }) })
    }

    /// URL of its administrator.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops the server as a crash would and starts it again.
    ///
    /// # Errors
    /// If this server was not started here, or does not come up again.
    pub fn restart(&self) -> anyhow::Result<()> {
        let own = self.own.as_ref().context("only a server started by the tests can be restarted")?;
        let mut command = Command::new(own.bin.join("pg_ctl"));
        command.arg("-D").arg(&own.data).args(["-m", "immediate", "-w", "restart"]).current_dir("/");
        command.arg("-l").arg(own.data.with_file_name("log"));
        if let Some(user) = own.user {
            command.uid(user.uid).gid(user.gid);
        }
        let output = command.stdin(std::process::Stdio::null()).output().context("cannot run `pg_ctl`")?;
        ensure!(
            output.status.success(),
            "cannot restart PostgreSQL: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// Makes an empty database and a role that may connect to it and nothing else.
    ///
    /// # Panics
    /// If the administrator's URL does not allow it.
    pub fn database(&self) -> Database {
        let id = Uuid::new_v4().simple().to_string();
        let (name, role) = (format!("auditor_test_{id}"), format!("auditor_test_role_{id}"));
        let password = format!("pw-{}", Uuid::new_v4().simple());
        let database = Database {
            server_url: self.url.clone(),
            admin_url: with_database(&self.url, &name),
            url: with_user(&with_database(&self.url, &name), &role, &password),
            name,
            role,
            password,
        };
        let statements = [
            format!("CREATE DATABASE {}", database.name),
            format!("CREATE ROLE {} LOGIN PASSWORD '{}'", database.role, database.password),
        ];
        for sql in &statements {
            execute(&self.url, sql).expect("the administrator may create databases and roles");
        }
        database
    }
}

/// A database of one test. It is dropped with this value.
#[derive(Debug)]
pub struct Database {
    server_url: String,
    admin_url: String,
    url: String,
    name: String,
    role: String,
    password: String,
}

impl Database {
    /// URL of the restricted role.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// URL of the administrator.
    pub fn admin_url(&self) -> &str {
        &self.admin_url
    }

    /// Name of the restricted role.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// Password of the restricted role.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Runs statements as administrator.
    ///
    /// # Panics
    /// If one fails.
    pub fn execute(&self, sql: &str) {
        execute(&self.admin_url, sql).expect("the statement is right");
    }

    /// Rows of a query, as administrator.
    ///
    /// # Panics
    /// If it fails.
    pub fn query(&self, sql: &str) -> Vec<BTreeMap<String, serde_json::Value>> {
        let sql = format!("SELECT to_jsonb(t) FROM ({sql}) t");
        block_on(async {
            let mut connection = PgConnection::connect(&self.admin_url).await?;
            let rows = connection.fetch_all(sqlx::AssertSqlSafe(sql)).await?;
            rows.iter().map(|row| Ok(row.try_get::<sqlx::types::Json<_>, _>(0)?.0)).collect()
        })
        .expect("the query is right")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statements =
            [format!("DROP DATABASE {} WITH (FORCE)", self.name), format!("DROP ROLE {}", self.role)];
        for sql in &statements {
            // The server may be gone already, with the database.
            drop(execute(&self.server_url, sql));
        }
    }
}

fn execute(url: &str, sql: &str) -> anyhow::Result<()> {
    block_on(async {
        let mut connection = PgConnection::connect(url).await?;
        connection.execute(sqlx::AssertSqlSafe(sql.to_owned())).await?;
        Ok(())
    })
}

/// Runs a future on a thread of its own, so that it works wherever it is called.
pub(super) fn block_on<T: Send>(future: impl Future<Output = anyhow::Result<T>> + Send) -> anyhow::Result<T> {
    std::thread::scope(|scope| {
        let thread = scope
            .spawn(|| tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future));
        thread.join().map_err(|_| anyhow::anyhow!("the thread panicked"))?
    })
}

/// The directory of the newest installed server binaries.
fn binaries() -> Option<PathBuf> {
    let version = |path: &Path| -> Option<u32> { path.parent()?.file_name()?.to_str()?.parse().ok() };
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").is_file());
    debian.max_by_key(|bin| version(bin)).or_else(|| {
        let path = setting("PATH")?;
        std::env::split_paths(&path).find(|dir| dir.join("initdb").is_file())
    })
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().with_context(|| format!("`{}` is not UTF-8", path.display()))
}

/// A URL's scheme, authority, path and query.
fn parts(url: &str) -> (&str, &str, &str, &str) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (rest, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    (scheme, authority, path, query)
}

/// The same URL with another database.
fn with_database(url: &str, database: &str) -> String {
    let (scheme, authority, _, query) = parts(url);
    format!("{scheme}://{authority}/{database}{query}")
}

/// The same URL with another user.
fn with_user(url: &str, user: &str, password: &str) -> String {
    let (scheme, authority, path, query) = parts(url);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{user}:{password}@{host}{path}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let url = "postgres://admin:p@127.0.0.1:5432/postgres?sslmode=disable";
        let url = with_database(url, "other");
        assert_eq!(url, "postgres://admin:p@127.0.0.1:5432/other?sslmode=disable");
        assert_eq!(with_user(&url, "u", "w"), "postgres://u:w@127.0.0.1:5432/other?sslmode=disable");
        assert_eq!(with_database("postgres://localhost", "x"), "postgres://localhost/x");
        assert_eq!(with_user("postgres://localhost/x", "u", "w"), "postgres://u:w@localhost/x");
    }

    #[test]
    #[ignore = "needs PostgreSQL: cargo xtask test"]
    fn a_server_of_our_own_starts_restarts_and_ends() {
        let server = Server::start(&[]).unwrap();
        let data = server.own.as_ref().unwrap().data.clone();
        let database = server.database();
        database.execute("CREATE TABLE t (n int); INSERT INTO t VALUES (7)");
        server.restart().unwrap();
        assert_eq!(database.query("SELECT n FROM t")[0]["n"], 7);
        let refused = execute(database.url(), "CREATE TABLE forbidden (n int)").unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{refused}");
        drop(database);
        drop(server);
        assert!(!data.exists());
    }
}
