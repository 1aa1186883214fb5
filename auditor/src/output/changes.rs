//! What differs between two states of a record, a line each.

use auditor_store::read::{Change, What};
use serde_json::Value;

use super::{Paint, printable};

/// Longer values are cut.
const VALUE_WIDTH: usize = 60;

/// One line per difference, each with its end.
pub(crate) fn changes(changes: &[Change], indent: usize, paint: Paint) -> String {
    let mut text = String::new();
    let width = changes.iter().map(|change| change.path.chars().count()).max().unwrap_or(0).min(40);
    for change in changes {
        let what = match &change.what {
            What::Added { after } => paint.green(&format!("+ {}", value(after))),
            What::Removed { before } => paint.red(&format!("- {}", value(before))),
            What::Replaced { before, after } => format!("{} → {}", value(before), value(after)),
            What::Elements { removed, added } => {
                let removed = removed.iter().map(|element| paint.red(&format!("- {}", value(element))));
                let added = added.iter().map(|element| paint.green(&format!("+ {}", value(element))));
                removed.chain(added).collect::<Vec<_>>().join("  ")
            }
        };
        text.push_str(&format!("{:indent$}{:width$}  {what}\n", "", printable(&change.path)));
    }
    text
}

fn value(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text = printable(&text);
    if text.chars().count() > VALUE_WIDTH {
        text.chars().take(VALUE_WIDTH - 1).chain(['…']).collect()
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_difference_is_a_line() {
        let change = |path: &str, what| Change { path: path.to_owned(), what };
        let text = changes(
            &[
                change("/mfa", What::Replaced { before: json!(true), after: json!(false) }),
                change("/groups", What::Elements { removed: vec![json!("a")], added: vec![json!("b")] }),
                change("/note", What::Added { after: json!("x".repeat(100)) }),
            ],
            2,
            Paint::off(),
        );
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.first().copied(), Some("  /mfa     true → false"));
        assert_eq!(lines.get(1).copied(), Some("  /groups  - a  + b"));
        assert!(lines.get(2).unwrap().ends_with("x…"));
    }
}
