//! Reading replies leniently.
//!
//! Much of what is known of CloudHealth's replies is undocumented, and the same thing comes as a number here and as
//! text there. What cannot be read is *not known*; only what a record cannot do without (its id) is insisted on.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Map, Value};

/// One JSON value of a reply. Paths are keys joined by `/`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a>(pub(crate) &'a Value);

impl<'a> Item<'a> {
    /// What a path leads to. `None`: nothing, or null.
    pub(crate) fn at(self, path: &str) -> Option<&'a Value> {
        path.split('/').try_fold(self.0, |value, key| value.get(key)).filter(|value| !value.is_null())
    }

    /// Text as it is, or a number as text. Blank counts as absent.
    pub(crate) fn text(self, path: &str) -> Option<String> {
        match self.at(path)? {
            Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A truth value, also as text or as 0 and 1.
    pub(crate) fn flag(self, path: &str) -> Option<bool> {
        match self.at(path)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
            Value::Number(number) => number.as_u64().filter(|number| *number < 2).map(|number| number == 1),
            _ => None,
        }
    }

    /// A whole number, also as text.
    pub(crate) fn int(self, path: &str) -> Option<i64> {
        match self.at(path)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A time, as ISO 8601 or as `2026-08-23 20:19:42 UTC`: CloudHealth uses both.
    pub(crate) fn time(self, path: &str) -> Option<DateTime<Utc>> {
        let text = self.text(path)?;
        let text = text.trim();
        DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).ok().or_else(|| {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S UTC").ok().map(|time| time.and_utc())
        })
    }

    /// The elements of an array; none where there is no array.
    pub(crate) fn items(self, path: &str) -> impl Iterator<Item = Item<'a>> {
        self.at(path).and_then(Value::as_array).into_iter().flatten().map(Item)
    }

    /// Texts of an array, sorted, each once. `None` where there is no array.
    pub(crate) fn texts(self, path: &str) -> Option<Vec<String>> {
        let all = self.at(path)?.as_array()?;
        let mut texts: Vec<_> = all.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        texts.sort_unstable();
        texts.dedup();
        Some(texts)
    }

    /// Tags as an object of texts, whether they come as an object or as a list of keys and values. `None`: not known.
    pub(crate) fn tags(self, path: &str) -> Option<Map<String, Value>> {
        match self.at(path)? {
            Value::Object(map) => {
                let texts = map.keys().filter_map(|key| Some((key.clone(), Item(map.get(key)?).own_text()?)));
                Some(texts.map(|(key, text)| (key, text.into())).collect())
            }
            Value::Array(list) => {
                let pairs = list.iter().filter_map(|tag| {
                    let value = Item(tag).text("value").unwrap_or_default();
                    Some((Item(tag).text("key")?, value.into()))
                });
                Some(pairs.collect())
            }
            _ => None,
        }
    }

    fn own_text(self) -> Option<String> {
        match self.0 {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_and_texts_stand_for_each_other() {
        let value = json!({"id": 5_909_870_000_001_i64, "text": "5909870000001", "yes": "true", "one": 1, "blank": " ",
            "null": null, "list": ["b", "a", "b", 7]});
        let item = Item(&value);
        assert_eq!((item.text("id"), item.int("text")), (item.text("text"), item.int("id")));
        assert_eq!((item.flag("yes"), item.flag("one"), item.flag("id")), (Some(true), Some(true), None));
        assert_eq!(item.texts("list").unwrap(), ["a", "b"]);
        for absent in ["blank", "null", "list", "none", "id/x"] {
            assert_eq!(item.text(absent), None, "{absent}");
        }
    }

    #[test]
    fn times_come_in_two_forms() {
        let value =
            json!({"iso": "2026-08-23T20:19:42Z", "words": "2026-08-23 20:19:42 UTC", "odd": "yesterday"});
        let item = Item(&value);
        assert_eq!(item.time("iso").unwrap().to_rfc3339(), "2026-08-23T20:19:42+00:00");
        assert_eq!(item.time("iso"), item.time("words"));
        assert_eq!(item.time("odd"), None);
    }

    #[test]
    fn tags_come_in_two_forms() {
        let value = json!({"list": [{"key": "a", "value": "1"}, {"key": "b"}], "map": {"a": "1", "b": ""}});
        assert_eq!(Item(&value).tags("list"), Item(&value).tags("map"));
        assert_eq!(Item(&value).tags("none"), None);
    }
}
