//! The file: connections, schema, transactions.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

use async_trait::async_trait;
use auditor_core::{
    error::{SinkError, chain},
    model::{Digest, Kind},
    outcome::TaskInfo,
    sink::CheckItem,
};
use auditor_store::{
    registry::Migrated,
    schema::{MIGRATION_TABLE, check_version, migrator, view_statements, wanted_version},
    write::{
        Database,
        backend::{Access, TaskRow, Transaction as _},
        fault::{Backoff, Class, Fault},
        pool::Pool,
    },
};
use futures::FutureExt as _;
use sea_orm::{DatabaseBackend, DatabaseConnection, SqlxSqliteConnector};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, SqliteConnection,
    migrate::MigrateError,
    raw_sql,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    errors::{classify, fault},
    transaction::SqliteTransaction,
};

/// How long another process may hold the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// A SQLite file.
pub(crate) struct Sqlite {
    path: PathBuf,
    /// One: SQLite takes one writer at a time, and waiting here is cheaper than there.
    writer: Pool<SqliteConnection>,
    connection: OnceLock<DatabaseConnection>,
}

impl Sqlite {
    /// A file. Does not open it yet.
    pub(crate) fn new(path: PathBuf) -> Self {
        let options = options(&path, SqliteSynchronous::Normal);
        let writer = Pool::new(1, move || {
            let options = options.clone();
            async move { SqliteConnection::connect_with(&options).await }.boxed()
        });
        Self { path, writer, connection: OnceLock::new() }
    }

    fn failed(&self, what: &str) -> impl Fn(sqlx::Error) -> SinkError + use<> {
        let action = format!("{what} {}", self.name());
        move |error| fault(error).into_sink_error(action.clone())
    }

    /// Checks the schema's version; does not make the file.
    pub(crate) async fn check_schema(&self) -> Result<(), SinkError> {
        if !self.path.exists() {
            return Err(SinkError::permanent(format!("opening {}", self.name()), "there is no such file")
                .with_hint("run `auditor run` first, or correct `path`"));
        }
        let mut connection = self.connect(false).await?;
        let found = self.version(&mut connection).await?;
        check_version(DatabaseBackend::Sqlite, found, &self.name())
    }

    /// Makes the file if need be, brings its tables to the version of this program, makes the typed views.
    ///
    /// Any number of processes may do so at once: one writes, the others wait for it and find it done.
    pub(crate) async fn migrate(&self, kinds: &[&'static Kind]) -> Result<Migrated, SinkError> {
        let backend = DatabaseBackend::Sqlite;
        let (to, views) = (wanted_version(backend), view_statements(backend, kinds));
        let failed = self.failed("migrating");
        let mut connection = self.connect(true).await?;
        let mut from = self.version_to_migrate(&mut connection).await?;
        // Looked at without the write lock first, so that a run need not wait for another one's task.
        if from != Some(to) || !has_views(&mut connection, &views).await.map_err(&failed)? {
            let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&failed)?;
            from = self.version_to_migrate(&mut tx).await?;
            if from != Some(to) {
                migrator(backend).run_direct(None, &mut *tx, false).await.map_err(|error| match error {
                    MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => failed(error),
                    other => SinkError::permanent(format!("migrating {}", self.name()), other),
                })?;
            }
            if !has_views(&mut tx, &views).await.map_err(&failed)? {
                tx.execute(raw_sql(AssertSqlSafe(views.join(";")))).await.map_err(&failed)?;
            }
            tx.commit().await.map_err(&failed)?;
        }
        connection.close().await.map_err(&failed)?;
        Ok(Migrated { database: self.name(), from, to })
    }

    /// The version found; an error if this program is older than that.
    async fn version_to_migrate(&self, connection: &mut SqliteConnection) -> Result<Option<i64>, SinkError> {
        let found = self.version(connection).await?;
        if found.is_some_and(|found| found > wanted_version(DatabaseBackend::Sqlite)) {
            check_version(DatabaseBackend::Sqlite, found, &self.name())?;
        }
        Ok(found)
    }

