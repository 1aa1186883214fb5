//! Which facts people may keep, and as which text.

use auditor_core::{
    config::did_you_mean,
    model::{ColumnType, Part, common::ACCOUNT},
};
use auditor_store::directory::NAME;

/// The facts that people may keep, in display order: the name, and every text column of the kind `account` but the
/// system it belongs to, which its id says.
pub(super) fn settable() -> impl Iterator<Item = &'static str> + Clone {
    let text = ACCOUNT.columns.iter().filter(|column| {
        column.ty == ColumnType::Text && column.part == Part::Document && column.name != "provider"
    });
    std::iter::once(NAME).chain(text.map(|column| column.name))
}

/// The settable fact of that name.
///
/// # Errors
/// That there is none, with the nearest.
pub(super) fn find(name: &str) -> Result<&'static str, String> {
    if let Some(fact) = settable().find(|fact| *fact == name) {
        return Ok(fact);
    }
    let known: Vec<_> = settable().collect();
    let near = did_you_mean(name, known.iter().copied());
    Err(format!("`{name}` is no fact that can be set{near} (there are {})", known.join(", ")))
}

/// A value as it is kept. Empty: the fact is cleared.
///
/// # Errors
/// What is wrong with it.
pub(super) fn value(fact: &str, text: &str) -> Result<Option<String>, String> {
    /// More is no name, address or team.
    const LONGEST: usize = 1000;
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err(format!("`{fact}` must be one line of text"));
    }
    if text.chars().count() > LONGEST {
        return Err(format!("`{fact}` is longer than {LONGEST} characters"));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// `FACT=VALUE` of the command line.
///
/// # Errors
/// What is wrong with it.
pub(super) fn assignment(text: &str) -> Result<(&'static str, Option<String>), String> {
    let (name, text) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` lacks `=`: write `FACT=VALUE`, or `FACT=` to clear it"))?;
    let fact = find(name.trim())?;
    Ok((fact, value(fact, text)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_understood() {
        assert_eq!(assignment("owner=Ada = boss "), Ok(("owner", Some("Ada = boss".to_owned()))));
        assert_eq!(assignment("owner="), Ok(("owner", None)));
        let error = assignment("onwer=Ada").unwrap_err();
        assert!(error.contains("did you mean `owner`?") && error.contains("support_team"), "{error}");
        assert!(assignment("owner").unwrap_err().contains("FACT=VALUE"));
        assert!(assignment("owner=a\nb").unwrap_err().contains("one line"));
        assert!(find("tags").is_err() && find("provider").is_err());
    }
}
