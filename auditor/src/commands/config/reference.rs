//! The configuration reference, made from the settings' JSON schemas, whose descriptions are doc comments.

use auditor_core::{
    config::{AccountsSettings, InstanceSettings, RunSettings, SourceSettings},
    registry,
};
use serde_json::Value;

use crate::commands::schema::{Key, keys, one_line, schema_of};

const INTRODUCTION: &str = "\
# Configuration

One TOML file, `auditor.toml` unless `--config` or `AUDITOR_CONFIG` names another. Made by `auditor config reference`
from the settings themselves: change it there.

- `[run]` says how runs behave, each `[sources.NAME]` what is collected, each `[sinks.NAME]` where it goes, each
  `[analyzers.NAME]` what is derived from it. The names are yours; `type` chooses the plugin and may be left out where the
  name is the type.
- Unknown keys are errors. `auditor validate` reports everything that is wrong at once.
- An environment variable `AUDITOR_<TABLE>__<KEY>` overrides a key: `AUDITOR_RUN__CONCURRENCY=4`,
  `AUDITOR_SINKS__POSTGRES__URL=…`.
- A *secret* is a string, `{ env = \"NAME\" }` or `{ file = \"path\" }`; it is never printed.
- Relative paths start at the directory of the file.
";

/// The whole reference.
pub(super) fn markdown() -> String {
    let mut text = INTRODUCTION.to_owned();
    section(&mut text, "## `[run]`", None, &schema_of::<RunSettings>());
    section(&mut text, "## `[accounts]`", None, &schema_of::<AccountsSettings>());
    section(&mut text, "## Every source", None, &schema_of::<SourceSettings>());
    for plugin in registry::sources() {
        let heading = format!("## Source `{}`", plugin.name);
        section(&mut text, &heading, Some(plugin.summary), (plugin.schema)().as_value());
    }
    section(&mut text, "## Every sink and analyzer", None, &schema_of::<InstanceSettings>());
    for plugin in registry::sinks() {
        let heading = format!("## Sink `{}`", plugin.name);
        section(&mut text, &heading, Some(plugin.summary), (plugin.schema)().as_value());
    }
    for plugin in registry::analyzers() {
        let heading = format!("## Analyzer `{}`", plugin.name);
        section(&mut text, &heading, Some(plugin.summary), (plugin.schema)().as_value());
    }
    text
}

fn section(text: &mut String, heading: &str, summary: Option<&str>, root: &Value) {
    let rows = keys(root);
    let summary = summary.or_else(|| root.get("description").and_then(Value::as_str)).unwrap_or_default();
    text.push_str(&format!("\n{heading}\n\n{}.\n", one_line(summary).trim_end_matches('.')));
    if rows.is_empty() {
        text.push_str("\nIt has no keys of its own.\n");
        return;
    }
    text.push_str("\n| key | type | default | |\n|---|---|---|---|\n");
    for Key { name, ty, required, default, description } in rows {
        let default = match default {
            Some(default) => format!("`{default}`"),
            None if required => "**required**".to_owned(),
            None => String::new(),
        };
        let description = description.replace('|', "\\|");
        text.push_str(&format!("| `{name}` | {ty} | {default} | {description} |\n"));
    }
}

#[cfg(test)]
mod tests {
    use auditor_core::config::Secret;
    use schemars::JsonSchema;
    use serde::Deserialize;

    use super::*;

    /// Settings for this test.
    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Example {
        /// Role to
        /// assume.
        role: Option<String>,
        /// Seconds.
        #[serde(default = "ten")]
        #[schemars(range(min = 1, max = 300))]
        timeout_secs: u16,
        /// Which.
        mode: Mode,
        /// Key.
        token: Option<Secret>,
        /// Parts.
        #[serde(default)]
        parts: Vec<Part>,
    }

    fn ten() -> u16 {
        10
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    enum Mode {
        /// From the table.
        Database,
        /// From the organization.
        Organizations,
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Part {
        /// Its id.
        id: String,
    }

    #[test]
    fn every_key_is_there_with_type_default_and_meaning() {
        let mut text = String::new();
        section(&mut text, "## Example", None, &schema_of::<Example>());
        for expected in [
            "Settings for this test.",
            "| `role` | text |  | Role to assume. |",
            "| `timeout_secs` | whole number, 1 to 300 | `10` | Seconds. |",
            "| `mode` | `database`, `organizations` | **required** | Which. `database`: From the table. `organizations`: From the organization. |",
            "| `token` | secret |  | Key. |",
            "| `parts` | list of table |  | Parts. |",
            "| `parts[].id` | text | **required** | Its id. |",
        ] {
            assert!(text.contains(expected), "missing {expected}\nin\n{text}");
        }
    }
}
