//! Settings of the sink, and what is made from them.

use std::path::PathBuf;

use auditor_core::{
    config::{PluginTable, Problem},
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

use crate::database::Sqlite;

/// Settings of one `sqlite` sink.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SqliteConfig {
    /// The file, made if it is not there. Relative paths start at the configuration file.
    pub path: PathBuf,
    /// Memory for the records of one task, in bytes. What does not fit waits in an unnamed temporary file.
    #[serde(default = "default_buffer_bytes")]
    #[schemars(range(min = 65_536, max = 1_073_741_824))]
    pub buffer_bytes: u32,
}

fn default_buffer_bytes() -> u32 {
    8 << 20
}

impl SinkConfig for SqliteConfig {
    fn validate(&self) -> Vec<Problem> {
        if self.path.as_os_str().is_empty() {
            vec![Problem::new("path", "expected the path of a file")]
        } else {
            Vec::new()
        }
    }

    fn build(self, instance: &Instance) -> Result<Box<dyn Sink>, Vec<Problem>> {
        let database = Sqlite::new(instance.path(&self.path));
        Ok(Box::new(SqlSink::new(database, usize::try_from(self.buffer_bytes).unwrap_or(usize::MAX))))
    }
}

fn path(table: &PluginTable, instance: &Instance) -> Result<PathBuf, SinkError> {
    let config = table.parse::<SqliteConfig>().map_err(|problems| settings_error(instance, &problems))?;
    Ok(instance.path(&config.path))
}

/// Opens the store for queries. Never makes the file.
pub(crate) fn open(table: &PluginTable, instance: &Instance) -> BoxFuture<'static, Result<Store, SinkError>> {
    let path = path(table, instance);
    async move {
        let database = Sqlite::new(path?);
        database.check_schema().await?;
        Ok(Store::new(database.connection()))
    }
    .boxed()
}

/// Migrates the file.
pub(crate) fn migrate(
    table: &PluginTable,
    instance: &Instance,
    how: Migrate,
) -> BoxFuture<'static, Result<Migrated, SinkError>> {
    let path = path(table, instance);
    async move {
        if how.admin_url.is_some() {
            let problem = "a SQLite file has no administrator, so there is no URL to give";
            return Err(SinkError::permanent("migrating", problem));
        }
        Sqlite::new(path?).migrate(&how.kinds).await
    }
    .boxed()
}
