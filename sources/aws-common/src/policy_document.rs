//! Policy documents as they arrive: URL-encoded text (AWS), raw JSON text (some emulators), or JSON already (exports
//! written by the AWS CLI, which decodes them).

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// A policy document, decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyDocument {
    /// The JSON; the text itself where it is not JSON; null where there is none.
    json: Value,
    /// BLAKE3 of the text as its author wrote it, after URL-decoding. `None` where the export held no text.
    blake3: Option<String>,
    /// Why the text is not JSON.
    parse_error: Option<String>,
}

impl PolicyDocument {
    /// Decodes a document. Never fails: what is not JSON is kept as text, with the reason.
    pub fn decode(raw: Option<&Value>) -> Self {
        match raw {
            None => Self { json: Value::Null, blake3: None, parse_error: None },
            Some(Value::String(text)) => Self::decode_text(text),
            Some(json) => Self { json: json.clone(), blake3: None, parse_error: None },
        }
    }

    fn decode_text(text: &str) -> Self {
        // RFC 3986, not form encoding: `+` stands for itself. A document that was not encoded begins with its brace.
        let bytes = if text.trim_start().starts_with(['{', '[']) {
            text.as_bytes().into()
        } else {
            std::borrow::Cow::from(percent_decode_str(text))
        };
        let blake3 = Some(blake3::hash(&bytes).to_hex().to_string());
        match serde_json::from_slice(&bytes) {
            Ok(json) => Self { json, blake3, parse_error: None },
            Err(error) => Self {
                json: Value::String(String::from_utf8_lossy(&bytes).into_owned()),
                blake3,
                parse_error: Some(error.to_string()),
            },
        }
    }

    /// The document as records keep it: `document`, `document_blake3` and, only where it is not JSON, `parse_error`.
    pub fn into_map(self) -> Map<String, Value> {
        let mut map = Map::new();
        map.insert("document".to_owned(), self.json);
        map.insert("document_blake3".to_owned(), self.blake3.into());
        if let Some(error) = self.parse_error {
            map.insert("parse_error".to_owned(), error.into());
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decoded(raw: &Value) -> Map<String, Value> {
        PolicyDocument::decode(Some(raw)).into_map()
    }

    #[test]
    fn encoded_and_raw_text_are_the_same_document() {
        let raw = r#"{"Statement":[{"Sid":"a+b","Resource":"100%"}]}"#;
        let encoded =
            "%7B%22Statement%22%3A%5B%7B%22Sid%22%3A%22a+b%22%2C%22Resource%22%3A%22100%25%22%7D%5D%7D";
        let expected = json!({"Statement": [{"Sid": "a+b", "Resource": "100%"}]});
        assert_eq!(decoded(&json!(raw))["document"], expected);
        assert_eq!(decoded(&json!(encoded)), decoded(&json!(raw)));
        let parsed = decoded(&expected);
        assert_eq!((&parsed["document"], &parsed["document_blake3"]), (&expected, &Value::Null));
    }

    #[test]
    fn encoded_white_space_before_the_brace_is_fine() {
        assert_eq!(decoded(&json!("%0A%20%7B%7D"))["document"], json!({}));
        assert_eq!(decoded(&json!("\n {}"))["document"], json!({}));
    }

    #[test]
    fn what_is_not_json_is_kept_as_text() {
        for (raw, text) in [("%7B%22a%22%3A", "{\"a\":"), ("", ""), ("%FF", "\u{fffd}")] {
            let map = decoded(&json!(raw));
            assert_eq!(map["document"], json!(text));
            assert!(map["parse_error"].is_string(), "{map:?}");
            assert!(map["document_blake3"].is_string());
        }
    }
}
