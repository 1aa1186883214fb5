//! The settings the core itself reads: `[run]`, and the keys every source and sink instance has.

use std::{num::NonZeroU32, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{outcome::RemovalGuard, source::CallPolicy};

/// How a run behaves.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunSettings {
    /// Targets collected at the same time, over all sources.
    #[schemars(range(min = 1, max = 1000))]
    pub concurrency: u16,
    /// A complete listing that lacks more than this share (0 to 1) of the records known before is held: nothing is
    /// retired until a run with `--accept-removals`.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max_removal_share: f64,
    /// The guard acts only when more than this many records would be retired.
    pub max_removal_rows: u64,
}

impl Default for RunSettings {
    fn default() -> Self {
        let guard = RemovalGuard::default();
        Self { concurrency: 16, max_removal_share: guard.max_share, max_removal_rows: guard.max_rows }
    }
}

impl RunSettings {
    /// The mass-removal guard.
    pub fn removal_guard(&self) -> RemovalGuard {
        RemovalGuard { max_share: self.max_removal_share, max_rows: self.max_removal_rows }
    }
}

/// How what the sources say of accounts is put together.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AccountsSettings {
    /// Sources in the order in which they are believed, fact by fact: names of sources, types of sources, and `manual`
    /// for what `auditor accounts set` keeps. Those not listed come last; among them the latest change counts. Default:
    /// what people set first, then the types in the order that `auditor accounts list --help` shows.
    pub precedence: Option<Vec<String>>,
}

/// Keys that every source instance has beside its plugin's own.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SourceSettings {
    /// Name of the plugin. Default: the instance's name.
    #[serde(rename = "type")]
    pub plugin: Option<String>,
    /// Whether runs use this source.
    pub enabled: bool,
    /// Kinds to collect. Default: every kind of the plugin.
    pub kinds: Option<Vec<String>>,
    /// Targets of this source collected at the same time. Default: `run.concurrency`.
    #[schemars(range(min = 1, max = 1000))]
    pub concurrency: Option<u16>,
    /// Calls at the same time within one target.
    #[schemars(range(min = 1, max = 100))]
    pub calls_per_target: u16,
    /// Calls per second over all targets of this source. Default: what the plugin's service takes, where that is known;
    /// else no limit.
    #[schemars(range(min = 0.001, max = 100_000.0))]
    pub requests_per_second: Option<f64>,
    /// Attempts for one call, the first included, while its error is a passing one.
    #[schemars(range(min = 1, max = 100))]
    pub attempts: NonZeroU32,
    /// Upper bound for one attempt of one call, in seconds.
    #[schemars(range(min = 1, max = 900))]
    pub call_timeout_secs: u16,
    /// Upper bound for one target, in seconds. What is not read by then is a gap.
    #[schemars(range(min = 1, max = 86400))]
    pub target_timeout_secs: u32,
}

impl Default for SourceSettings {
    fn default() -> Self {
        let policy = CallPolicy::default();
        Self {
            plugin: None,
            enabled: true,
            kinds: None,
            concurrency: None,
            calls_per_target: 2,
            requests_per_second: None,
            attempts: NonZeroU32::new(policy.attempts).unwrap_or(NonZeroU32::MIN),
            call_timeout_secs: 60,
            target_timeout_secs: 3600,
        }
    }
}

impl SourceSettings {
    /// Keys of this type: what the core takes out of an instance's table.
    pub(super) const KEYS: [&'static str; 9] = [
        "type",
        "enabled",
        "kinds",
        "concurrency",
        "calls_per_target",
        "requests_per_second",
        "attempts",
        "call_timeout_secs",
        "target_timeout_secs",
    ];

    /// How calls of this source are retried.
    pub fn call_policy(&self) -> CallPolicy {
        CallPolicy {
            attempts: self.attempts.get(),
            timeout: Duration::from_secs(self.call_timeout_secs.into()),
            ..CallPolicy::default()
        }
    }
}

/// Keys that every sink and analyzer instance has beside its plugin's own.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InstanceSettings {
    /// Name of the plugin. Default: the instance's name.
    #[serde(rename = "type")]
    pub plugin: Option<String>,
    /// Whether runs use it.
    pub enabled: bool,
}

impl Default for InstanceSettings {
    fn default() -> Self {
        Self { plugin: None, enabled: true }
    }
}

impl InstanceSettings {
    /// Keys of this type.
    pub(super) const KEYS: [&'static str; 2] = ["type", "enabled"];
}
