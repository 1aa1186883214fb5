//! A database for each test, and the role that the program is to run as.

use auditor_core::{
    config::PluginTable,
    registry::{Instance, SinkConfig as _},
    sink::Sink,
};
use auditor_sink_postgres::PostgresConfig;
use auditor_store::{
    registry::{Migrate, store_plugin},
    testkit::{
        Fixture,
        world::{ROLE, USER},
    },
};
use sea_orm::{DatabaseConnection, SqlxPostgresConnector};
use serde_json::json;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
    raw_sql,
};

/// The role the sink runs as: what `auditor_store::schema::RIGHTS` grants and nothing else.
pub(crate) const APP: &str = "auditor_sink_test";
/// Its password, which must show nowhere.
pub(crate) const PASSWORD: &str = "planted-password";

/// A database of its own, dropped with the test.
pub(crate) struct TestDatabase {
    pub(crate) name: String,
    admin: PgConnectOptions,
    pub(crate) pool: PgPool,
}

/// A migrated database.
pub(crate) async fn open(_: &str) -> TestDatabase {
    let database = TestDatabase::empty().await;
    database.migrate(Some(APP)).await;
    database
}

impl TestDatabase {
    /// A database without tables.
    pub(crate) async fn empty() -> Self {
        let url = std::env::var("AUDITOR_TEST_POSTGRES_URL").expect("AUDITOR_TEST_POSTGRES_URL is set");
        let admin: PgConnectOptions = url.parse().expect("AUDITOR_TEST_POSTGRES_URL is a PostgreSQL URL");
        let admin = admin.disable_statement_logging();
        let name = format!("auditor_sink_{}", uuid::Uuid::now_v7().simple());
        let mut connection = PgConnection::connect_with(&admin).await.unwrap();
        let role = format!(
            "DO $$ BEGIN CREATE ROLE {APP} LOGIN PASSWORD '{PASSWORD}'; \
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        );
        connection.execute(raw_sql(AssertSqlSafe(role))).await.unwrap();
        let create = format!("CREATE DATABASE {name} TEMPLATE template0");
        connection.execute(raw_sql(AssertSqlSafe(create))).await.unwrap();
        let pool = PgPoolOptions::new().connect_lazy_with(admin.clone().database(&name));
        Self { name, admin, pool }
    }

    pub(crate) fn url(&self, user: &str, password: &str) -> String {
        let (host, port) = (self.admin.get_host(), self.admin.get_port());
        format!("postgres://{user}:{password}@{host}:{port}/{}", self.name)
    }

    /// The sink's settings.
    pub(crate) fn table(&self, buffer_bytes: u32) -> PluginTable {
        PluginTable::from_json(json!({
            "url": self.url(APP, PASSWORD), "buffer_bytes": buffer_bytes, "max_connections": 4,
        }))
    }

    /// Migrates as an administrator.
    pub(crate) async fn migrate(&self, grant_to: Option<&str>) {
        self.migrate_as(&self.table(1 << 20), grant_to).await;
    }

    /// Migrates as an administrator, with other settings.
    pub(crate) async fn migrate_as(&self, table: &PluginTable, grant_to: Option<&str>) {
        let url = self.admin.clone().database(&self.name).to_url_lossy();
        let how = Migrate {
            admin_url: Some(url.to_string().into()),
            grant_to: grant_to.map(ToOwned::to_owned),
            kinds: vec![&USER, &ROLE],
        };
        let plugin = store_plugin("postgres").unwrap();
        (plugin.migrate)(table, &instance(), how).await.unwrap();
    }

    /// Runs statements as an administrator.
    pub(crate) async fn execute(&self, sql: &str) {
        self.pool.execute(raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
    }
}

/// An instance of the sink.
pub(crate) fn instance() -> Instance {
    Instance { name: "postgres".to_owned(), base_dir: "/".into() }
}

/// A sink from settings.
pub(crate) fn sink(table: &PluginTable) -> Box<dyn Sink> {
    let config = table.parse::<PostgresConfig>().unwrap();
    config.build(&instance()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

impl Fixture for TestDatabase {
    fn sink(&self, buffer_bytes: u32) -> Box<dyn Sink> {
        sink(&self.table(buffer_bytes))
    }

    fn connection(&self) -> DatabaseConnection {
        SqlxPostgresConnector::from_sqlx_postgres_pool(self.pool.clone())
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connection = PgConnection::connect_with(&admin).await.unwrap();
                let drop = format!("DROP DATABASE {name} WITH (FORCE)");
                connection.execute(raw_sql(AssertSqlSafe(drop))).await.unwrap();
            });
        });
        let dropped = dropping.join().is_ok();
        assert!(dropped || std::thread::panicking(), "the test's database was not dropped");
    }
}
