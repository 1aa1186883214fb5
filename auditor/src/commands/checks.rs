//! `auditor checks`: what the analyzer `checks` asks.

use std::io::Write as _;

use auditor_analyzer_checks::{Check, THEMES, all, find, reference};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::{
    exit::Exit,
    failure::Failure,
    output::{self, DataColumn, DataFormat, DataWriter},
};

/// List the checks of the analyzer `checks`, or describe one
#[derive(Debug, Subcommand)]
pub(crate) enum ChecksCommand {
    List(ListArgs),
    Show(ShowArgs),
    /// Print the reference of every check as Markdown
    Reference,
}

/// List the checks
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// How the list is written
    #[arg(long, value_enum, default_value_t = DataFormat::Table)]
    format: DataFormat,
}

/// Describe one check: why it is asked, what to do about a failure, what it reads
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Its id
    #[arg(value_name = "ID")]
    id: String,
}

pub(crate) fn execute(command: &ChecksCommand) -> Result<Exit, Failure> {
    match command {
        ChecksCommand::List(args) => list(args.format),
        ChecksCommand::Show(args) => print(&described(known(&args.id)?)),
        ChecksCommand::Reference => print(&reference()),
    }
}

fn known(id: &str) -> Result<&'static Check, Failure> {
    find(id).ok_or_else(|| {
        Failure::unknown("check", id, all().map(|check| check.id))
            .with_hint("`auditor checks list` lists them")
    })
}

fn print(text: &str) -> Result<Exit, Failure> {
    let mut out = output::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(Exit::Complete)
}

fn list(format: DataFormat) -> Result<Exit, Failure> {
    let columns = ["id", "severity", "title", "theme"].map(DataColumn::text).to_vec();
    let mut writer = DataWriter::new(output::stdout(), format, columns, false)?;
    for theme in THEMES {
        for check in theme.checks {
            writer.row(&[json!(check.id), json!(check.severity), json!(check.title), json!(theme.title)])?;
        }
    }
    writer.finish()?;
    Ok(Exit::Complete)
}

fn described(check: &Check) -> String {
    let kinds: Vec<_> = check.inputs.iter().chain(check.also).copied().collect();
    let facts = [
        ("severity", check.severity_word().to_owned()),
        ("why", check.rationale.to_owned()),
        ("to do", check.remediation.to_owned()),
        ("CIS", check.cis_words()),
        ("CCM", check.ccm.join(", ")),
        ("data", kinds.join(", ")),
    ];
    let mut lines = vec![format!("{}: {}", check.id, check.title)];
    let told = facts.iter().filter(|(_, fact)| !fact.is_empty());
    lines.extend(told.map(|(what, fact)| format!("  {what:<10}{fact}")));
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_described_with_all_it_says() {
        let text = described(find("iam_root_mfa_enabled").unwrap());
        for expected in
            ["iam_root_mfa_enabled: ", "severity  critical", "3.0: 1.5", "IAM-14", "aws_iam_account_settings"]
        {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        assert!(known("iam_root_mfa_enabld").is_err());
    }
}
