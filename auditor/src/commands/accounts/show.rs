//! `auditor accounts show`: all that is known of one account.

use std::io::Write as _;

use auditor_core::model::AccountId;
use auditor_store::{
    directory::{Account, BlindSpot, Coverage, Said},
    read::AccountScope,
};
use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::{Value, json};

use super::{HELP, directory::Directory, list::facts_by_name};
use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{self, DataColumn, DataFormat, DataWriter, printable, short_time},
    store::{self, StoreArgs},
};

/// Show all that is known of an account: each fact, who says so and since when, and who says otherwise
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ShowArgs {
    /// The account: 12 digits, or `provider:id`
    #[arg(value_name = "ACCOUNT")]
    account: AccountId,

    /// As it was then: a date (the end of that day, UTC) or an RFC 3339 time
    #[arg(long, value_name = "TIME", value_parser = store::parse_time)]
    as_of: Option<DateTime<Utc>>,

    /// How it is written
    #[arg(long, value_enum, default_value_t = DataFormat::Table)]
    format: DataFormat,

    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn execute(args: ShowArgs, app: &App) -> Result<Exit, Failure> {
    let directory = Directory::open(&args.store, app).await?;
    let account = directory.account(&args.account, args.as_of).await?;
    let scope = AccountScope::Only(vec![args.account]);
    let coverage = directory.coverage(&scope, args.as_of).await?;
    let spots = directory.blind_spots(&scope, args.as_of).await?;
    match args.format {
        DataFormat::Table => {
            rows(&account, args.format)?;
            let mut out = output::stdout();
            out.write_all(around(&account, &coverage, &spots).as_bytes())?;
            out.flush()?;
        }
        DataFormat::Csv => rows(&account, args.format)?,
        DataFormat::Json | DataFormat::Jsonl => {
            let whole = json!({
                "account": account.account,
                "facts": facts_by_name(&account)?,
                "known_to": account.known_to,
                "coverage": coverage,
                "blind_spots": spots,
            });
            let mut out = output::stdout();
            if args.format == DataFormat::Json {
                serde_json::to_writer_pretty(&mut out, &whole)?;
            } else {
                serde_json::to_writer(&mut out, &whole)?;
            }
            out.write_all(b"\n")?;
            out.flush()?;
        }
    }
    Ok(Exit::Complete)
}

/// One row for each thing said, what counts first.
fn rows(account: &Account, format: DataFormat) -> Result<(), Failure> {
    let columns = vec![
        DataColumn::text("fact"),
        DataColumn::text("value"),
        DataColumn::text("counts"),
        DataColumn::text("source"),
        DataColumn::time("changed_at"),
        DataColumn::time("seen_at"),
        DataColumn::text("set_by"),
        DataColumn::text("target"),
    ];
    let mut writer = DataWriter::new(output::stdout(), format, columns, true)?;
    for fact in &account.facts {
        let mut row = |said: &Said, counts: &str| {
            writer.row(&[
                json!(fact.fact),
                said.value.clone(),
                json!(counts),
                json!(said.source),
                json!(said.changed_at),
                json!(said.seen_at),
                json!(said.set_by),
                json!(said.target),
            ])
        };
        row(&fact.said, "yes")?;
        for other in &fact.others {
            row(other, if other.value == fact.said.value { "agrees" } else { "no" })?;
        }
    }
    writer.finish()?;
    Ok(())
}

/// Who knows the account, who watches it, and who does not.
fn around(account: &Account, coverage: &[Coverage], spots: &[BlindSpot]) -> String {
    let mut text = String::from("\nknown to\n");
    for knower in &account.known_to {
        let seen = knower.seen_at.map_or_else(|| "never".to_owned(), |time| short_time(&time));
        let outcome = match knower.outcome.as_deref() {
            Some("complete") | None => String::new(),
            Some(outcome) => format!("; its last listing ended {outcome}"),
        };
        let place = format!("{} ({})", knower.source, knower.target);
        text.push_str(&format!("  {}, confirmed {seen}{outcome}\n", printable(&place)));
    }
    if !coverage.is_empty() {
        text.push_str("\nwatched by\n");
    }
    for one in coverage {
        let why =
            if one.reasons.is_empty() { String::new() } else { format!(": {}", one.reasons.join("; ")) };
        text.push_str(&format!("  {}\n", printable(&format!("{} {}{why}", one.tool, one.status))));
    }
    if !spots.is_empty() {
        text.push_str("\nblind spots\n");
    }
    for spot in spots {
        text.push_str(&format!("  {}{}\n", printable(&spot.missing.to_string()), doubt(spot)));
    }
    text
}

/// Said where it is not certain.
pub(super) fn doubt(spot: &BlindSpot) -> &'static str {
    if spot.certain { "" } else { " (not certain: a listing that would tell was not complete)" }
}

/// For tables: the sentence.
pub(super) fn sentence(spot: &BlindSpot) -> Value {
    json!(spot.missing.to_string())
}
