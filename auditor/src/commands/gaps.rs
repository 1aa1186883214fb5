//! `auditor gaps`: what the store does not know, and what would close it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
};

use auditor_store::read::ScopeGaps;
use clap::Args;

use super::ReportFormat;
use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{self, GapPlace, Paint, count, gap_list, stderr_line},
    store::{AccountArgs, StoreArgs},
};

/// Show what could not be seen at the last audit, and what would close it
#[derive(Debug, Args)]
pub(crate) struct GapsArgs {
    /// Only this kind (repeatable)
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,

    #[command(flatten)]
    accounts: AccountArgs,

    /// How they are written
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,

    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) async fn execute(args: GapsArgs, app: &App) -> Result<Exit, Failure> {
    let store = args.store.open(app).await?;
    let accounts = args.accounts.scope();
    let all = store.scopes(&accounts).await?;
    let mut gaps = store.gaps(&accounts).await?;
    gaps.retain(|scope| args.kinds.is_empty() || args.kinds.contains(&scope.scope.kind));
    let mut out = output::stdout();
    match args.format {
        ReportFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &gaps)?;
            out.write_all(b"\n")?;
        }
        ReportFormat::Text => out.write_all(told(&gaps, Paint::stdout()).as_bytes())?,
    }
    out.flush()?;
    stderr_line(&Paint::stderr().dim(&conclusion(gaps.len(), all.len())));
    Ok(Exit::Complete)
}

fn conclusion(with_gaps: usize, all: usize) -> String {
    match (with_gaps, all) {
        (_, 0) => "nothing has been audited yet: `auditor run`".to_owned(),
        (0, all) => format!("no gaps: {} known completely", count(all as u64, "listing is", "listings are")),
        (some, all) => format!("{some} of {} not known completely", count(all as u64, "listing", "listings")),
    }
}

fn told(scopes: &[ScopeGaps], paint: Paint) -> String {
    let found = scopes.iter().flat_map(|scope| {
        let place = GapPlace { account: &scope.scope.account, kind: Some(&scope.scope.kind) };
        scope.gaps.iter().map(move |gap| (scope.scope.source.as_str(), gap, Some(place)))
    });
    let mut text = gap_list(found, paint);
    let unexplained: BTreeSet<_> = scopes
        .iter()
        .filter(|scope| scope.gaps.is_empty() && scope.held == 0)
        .map(|scope| format!("{} in {} ({})", scope.scope.kind, scope.scope.account, scope.scope.outcome))
        .collect();
    for line in unexplained {
        text.push_str(&format!("  {line}\n"));
    }
    let mut held: BTreeMap<&str, u64> = BTreeMap::new();
    for scope in scopes.iter().filter(|scope| scope.held > 0) {
        *held.entry(&scope.scope.account).or_default() += scope.held;
    }
    for (account, rows) in held {
        let rows = count(rows, "removal", "removals");
        text.push_str(&format!("  {}  account {account}: {rows} held\n", paint.yellow("held")));
        text.push_str(&format!("      {} `auditor run --accept-removals`\n", paint.cyan("to close it:")));
    }
    text
}
