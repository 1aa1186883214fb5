//! `cargo xtask docs`: files generated from the program, so that they cannot say anything else than it does.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::process::{cargo, output, root};

/// Write or compare.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Write nothing; fail if a file differs from what the program says
    #[arg(long)]
    check: bool,
}

/// A file, and the arguments that make the program print it.
const FILES: [(&str, &[&str]); 11] = [
    ("config/schema.json", &["config", "schema"]),
    ("deploy/create_tables.sql", &["db", "schema"]),
    ("deploy/iam/auditor-role-policy.json", &["kinds", "--from", "aws-iam", "--iam-policy"]),
    ("deploy/iam/eks-role-policy.json", &["kinds", "--from", "aws-eks", "--iam-policy"]),
    (
        "deploy/iam/organization-cost-policy.json",
        &["kinds", "account_cost", "--from", "aws-organization", "--iam-policy"],
    ),
    ("deploy/iam/organization-role-policy.json", &["kinds", "--from", "aws-organization", "--iam-policy"]),
    ("deploy/kubernetes/auditor-cluster-role.yaml", &["kinds", "--from", "kubernetes", "--cluster-role"]),
    ("docs/checks.md", &["checks", "reference"]),
    ("docs/reference/cli.md", &["help-markdown"]),
    ("docs/reference/configuration.md", &["config", "reference"]),
    ("docs/reference/kinds.md", &["kinds", "--format", "markdown"]),
];

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let program = build()?;
    let mut stale = Vec::new();
    for (name, arguments) in FILES {
        let wanted = output(Command::new(&program).current_dir(root()).args(arguments))?;
        let path = root().join(name);
        if fs::read(&path).is_ok_and(|there| there == wanted) {
            continue;
        }
        if options.check {
            stale.push(name);
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot make `{}`", parent.display()))?;
        }
        fs::write(&path, wanted).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    if !stale.is_empty() {
        bail!("not as the program says: {}; run `cargo xtask docs` and commit the result", stale.join(", "));
    }
    Ok(())
}

/// Builds the program and says where it is.
fn build() -> anyhow::Result<PathBuf> {
    let messages =
        output(cargo().args(["build", "--quiet", "--package", "auditor", "--message-format=json"]))?;
    let messages = String::from_utf8(messages).context("cargo's messages are not UTF-8")?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "auditor")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo does not say where it built `auditor`")
}
