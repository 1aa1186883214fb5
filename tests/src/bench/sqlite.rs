//! The benchmark on SQLite.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, ensure};
use auditor_core::{
    config::PluginTable,
    model::Record,
    registry::{Instance, SinkConfig as _},
};
use auditor_sink_sqlite::SqliteConfig;
use chrono::Utc;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, SqliteConnection, raw_sql,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{Bench, Estate, plain, run};

/// Rows in one statement: more brings nothing.
const ROWS: usize = 100;

/// Runs the benchmark on a file that does not exist yet; a second one beside it takes the plain table.
pub async fn on_sqlite(path: &Path, estate: &Estate) -> anyhow::Result<String> {
    ensure!(!path.exists(), "`{}` exists already", path.display());
    let config: SqliteConfig = PluginTable::from_json(serde_json::json!({ "path": path }))
        .parse()
        .map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let instance = Instance { name: "bench".to_owned(), base_dir: std::env::current_dir()? };
    let sink = config.build(&instance).map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    sink.prepare(&Estate::kinds()).await?;
    let options = SqliteConnectOptions::new()
        .filename(path.with_extension("plain.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    let mut connection =
        SqliteConnection::connect_with(&options).await.context("opening the file for the plain table")?;
    connection.execute(raw_sql(plain::TABLE)).await?;
    run("SQLite", estate, &*sink, &mut Plain { connection }).await
}

struct Plain {
    connection: SqliteConnection,
}

impl Bench for Plain {
    async fn start(&mut self) -> anyhow::Result<()> {
        Ok(())
    }

    async fn wal_bytes(&mut self) -> anyhow::Result<Option<u64>> {
        Ok(None)
    }

    async fn upsert(&mut self, records: &[Record]) -> anyhow::Result<()> {
        let now = Utc::now();
        let mut transaction = self.connection.begin().await?;
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

    async fn copy(&mut self, _: &Estate) -> anyhow::Result<Option<Duration>> {
        Ok(None)
    }
}
