//! Schema versions, rights, and what errors may say.

use auditor_core::{config::PluginTable, error::chain};
use auditor_store::{
    registry::store_plugin,
    schema::postgres_script,
    testkit::{
        Fixture as _, rules,
        world::{ROLE, USER},
    },
};
use serde_json::json;

use crate::database::{APP, PASSWORD, TestDatabase, instance, open, sink};

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
async fn an_empty_database_asks_for_an_administrator() {
    let database = TestDatabase::empty().await;
    let error = database.sink(1 << 20).prepare(&[]).await.unwrap_err();
    assert!(chain(&error).contains("no tables of this program"), "{}", chain(&error));
    assert!(error.hint().unwrap().contains("auditor db migrate"));
    let error = (store_plugin("postgres").unwrap().open)(&database.table(1 << 20), &instance()).await;
    assert!(error.is_err());
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
async fn a_database_of_a_newer_program_is_refused() {
    let database = open("").await;
    database.execute("UPDATE auditor_migration SET version = 999").await;
    let error = database.sink(1 << 20).prepare(&[]).await.unwrap_err();
    assert!(chain(&error).contains("schema version 999"), "{}", chain(&error));
    assert!(error.hint().unwrap().contains("newer than this program"));
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
async fn each_missing_right_is_named() {
    let database = open("").await;
    database.execute(&format!("REVOKE INSERT ON resource_version FROM {APP}")).await;
    database.execute(&format!("REVOKE UPDATE ON scope_state FROM {APP}")).await;
    let error = database.sink(1 << 20).prepare(&[]).await.unwrap_err();
    let text = chain(&error);
    assert!(text.contains("lacks UPDATE ON scope_state, INSERT ON resource_version"), "{text}");
    let failed: Vec<_> = database
        .sink(1 << 20)
        .check()
        .await
        .into_iter()
        .filter(|item| item.problem.is_some())
        .map(|item| item.what)
        .collect();
    assert_eq!(failed, ["UPDATE ON scope_state", "INSERT ON resource_version"]);

    database.execute(&format!("REVOKE SELECT ON auditor_migration FROM {APP}")).await;
    let error = database.sink(1 << 20).prepare(&[]).await.unwrap_err();
    assert!(chain(&error).contains("lacks SELECT ON auditor_migration"), "{}", chain(&error));
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
async fn the_script_makes_what_migrating_makes() {
    let (scripted, migrated) = (TestDatabase::empty().await, open("").await);
    scripted.execute(&postgres_script(&[&USER, &ROLE], APP)).await;
    let describe = async |database: &TestDatabase| -> Vec<(String, String, String)> {
        sqlx::query_as(
            "SELECT c.relname::text, coalesce(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ''), \
             coalesce(c.relacl::text, '') \
             FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 \
             WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, a.attnum",
        )
        .fetch_all(&database.pool)
        .await
        .unwrap()
    };
    assert_eq!(describe(&scripted).await, describe(&migrated).await);
    rules::changes_and_removals_make_versions(&scripted).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
async fn migrating_again_keeps_rights_on_views() {
    let database = open("").await;
    database.migrate(None).await;
    let granted: bool = sqlx::query_scalar("SELECT has_table_privilege($1, 'test_user', 'SELECT')")
        .bind(APP)
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert!(granted);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
async fn no_error_shows_the_password() {
    let database = open("").await;
    let good = database.table(1 << 20);
    let (host, port) = {
        let options = database.pool.connect_options();
        (options.get_host().to_owned(), options.get_port())
    };
    for url in [
        format!("postgres://{APP}:{PASSWORD}@127.0.0.1:1/nowhere"),
        format!("postgres://{APP}:{PASSWORD}@{host}:{port}/no_such_database"),
        format!("postgres://no_such_role:{PASSWORD}@{host}:{port}/postgres"),
        format!("postgres://{APP}:{PASSWORD}@{host}:{port}/{}?sslmode=verify-full", database.name),
    ] {
        let table = PluginTable::from_json(json!({ "url": url }));
        let sink = sink(&table);
        let error = sink.prepare(&[]).await.unwrap_err();
        let items = sink.check().await;
        let text = format!("{} {error:?} {:?} {items:?}", chain(&error), error.hint());
        assert!(!text.contains(PASSWORD), "{text}");
        assert!(chain(&error).contains("connecting to PostgreSQL at"), "{text}");
    }
    (store_plugin("postgres").unwrap().open)(&good, &instance()).await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
async fn a_named_schema_holds_the_tables() {
    let database = TestDatabase::empty().await;
    let table =
        PluginTable::from_json(json!({ "url": database.url(APP, PASSWORD), "schema": "Audit \"1\"" }));
    database.migrate_as(&table, Some(APP)).await;
    let sink = sink(&table);
    sink.prepare(&[&USER]).await.unwrap();
    assert_eq!(sink.accounts().unwrap().list().await.unwrap(), []);
    let in_public: i64 =
        sqlx::query_scalar("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
            .fetch_one(&database.pool)
            .await
            .unwrap();
    assert_eq!(in_public, 0);
}