    /// Opens the file. Tries again while another process holds it: setting the journal mode of a file that was just
    /// made fails at once where other statements wait.
    async fn connect(&self, create: bool) -> Result<SqliteConnection, SinkError> {
        let options = options(&self.path, SqliteSynchronous::Full).create_if_missing(create);
        Backoff::retry("opening the file", || async {
            SqliteConnection::connect_with(&options).await.map_err(fault)
        })
        .await
        .map_err(|fault| fault.into_sink_error(format!("opening {}", self.name())))
    }

    async fn version(&self, connection: &mut SqliteConnection) -> Result<Option<i64>, SinkError> {
        let failed = self.failed("reading the schema version of");
        let exists: bool = sqlx::query_scalar("SELECT count(*) > 0 FROM sqlite_master WHERE name = ?")
            .bind(MIGRATION_TABLE)
            .fetch_one(&mut *connection)
            .await
            .map_err(&failed)?;
        if !exists {
            return Ok(None);
        }
        sqlx::query_scalar(AssertSqlSafe(format!("SELECT max(version) FROM {MIGRATION_TABLE} WHERE success")))
            .fetch_one(connection)
            .await
            .map_err(&failed)
    }
}

/// Whether every view is there as the statements make it, so that nothing need be written.
async fn has_views(connection: &mut SqliteConnection, statements: &[String]) -> Result<bool, sqlx::Error> {
    for statement in statements.iter().filter(|statement| statement.starts_with("CREATE")) {
        let found: bool = sqlx::query_scalar("SELECT count(*) > 0 FROM sqlite_master WHERE sql = ?")
            .bind(statement)
            .fetch_one(&mut *connection)
            .await?;
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

fn options(path: &Path, synchronous: SqliteSynchronous) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .busy_timeout(BUSY_TIMEOUT)
        // In KiB where negative: room for the inner pages of a large store.
        .pragma("cache_size", "-32768")
        // In pages: a first load would otherwise copy the log back after every task.
        .pragma("wal_autocheckpoint", "8000")
        .disable_statement_logging()
}

#[async_trait]
impl Database for Sqlite {
    type Transaction = SqliteTransaction;

    async fn begin(&self, _: &TaskInfo, access: Access) -> Result<SqliteTransaction, Fault> {
        let lease = self.writer.lend().await.map_err(fault)?;
        SqliteTransaction::begin(lease, access).await.map_err(fault)
    }

    async fn touch(&self, task: &TaskRow<'_>, digest: &Digest) -> Result<bool, Fault> {
        let mut tx = self.begin(task.info, Access::Write).await?;
        let touched = tx.touch(task.info, digest).await?;
        if touched {
            tx.save_task(task).await?;
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(touched)
    }

    async fn prepare(&self, kinds: &[&'static Kind]) -> Result<(), SinkError> {
        self.migrate(kinds).await.map(|_| ())
    }

    async fn check(&self) -> Vec<CheckItem> {
        if !self.path.exists() {
            // The first run makes it; whether it can is seen from its directory.
            let directory = self.path.parent().filter(|path| !path.as_os_str().is_empty());
            return vec![if directory.is_none_or(Path::is_dir) {
                CheckItem::ok("file, made by the first run", self.name())
            } else {
                CheckItem::failed(
                    "file",
                    self.name(),
                    "its directory does not exist: make it, or correct `path`",
                )
            }];
        }
        vec![match self.check_schema().await {
            Ok(()) => CheckItem::ok("schema version", self.name()),
            Err(error) => CheckItem::failed("schema version", self.name(), chain(&error)),
        }]
    }

    fn connection(&self) -> DatabaseConnection {
        self.connection
            .get_or_init(|| {
                let pool = SqlitePoolOptions::new()
                    .max_connections(2)
                    .connect_lazy_with(options(&self.path, SqliteSynchronous::Full));
                SqlxSqliteConnector::from_sqlx_sqlite_pool(pool)
            })
            .clone()
    }

    fn classify(error: &sqlx::Error) -> Class {
        classify(error)
    }

    fn name(&self) -> String {
        format!("SQLite file `{}`", self.path.display())
    }
}
