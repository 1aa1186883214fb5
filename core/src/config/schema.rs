//! Checks a value against the part of JSON Schema that `schemars` makes of settings types, reporting every difference.
//!
//! Serde stops at the first error and repeats values; a general validator speaks of schemas, not of settings. Keywords
//! that settings types do not produce are ignored here: serde still has the last word.

use schemars::Schema;
use serde_json::{Map, Value};

use super::Problem;

/// Every difference between a value and a schema, keys relative to the value.
pub fn check(value: &Value, schema: &Schema) -> Vec<Problem> {
    let mut checker = Checker { root: schema.as_value(), problems: Vec::new() };
    checker.check(value, schema.as_value(), "");
    checker.problems
}

struct Checker<'a> {
    root: &'a Value,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    fn check(&mut self, value: &Value, schema: &'a Value, key: &str) {
        let Some(keywords) = schema.as_object() else { return };
        if let Some(target) = keywords.get("$ref").and_then(Value::as_str) {
            if let Some(resolved) = target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)) {
                self.check(value, resolved, key);
            }
            return;
        }
        if let Some(branches) =
            keywords.get("anyOf").or_else(|| keywords.get("oneOf")).and_then(Value::as_array)
        {
            self.check_branches(value, branches, key);
            return;
        }
        if let Some(allowed) = keywords.get("enum").and_then(Value::as_array) {
            self.check_choice(value, allowed.iter(), key);
            return;
        }
        let types = type_names(keywords);
        if !types.is_empty() && !types.iter().any(|name| has_type(value, name)) {
            let wanted: Vec<_> =
                types.iter().filter(|name| **name != "null").map(|name| article(name)).collect();
            self.report(key, format!("expected {}, found {}", wanted.join(" or "), article(type_of(value))));
            return;
        }
        match value {
            Value::Object(map) => self.check_object(map, keywords, key),
            Value::Array(items) => {
                if let Some(schema) = keywords.get("items") {
                    for (i, item) in items.iter().enumerate() {
                        self.check(item, schema, &format!("{key}[{i}]"));
                    }
                }
            }
            Value::Number(number) => self.check_range(number.as_f64().unwrap_or(0.0), keywords, key),
            _ => {}
        }
    }

    fn check_object(&mut self, map: &Map<String, Value>, keywords: &'a Map<String, Value>, key: &str) {
        let empty = Map::new();
        let properties = keywords.get("properties").and_then(Value::as_object);
        for (name, value) in map {
            let child = join(key, name);
            let property = properties.and_then(|properties| properties.get(name));
            match property.or_else(|| keywords.get("additionalProperties")) {
                Some(Value::Bool(false)) => {
                    let known = properties.unwrap_or(&empty).keys().map(String::as_str);
                    self.report(&child, format!("unknown key{}", did_you_mean(name, known)));
                }
                Some(schema) => self.check(value, schema, &child),
                None => {}
            }
        }
        for name in keywords.get("required").and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = name.as_str().filter(|name| !map.contains_key(*name)) {
                self.report(&join(key, name), "is required and missing".to_owned());
            }
        }
    }

    /// Settings use `anyOf`/`oneOf` for three things only: an optional part, a choice of documented words, a secret.
    fn check_branches(&mut self, value: &Value, branches: &'a [Value], key: &str) {
        let mut words = Vec::new();
        for branch in branches {
            match (branch.get("const"), branch.get("enum").and_then(Value::as_array)) {
                (Some(word), _) => words.push(word),
                (None, Some(some)) => words.extend(some),
                _ => {}
            }
        }
        let mut best: Option<Vec<Problem>> = None;
        for branch in branches.iter().filter(|branch| branch.get("const").is_none()) {
            let mut inner = Checker { root: self.root, problems: Vec::new() };
            inner.check(value, branch, key);
            if inner.problems.is_empty() {
                return;
            }
            let is_type_error = |problems: &[Problem]| {
                problems.iter().any(|problem| problem.key == key && problem.message.starts_with("expected"))
            };
            if best.as_ref().is_none_or(|best| is_type_error(best) && !is_type_error(&inner.problems)) {
                best = Some(inner.problems);
            }
        }
        if words.contains(&value) {
        } else if words.is_empty() {
            self.problems.extend(best.unwrap_or_default());
        } else {
            self.check_choice(value, words.into_iter(), key);
        }
    }

    fn check_choice<'b>(
        &mut self,
        value: &Value,
        allowed: impl Iterator<Item = &'b Value> + Clone,
        key: &str,
    ) {
        if allowed.clone().any(|word| word == value) {
            return;
        }
        let words: Vec<_> = allowed.filter_map(Value::as_str).collect();
        let list: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        let nearest =
            value.as_str().map(|text| did_you_mean(text, words.iter().copied())).unwrap_or_default();
        self.report(key, format!("expected one of {}{nearest}", list.join(", ")));
    }

    fn check_range(&mut self, number: f64, keywords: &Map<String, Value>, key: &str) {
        let bound = |name: &str| keywords.get(name).and_then(Value::as_f64);
        let (min, max) = (bound("minimum"), bound("maximum"));
        if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
            self.report(
                key,
                match (min, max) {
                    (Some(min), Some(max)) => format!("must be between {min} and {max}"),
                    (Some(min), None) => format!("must be at least {min}"),
                    (None, max) => format!("must be at most {}", max.unwrap_or_default()),
                },
            );
        }
    }

    fn report(&mut self, key: &str, message: String) {
        self.problems.push(Problem::new(key, message));
    }
}

