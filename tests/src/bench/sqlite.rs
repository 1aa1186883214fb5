//! The benchmark on SQLite.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use auditor_core::{
    config::PluginTable,
    registry::{Instance, SinkConfig as _},
    sink::Sink,
};
use auditor_sink_sqlite::SqliteConfig;
use chrono::Utc;
use futures::FutureExt as _;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, SqliteConnection, raw_sql,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use tokio::sync::Mutex;

use super::{Bench, Estate, Group, Upserting, plain, run};

/// Rows in one statement: more brings nothing.
const ROWS: usize = 100;

/// Runs the benchmark on a file that does not exist yet; a second one beside it takes the plain table.
pub async fn on_sqlite(path: &Path, estate: &Estate) -> anyhow::Result<String> {
    ensure!(!path.exists(), "`{}` exists already", path.display());
    let config: SqliteConfig = PluginTable::from_json(serde_json::json!({ "path": path }))
        .parse()
        .map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let instance = Instance { name: "bench".to_owned(), base_dir: std::env::current_dir()? };
    let sink: Arc<dyn Sink> =
        config.build(&instance).map_err(|problems| anyhow::anyhow!("{problems:?}"))?.into();
    sink.prepare(&Estate::kinds()).await?;
    let options = SqliteConnectOptions::new()
        .filename(path.with_extension("plain.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    let mut connection =
        SqliteConnection::connect_with(&options).await.context("opening the file for the plain table")?;
    connection.execute(raw_sql(plain::TABLE)).await?;
    run("SQLite", estate, &sink, &mut Plain { connection: Arc::new(Mutex::new(connection)) }).await
}

struct Plain {
    /// One, as the sink has: SQLite takes one writer at a time.
    connection: Arc<Mutex<SqliteConnection>>,
}

impl Bench for Plain {
    async fn start(&mut self) -> anyhow::Result<()> {
        Ok(())
    }

    async fn wal_bytes(&mut self) -> anyhow::Result<Option<u64>> {
        Ok(None)
    }

    fn upsert(&self) -> impl Fn(Arc<Group>) -> Upserting {
        let connection = Arc::clone(&self.connection);
        move |group| {
            let connection = Arc::clone(&connection);
            async move { upsert(&mut *connection.lock().await, &group).await }.boxed()
        }
    }

    async fn copy(&mut self, _: &Estate) -> anyhow::Result<Option<Duration>> {
        Ok(None)
    }
}

/// Upserts every row, in one transaction.
async fn upsert(connection: &mut SqliteConnection, group: &Group) -> anyhow::Result<()> {
    let now = Utc::now();
    let mut transaction = connection.begin().await?;
    let records: Vec<_> = group.records().collect();
    for rows in records.chunks(ROWS) {
        let values = vec!["(?,?,?,?,?,?,?,?,?)"; rows.len()].join(",");
        let sql = format!(
            "INSERT INTO plain_resource (kind, native_id, account, name, fingerprint, first_seen_at, seen_at, \
             document, activity) VALUES {values} {}",
            plain::ON_CONFLICT
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for record in rows {
            query = query
                .bind(record.kind.name)
                .bind(&record.native_id)
                .bind(record.content.account.as_str())
                .bind(record.content.name.as_deref())
                .bind(record.fingerprint.as_bytes().as_slice())
                .bind(now)
                .bind(now)
                .bind(&record.content.document)
                .bind(record.activity.as_deref());
        }
        query.execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}
