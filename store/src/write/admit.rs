//! Which records a relational store can hold, so that one that it cannot never fails the batch it came in.

use auditor_core::model::Record;

/// Longest native id, in bytes: what a PostgreSQL index entry takes, with room for the rest of the key.
const MAX_NATIVE_ID: usize = 1000;
/// Largest document or activity, in bytes.
const MAX_DOCUMENT: usize = 64 << 20;
/// Longest name, in bytes.
const MAX_NAME: usize = 64 << 10;

/// Why the store cannot hold a record; `None` if it can. Both databases refuse alike, whatever each could hold.
pub(super) fn refusal(record: &Record) -> Option<String> {
    let content = &record.content;
    let name = content.name.as_deref().unwrap_or_default();
    let activity = record.activity.as_deref().unwrap_or_default();
    if record.native_id.is_empty() {
        Some("its native id is empty".to_owned())
    } else if record.native_id.len() > MAX_NATIVE_ID {
        Some(format!("its native id has {} bytes, the limit is {MAX_NATIVE_ID}", record.native_id.len()))
    } else if name.len() > MAX_NAME {
        Some(format!("its name has {} bytes, the limit is {MAX_NAME}", name.len()))
    } else if content.document.len() > MAX_DOCUMENT {
        Some(format!("its document has {} bytes, the limit is {MAX_DOCUMENT}", content.document.len()))
    } else if activity.len() > MAX_DOCUMENT {
        Some(format!("its activity has {} bytes, the limit is {MAX_DOCUMENT}", activity.len()))
    } else if record.native_id.contains('\0') || name.contains('\0') {
        Some("its native id or name holds a NUL character".to_owned())
    } else if holds_nul(&content.document) || holds_nul(activity) {
        Some("its document or activity holds a NUL character".to_owned())
    } else {
        None
    }
}

/// Whether canonical JSON holds an escaped NUL: `\u0000` after an even number of backslashes.
fn holds_nul(json: &str) -> bool {
    json.match_indices("\\u0000").any(|(at, _)| {
        let before = json.as_bytes()[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        before % 2 == 0
    })
}

#[cfg(test)]
mod tests {
    use auditor_core::model::{Kind, Resource};
    use serde_json::json;

    use super::*;

    static THING: Kind = Kind::new("test_thing", "A thing");

    fn check(native_id: &str, document: serde_json::Value, expected: Option<&str>) {
        let account = "111122223333".parse().unwrap();
        let refusal = refusal(&Record::new(Resource::new(&THING, account, native_id, document)));
        match expected {
            None => assert_eq!(refusal, None),
            Some(part) => assert!(refusal.as_deref().is_some_and(|text| text.contains(part)), "{refusal:?}"),
        }
    }

    #[test]
    fn only_what_a_database_would_refuse_is_refused() {
        check("id", json!({"a": "é \u{1F600} \\u0000", "b": i64::MIN}), None);
        check("id", json!({"a": "x\0y"}), Some("NUL"));
        check("id", json!({"a": "\\\0"}), Some("NUL"));
        check("i\0d", json!({}), Some("NUL"));
        check("", json!({}), Some("empty"));
        check(&"x".repeat(1000), json!({}), None);
        check(&"x".repeat(1001), json!({}), Some("1001 bytes"));
    }
}
