//! The benchmark on PostgreSQL: databases of its own, made and dropped.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use auditor_core::{
    config::PluginTable,
    registry::{Instance, SinkConfig as _},
    sink::Sink,
};
use auditor_sink_postgres::PostgresConfig;
use auditor_store::registry::{Migrate, store_plugin};
use chrono::Utc;
use futures::FutureExt as _;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
    raw_sql,
};
use uuid::Uuid;

use super::{Bench, Estate, Group, Upserting, copy::CopyRows, estate::Scenario, on_accounts, plain, run};

/// The store under test, and the same tables for COPY.
const STORE: &str = "auditor_bench_store";
const COPIED: &str = "auditor_bench_copy";
/// Accounts loaded by one COPY of each table.
const COPY_ACCOUNTS: usize = 8;
/// Connections of each side: the sink's default.
const CONNECTIONS: u32 = 8;

/// Runs the benchmark. `url` is an administrator's, best over a Unix socket: `postgres://postgres@localhost/postgres?host=/run/postgresql`.
/// Over TCP, each COPY of the comparison pays for a stall of the driver.
pub async fn on_postgres(url: &str, estate: &Estate) -> anyhow::Result<String> {
    let admin: PgConnectOptions = url.parse().ok().context("the URL is not one of PostgreSQL")?;
    let admin = admin.disable_statement_logging();
    let mut connection =
        PgConnection::connect_with(&admin).await.context("connecting as an administrator")?;
    for name in [STORE, COPIED] {
        for sql in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
            connection.execute(AssertSqlSafe(sql)).await?;
        }
    }
    let result = measure(url, &admin, estate).await;
    for name in [STORE, COPIED] {
        connection.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await?;
    }
    result
}

async fn measure(url: &str, admin: &PgConnectOptions, estate: &Estate) -> anyhow::Result<String> {
    let instance = Instance { name: "bench".to_owned(), base_dir: std::env::current_dir()? };
    let plugin = store_plugin("postgres").context("the sink is linked")?;
    for name in [STORE, COPIED] {
        (plugin.migrate)(&settings(url, name)?, &instance, Migrate::default()).await?;
    }
    let config: PostgresConfig =
        settings(url, STORE)?.parse().map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let sink: Arc<dyn Sink> =
        config.build(&instance).map_err(|problems| anyhow::anyhow!("{problems:?}"))?.into();
    sink.prepare(&Estate::kinds()).await?;

    let mut admin_connection = PgConnection::connect_with(&admin.clone().database(STORE)).await?;
    admin_connection.execute(raw_sql(plain::TABLE)).await?;
    let version: String = sqlx::query_scalar("SHOW server_version").fetch_one(&mut admin_connection).await?;
    let (plain, copied) = (pool(admin, STORE).await?, pool(admin, COPIED).await?);
    let mut bench = Comparison { admin: admin_connection, plain, copied, lsn: String::new() };
    run(&format!("PostgreSQL {version}"), estate, &sink, &mut bench).await
}

/// Open connections, set up as the sink's are.
async fn pool(admin: &PgConnectOptions, database: &str) -> anyhow::Result<PgPool> {
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .min_connections(CONNECTIONS)
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            async move { connection.execute(raw_sql("SET synchronous_commit = off")).await.map(|_| ()) }
                .boxed()
        });
    Ok(pool.connect_with(admin.clone().database(database)).await?)
}

/// The sink's settings for another database of the same server.
fn settings(url: &str, database: &str) -> anyhow::Result<PluginTable> {
    let (before, query) = url.split_once('?').map_or((url, None), |(before, query)| (before, Some(query)));
    let (server, _) = before.rsplit_once('/').context("the URL names a database")?;
    ensure!(server.contains("//"), "the URL names a database");
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Ok(PluginTable::from_json(serde_json::json!({ "url": format!("{server}/{database}{query}") })))
}

struct Comparison {
    admin: PgConnection,
    plain: PgPool,
    copied: PgPool,
    lsn: String,
}

impl Bench for Comparison {
    async fn start(&mut self) -> anyhow::Result<()> {
        // Every measurement begins with the same debt: none written back, every page to be logged whole once.
        self.admin.execute(raw_sql("CHECKPOINT")).await?;
        self.lsn =
            sqlx::query_scalar("SELECT pg_current_wal_insert_lsn()::text").fetch_one(&mut self.admin).await?;
        Ok(())
    }

