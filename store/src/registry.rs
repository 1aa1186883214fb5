//! Stores that can be opened for queries and migrated: one for each SQL sink.

use auditor_core::{
    config::{PluginTable, Problem},
    error::SinkError,
    inventory,
    model::Kind,
    registry::Instance,
};
use futures::future::BoxFuture;
use secrecy::SecretString;

use crate::Store;

/// What a SQL sink offers besides being a sink. Submitted with `inventory::submit!` under the sink plugin's name.
pub struct StorePlugin {
    /// Name of the sink plugin.
    pub sink: &'static str,
    /// Opens the store for queries, from the sink's settings. Checks its schema version and changes nothing.
    pub open: fn(&PluginTable, &Instance) -> BoxFuture<'static, Result<Store, SinkError>>,
    /// Brings the tables to the version that this program works with.
    pub migrate: fn(&PluginTable, &Instance, Migrate) -> BoxFuture<'static, Result<Migrated, SinkError>>,
}

/// How to migrate.
#[derive(Debug, Clone, Default)]
pub struct Migrate {
    /// An administrator's URL. `None`: the one in the sink's settings. Nothing to a store in a file.
    pub admin_url: Option<SecretString>,
    /// The role to grant the program's rights to. `None`: none, as where roles are managed elsewhere.
    pub grant_to: Option<String>,
    /// Kinds to make typed views for.
    pub kinds: Vec<&'static Kind>,
}

/// What migrating did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Which database.
    pub database: String,
    /// Schema version before. `None`: there were no tables.
    pub from: Option<i64>,
    /// Schema version now.
    pub to: i64,
}

inventory::collect!(StorePlugin);

/// The store of a sink plugin; `None` if that sink keeps none.
pub fn store_plugin(sink: &str) -> Option<&'static StorePlugin> {
    inventory::iter::<StorePlugin>.into_iter().find(|plugin| plugin.sink == sink)
}

/// Problems of a sink's settings, as an error.
pub fn settings_error(instance: &Instance, problems: &[Problem]) -> SinkError {
    let problems: Vec<_> = problems
        .iter()
        .map(|problem| match problem.key.as_str() {
            "" => problem.message.clone(),
            key => format!("`{key}`: {}", problem.message),
        })
        .collect();
    SinkError::permanent(format!("reading the settings of sink `{}`", instance.name), problems.join("; "))
}
