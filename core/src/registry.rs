//! Plugin registration: each plugin crate submits itself through `inventory`, and the program only names the crate.
//!
//! ```ignore
//! auditor_core::inventory::submit! {
//!     auditor_core::registry::SourcePlugin::new::<ExampleConfig>("example", "Users of the example service", KINDS)
//! }
//! ```
//!
//! The linker drops a crate that nobody names, and its registration with it: `use auditor_source_example as _;`.

use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;

use crate::{
    analyzer::Analyzer,
    config::{PluginTable, Problem},
    model::Kind,
    sink::Sink,
    source::Source,
};

/// Settings of a source plugin, which know how to become the source.
pub trait SourceConfig: DeserializeOwned + JsonSchema + 'static {
    /// Checks what types cannot: combinations and value ranges. Keys in problems are relative to the plugin's table.
    /// Uses neither network nor files beyond those the settings name.
    fn validate(&self) -> Vec<Problem> {
        Vec::new()
    }

    /// Makes the source. Cheap: no network.
    ///
    /// # Errors
    /// Problems that `validate` cannot see, such as a secret that is not there.
    fn build(self, instance: &Instance) -> Result<Box<dyn Source>, Vec<Problem>>;
}

/// Settings of a sink plugin, which know how to become the sink.
pub trait SinkConfig: DeserializeOwned + JsonSchema + 'static {
    /// Checks what types cannot.
    fn validate(&self) -> Vec<Problem> {
        Vec::new()
    }

    /// Makes the sink. Cheap: no network; connections are made in [`Sink::prepare`].
    ///
    /// # Errors
    /// Problems that `validate` cannot see, such as a secret that is not there.
    fn build(self, instance: &Instance) -> Result<Box<dyn Sink>, Vec<Problem>>;
}

/// Settings of an analyzer plugin, which know how to become the analyzer.
pub trait AnalyzerConfig: DeserializeOwned + JsonSchema + 'static {
    /// Checks what types cannot.
    fn validate(&self) -> Vec<Problem> {
        Vec::new()
    }

    /// Makes the analyzer.
    ///
    /// # Errors
    /// Problems that `validate` cannot see, such as a file that the settings name and that is not there.
    fn build(self, instance: &Instance) -> Result<Box<dyn Analyzer>, Vec<Problem>>;
}

/// What an instance knows of itself.
#[derive(Debug, Clone)]
pub struct Instance {
    /// The operator's name for it.
    pub name: String,
    /// Directory of the configuration file; relative paths in settings start there.
    pub base_dir: std::path::PathBuf,
}

impl Instance {
    /// Makes a path from the settings absolute, relative to the configuration file.
    pub fn path(&self, path: &std::path::Path) -> std::path::PathBuf {
        self.base_dir.join(path)
    }
}

pub(crate) type Build<T> = fn(&PluginTable, &Instance) -> Result<Box<T>, Vec<Problem>>;

/// A source plugin: its name, its kinds, its settings' schema and how to build it.
#[derive(Clone)]
pub struct SourcePlugin {
    /// The service's noun, kebab-case; what `type` says in the file.
    pub name: &'static str,
    /// One line for `auditor plugins`.
    pub summary: &'static str,
    /// Every kind it can emit.
    pub kinds: &'static [&'static Kind],
    /// Calls per second that its service takes, for sources whose `requests_per_second` is not set. `None`: no limit.
    pub requests_per_second: Option<f64>,
    /// Rights that only this source needs for a kind: those of common kinds differ from source to source.
    pub permissions: &'static [(&'static Kind, &'static [&'static str])],
    /// JSON schema of its settings.
    pub schema: fn() -> Schema,
    pub(crate) validate: fn(&PluginTable) -> Vec<Problem>,
    pub(crate) build: Build<dyn Source>,
}

/// A sink plugin.
#[derive(Clone)]
pub struct SinkPlugin {
    /// Kebab-case; what `type` says in the file.
    pub name: &'static str,
    /// One line for `auditor plugins`.
    pub summary: &'static str,
    /// JSON schema of its settings.
    pub schema: fn() -> Schema,
    pub(crate) validate: fn(&PluginTable) -> Vec<Problem>,
    pub(crate) build: Build<dyn Sink>,
}

/// An analyzer plugin.
#[derive(Clone)]
pub struct AnalyzerPlugin {
    /// Kebab-case; what `type` says in the file.
    pub name: &'static str,
    /// One line for `auditor plugins`.
    pub summary: &'static str,
    /// Every kind it can emit.
    pub kinds: &'static [&'static Kind],
    /// JSON schema of its settings.
    pub schema: fn() -> Schema,
    pub(crate) validate: fn(&PluginTable) -> Vec<Problem>,
    pub(crate) build: Build<dyn Analyzer>,
}

