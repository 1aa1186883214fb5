//! Until when an analysis holds, if nothing changes but the time.

use auditor_aws_policy::Document;
use auditor_core::analyzer::View;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The next time at which a policy among what is stored says something else, since its conditions compare times.
pub(crate) fn next_change(view: &View<'_>) -> Option<DateTime<Utc>> {
    let listings = view.listings.iter().chain(view.shared);
    listings.flat_map(|listing| &listing.items).filter_map(|item| in_value(&item.document, view.at)).min()
}

/// Policy documents lie at many places of a record: whatever has statements is one.
fn in_value(value: &Value, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match value {
        Value::Object(map) if map.contains_key("Statement") => {
            if names_clock(value) {
                Document::parse(value).next_change(at)
            } else {
                None
            }
        }
        Value::Object(map) => map.values().filter_map(|value| in_value(value, at)).min(),
        Value::Array(items) => items.iter().filter_map(|value| in_value(value, at)).min(),
        _ => None,
    }
}

/// Spares reading documents in which no condition has to do with the time.
fn names_clock(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(key, value)| {
            let key = key.to_ascii_lowercase();
            key == "aws:currenttime" || key == "aws:epochtime" || names_clock(value)
        }),
        Value::Array(items) => items.iter().any(names_clock),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn next(operator: &str, key: &str, value: &str) -> Option<String> {
        let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {operator: {key: value}}});
        let record = json!({"inline_policy_documents": [{"document": {"Statement": [statement]}}]});
        in_value(&record, "2026-10-14T00:00:00Z".parse().unwrap()).map(|time| time.date_naive().to_string())
    }

    #[test]
    fn dates_that_come_end_an_answer() {
        for (operator, key, value, expected) in [
            ("DateLessThan", "aws:CurrentTime", "2026-10-20T12:00:00Z", Some("2026-10-20")),
            ("DateGreaterThanIfExists", "AWS:currenttime", "2026-11-01", Some("2026-11-01")),
            ("NumericLessThan", "aws:EpochTime", "1792540800", Some("2026-10-21")),
            ("DateLessThanEquals", "aws:CurrentTime", "2026-10-14T00:00:00Z", Some("2026-10-15")),
            ("DateLessThan", "aws:CurrentTime", "2026-10-01", None),
            ("StringLike", "aws:CurrentTime", "2026-*", Some("2026-10-15")),
            ("DateLessThan", "aws:CurrentTime", "some day", Some("2026-10-15")),
            ("DateLessThan", "aws:TokenIssueTime", "2026-10-20", None),
            ("Bool", "aws:MultiFactorAuthPresent", "true", None),
        ] {
            assert_eq!(next(operator, key, value).as_deref(), expected, "{operator} {key} {value}");
        }
    }
}