    async fn wal_bytes(&mut self) -> anyhow::Result<Option<u64>> {
        let bytes: i64 =
            sqlx::query_scalar("SELECT (pg_current_wal_insert_lsn() - $1::text::pg_lsn)::bigint")
                .bind(&self.lsn)
                .fetch_one(&mut self.admin)
                .await?;
        Ok(Some(bytes.unsigned_abs()))
    }

    fn upsert(&self) -> impl Fn(Arc<Group>) -> Upserting {
        let pool = self.plain.clone();
        move |group| {
            let pool = pool.clone();
            async move { upsert(&pool, &group).await }.boxed()
        }
    }

    async fn copy(&mut self, estate: &Estate) -> anyhow::Result<Option<Duration>> {
        let run = Uuid::now_v7();
        let done = on_accounts(estate, Scenario::FirstLoad, COPY_ACCOUNTS, |group| {
            let pool = self.copied.clone();
            async move { copy(&pool, run, &group).await }
        })
        .await?;
        Ok(Some(done.time))
    }
}

/// Upserts every row.
async fn upsert(pool: &PgPool, group: &Group) -> anyhow::Result<()> {
    let now = Utc::now();
    let sql = format!(
        "INSERT INTO plain_resource (kind, native_id, account, name, fingerprint, first_seen_at, seen_at, \
         document, activity) \
         SELECT kind, native_id, account, name, fingerprint, $8, $8, document::jsonb, activity::jsonb \
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::text[]) \
         AS r (kind, native_id, account, name, fingerprint, document, activity) {}",
        plain::ON_CONFLICT
    );
    let records: Vec<_> = group.records().collect();
    for rows in records.chunks(plain::ROWS) {
        sqlx::query(AssertSqlSafe(sql.as_str()))
            .bind(rows.iter().map(|row| row.kind.name).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.native_id.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.content.account.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.content.name.as_deref()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.fingerprint.as_bytes().as_slice()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.content.document.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.activity.as_deref()).collect::<Vec<_>>())
            .bind(now)
            .execute(pool)
            .await?;
    }
    Ok(())
}

/// Loads rows into the store's tables.
async fn copy(pool: &PgPool, run: Uuid, group: &Group) -> anyhow::Result<()> {
    let now = Utc::now();
    let [mut heads, mut versions, mut activities] = [8, 9, 5].map(CopyRows::new);
    // Numbered as the store would: every kind of every account is a scope.
    let mut scope = i64::try_from(group.accounts.start * Estate::kinds().len())?;
    let mut kind = "";
    for record in group.records() {
        if record.kind.name != kind {
            kind = record.kind.name;
            scope += 1;
        }
        let (id, content) = (record.native_id.as_str(), &record.content);
        heads.row().bigint(scope).text(id).text(content.account.as_str());
        heads.optional_text(content.name.as_deref()).bytes(record.fingerprint.as_bytes()).integer(1);
        heads.time(now).time(now);
        versions.row().bigint(scope).text(id).integer(1).uuid(run).time(now);
        versions.text(content.account.as_str()).optional_text(content.name.as_deref());
        versions.bytes(record.fingerprint.as_bytes()).jsonb(&content.document);
        if let (Some(activity), Some(hash)) = (&record.activity, &record.activity_fingerprint) {
            activities.row().bigint(scope).text(id).time(now);
            activities.bytes(hash.as_bytes()).jsonb(activity);
        }
    }
    let mut connection = pool.acquire().await?;
    for (rows, statement) in [(heads, HEADS), (versions, VERSIONS), (activities, ACTIVITIES)] {
        rows.send(&mut connection, statement).await?;
    }
    Ok(())
}

const HEADS: &str = "COPY resource (scope, native_id, account, name, fingerprint, version, first_seen_at, changed_at) \
                     FROM STDIN (FORMAT binary)";
const VERSIONS: &str = "COPY resource_version (scope, native_id, version, run, observed_at, account, name, fingerprint, \
                        document) FROM STDIN (FORMAT binary)";
const ACTIVITIES: &str = "COPY resource_activity (scope, native_id, observed_at, fingerprint, activity) \
                          FROM STDIN (FORMAT binary)";
