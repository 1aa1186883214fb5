//! Settings of the sink, and what is made from them.

use auditor_core::{
    config::{PluginTable, Problem, Secret},
    error::SinkError,
    registry::{Instance, SinkConfig},
    sink::Sink,
};
use auditor_store::{
    Store,
    registry::{Migrate, Migrated, settings_error},
    write::{Database as _, SqlSink},
};
use futures::{FutureExt as _, future::BoxFuture};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{connect::Target, database::Postgres, migrate::migrate_target};

/// Settings of one `postgres` sink.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostgresConfig {
    /// Where the database is: `postgres://user:password@host:5432/database?sslmode=verify-full`. The role needs only
    /// the rights that `auditor db schema` prints.
    pub url: Secret,
    /// Connections at the same time. More tasks than that wait for their turn.
    #[serde(default = "default_max_connections")]
    #[schemars(range(min = 1, max = 100))]
    pub max_connections: u16,
    /// Memory for the records of one task, in bytes. What does not fit waits in an unnamed temporary file.
    #[serde(default = "default_buffer_bytes")]
    #[schemars(range(min = 65_536, max = 1_073_741_824))]
    pub buffer_bytes: u32,
    /// Schema that holds the tables. Default: the first of the role's search path.
    #[serde(default)]
    pub schema: Option<String>,
}

fn default_max_connections() -> u16 {
    8
}

fn default_buffer_bytes() -> u32 {
    8 << 20
}

impl PostgresConfig {
    fn target(&self, instance: &Instance) -> Result<Target, Vec<Problem>> {
        let problem = |problem: Problem| vec![problem.under("url")];
        let url = self.url.resolve(instance).map_err(problem)?;
        Target::parse(&url, self.schema.as_deref()).map_err(|text| problem(Problem::new("", text)))
    }
}

impl SinkConfig for PostgresConfig {
    fn validate(&self) -> Vec<Problem> {
        match &self.schema {
            Some(schema) if schema.is_empty() || schema.contains(|c: char| c.is_control()) => {
                vec![Problem::new("schema", "expected the name of a schema")]
            }
            _ => Vec::new(),
        }
    }

    fn build(self, instance: &Instance) -> Result<Box<dyn Sink>, Vec<Problem>> {
        let database = Postgres::new(self.target(instance)?, self.max_connections.into());
        Ok(Box::new(SqlSink::new(database, usize::try_from(self.buffer_bytes).unwrap_or(usize::MAX))))
    }
}

fn target(table: &PluginTable, instance: &Instance) -> Result<Target, SinkError> {
    table
        .parse::<PostgresConfig>()
        .and_then(|config| config.target(instance))
        .map_err(|problems| settings_error(instance, &problems))
}

/// Opens the store for queries.
pub(crate) fn open(table: &PluginTable, instance: &Instance) -> BoxFuture<'static, Result<Store, SinkError>> {
    let target = target(table, instance);
    async move {
        let database = Postgres::new(target?, 1);
        database.check_schema().await?;
        Ok(Store::new(database.connection()))
    }
    .boxed()
}

/// Migrates the database.
pub(crate) fn migrate(
    table: &PluginTable,
    instance: &Instance,
    how: Migrate,
) -> BoxFuture<'static, Result<Migrated, SinkError>> {
    let target = match &how.admin_url {
        None => target(table, instance),
        Some(url) => {
            let schema = table.parse::<PostgresConfig>().ok().and_then(|config| config.schema);
            Target::parse(url, schema.as_deref())
                .map_err(|text| SinkError::permanent("reading the administrator's URL", text))
        }
    };
    async move { migrate_target(&target?, &how).await }.boxed()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn build(value: serde_json::Value) -> Result<Box<dyn Sink>, Vec<Problem>> {
        let instance = Instance { name: "postgres".to_owned(), base_dir: "/".into() };
        PluginTable::from_json(value).parse::<PostgresConfig>()?.build(&instance)
    }

    #[test]
    fn a_url_that_cannot_be_read_is_not_repeated() {
        for url in [
            "postgres://u:hunter2@host:port/db",
            "mysql://u:hunter2@host/db",
            "hunter2",
            "postgres://u:hunter2@[::1/db",
        ] {
            let problems = build(json!({ "url": url })).err().unwrap();
            assert_eq!(problems[0].key, "url");
            assert!(!format!("{problems:?}").contains("hunter2"), "{problems:?}");
        }
    }

    #[test]
    fn defaults_are_enough() {
        assert!(build(json!({ "url": "postgres://u:hunter2@host/db" })).is_ok());
    }
}
