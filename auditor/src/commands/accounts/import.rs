//! `auditor accounts import` and `export`: facts of many accounts as CSV.

use std::path::PathBuf;

use auditor_core::model::common::MANUAL;
use auditor_store::{directory::Account, read::AccountScope};
use chrono::{DateTime, Utc};
use clap::Args;

use super::{
    csv::{self, Rows},
    directory::Directory,
    manual::{self, Changes},
    set::{WhoArgs, remarks},
};
use crate::{
    args::App,
    commands::csv_input,
    exit::Exit,
    failure::Failure,
    output::{self, count, stderr_line},
    store::{self, AccountArgs, StoreArgs},
};

/// Keep facts of many accounts from CSV; every row is checked before any is stored
#[derive(Debug, Args)]
#[command(after_help = csv::HELP)]
pub(crate) struct ImportArgs {
    /// The CSV file; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Take an empty cell as: clear what was set by hand
    #[arg(long)]
    clear_empty: bool,

    /// Say what would be kept and write nothing
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    who: WhoArgs,

    #[command(flatten)]
    store: StoreArgs,
}

/// Print what the directory says as CSV, as `import` reads it
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    accounts: AccountArgs,

    /// As it was then: a date (the end of that day, UTC) or an RFC 3339 time
    #[arg(long, value_name = "TIME", value_parser = store::parse_time)]
    as_of: Option<DateTime<Utc>>,

    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn export(args: ExportArgs, app: &App) -> Result<Exit, Failure> {
    let directory = Directory::open(&args.store, app).await?;
    let accounts = directory.accounts(&args.accounts.scope(), args.as_of).await?;
    csv::write(&accounts, output::stdout())?;
    Ok(Exit::Complete)
}

pub(super) async fn execute(args: ImportArgs, app: &App) -> Result<Exit, Failure> {
    let rows = csv_input::read(&args.file, csv::read)?;
    let read = count(rows.len() as u64, "account", "accounts");
    let directory = Directory::open(&args.store, app).await?;
    let scope = AccountScope::Only(rows.keys().cloned().collect());
    let changes = differences(rows, &directory.accounts(&scope, None).await?, args.clear_empty);
    if changes.is_empty() {
        stderr_line(&format!("{read} read; the directory says all of it already"));
        return Ok(Exit::Complete);
    }
    let number = changes.values().map(|facts| facts.len() as u64).sum();
    let facts = count(number, "fact", "facts");
    let of = count(changes.len() as u64, "account", "accounts");
    manual::store(&directory, changes.clone(), args.who.name(), args.check).await?;
    if args.check {
        stderr_line(&format!("{read} read, all valid; {facts} of {of} would be set; nothing was written"));
    } else {
        stderr_line(&format!("{read} read, {facts} of {of} set"));
        remarks(&directory, &changes).await?;
    }
    Ok(Exit::Complete)
}

/// What a file says otherwise than the directory. What it leaves empty is cleared, if so wanted, where it was set by
/// hand: a source's own fact cannot be cleared here.
fn differences(rows: Rows, accounts: &[Account], clear_empty: bool) -> Changes {
    let mut changes = Changes::new();
    for (id, cells) in rows {
        let known = accounts.iter().find(|account| account.account == id.as_str());
        for (fact, cell) in cells {
            let merged = known.and_then(|account| account.fact(fact));
            let by_hand = || {
                let said = merged.iter().flat_map(|fact| std::iter::once(&fact.said).chain(&fact.others));
                said.into_iter().any(|said| said.source == MANUAL)
            };
            let wanted = if let Some(text) = &cell {
                merged.and_then(|fact| fact.said.value.as_str()) != Some(text)
            } else {
                clear_empty && by_hand()
            };
            if wanted {
                changes.entry(id.clone()).or_default().insert(fact, cell);
            }
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use auditor_store::directory::{Fact, Precedence, Statement, merge};

    use super::*;

    #[test]
    fn only_what_is_said_otherwise_is_set() {
        let says = |source: &str, facts: &[(&'static str, &str)]| Statement {
            account: "111122223333".to_owned(),
            source: source.to_owned(),
            target: "t".to_owned(),
            facts: facts
                .iter()
                .map(|(name, value)| Fact {
                    name,
                    value: (*value).into(),
                    changed_at: Utc::now(),
                    set_by: None,
                })
                .collect(),
            seen_at: None,
            outcome: None,
        };
        let statements = [says(MANUAL, &[("owner", "ada")]), says("a", &[("email", "a@example.com")])];
        let accounts = merge(&statements, &Precedence::new([MANUAL.to_owned()], []));
        let told = |file: &str, clear_empty| -> Vec<String> {
            let changes = differences(csv::read(file.as_bytes()).unwrap(), &accounts, clear_empty);
            let facts = changes.iter().flat_map(|(id, facts)| {
                facts
                    .iter()
                    .map(move |(fact, value)| format!("{id} {fact}={}", value.as_deref().unwrap_or("")))
            });
            facts.collect()
        };
        let file = "account,owner,email,status\n111122223333,ada,b@example.com,\n444455556666,eve,,\n";
        assert_eq!(told(file, false), ["111122223333 email=b@example.com", "444455556666 owner=eve"]);
        let emptied = "account,owner,email\n111122223333,,\n";
        assert_eq!(told(emptied, false), Vec::<String>::new());
        assert_eq!(told(emptied, true), ["111122223333 owner="], "a source's own fact stays");
    }
}
