//! The fixtures against the vendor's own `OpenAPI` definitions, where those are at hand.
//!
//! The definitions are not part of this repository. The vendor publishes them as the Python package
//! `alertlogic-sdk-definitions`; the variable [`FOLDER`] names the folder that holds `aims/aims.v1.yaml` and the like.

use std::{collections::HashMap, path::PathBuf};

use serde_json::Value;

use super::world::file;
use crate::client::calls;

const FOLDER: &str = "AUDITOR_TEST_ALERT_LOGIC_OPENAPI";

/// Each call, the file that defines it, and the fixtures that stand for its reply.
const CASES: &[(&str, &str, &[&str])] = &[
    (calls::ACCOUNT, "aims/aims.v1.yaml", &["account"]),
    ("GET /aims/v1/{account_id}/accounts/{relationship}", "aims/aims.v1.yaml", &["managed-accounts"]),
    (calls::TOKEN_INFO, "aims/aims.v1.yaml", &["token-info"]),
    (calls::USERS, "aims/aims.v1.yaml", &["users"]),
    (calls::ROLES, "aims/aims.v1.yaml", &["roles"]),
    (calls::DEPLOYMENTS, "deployments/deployments.v1.yaml", &["deployments"]),
    (calls::POLICIES, "policies/policies.v1.yaml", &["policies"]),
    (calls::ENTITLEMENTS, "subscriptions/subscriptions.v1.yaml", &["entitlements"]),
    (calls::CREDENTIALS, "credentials/credentials.v2.yaml", &["credentials"]),
    (
        "GET /assets_query/v2/{account_id}/exposures/{asset_type}/summary",
        "assets_query/assets_query.v1.yaml",
        &["exposure-summary"],
    ),
    (calls::EXPOSURES, "assets_query/assets_query.v1.yaml", &["exposures-1", "exposures-2"]),
    (calls::REMEDIATION_ITEMS, "assets_query/assets_query.v1.yaml", &["remediation-items"]),
    (calls::HEALTH_SUMMARY, "assets_query/remediations.v1.yaml", &["health-summary"]),
    (
        calls::HEALTH,
        "assets_query/remediations.v1.yaml",
        &["health-agent", "health-appliance", "health-collector"],
    ),
    (calls::SCHEDULES, "scan_scheduler/scan_scheduler.v2.yaml", &["schedules"]),
    (calls::SCHEDULE_SUMMARY, "scan_scheduler/scan_scheduler.v2.yaml", &["schedule-summary"]),
];

/// Where the definitions contradict their own examples, which the fixtures follow.
const CONTRADICTED: &[&str] = &[
    // Described as a list, and a list in every example.
    "remediation-items/remediation-items/assets: expected object",
    // Asked for, and neither described nor in the example.
    "schedules/0/scan_windows/0: `start_day` is required",
];

#[test]
fn fixtures_keep_to_the_vendors_definitions() {
    let folder = std::env::var_os(FOLDER);
    let Some(folder) = folder else {
        // The definitions are the vendor's and not in this tree: whoever has them names them, without another switch.
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: `{FOLDER}` names no folder with Alert Logic's OpenAPI definitions");
        }
        return;
    };
    let mut definitions = Definitions { folder: folder.into(), files: HashMap::new() };
    let mut wrong = Vec::new();
    for (action, path, fixtures) in CASES {
        let schema = definitions.reply_of(path, action);
        for fixture in *fixtures {
            definitions.check(&file(fixture), &schema, fixture, &mut wrong);
        }
    }
    wrong.retain(|wrong| !CONTRADICTED.contains(&wrong.as_str()));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A schema and the file it stands in, which its references start from.
#[derive(Clone)]
struct Schema {
    file: String,
    value: Value,
}

struct Definitions {
    folder: PathBuf,
    files: HashMap<String, Value>,
}

impl Definitions {
    fn load(&mut self, file: &str) -> Value {
        let path = self.folder.join(file);
        self.files
            .entry(file.to_owned())
            .or_insert_with(|| {
                let text = std::fs::read_to_string(&path)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let options = serde_saphyr::options! { budget: None };
                serde_saphyr::from_str_with_options(&text, options)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            })
            .clone()
    }

    /// The schema of a call's successful reply.
    fn reply_of(&mut self, file: &str, action: &str) -> Schema {
        let path = action.strip_prefix("GET ").unwrap();
        let definition = self.load(file);
        let response = definition["paths"][path]["get"]["responses"]["200"].clone();
        assert!(!response.is_null(), "{file} has no {action}");
        let response = self.resolve(Schema { file: file.to_owned(), value: response });
        Schema { value: response.value["content"]["application/json"]["schema"].clone(), ..response }
    }

    /// Follows `$ref`: within the file, or into one beside it.
    fn resolve(&mut self, schema: Schema) -> Schema {
        let Some(reference) = schema.value["$ref"].as_str() else { return schema };
        let (beside, pointer) = reference.split_once('#').unwrap();
        let file = match schema.file.rsplit_once('/') {
            Some((folder, _)) if !beside.is_empty() => format!("{folder}/{beside}"),
            _ => schema.file.clone(),
        };
        let value = self.load(&file).pointer(pointer).cloned();
        let value = value.unwrap_or_else(|| panic!("{}: `{reference}` leads nowhere", schema.file));
        self.resolve(Schema { file, value })
    }

    fn check(&mut self, value: &Value, schema: &Schema, at: &str, wrong: &mut Vec<String>) {
        let schema = self.resolve(schema.clone());
        let part = |value: &Value| Schema { file: schema.file.clone(), value: value.clone() };
        for key in ["oneOf", "anyOf"] {
            let Some(choices) = schema.value[key].as_array() else { continue };
            let mut closest: Option<Vec<String>> = None;
            for choice in choices {
                let mut found = Vec::new();
                self.check(value, &part(choice), at, &mut found);
                if closest.as_ref().is_none_or(|closest| found.len() < closest.len()) {
                    closest = Some(found);
                }
            }
            wrong.extend(closest.unwrap_or_default());
        }
        for every in schema.value["allOf"].as_array().into_iter().flatten() {
            self.check(value, &part(every), at, wrong);
        }
        if value.is_null() && schema.value["nullable"] == Value::Bool(true) {
            return;
        }
        if let Some(expected) = schema.value["type"].as_str()
            && !has_type(value, expected)
        {
            wrong.push(format!("{at}: expected {expected}"));
            return;
        }
        if let Some(choices) = schema.value["enum"].as_array()
            && !choices.contains(value)
        {
            wrong.push(format!("{at}: `{value}` is not among the values"));
        }
        if let Some(map) = value.as_object() {
            for required in schema.value["required"].as_array().into_iter().flatten() {
                let name = required.as_str().unwrap_or_default();
                if !map.contains_key(name) {
                    wrong.push(format!("{at}: `{name}` is required"));
                }
            }
            for (name, item) in map {
                let property = &schema.value["properties"][name];
                if !property.is_null() {
                    self.check(item, &part(property), &format!("{at}/{name}"), wrong);
                }
            }
        }
        for (i, item) in value.as_array().into_iter().flatten().enumerate() {
            let items = &schema.value["items"];
            if items.is_object() {
                self.check(item, &part(items), &format!("{at}/{i}"), wrong);
            }
        }
    }
}

fn has_type(value: &Value, expected: &str) -> bool {
    match expected {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => true,
    }
}
