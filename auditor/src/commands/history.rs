//! `auditor history`: the states a record went through.

use std::io::Write as _;

use auditor_store::{
    Store,
    read::{AccountScope, Event, History, HistoryOf},
};
use clap::Args;

use super::ReportFormat;
use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{self, Paint, count, printable, short_time, stderr_line},
    store::{self, AccountArgs, StoreArgs},
};

/// Show the states a record went through, and what changed each time
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// Native id or name, exactly
    #[arg(value_name = "ID-OR-NAME")]
    id_or_name: String,

    /// Only records of this kind. Default: every kind
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,

    #[command(flatten)]
    accounts: AccountArgs,

    /// At most so many records of each kind
    #[arg(long, value_name = "RECORDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,

    /// How it is written; JSON carries the documents
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,

    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) async fn execute(args: HistoryArgs, app: &App) -> Result<Exit, Failure> {
    let store = args.store.open(app).await?;
    let kinds = match &args.kind {
        Some(name) => vec![store::kind(&store, name).await?.name().to_owned()],
        None => store.kinds().await?,
    };
    let accounts = args.accounts.scope();
    let (records, more) = find(&store, &args, kinds, &accounts).await?;
    if records.is_empty() {
        let place = args.kind.as_ref().map_or(String::new(), |kind| format!(" of kind `{kind}`"));
        return Err(Failure::failed(format!(
            "the store knows no record{place} with the id or name `{}`",
            args.id_or_name
        ))
        .with_hint("both are compared exactly; `auditor show KIND --filter 'name ~ text'` searches"));
    }
    let mut out = output::stdout();
    match args.format {
        ReportFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &records)?;
            out.write_all(b"\n")?;
        }
        ReportFormat::Text => {
            let paint = Paint::stdout();
            for (i, record) in records.iter().enumerate() {
                let gap = if i > 0 { "\n" } else { "" };
                out.write_all(format!("{gap}{}", told(record, paint)).as_bytes())?;
            }
        }
    }
    out.flush()?;
    if more {
        stderr_line("there are more records of that name: `--account`, `--kind` or `--limit` choose");
    }
    Ok(Exit::Complete)
}

async fn find(
    store: &Store,
    args: &HistoryArgs,
    kinds: Vec<String>,
    accounts: &AccountScope,
) -> Result<(Vec<History>, bool), Failure> {
    let (mut records, mut more) = (Vec::new(), false);
    for kind in kinds {
        let of = HistoryOf {
            accounts: accounts.clone(),
            kind,
            id_or_name: args.id_or_name.clone(),
            limit: args.limit,
        };
        let found = store.history(&of).await?;
        records.extend(found.records);
        more |= found.more;
    }
    Ok((records, more))
}

/// A record's life, latest state first.
fn told(record: &History, paint: Paint) -> String {
    let name = match &record.name {
        Some(name) => format!("{name} ({})", record.native_id),
        None => record.native_id.clone(),
    };
    let heading = format!("{} {name} in {}", record.kind, record.account);
    let mut text = format!("{}\n", paint.bold(&printable(&heading)));
    let states = count(record.states.len() as u64, "state", "states");
    let now = record.removed_at.map_or_else(
        || "there at its last audit".to_owned(),
        |removed_at| format!("gone since {}", short_time(&removed_at)),
    );
    text.push_str(&format!("  source {}, {states}, {now}\n", printable(&record.source)));
    for state in record.states.iter().rev() {
        let event = match state.event {
            Event::Changed => paint.yellow(state.event.as_str()),
            Event::Removed => paint.red(state.event.as_str()),
            _ => paint.green(state.event.as_str()),
        };
        let time = short_time(&state.observed_at);
        text.push_str(&format!("  {time}  version {:<3} {event}  run {}\n", state.version, state.run));
        text.push_str(&output::changes(&state.changes, 6, paint));
    }
    text
}