/// A plugin that this program could have and was built without, so that it can be told from one that nobody knows.
pub struct AbsentPlugin {
    /// `analyzer`, `source` or `sink`.
    pub sort: &'static str,
    /// What `type` would say.
    pub name: &'static str,
    /// Why it is not there, and what to do: one sentence.
    pub why: &'static str,
}

inventory::collect!(AbsentPlugin);
inventory::collect!(AnalyzerPlugin);
inventory::collect!(SourcePlugin);
inventory::collect!(SinkPlugin);

impl SourcePlugin {
    /// A plugin whose settings are `C`.
    pub const fn new<C: SourceConfig>(
        name: &'static str,
        summary: &'static str,
        kinds: &'static [&'static Kind],
    ) -> Self {
        Self {
            name,
            summary,
            kinds,
            requests_per_second: None,
            permissions: &[],
            schema: || schemars::SchemaGenerator::default().into_root_schema_for::<C>(),
            validate: |table| match table.parse::<C>() {
                Ok(config) => config.validate(),
                Err(problems) => problems,
            },
            build: |table, instance| table.parse::<C>()?.build(instance),
        }
    }

    /// Sets the calls per second that its service takes: the default of `requests_per_second`.
    #[must_use]
    pub const fn limited_to(mut self, requests_per_second: f64) -> Self {
        self.requests_per_second = Some(requests_per_second);
        self
    }

    /// Sets the rights that it needs for kinds which other sources emit with other rights.
    #[must_use]
    pub const fn needing(mut self, permissions: &'static [(&'static Kind, &'static [&'static str])]) -> Self {
        self.permissions = permissions;
        self
    }
}

impl SinkPlugin {
    /// A plugin whose settings are `C`.
    pub const fn new<C: SinkConfig>(name: &'static str, summary: &'static str) -> Self {
        Self {
            name,
            summary,
            schema: || schemars::SchemaGenerator::default().into_root_schema_for::<C>(),
            validate: |table| match table.parse::<C>() {
                Ok(config) => config.validate(),
                Err(problems) => problems,
            },
            build: |table, instance| table.parse::<C>()?.build(instance),
        }
    }
}

impl AnalyzerPlugin {
    /// A plugin whose settings are `C`.
    pub const fn new<C: AnalyzerConfig>(
        name: &'static str,
        summary: &'static str,
        kinds: &'static [&'static Kind],
    ) -> Self {
        Self {
            name,
            summary,
            kinds,
            schema: || schemars::SchemaGenerator::default().into_root_schema_for::<C>(),
            validate: |table| match table.parse::<C>() {
                Ok(config) => config.validate(),
                Err(problems) => problems,
            },
            build: |table, instance| table.parse::<C>()?.build(instance),
        }
    }
}

/// Every analyzer plugin of this program, by name.
///
/// # Panics
/// If two plugins carry the same name: the program was put together wrongly.
pub fn analyzers() -> Vec<&'static AnalyzerPlugin> {
    sorted(inventory::iter::<AnalyzerPlugin>.into_iter().collect(), |plugin| plugin.name)
}

/// Every source plugin of this program, by name.
///
/// # Panics
/// If two plugins carry the same name: the program was put together wrongly.
pub fn sources() -> Vec<&'static SourcePlugin> {
    sorted(inventory::iter::<SourcePlugin>.into_iter().collect(), |plugin| plugin.name)
}

/// Every sink plugin of this program, by name.
///
/// # Panics
/// If two plugins carry the same name: the program was put together wrongly.
pub fn sinks() -> Vec<&'static SinkPlugin> {
    sorted(inventory::iter::<SinkPlugin>.into_iter().collect(), |plugin| plugin.name)
}

/// Every plugin that this program was built without, by sort and name.
pub fn absent() -> Vec<&'static AbsentPlugin> {
    let mut absent: Vec<_> = inventory::iter::<AbsentPlugin>.into_iter().collect();
    absent.sort_by_key(|plugin| (plugin.sort, plugin.name));
    absent
}

/// Every kind of every source and analyzer plugin and the common kinds, by name, each once.
pub fn kinds() -> Vec<&'static Kind> {
    let mut kinds: Vec<_> = sources().into_iter().flat_map(|plugin| plugin.kinds.iter().copied()).collect();
    kinds.extend(analyzers().into_iter().flat_map(|plugin| plugin.kinds.iter().copied()));
    kinds.extend(crate::model::common::KINDS);
    kinds.sort_by_key(|kind| kind.name);
    kinds.dedup_by_key(|kind| kind.name);
    kinds
}

fn sorted<T>(mut plugins: Vec<&'static T>, name: fn(&T) -> &'static str) -> Vec<&'static T> {
    plugins.sort_by_key(|plugin| name(plugin));
    for pair in plugins.windows(2) {
        assert!(name(pair[0]) != name(pair[1]), "two plugins are called `{}`", name(pair[0]));
    }
    plugins
}
