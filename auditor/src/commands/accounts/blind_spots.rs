//! `auditor accounts blind-spots`: accounts that one system knows and another does not.

use std::collections::BTreeSet;

use auditor_store::read::AccountScope;
use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::json;

use super::{directory::Directory, show::sentence};
use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{self, DataColumn, DataFormat, DataWriter, Paint, count, short_time, stderr_line},
    store::{self, AccountArgs, StoreArgs},
};

const HELP: &str = "\
A system (all sources of one type) that knows accounts of a sort, AWS accounts for instance, is expected to know every
account of that sort that any source knows. A listing that was not complete does not tell that an account is missing:
`certain` says so. What sources that are switched off said makes accounts known; nothing is expected of them.";

/// Show accounts that one system knows and another does not, and those that no security tool watches
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct BlindSpotsArgs {
    #[command(flatten)]
    accounts: AccountArgs,

    /// Only what this system lacks, by the type of its sources (repeatable)
    #[arg(long = "system", value_name = "TYPE")]
    systems: Vec<String>,

    /// As it was then: a date (the end of that day, UTC) or an RFC 3339 time
    #[arg(long, value_name = "TIME", value_parser = store::parse_time)]
    as_of: Option<DateTime<Utc>>,

    /// How the list is written
    #[arg(long, value_enum, default_value_t = DataFormat::Table)]
    format: DataFormat,

    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn execute(args: BlindSpotsArgs, app: &App) -> Result<Exit, Failure> {
    let directory = Directory::open(&args.store, app).await?;
    for system in &args.systems {
        let types: BTreeSet<_> =
            directory.config.enabled_sources().map(|source| source.plugin.name).collect();
        if !types.contains(system.as_str()) {
            return Err(Failure::unknown("enabled source of type", system, types.iter().copied()));
        }
    }
    let scope = args.accounts.scope();
    let accounts = directory.accounts(&scope, args.as_of).await?;
    let mut spots = directory.blind_spots(&scope, args.as_of).await?;
    spots.retain(|spot| {
        args.systems.is_empty()
            || spot.missing.system().is_some_and(|system| args.systems.iter().any(|wanted| wanted == system))
    });
    let columns = ["account", "name", "missing", "certain", "known_to", "owner", "system"]
        .map(DataColumn::text)
        .to_vec();
    let mut writer = DataWriter::new(output::stdout(), args.format, columns, true)?;
    for spot in &spots {
        let account = accounts.iter().find(|account| account.account == spot.account);
        let text = |fact: &str| json!(account.and_then(|account| account.text(fact)));
        let certain = match args.format {
            DataFormat::Table => json!(if spot.certain { "yes" } else { "no" }),
            _ => json!(spot.certain),
        };
        writer.row(&[
            json!(spot.account),
            text("name"),
            sentence(spot),
            certain,
            json!(spot.known_to),
            text("owner"),
            json!(spot.missing.system()),
        ])?;
    }
    writer.finish()?;
    let paint = Paint::stderr();
    let touched: BTreeSet<_> = spots.iter().map(|spot| &spot.account).collect();
    let mut text = match spots.len() {
        0 => "no blind spots".to_owned(),
        n => format!(
            "{} of {}",
            count(n as u64, "blind spot", "blind spots"),
            count(touched.len() as u64, "account", "accounts")
        ),
    };
    if let Some(as_of) = &args.as_of {
        text.push_str(&format!(" as of {}", short_time(as_of)));
    }
    stderr_line(&paint.dim(&text));
    let uncertain = spots.iter().filter(|spot| !spot.certain).count();
    let warn = |text: &str| stderr_line(&format!("{}: {text}", paint.yellow("incomplete")));
    if uncertain > 0 {
        warn(&format!(
            "{uncertain} not certain: a listing that would tell was not complete (`auditor gaps`)"
        ));
    }
    for source in directory.silent().await? {
        warn(&format!("source `{source}` was never run, so what it does not know is not told"));
    }
    if accounts.is_empty() && scope == AccountScope::All {
        warn("no source has told of any account yet: `auditor run`");
    }
    Ok(Exit::Complete)
}
