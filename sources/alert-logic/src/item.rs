//! Reading replies leniently: fields may be missing, or come as another type than documented.
//!
//! The vendor's definitions are looser than its service, and part of what is known of it was never documented. So
//! whatever cannot be read is *not known*, and only what a record cannot do without (its id) is asked for.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// One JSON value of a reply. Paths are keys joined by `/`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a>(pub(crate) &'a Value);

impl<'a> Item<'a> {
    /// What a path leads to. `None`: nothing, or null.
    pub(crate) fn at(self, path: &str) -> Option<Item<'a>> {
        let found = path.split('/').try_fold(self.0, |value, key| value.get(key))?;
        (!found.is_null()).then_some(Item(found))
    }

    /// Text, or a number as text. Empty counts as absent.
    pub(crate) fn text(self, path: &str) -> Option<String> {
        match self.at(path)?.0 {
            Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// An id. UUIDs come in capitals or not, also for the same thing, and are given in capitals.
    pub(crate) fn id(self, path: &str) -> Option<String> {
        self.text(path).map(normal_id)
    }

    /// A truth value, also as text.
    pub(crate) fn flag(self, path: &str) -> Option<bool> {
        match self.at(path)?.0 {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        }
    }

    /// A whole number, also as text.
    pub(crate) fn int(self, path: &str) -> Option<i64> {
        match self.at(path)?.0 {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A number.
    pub(crate) fn number(self, path: &str) -> Option<f64> {
        self.at(path)?.0.as_f64()
    }

    /// Texts, sorted, each once. `None` where there is no array.
    pub(crate) fn texts(self, path: &str) -> Option<Vec<String>> {
        let all = self.at(path)?.0.as_array()?;
        let mut texts: Vec<_> = all.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        texts.sort_unstable();
        texts.dedup();
        Some(texts)
    }

    /// Ids, sorted, each once. `None` where there is no array.
    pub(crate) fn ids(self, path: &str) -> Option<Vec<String>> {
        let mut ids: Vec<_> = self.texts(path)?.into_iter().map(normal_id).collect();
        ids.sort_unstable();
        ids.dedup();
        Some(ids)
    }

    /// The elements of an array; none where there is no array.
    pub(crate) fn items(self, path: &str) -> impl Iterator<Item = Item<'a>> {
        self.at(path).and_then(|item| item.0.as_array()).into_iter().flatten().map(Item)
    }

    /// A time in seconds since 1970, or as ISO 8601. Zero stands for "never".
    pub(crate) fn secs(self, path: &str) -> Option<DateTime<Utc>> {
        self.time(path, 1000.0)
    }

    /// A time in milliseconds since 1970, or as ISO 8601. Zero stands for "never".
    pub(crate) fn millis(self, path: &str) -> Option<DateTime<Utc>> {
        self.time(path, 1.0)
    }

    #[expect(clippy::cast_possible_truncation, reason = "no time that can be stored is that far away")]
    fn time(self, path: &str, millis_per_unit: f64) -> Option<DateTime<Utc>> {
        let number = match self.at(path)?.0 {
            Value::Number(number) => number.as_f64()?,
            Value::String(text) => match text.trim().parse::<f64>() {
                Ok(number) => number,
                Err(_) => return DateTime::parse_from_rfc3339(text.trim()).ok().map(|time| time.to_utc()),
            },
            _ => return None,
        };
        if number <= 0.0 {
            return None;
        }
        DateTime::from_timestamp_millis((number * millis_per_unit).round() as i64)
    }

    /// Creation and last change, as most services stamp their things.
    pub(crate) fn stamps(self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        (self.secs("created/at"), self.secs("modified/at"))
    }
}

/// An id in its one form: UUIDs in capitals, others as they are.
pub(crate) fn normal_id(text: String) -> String {
    let is_uuid = text.len() == 36
        && text.bytes().enumerate().all(|(i, byte)| match i {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_uuid { text.to_ascii_uppercase() } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_and_texts_stand_for_each_other() {
        let value =
            json!({"a": 12_345_678, "b": "12345678", "c": "true", "d": false, "e": " ", "f": null, "g": [1]});
        let item = Item(&value);
        assert_eq!((item.text("a"), item.int("b")), (item.text("b"), item.int("a")));
        assert_eq!((item.flag("c"), item.flag("d"), item.flag("a")), (Some(true), Some(false), None));
        for absent in ["e", "f", "g", "h", "a/b"] {
            assert_eq!(item.text(absent), None, "{absent}");
        }
    }

    #[test]
    fn times_come_in_three_forms_and_zero_is_never() {
        let value = json!({
            "secs": 1_788_480_223.51, "millis": 1_788_480_223_510_i64, "iso": "2026-09-04T00:03:43.510000+00:00", "text": "1788480223.51",
            "never": 0, "odd": "yesterday", "far": 1e300,
        });
        let item = Item(&value);
        let time = item.millis("millis");
        assert_eq!(time.unwrap().to_rfc3339(), "2026-09-04T00:03:43.510+00:00");
        for path in ["secs", "iso", "text"] {
            assert_eq!(item.secs(path), time, "{path}");
        }
        for path in ["never", "odd", "far", "gone"] {
            assert_eq!(item.secs(path), None, "{path}");
        }
    }

    #[test]
    fn uuids_have_one_form() {
        let value = json!({"ids": ["7d3f2a10-3b0a-4c56-9a40-0d2f9f7a1b11", "7D3F2A10-3B0A-4C56-9A40-0D2F9F7A1B11", "abc12d"]});
        assert_eq!(Item(&value).ids("ids").unwrap(), ["7D3F2A10-3B0A-4C56-9A40-0D2F9F7A1B11", "abc12d"]);
    }
}
