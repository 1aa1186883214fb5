//! Where the database is and how a session with it is set up.

use std::{fmt, str::FromStr as _, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
    raw_sql,
};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A database, by parsed options: its URL goes no further than this.
#[derive(Clone)]
pub(crate) struct Target {
    options: PgConnectOptions,
    schema: Option<String>,
}

/// Whether commits wait for the disk: not those of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Commits {
    Wait,
    DoNotWait,
}

impl Target {
    /// Reads a URL.
    ///
    /// # Errors
    /// A sentence that does not repeat any part of the URL.
    pub(crate) fn parse(url: &SecretString, schema: Option<&str>) -> Result<Self, &'static str> {
        const EXPECTED: &str = "expected `postgres://user:password@host:port/database`, with special characters of \
                                the password percent-encoded";
        let url = url.expose_secret();
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(EXPECTED);
        }
        let options = PgConnectOptions::from_str(url).map_err(|_| EXPECTED)?;
        let options = options.application_name("auditor").disable_statement_logging();
        Ok(Self { options, schema: schema.map(ToOwned::to_owned) })
    }

    /// A pool for single statements, whose commits wait for the disk. Connects when first used.
    pub(crate) fn pool(&self) -> PgPool {
        let target = self.clone();
        PgPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(CONNECT_TIMEOUT)
            .after_connect(move |connection, _| {
                let target = target.clone();
                Box::pin(async move { target.set_up(connection, Commits::Wait).await })
            })
            .connect_lazy_with(self.options.clone())
    }

    /// Connects.
    pub(crate) async fn connect(&self, commits: Commits) -> Result<PgConnection, sqlx::Error> {
        let connecting = PgConnection::connect_with(&self.options);
        let mut connection = tokio::time::timeout(CONNECT_TIMEOUT, connecting).await.map_err(|_| {
            let text = format!("no answer within {} s", CONNECT_TIMEOUT.as_secs());
            sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, text))
        })??;
        self.set_up(&mut connection, commits).await?;
        Ok(connection)
    }

    /// Sets a session up: by SET and not by start-up options, which connection poolers refuse.
    async fn set_up(&self, connection: &mut PgConnection, commits: Commits) -> Result<(), sqlx::Error> {
        let mut statements = Vec::new();
        if let Some(schema) = &self.schema {
            statements.push(format!("SET search_path = {}", quoted(schema)));
        }
        if commits == Commits::DoNotWait {
            statements.push("SET synchronous_commit = off".to_owned());
            // Every statement of a task finds its rows by key. Right after a first load there are no statistics yet, and
            // a plan made without them, which would read whole tables, is kept for the session.
            for path in ["seqscan", "bitmapscan", "hashjoin", "mergejoin"] {
                statements.push(format!("SET enable_{path} = off"));
            }
            // Estimates that are far too high would have statements of a millisecond compiled.
            statements.push("SET jit = off".to_owned());
            statements.push("SET plan_cache_mode = force_generic_plan".to_owned());
        }
        if !statements.is_empty() {
            connection.execute(raw_sql(AssertSqlSafe(statements.join(";")))).await?;
        }
        Ok(())
    }

    /// The schema that holds the tables, if it was named.
    pub(crate) fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.options;
        let database = options.get_database().unwrap_or_else(|| options.get_username());
        match options.get_socket() {
            Some(socket) => write!(f, "PostgreSQL at `{}`, database `{database}`", socket.display()),
            None => write!(f, "PostgreSQL at `{}:{}/{database}`", options.get_host(), options.get_port()),
        }
    }
}

/// A name as SQL takes it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
