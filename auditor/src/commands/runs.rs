//! `auditor runs`: the ledger.

use std::io::Write as _;

use auditor_store::{
    Store,
    read::{AccountScope, Run, Task},
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{
        self, DataColumn, DataFormat, DataWriter, FoundGap, GapPlace, Paint, duration, gap_list, printable,
        short_time, stderr_line,
    },
    store::{AccountArgs, StoreArgs},
};

/// Show the ledger of runs
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct RunsArgs {
    #[command(subcommand)]
    command: Option<RunsCommand>,

    #[command(flatten)]
    list: ListArgs,
}

/// What of it to show; default: `list`.
#[derive(Debug, Subcommand)]
enum RunsCommand {
    List(ListArgs),
    Show(ShowArgs),
}

/// List the latest runs, latest first
#[derive(Debug, Args)]
struct ListArgs {
    /// At most so many
    #[arg(long, value_name = "RUNS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,

    /// How the list is written
    #[arg(long, value_enum, default_value_t = DataFormat::Table)]
    format: DataFormat,

    #[command(flatten)]
    store: StoreArgs,
}

/// Show one run: how each listing ended and what it found
#[derive(Debug, Args)]
struct ShowArgs {
    /// The run's id, its beginning, or `latest`
    #[arg(value_name = "RUN", default_value = "latest")]
    run: String,

    #[command(flatten)]
    accounts: AccountArgs,

    /// How the listings are written
    #[arg(long, value_enum, default_value_t = DataFormat::Table)]
    format: DataFormat,

    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) async fn execute(args: RunsArgs, app: &App) -> Result<Exit, Failure> {
    match args.command.unwrap_or(RunsCommand::List(args.list)) {
        RunsCommand::List(args) => list(&args, app).await?,
        RunsCommand::Show(args) => show(&args, app).await?,
    }
    Ok(Exit::Complete)
}

async fn list(args: &ListArgs, app: &App) -> Result<(), Failure> {
    let runs = args.store.open(app).await?.runs(args.limit).await?;
    let columns = vec![
        DataColumn::text("run"),
        DataColumn::time("started_at"),
        DataColumn::text("took"),
        DataColumn::text("status"),
        DataColumn::number("seen"),
        DataColumn::number("new"),
        DataColumn::number("changed"),
        DataColumn::number("removed"),
        DataColumn::text("version"),
        DataColumn::text("digest"),
    ];
    let mut writer = DataWriter::new(output::stdout(), args.format, columns, true)?;
    for run in &runs {
        let total = |name: &str| total(run, name);
        writer.row(&[
            json!(run.id),
            json!(run.started_at),
            json!(took(run)),
            json!(run.status),
            total("seen"),
            total("new"),
            total("changed"),
            total("removed"),
            json!(run.version),
            json!(run.digest),
        ])?;
    }
    writer.finish()?;
    if runs.is_empty() {
        stderr_line("no runs yet: `auditor run`");
    }
    Ok(())
}

fn took(run: &Run) -> Option<String> {
    Some(duration((run.finished_at? - run.started_at).to_std().ok()?))
}

fn total(run: &Run, name: &str) -> Value {
    let totals = run.summary.as_ref().and_then(|summary| summary.get("totals"));
    totals.and_then(|totals| totals.get(name)).cloned().unwrap_or_default()
}

async fn show(args: &ShowArgs, app: &App) -> Result<(), Failure> {
    let store = args.store.open(app).await?;
    let (run, tasks) = find(&store, &args.run, &args.accounts.scope()).await?;
    let columns = vec![
        DataColumn::text("source"),
        DataColumn::text("account"),
        DataColumn::text("kind"),
        DataColumn::text("outcome"),
        DataColumn::number("seen"),
        DataColumn::number("new"),
        DataColumn::number("changed"),
        DataColumn::number("removed"),
        DataColumn::number("held"),
        DataColumn::time("observed_at"),
        DataColumn::text("target"),
        DataColumn::text("digest"),
    ];
    if args.format == DataFormat::Table {
        let mut out = output::stdout();
        out.write_all(heading(&run, Paint::stdout()).as_bytes())?;
        out.flush()?;
    }
    let mut writer = DataWriter::new(output::stdout(), args.format, columns, true)?;
    for task in &tasks {
        for scope in &task.scopes {
            writer.row(&[
                json!(task.source),
                json!(task.account),
                json!(scope.kind),
                json!(scope.outcome),
                json!(scope.counts.seen),
                json!(scope.counts.new),
                json!(scope.counts.changed),
                json!(scope.counts.removed),
                json!(scope.counts.held),
                json!(task.observed_at),
                json!(task.target),
                json!(scope.digest),
            ])?;
        }
    }
    writer.finish()?;
    let gaps = gap_list(found_gaps(&tasks), Paint::stderr());
    if !gaps.is_empty() {
        stderr_line(&format!("\n{}\n{}", Paint::stderr().bold("What could not be seen"), gaps.trim_end()));
    }
    Ok(())
}

fn heading(run: &Run, paint: Paint) -> String {
    let mut text = format!("{}: {}\n", paint.bold(&format!("run {}", run.id)), printable(&run.status));
    text.push_str(&format!("  started   {}\n", short_time(&run.started_at)));
    let finished = match (&run.finished_at, took(run)) {
        (Some(at), Some(took)) => format!("{} ({took})", short_time(at)),
        _ => "not: it is under way, or was cut off".to_owned(),
    };
    text.push_str(&format!("  finished  {finished}\n  version   {}\n", printable(&run.version)));
    if let Some(digest) = &run.digest {
        text.push_str(&format!("  digest    {digest}\n"));
    }
    if let Some(previous) = &run.previous_run {
        text.push_str(&format!("  follows   {previous}\n"));
    }
    text.push('\n');
    text
}

fn found_gaps(tasks: &[Task]) -> impl Iterator<Item = FoundGap<'_>> {
    tasks.iter().flat_map(|task| {
        task.scopes.iter().flat_map(move |scope| {
            let place = GapPlace { account: &task.account, kind: Some(&scope.kind) };
            scope.gaps.iter().map(move |gap| (task.source.as_str(), gap, Some(place)))
        })
    })
}

/// How far back a run is looked for by the beginning of its id.
const SEARCHED: u64 = 10_000;

/// A run by its id, the beginning of its id, or `latest`.
async fn find(store: &Store, wanted: &str, accounts: &AccountScope) -> Result<(Run, Vec<Task>), Failure> {
    let id = match wanted.parse::<Uuid>() {
        Ok(id) => Some(id),
        Err(_) if wanted == "latest" => store.runs(1).await?.first().map(|run| run.id),
        Err(_) => {
            let runs = store.runs(SEARCHED).await?;
            let wanted = wanted.to_ascii_lowercase();
            let mut matching = runs.iter().filter(|run| run.id.to_string().starts_with(&wanted));
            match (matching.next(), matching.next()) {
                (Some(run), None) => Some(run.id),
                (Some(_), Some(_)) => {
                    return Err(Failure::usage(format!("several runs begin with `{wanted}`"))
                        .with_hint("give more of the id; `auditor runs list` shows them"));
                }
                _ => None,
            }
        }
    };
    let found = match id {
        Some(id) => store.run(id, accounts).await?,
        None => None,
    };
    found.ok_or_else(|| {
        if wanted == "latest" {
            Failure::failed("nothing has been audited yet").with_hint("run `auditor run`")
        } else {
            Failure::failed(format!("the ledger has no run `{wanted}`"))
                .with_hint("`auditor runs list` shows them")
        }
    })
}
