//! The configuration reference, made from the settings' JSON schemas, whose descriptions are doc comments.

use auditor_core::{
    config::{AccountsSettings, RunSettings, SinkSettings, SourceSettings},
    registry,
};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

const INTRODUCTION: &str = "\
# Configuration

One TOML file, `auditor.toml` unless `--config` or `AUDITOR_CONFIG` names another. Made by `auditor config reference`
from the settings themselves: change it there.

- `[run]` says how runs behave, each `[sources.NAME]` what is collected, each `[sinks.NAME]` where it goes. The names are
  yours; `type` chooses the plugin and may be left out where the name is the type.
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
    section(&mut text, "## Every sink", None, &schema_of::<SinkSettings>());
    for plugin in registry::sinks() {
        let heading = format!("## Sink `{}`", plugin.name);
        section(&mut text, &heading, Some(plugin.summary), (plugin.schema)().as_value());
    }
    text
}

fn schema_of<T: JsonSchema>() -> Value {
    SchemaGenerator::default().into_root_schema_for::<T>().to_value()
}

fn section(text: &mut String, heading: &str, summary: Option<&str>, root: &Value) {
    let mut rows = Vec::new();
    keys(&mut rows, root, root, "", 0);
    let summary = summary.or_else(|| root.get("description").and_then(Value::as_str)).unwrap_or_default();
    text.push_str(&format!("\n{heading}\n\n{}.\n", one_line(summary).trim_end_matches('.')));
    if rows.is_empty() {
        text.push_str("\nIt has no keys of its own.\n");
        return;
    }
    text.push_str("\n| key | type | default | |\n|---|---|---|---|\n");
    for row in rows {
        text.push_str(&format!("| `{}` | {} | {} | {} |\n", row.key, row.ty, row.default, row.description));
    }
}

struct Row {
    key: String,
    ty: String,
    default: String,
    description: String,
}

/// Tables within tables deeper than this are left to their own documentation.
const DEPTH: usize = 4;

fn keys(rows: &mut Vec<Row>, root: &Value, schema: &Value, prefix: &str, depth: usize) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let required: Vec<_> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    for (name, property) in properties {
        let key = format!("{prefix}{name}");
        let resolved = resolve(root, property);
        let default = match property.get("default") {
            Some(Value::Null) | None if required.contains(&name.as_str()) => "**required**".to_owned(),
            Some(Value::Null) | None => String::new(),
            Some(default) => format!("`{default}`"),
        };
        rows.push(Row {
            ty: type_text(root, property),
            default,
            description: description(property, resolved),
            key: key.clone(),
        });
        if depth < DEPTH {
            let (inner, mark) = match resolved.get("items") {
                Some(items) => (resolve(root, items), "[]."),
                None => (resolved, "."),
            };
            if !is_secret(property) {
                keys(rows, root, inner, &format!("{key}{mark}"), depth + 1);
            }
        }
    }
}

/// Follows a reference, and looks through "this or null".
fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let found = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        return found.map_or(schema, |found| resolve(root, found));
    }
    match not_null(schema).as_deref() {
        Some([only]) => resolve(root, only),
        _ => schema,
    }
}

fn branches(schema: &Value) -> Option<&Vec<Value>> {
    schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array)
}

fn not_null(schema: &Value) -> Option<Vec<&Value>> {
    let is_null = |branch: &&Value| branch.get("type").and_then(Value::as_str) == Some("null");
    Some(branches(schema)?.iter().filter(|branch| !is_null(branch)).collect())
}

fn is_secret(schema: &Value) -> bool {
    schema.to_string().contains("\"#/$defs/Secret\"") && schema.get("properties").is_none()
}

fn type_text(root: &Value, schema: &Value) -> String {
    if schema.get("items").is_none() && is_secret(schema) {
        return "secret".to_owned();
    }
    let resolved = resolve(root, schema);
    let words = words(resolved);
    if !words.is_empty() {
        return words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    }
    if let Some(choices) = not_null(resolved) {
        return choices.iter().map(|choice| type_text(root, choice)).collect::<Vec<_>>().join(" or ");
    }
    let name = match resolved.get("type") {
        Some(Value::String(name)) => name.as_str(),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or_default()
        }
        _ => "",
    };
    match name {
        "string" => "text".to_owned(),
        "boolean" => "true or false".to_owned(),
        "integer" => bounded("whole number", resolved),
        "number" => bounded("number", resolved),
        "array" => {
            let items = resolved.get("items").map(|items| type_text(root, items)).unwrap_or_default();
            format!("list of {items}")
        }
        "object" => "table".to_owned(),
        _ => "any".to_owned(),
    }
}

fn bounded(name: &str, schema: &Value) -> String {
    // An unsigned type's own limits say nothing an operator needs.
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64).filter(|bound| *bound < 4e9);
    match (bound("minimum"), bound("maximum")) {
        (Some(min), Some(max)) => format!("{name}, {min} to {max}"),
        (Some(min), None) if min > 0.0 => format!("{name}, at least {min}"),
        (None, Some(max)) => format!("{name}, at most {max}"),
        _ => name.to_owned(),
    }
}

/// The words of a choice, each with what it means.
fn words(schema: &Value) -> Vec<(&str, &str)> {
    let mut words = Vec::new();
    for branch in std::iter::once(schema).chain(branches(schema).into_iter().flatten()) {
        let meaning = branch.get("description").and_then(Value::as_str).unwrap_or_default();
        if let Some(word) = branch.get("const").and_then(Value::as_str) {
            words.push((word, meaning));
        }
        let plain = branch.get("enum").and_then(Value::as_array).into_iter().flatten();
        words.extend(plain.filter_map(Value::as_str).map(|word| (word, "")));
    }
    words
}

fn description(property: &Value, resolved: &Value) -> String {
    let text = |schema: &Value| schema.get("description").and_then(Value::as_str).map(one_line);
    let mut description = if is_secret(property) {
        text(property).unwrap_or_default()
    } else {
        text(property).or_else(|| text(resolved)).unwrap_or_default()
    };
    for (word, meaning) in words(resolved) {
        if !meaning.is_empty() {
            description.push_str(&format!(" `{word}`: {}", one_line(meaning)));
        }
    }
    description.replace('|', "\\|")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use auditor_core::config::Secret;
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
