//! One JSON schema for the whole file, with every plugin of this program, for editors.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::{AccountsSettings, InstanceSettings, RunSettings, SourceSettings};
use crate::registry;

/// JSON schema of the whole configuration file, with every plugin of this program.
///
/// An instance is checked against the keys of its plugin and the core's own together. Its plugin is the one that `type`
/// names, or else the one whose name the instance carries.
pub fn file_schema() -> Value {
    let mut definitions = Map::new();
    let run = lifted(root::<RunSettings>(), "run", &mut definitions);
    let accounts = lifted(root::<AccountsSettings>(), "accounts", &mut definitions);
    let sources = registry::sources().into_iter().map(|plugin| (plugin.name, (plugin.schema)()));
    let sources = instances("source", sources, &root::<SourceSettings>(), &mut definitions);
    let sinks = registry::sinks().into_iter().map(|plugin| (plugin.name, (plugin.schema)()));
    let sinks = instances("sink", sinks, &root::<InstanceSettings>(), &mut definitions);
    let analyzers = registry::analyzers().into_iter().map(|plugin| (plugin.name, (plugin.schema)()));
    let analyzers = instances("analyzer", analyzers, &root::<InstanceSettings>(), &mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "auditor configuration",
        "type": "object",
        "properties": {
            "run": run,
            "accounts": accounts,
            "sources": sources,
            "sinks": sinks,
            "analyzers": analyzers,
        },
        "additionalProperties": false,
        "$defs": definitions,
    })
}

fn root<T: JsonSchema>() -> Value {
    SchemaGenerator::default().into_root_schema_for::<T>().to_value()
}

fn instances(
    sort: &str,
    plugins: impl Iterator<Item = (&'static str, Schema)>,
    own: &Value,
    definitions: &mut Map<String, Value>,
) -> Value {
    let mut by_name = Map::new();
    let mut by_type = Vec::new();
    for (name, schema) in plugins {
        let definition = format!("{sort}.{name}");
        let schema = instance(name, lifted(schema.to_value(), &definition, definitions), own);
        let reference = json!({ "$ref": format!("#/$defs/{definition}") });
        definitions.insert(definition, schema);
        by_type.push(json!({
            "if": { "properties": { "type": { "const": name } } },
            "then": reference,
        }));
        by_name.insert(name.to_owned(), reference);
    }
    let names: Vec<_> = by_name.keys().collect();
    json!({
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "required": ["type"],
            "properties": { "type": { "enum": names } },
            "allOf": by_type,
        },
        "properties": by_name,
    })
}

/// A plugin's schema with the core's own keys.
fn instance(name: &str, mut schema: Value, own: &Value) -> Value {
    if let (Some(schema), Some(own)) = (schema.as_object_mut(), own["properties"].as_object()) {
        let properties = schema.entry("properties").or_insert_with(|| json!({}));
        if let Some(properties) = properties.as_object_mut() {
            properties.extend(own.clone());
            let kind = json!({ "const": name, "description": own["type"]["description"] });
            properties.insert("type".to_owned(), kind);
        }
        schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    schema
}

/// Takes a schema's own definitions out, under names that no other schema uses, and its references with them.
fn lifted(mut schema: Value, prefix: &str, definitions: &mut Map<String, Value>) -> Value {
    redirect(&mut schema, prefix);
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        object.remove("title");
        if let Some(Value::Object(inner)) = object.remove("$defs") {
            definitions.extend(inner.into_iter().map(|(name, schema)| (format!("{prefix}.{name}"), schema)));
        }
    }
    schema
}

fn redirect(schema: &mut Value, prefix: &str) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(target) if key == "$ref" => {
                        if let Some(name) = target.strip_prefix("#/$defs/") {
                            *target = format!("#/$defs/{prefix}.{name}");
                        }
                    }
                    other => redirect(other, prefix),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redirect(item, prefix)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::config::Secret;

    /// Settings for this test.
    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Example {
        /// Key.
        token: Secret,
    }

    #[test]
    fn an_instance_knows_its_plugins_keys_and_the_cores() {
        let mut definitions = Map::new();
        let plugins = [("example", SchemaGenerator::default().into_root_schema_for::<Example>())];
        let schema = instances("source", plugins.into_iter(), &root::<SourceSettings>(), &mut definitions);
        let example = &definitions["source.example"];
        assert_eq!(example["properties"]["type"]["const"], "example");
        assert_eq!(example["properties"]["enabled"]["type"], "boolean");
        assert_eq!(example["required"], json!(["token"]));
        assert_eq!(schema["properties"]["example"]["$ref"], "#/$defs/source.example");
        let token = example["properties"]["token"]["$ref"].as_str().unwrap();
        assert!(definitions.contains_key(token.strip_prefix("#/$defs/").unwrap()), "{token}");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn walk(value: &Value, root: &Value) {
            match value {
                Value::Object(object) => {
                    if let Some(target) = object.get("$ref").and_then(Value::as_str) {
                        assert!(root.pointer(target.strip_prefix('#').unwrap()).is_some(), "{target}");
                    }
                    object.values().for_each(|inner| walk(inner, root));
                }
                Value::Array(items) => items.iter().for_each(|inner| walk(inner, root)),
                _ => {}
            }
        }
        let schema = file_schema();
        walk(&schema, &schema);
    }
}
