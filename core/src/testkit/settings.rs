//! What a source says of settings.

use crate::{
    config::PluginTable,
    registry::{Instance, SourceConfig},
};

/// What is wrong with the settings of a source, as `key: message`: they are read, and the source is built.
///
/// # Panics
/// If the text is no TOML.
pub fn problems_of<C: SourceConfig>(toml: &str) -> Vec<String> {
    let instance = Instance { name: "test".to_owned(), base_dir: ".".into() };
    let result = PluginTable::from_toml(toml).expect("TOML").parse::<C>();
    let result = result.and_then(|config| config.build(&instance).map(drop));
    let problems = result.err().unwrap_or_default();
    problems.into_iter().map(|problem| format!("{}: {}", problem.key, problem.message)).collect()
}

/// Asserts what is wrong with the settings of a source: problems that begin as told, in that order, and no others.
///
/// # Panics
/// If something else is wrong with them.
#[track_caller]
pub fn expect_problems<C: SourceConfig>(toml: &str, expected: &[&str]) {
    let found = problems_of::<C>(toml);
    assert_eq!(found.len(), expected.len(), "{toml}: {found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found} is not {expected}");
    }
}