fn join(key: &str, name: &str) -> String {
    if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") }
}

fn type_names(keywords: &Map<String, Value>) -> Vec<&str> {
    match keywords.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn has_type(value: &Value, name: &str) -> bool {
    name == type_of(value) || name == "number" && value.is_number()
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn article(name: &str) -> &'static str {
    match name {
        "boolean" => "`true` or `false`",
        "number" => "a number",
        "integer" => "a whole number",
        "string" => "a string",
        "array" => "a list",
        "object" => "a table",
        _ => "nothing",
    }
}

/// ` (did you mean …?)` if a known name is near.
pub fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(name, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// The known name nearest to a misspelt one, if any is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde::Deserialize;

    use crate::config::{PluginTable, Secret};

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Example {
        role: Option<String>,
        #[schemars(range(min = 1, max = 300))]
        timeout_secs: u16,
        mode: Option<Mode>,
        token: Option<Secret>,
        #[serde(default)]
        parts: Vec<Part>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    enum Mode {
        /// From the table.
        Database,
        /// From the organization.
        Organizations,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Part {
        id: String,
    }

    fn problems(toml: &str) -> Vec<String> {
        match PluginTable::from_toml(toml).unwrap().parse::<Example>() {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|p| format!("{}: {}", p.key, p.message)).collect(),
        }
    }

    #[test]
    fn accepts_what_the_type_accepts() {
        for good in [
            "timeout_secs = 3",
            "timeout_secs = 3\nmode = \"database\"\nrole = \"x\"\ntoken = \"t\"",
            "timeout_secs = 3\ntoken = { env = \"X\" }\n[[parts]]\nid = \"a\"",
        ] {
            assert_eq!(problems(good), Vec::<String>::new(), "{good}");
        }
    }

    #[test]
    fn reports_every_problem_at_once_without_values() {
        let found = problems(
            "timeout_sec = \"hunter2\"\nmode = \"databse\"\nrole = 3\ntoken = { enf = \"hunter2\" }\n[[parts]]\nidd = \"hunter2\"",
        );
        let all = found.join("\n");
        for expected in [
            "timeout_sec: unknown key; did you mean `timeout_secs`?",
            "timeout_secs: is required and missing",
            "mode: expected one of `database`, `organizations`; did you mean `database`?",
            "role: expected a string, found a whole number",
            "token.enf: unknown key; did you mean `env`?",
            "parts[0].idd: unknown key; did you mean `id`?",
            "parts[0].id: is required and missing",
        ] {
            assert!(all.contains(expected), "missing {expected:?} in\n{all}");
        }
        assert!(!all.contains("hunter2"));
        assert_eq!(problems("timeout_secs = 301"), ["timeout_secs: must be between 1 and 300"]);
    }
}
