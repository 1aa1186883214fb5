//! The configuration file: loading, checking against the plugins' schemas, secrets.
//!
//! One TOML file, overridden by environment variables `AUDITOR_<TABLE>__<KEY>`. Every error of a file is reported at
//! once, with file, line, full key, what was expected and the nearest valid key; values are never repeated, since
//! any of them may be a secret in the wrong place.

mod file_schema;
mod load;
mod problem;
mod schema;
mod secret;
mod settings;
mod table;

pub use file_schema::file_schema;
pub use load::{AnalyzerInstance, Built, Config, PluginInstance, SinkInstance, SourceInstance};
pub use problem::{ConfigError, LocatedProblem, Problem};
pub use schema::{check as check_schema, did_you_mean, nearest};
pub use secret::Secret;
pub use settings::{AccountsSettings, InstanceSettings, RunSettings, SourceSettings};
pub use table::PluginTable;
