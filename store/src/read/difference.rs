//! What differs between two JSON documents, as a short list of places. Pure.

use auditor_core::model::canonical_json;
use serde::Serialize;
use serde_json::{Map, Value};

/// One difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// JSON pointer into the document; or, without a leading `/`, the record's own `name`, `account`,
    /// `provider_created_at` or `provider_updated_at`.
    pub path: String,
    /// What happened there.
    #[serde(flatten)]
    pub what: What,
}

/// What happened at one place.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum What {
    /// There was nothing.
    Added {
        /// What is there now.
        after: Value,
    },
    /// There is nothing any more.
    Removed {
        /// What was there.
        before: Value,
    },
    /// Another value.
    Replaced {
        /// What was there.
        before: Value,
        /// What is there now.
        after: Value,
    },
    /// A list lost or gained elements.
    Elements {
        /// Elements it has lost.
        removed: Vec<Value>,
        /// Elements it has gained.
        added: Vec<Value>,
    },
}

/// What differs, in the order of the paths. Empty if the two are equal.
///
/// Lists are compared as sets where that reads better: when elements came or went. Where elements stand in the same
/// places and some changed, these are compared one by one; where only their order differs, the list is replaced.
pub fn difference(before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(&mut String::new(), before, after, &mut changes);
    changes
}

fn compare(path: &mut String, before: &Value, after: &Value, changes: &mut Vec<Change>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => objects(path, before, after, changes),
        (Value::Array(before), Value::Array(after)) => arrays(path, before, after, changes),
        _ if same(before, after) => {}
        _ => push(changes, path, What::Replaced { before: before.clone(), after: after.clone() }),
    }
}

fn objects(
    path: &mut String,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    changes: &mut Vec<Change>,
) {
    let mut keys: Vec<_> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        step(path, &key.replace('~', "~0").replace('/', "~1"), |path| {
            match (before.get(key), after.get(key)) {
                (Some(before), Some(after)) => compare(path, before, after, changes),
                (Some(before), None) => push(changes, path, What::Removed { before: before.clone() }),
                (None, Some(after)) => push(changes, path, What::Added { after: after.clone() }),
                (None, None) => {}
            }
        });
    }
}

fn arrays(path: &mut String, before: &[Value], after: &[Value], changes: &mut Vec<Change>) {
    let (removed, added) = (without(before, after), without(after, before));
    let scalars = removed.iter().chain(&added).all(|value| !value.is_object() && !value.is_array());
    match (removed.is_empty(), added.is_empty()) {
        (true, true) if before.iter().zip(after).all(|(before, after)| same(before, after)) => {}
        (true, true) => {
            let (before, after) = (Value::from(before.to_vec()), Value::from(after.to_vec()));
            push(changes, path, What::Replaced { before, after });
        }
        (false, false)
            if !scalars && before.len() == after.len() && in_place(before, after, removed.len()) =>
        {
            for (i, (before, after)) in before.iter().zip(after).enumerate() {
                step(path, &i.to_string(), |path| compare(path, before, after, changes));
            }
        }
        _ => {
            let owned = |values: Vec<&Value>| values.into_iter().cloned().collect();
            push(changes, path, What::Elements { removed: owned(removed), added: owned(added) });
        }
    }
}

/// Whether no more places differ than elements do, so that the others did not move.
fn in_place(before: &[Value], after: &[Value], differing: usize) -> bool {
    before.iter().zip(after).filter(|(before, after)| !same(before, after)).count() == differing
}

/// Elements of `list` that `other` lacks; an element that is there twice must be in `other` twice.
fn without<'v>(list: &'v [Value], other: &[Value]) -> Vec<&'v Value> {
    let mut others: Vec<_> = other.iter().map(canonical_json).collect();
    others.sort_unstable();
    let mut used = vec![false; others.len()];
    list.iter()
        .filter(|value| {
            let text = canonical_json(value);
            let first = others.partition_point(|other| *other < text);
            let same = others.iter().enumerate().skip(first).take_while(|(_, other)| **other == text);
            match same.map(|(i, _)| i).find(|i| used.get(*i) == Some(&false)) {
                Some(i) => {
                    if let Some(used) = used.get_mut(i) {
                        *used = true;
                    }
                    false
                }
                None => true,
            }
        })
        .collect()
}

/// Equal in canonical form: `1` and `1.0` are.
fn same(before: &Value, after: &Value) -> bool {
    before == after || canonical_json(before) == canonical_json(after)
}

fn step(path: &mut String, token: &str, inside: impl FnOnce(&mut String)) {
    let length = path.len();
    path.push('/');
    path.push_str(token);
    inside(path);
    path.truncate(length);
}

fn push(changes: &mut Vec<Change>, path: &str, what: What) {
    changes.push(Change { path: path.to_owned(), what });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(before: &Value, after: &Value, expected: &Value) {
        assert_eq!(serde_json::to_value(difference(before, after)).unwrap(), *expected, "{before} → {after}");
    }

    #[test]
    fn fields() {
        check(&json!({"a": 1, "b": {"c": null}}), &json!({"b": {"c": null}, "a": 1.0}), &json!([]));
        check(
            &json!({"a": 1, "gone": true, "b": {"x/y~": "old"}}),
            &json!({"a": 2, "b": {"x/y~": "new"}, "new": {"k": []}}),
            &json!([
                {"path": "/a", "change": "replaced", "before": 1, "after": 2},
                {"path": "/b/x~1y~0", "change": "replaced", "before": "old", "after": "new"},
                {"path": "/gone", "change": "removed", "before": true},
                {"path": "/new", "change": "added", "after": {"k": []}},
            ]),
        );
        check(
            &json!([1]),
            &json!({}),
            &json!([{"path": "", "change": "replaced", "before": [1], "after": {}}]),
        );
        check(&json!({"a": null}), &json!({}), &json!([{"path": "/a", "change": "removed", "before": null}]));
    }

    #[test]
    fn lists_of_scalars_are_sets() {
        let elements = |removed: Value, added: Value| json!([{"path": "/g", "change": "elements", "removed": removed, "added": added}]);
        check(
            &json!({"g": ["a", "b"]}),
            &json!({"g": ["b", "c", "d"]}),
            &elements(json!(["a"]), json!(["c", "d"])),
        );
        check(&json!({"g": ["a", "a"]}), &json!({"g": ["a"]}), &elements(json!(["a"]), json!([])));
        check(&json!({"g": ["a"]}), &json!({"g": ["b"]}), &elements(json!(["a"]), json!(["b"])));
        check(
            &json!({"g": ["a", "b"]}),
            &json!({"g": ["b", "a"]}),
            &json!([{"path": "/g", "change": "replaced", "before": ["a", "b"], "after": ["b", "a"]}]),
        );
    }

    #[test]
    fn lists_of_objects_are_followed_inside_where_elements_kept_their_places() {
        check(
            &json!([{"id": 1, "x": "a"}, {"id": 2, "x": "b"}]),
            &json!([{"id": 1, "x": "a"}, {"id": 2, "x": "c"}]),
            &json!([{"path": "/1/x", "change": "replaced", "before": "b", "after": "c"}]),
        );
        check(
            &json!([{"id": 1}, {"id": 2}]),
            &json!([{"id": 0}, {"id": 1}, {"id": 2}]),
            &json!([{"path": "", "change": "elements", "removed": [], "added": [{"id": 0}]}]),
        );
        check(
            &json!([{"id": 1}, {"id": 2}]),
            &json!([{"id": 2}, {"id": 3}]),
            &json!([{"path": "", "change": "elements", "removed": [{"id": 1}], "added": [{"id": 3}]}]),
        );
    }
}
