//! The conformance suite of SQL sinks on SQLite, and what only a file can suffer.

#![expect(clippy::unwrap_used, reason = "the whole binary is tests, helpers included")]

use auditor_core::{
    config::PluginTable,
    error::chain,
    registry::{Instance, SinkConfig as _},
    sink::Sink,
};
use auditor_sink_sqlite::SqliteConfig;
use auditor_store::{registry::store_plugin, testkit::Fixture};
use sea_orm::{DatabaseConnection, SqlxSqliteConnector};
use serde_json::json;
use sqlx::{
    Connection as _, Executor as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

struct File {
    directory: tempfile::TempDir,
    connection: DatabaseConnection,
}

async fn open(_: &str) -> File {
    let directory = tempfile::tempdir().unwrap();
    let pool = SqlitePoolOptions::new()
        .connect_lazy_with(SqliteConnectOptions::new().filename(directory.path().join("auditor.db")));
    File { directory, connection: SqlxSqliteConnector::from_sqlx_sqlite_pool(pool) }
}

impl File {
    fn instance(&self) -> Instance {
        Instance { name: "sqlite".to_owned(), base_dir: self.directory.path().to_owned() }
    }
}

fn table(buffer_bytes: u32) -> PluginTable {
    PluginTable::from_json(json!({ "path": "auditor.db", "buffer_bytes": buffer_bytes }))
}

impl Fixture for File {
    fn sink(&self, buffer_bytes: u32) -> Box<dyn Sink> {
        let config = table(buffer_bytes).parse::<SqliteConfig>().unwrap();
        config.build(&self.instance()).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    fn connection(&self) -> DatabaseConnection {
        self.connection.clone()
    }
}

auditor_store::sink_conformance!(open);

#[tokio::test]
async fn opening_for_queries_never_makes_a_file() {
    let file = open("").await;
    let plugin = store_plugin("sqlite").unwrap();
    let error = (plugin.open)(&table(1 << 20), &file.instance()).await.unwrap_err();
    assert!(chain(&error).contains("no such file"), "{}", chain(&error));
    assert!(!file.directory.path().join("auditor.db").exists());
    file.sink(1 << 20).prepare(&[]).await.unwrap();
    (plugin.open)(&table(1 << 20), &file.instance()).await.unwrap();
}

#[tokio::test]
async fn a_file_of_a_newer_program_is_refused() {
    let file = open("").await;
    file.sink(1 << 20).prepare(&[]).await.unwrap();
    let options = SqliteConnectOptions::new().filename(file.directory.path().join("auditor.db"));
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    connection.execute("UPDATE auditor_migration SET version = 999").await.unwrap();
    let error = file.sink(1 << 20).prepare(&[]).await.unwrap_err();
    assert!(chain(&error).contains("schema version 999"), "{}", chain(&error));
    assert!(error.hint().unwrap().contains("newer than this program"));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let file = open("").await;
    std::fs::write(file.directory.path().join("auditor.db"), "not a database, by far ".repeat(100)).unwrap();
    let error = file.sink(1 << 20).prepare(&[]).await.unwrap_err();
    assert!(chain(&error).contains("auditor.db") && error.hint().is_some(), "{}", chain(&error));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_may_be_made_by_many_at_once() {
    for _ in 0..5 {
        let file = open("").await;
        let sinks: Vec<_> = (0..8).map(|_| file.sink(1 << 20)).collect();
        let preparing: Vec<_> =
            sinks.into_iter().map(|sink| tokio::spawn(async move { sink.prepare(&[]).await })).collect();
        for prepared in preparing {
            prepared.await.unwrap().unwrap();
        }
    }
}
