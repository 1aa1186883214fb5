//! `auditor diff`: what is otherwise at one time than at another.

use std::{collections::BTreeMap, io::Write};

use auditor_store::{
    Store,
    read::{Diff, DiffEvent, Difference},
};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, ValueEnum};
use futures::TryStreamExt as _;

use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{self, Paint, count, printable, short_time, stderr_line},
    store::{self, AccountArgs, StoreArgs},
};

/// Show what appeared, changed and vanished between two times
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The earlier time: a date (the end of that day, UTC), an RFC 3339 time, or `now-90d`. Default: just before the latest run
    #[arg(long, value_name = "TIME", value_parser = store::parse_time)]
    from: Option<DateTime<Utc>>,

    /// The later time. Default: now
    #[arg(long, value_name = "TIME", value_parser = store::parse_time)]
    to: Option<DateTime<Utc>>,

    /// Only this kind (repeatable)
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,

    #[command(flatten)]
    accounts: AccountArgs,

    /// How it is written
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    format: DiffFormat,

    #[command(flatten)]
    store: StoreArgs,
}

/// How differences are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// For people.
    Text,
    /// One array of objects.
    Json,
    /// One object per line.
    Jsonl,
}

pub(crate) async fn execute(args: DiffArgs, app: &App) -> Result<Exit, Failure> {
    let store = args.store.open(app).await?;
    for kind in &args.kinds {
        store::kind(&store, kind).await?;
    }
    let from = match args.from {
        Some(from) => from,
        None => before_latest_run(&store).await?,
    };
    let diff = Diff {
        from,
        to: args.to.unwrap_or_else(Utc::now),
        accounts: args.accounts.scope(),
        kinds: args.kinds.clone(),
    };
    let mut differences = store.diff(&diff).await?;
    let mut writer = Writer::new(output::stdout(), args.format)?;
    while let Some(difference) = differences.try_next().await? {
        writer.write(&difference)?;
    }
    let counts = writer.finish()?;
    let (from, to) = (short_time(&diff.from.min(diff.to)), short_time(&diff.to.max(diff.from)));
    stderr_line(&Paint::stderr().dim(&format!("{} between {from} and {to}", conclusion(&counts))));
    Ok(Exit::Complete)
}

/// The latest time at which the latest run had not begun to look.
async fn before_latest_run(store: &Store) -> Result<DateTime<Utc>, Failure> {
    let latest = store.runs(1).await?.into_iter().next();
    let latest = latest
        .ok_or_else(|| Failure::failed("nothing has been audited yet").with_hint("run `auditor run`"))?;
    Ok(latest.started_at - TimeDelta::microseconds(1))
}

fn conclusion(counts: &BTreeMap<&'static str, u64>) -> String {
    if counts.is_empty() {
        return "nothing differs".to_owned();
    }
    let parts: Vec<_> = counts.iter().map(|(word, number)| format!("{number} {word}")).collect();
    format!("{}: {}", count(counts.values().sum(), "record", "records"), parts.join(", "))
}

/// Writes differences as they come.
struct Writer<W> {
    out: W,
    format: DiffFormat,
    paint: Paint,
    counts: BTreeMap<&'static str, u64>,
    heading: Option<(String, String)>,
}

impl<W: Write> Writer<W> {
    fn new(mut out: W, format: DiffFormat) -> Result<Self, Failure> {
        if format == DiffFormat::Json {
            out.write_all(b"[")?;
        }
        Ok(Self { out, format, paint: Paint::stdout(), counts: BTreeMap::new(), heading: None })
    }

    fn write(&mut self, difference: &Difference) -> Result<(), Failure> {
        let first = self.counts.is_empty();
        *self.counts.entry(difference.event.as_str()).or_default() += 1;
        match self.format {
            DiffFormat::Json => {
                self.out.write_all(if first { b"\n " } else { b",\n " })?;
                serde_json::to_writer(&mut self.out, difference)?;
            }
            DiffFormat::Jsonl => {
                serde_json::to_writer(&mut self.out, difference)?;
                self.out.write_all(b"\n")?;
            }
            DiffFormat::Text => self.text(difference)?,
        }
        Ok(())
    }

    fn text(&mut self, difference: &Difference) -> Result<(), Failure> {
        let heading = (difference.kind.clone(), difference.account.clone());
        if self.heading.as_ref() != Some(&heading) {
            let gap = if self.heading.is_some() { "\n" } else { "" };
            let title = format!("{} in {}", heading.0, heading.1);
            writeln!(self.out, "{gap}{}", self.paint.bold(&printable(&title)))?;
            self.heading = Some(heading);
        }
        let sign = match difference.event {
            DiffEvent::Appeared => self.paint.green("+"),
            DiffEvent::Changed => self.paint.yellow("~"),
            DiffEvent::Vanished => self.paint.red("-"),
        };
        let name = match &difference.name {
            Some(name) if *name != difference.native_id => format!("{name} ({})", difference.native_id),
            _ => difference.native_id.clone(),
        };
        let event = difference.event.as_str();
        writeln!(self.out, "  {sign} {} {event} {}", printable(&name), short_time(&difference.observed_at))?;
        self.out.write_all(output::changes(&difference.changes, 6, self.paint).as_bytes())?;
        Ok(())
    }

    fn finish(mut self) -> Result<BTreeMap<&'static str, u64>, Failure> {
        if self.format == DiffFormat::Json {
            self.out.write_all(if self.counts.is_empty() { b"]\n" } else { b"\n]\n" })?;
        }
        self.out.flush()?;
        Ok(self.counts)
    }
}
