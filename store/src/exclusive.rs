//! One after the other: what is read, changed and written again by two programs at the same time would lose what one of
//! them changed.

use std::{
    fs::{File, TryLockError},
    path::PathBuf,
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectionTrait as _, DatabaseBackend, DatabaseTransaction, DbErr, Statement, TransactionTrait as _,
};

use crate::{Store, read::QueryError};

const ACTION: &str = "waiting for another program that sets facts of accounts";
/// How long another may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks at a file's lock.
const PAUSE: Duration = Duration::from_millis(20);
/// Advisory lock of PostgreSQL. Not one that writing a task takes.
const KEY: i64 = 0x6175_6469_746f_7201;

/// Held by one program at a time. Let go when dropped.
#[derive(Debug)]
pub struct Exclusive {
    _held: Held,
}

#[derive(Debug)]
enum Held {
    /// A transaction that does nothing else: the lock ends with it.
    Postgres { _transaction: DatabaseTransaction },
    /// A file beside the database: SQLite's own locks would keep this program out, too.
    File { _file: File },
    /// A database in memory has no other program.
    Alone,
}

impl Store {
    /// Waits until no other program holds this of the same store, and holds it.
    ///
    /// # Errors
    /// If another does not let go within half a minute, or the lock cannot be had.
    pub async fn exclusive(&self) -> Result<Exclusive, QueryError> {
        let held = match self.backend() {
            DatabaseBackend::Postgres => self.lock_postgres().await,
            _ => self.lock_file().await,
        };
        Ok(Exclusive { _held: held.map_err(QueryError::database(ACTION))? })
    }

    async fn lock_postgres(&self) -> Result<Held, DbErr> {
        let transaction = self.connection().begin().await?;
        let wait = format!("SET LOCAL lock_timeout = '{}s'", PATIENCE.as_secs());
        transaction.execute_unprepared(&wait).await?;
        let lock = format!("SELECT pg_advisory_xact_lock({KEY})");
        transaction.query_one_raw(Statement::from_string(DatabaseBackend::Postgres, lock)).await?;
        Ok(Held::Postgres { _transaction: transaction })
    }

    async fn lock_file(&self) -> Result<Held, DbErr> {
        let sql = "SELECT file FROM pragma_database_list WHERE name = 'main'";
        let row =
            self.connection().query_one_raw(Statement::from_string(DatabaseBackend::Sqlite, sql)).await?;
        let path: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        let Some(path) = path.filter(|path| !path.is_empty()) else { return Ok(Held::Alone) };
        let path = PathBuf::from(format!("{path}-lock"));
        let failed = |error: &dyn std::fmt::Display| DbErr::Custom(format!("`{}`: {error}", path.display()));
        let file = File::options().create(true).append(true).open(&path).map_err(|error| failed(&error))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Held::File { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => tokio::time::sleep(PAUSE).await,
                Err(error) => return Err(failed(&error)),
            }
        }
    }
}
