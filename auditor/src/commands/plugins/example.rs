//! A table of the configuration file to start from, made from a plugin's JSON schema.

use serde_json::Value;

use crate::commands::schema::{is_required, is_secret, resolve, words};

/// Tables within tables deeper than this are left out.
const DEPTH: usize = 3;

/// `[sources.NAME]` with every key: those that must be there as they are, the others behind `#`.
pub(super) fn example(sort: &str, name: &str, schema: &Value) -> String {
    let path = format!("{sort}s.{}", quoted_if_needed(name));
    let mut text = format!("[{path}]\n");
    table(&mut text, schema, schema, &path, false, 0);
    text
}

/// Names of plugins need no quotes; those of somebody's own may.
fn quoted_if_needed(name: &str) -> String {
    let bare = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if bare && !name.is_empty() { name.to_owned() } else { format!("{name:?}") }
}

/// `optional`: the whole table may be left out, so every line of it is behind `#`.
fn table(text: &mut String, root: &Value, schema: &Value, path: &str, optional: bool, depth: usize) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let mut inner = Vec::new();
    for (key, property) in properties {
        let optional = optional || !is_required(schema, key) || has_default(property);
        match value(root, property, key) {
            Some(value) => {
                let mark = if optional { "# " } else { "" };
                text.push_str(&format!("{mark}{key} = {value}\n"));
            }
            None => inner.push((key, property, optional)),
        }
    }
    // Tables come last: what follows one would belong to it.
    for (key, property, optional) in inner {
        if depth == DEPTH {
            continue;
        }
        let mark = if optional { "# " } else { "" };
        let resolved = resolve(root, property);
        let (schema, open, close) = match resolved.get("items") {
            Some(items) => (resolve(root, items), "[[", "]]"),
            None => (resolved, "[", "]"),
        };
        let path = format!("{path}.{key}");
        text.push_str(&format!("{mark}{open}{path}{close}\n"));
        table(text, root, schema, &path, optional, depth + 1);
    }
}

fn has_default(property: &Value) -> bool {
    property.get("default").is_some_and(|default| !default.is_null())
}

/// A value of the right type: the default where there is one. `None`: it is a table, or a list of them.
fn value(root: &Value, property: &Value, key: &str) -> Option<String> {
    let resolved = resolve(root, property);
    let items = resolved.get("items").map(|items| resolve(root, items));
    if items.unwrap_or(resolved).get("properties").is_some() {
        return None;
    }
    if items.is_none() && is_secret(property) {
        return Some(format!("{{ env = \"{}\" }}", key.to_ascii_uppercase()));
    }
    if let Some(default) =
        property.get("default").filter(|default| !default.is_null() && !default.is_object())
    {
        return Some(default.to_string());
    }
    if let Some(items) = items {
        return Some(format!("[{}]", value(root, items, key).unwrap_or_default()));
    }
    if let Some((word, _)) = words(resolved).first() {
        return Some(format!("\"{word}\""));
    }
    let branches = resolved.get("anyOf").or_else(|| resolved.get("oneOf")).and_then(Value::as_array);
    if let Some(first) = branches.and_then(|branches| branches.first()) {
        return value(root, first, key);
    }
    let name = match resolved.get("type") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        other => other.and_then(Value::as_str),
    };
    let least = resolved.get("minimum").filter(|least| least.as_f64() > Some(0.0));
    Some(match name {
        Some("boolean") => "false".to_owned(),
        Some("integer") => least.map_or_else(|| "1".to_owned(), ToString::to_string),
        Some("number") => least.map_or_else(|| "1.0".to_owned(), ToString::to_string),
        Some("object") => "{}".to_owned(),
        _ => "\"…\"".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::Path};

    use auditor_core::{
        config::{Config, Secret},
        registry,
    };
    use schemars::JsonSchema;
    use serde::Deserialize;

    use super::*;
    use crate::commands::schema::schema_of;

    /// Settings for this test.
    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Settings {
        part: Vec<Part>,
        url: String,
        #[serde(default)]
        retries: u8,
        token: Option<Secret>,
        extra: Option<Part>,
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Part {
        id: String,
        tags: Option<Vec<String>>,
    }

    #[test]
    fn tables_come_last_and_what_may_stay_away_is_marked() {
        assert_eq!(
            example("source", "x y", &schema_of::<Settings>()),
            "[sources.\"x y\"]\n# retries = 0\n# token = { env = \"TOKEN\" }\nurl = \"…\"\n\
             # [sources.\"x y\".extra]\n# id = \"…\"\n# tags = [\"…\"]\n\
             [[sources.\"x y\".part]]\nid = \"…\"\n# tags = [\"…\"]\n"
        );
    }

    /// With every line taken, each key is known and of the right type. What values mean is not for an example to know.
    #[test]
    fn every_plugins_example_fits_its_own_schema() {
        let sources =
            registry::sources().into_iter().map(|plugin| ("source", plugin.name, (plugin.schema)()));
        let sinks = registry::sinks().into_iter().map(|plugin| ("sink", plugin.name, (plugin.schema)()));
        for (sort, name, schema) in sources.chain(sinks) {
            let text = example(sort, name, &schema.to_value()).replace("# ", "");
            let result = Config::parse(Path::new("x.toml"), &text, &BTreeMap::new());
            let problems = result.err().map(|error| error.problems).unwrap_or_default();
            for problem in problems {
                let wrong = ["TOML", "unknown key", ", found a", "is required"];
                assert!(
                    !wrong.iter().any(|wrong| problem.message.contains(wrong)),
                    "{name}: {problem:?}\n{text}"
                );
            }
        }
    }
}
