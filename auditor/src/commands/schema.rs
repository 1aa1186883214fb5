//! Settings types as operators read them: keys with type, default and documentation, from their JSON schemas.

use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;

/// The schema of a settings type.
pub(super) fn schema_of<T: JsonSchema>() -> Value {
    SchemaGenerator::default().into_root_schema_for::<T>().to_value()
}

/// One key of a settings table.
#[derive(Debug, Serialize)]
pub(super) struct Key {
    /// Its name; dots and `[]` lead into inner tables.
    #[serde(rename = "key")]
    pub(super) name: String,
    /// What it takes, in words, choices in backticks.
    #[serde(rename = "type")]
    pub(super) ty: String,
    /// Whether there is no way without it.
    pub(super) required: bool,
    /// What holds without it. `None`: nothing, or its description says so.
    pub(super) default: Option<Value>,
    /// Its documentation.
    pub(super) description: String,
}

/// Every key of a settings type, inner tables included, from its JSON schema.
pub(super) fn keys(schema: &Value) -> Vec<Key> {
    let mut rows = Vec::new();
    collect(&mut rows, schema, schema, "", 0);
    rows
}

/// Tables within tables deeper than this are left to their own documentation.
const DEPTH: usize = 4;

fn collect(rows: &mut Vec<Key>, root: &Value, schema: &Value, prefix: &str, depth: usize) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    for (name, property) in properties {
        let key = format!("{prefix}{name}");
        let resolved = resolve(root, property);
        let default = property.get("default").filter(|default| !default.is_null());
        rows.push(Key {
            ty: type_text(root, property),
            required: default.is_none() && is_required(schema, name),
            default: default.cloned(),
            description: description(property, resolved),
            name: key.clone(),
        });
        if depth < DEPTH {
            let (inner, mark) = match resolved.get("items") {
                Some(items) => (resolve(root, items), "[]."),
                None => (resolved, "."),
            };
            if !is_secret(property) {
                collect(rows, root, inner, &format!("{key}{mark}"), depth + 1);
            }
        }
    }
}

/// Follows a reference, and looks through "this or null".
pub(super) fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
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

pub(super) fn is_secret(schema: &Value) -> bool {
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
pub(super) fn words(schema: &Value) -> Vec<(&str, &str)> {
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

/// Whether a table must have a key.
pub(super) fn is_required(schema: &Value, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|required| required == name))
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
    description
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
