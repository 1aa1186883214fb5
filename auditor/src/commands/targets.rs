//! `auditor targets`: the table of AWS accounts to audit.

use std::{path::PathBuf, sync::Arc};

use auditor_core::sink::{AccountDirectory, AccountEntry, Sink};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{csv_input, target_csv};
use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{self, DataColumn, DataFormat, DataWriter, count, stderr_line},
};

/// Keep the table of AWS accounts to audit, and the role for each
#[derive(Debug, Subcommand)]
pub(crate) enum TargetsCommand {
    List(ListArgs),
    Import(ImportArgs),
    Export(SinkArgs),
}

/// Show the accounts to audit, and whether their roles work
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    sink: SinkArgs,

    /// How the list is written
    #[arg(long, value_enum, default_value_t = DataFormat::Table)]
    format: DataFormat,
}

/// Add accounts or change their settings from CSV; every row is checked before any is written
#[derive(Debug, Args)]
#[command(after_help = target_csv::HELP)]
pub(crate) struct ImportArgs {
    /// The CSV file; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    sink: SinkArgs,

    /// Check the file and write nothing
    #[arg(long)]
    check: bool,
}

/// Print the table as CSV, as `import` reads it
#[derive(Debug, Args)]
pub(crate) struct SinkArgs {
    /// The sink whose table it is, by its name in the configuration. Default: the first that has one
    #[arg(long, value_name = "NAME")]
    pub(crate) sink: Option<String>,
}

pub(crate) async fn execute(command: TargetsCommand, app: &App) -> Result<Exit, Failure> {
    match command {
        TargetsCommand::List(args) => {
            let entries = directory(&args.sink, app).await?.1.list().await?;
            list(&entries, args.format)?;
        }
        TargetsCommand::Export(args) => {
            let entries = directory(&args, app).await?.1.list().await?;
            target_csv::write(&entries, output::stdout())?;
        }
        TargetsCommand::Import(args) => import(&args, app).await?,
    }
    Ok(Exit::Complete)
}

async fn import(args: &ImportArgs, app: &App) -> Result<(), Failure> {
    let entries = csv_input::read(&args.file, target_csv::read)?;
    let number = count(entries.len() as u64, "account", "accounts");
    if args.check {
        stderr_line(&format!("{number} in `{}`, all valid; nothing was written", args.file.display()));
        return Ok(());
    }
    let (name, directory) = directory(&args.sink, app).await?;
    let changed = directory.upsert(&entries).await?;
    stderr_line(&format!("{number} read, {changed} new or changed in sink `{name}`"));
    Ok(())
}

/// The account table of the chosen sink, or of the first that keeps one.
async fn directory(args: &SinkArgs, app: &App) -> Result<(String, Arc<dyn AccountDirectory>), Failure> {
    let config = app.load()?;
    let sinks = config.build_sinks()?;
    let known = sinks.iter().map(|(instance, _)| instance.instance.name.as_str());
    if let Some(name) = args.sink.as_deref().filter(|name| !known.clone().any(|known| known == *name)) {
        return Err(Failure::unknown("enabled sink", name, known));
    }
    for (instance, sink) in &sinks {
        let name = &instance.instance.name;
        if args.sink.as_ref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        if let Some(directory) = prepared(sink.as_ref()).await? {
            return Ok((name.clone(), directory));
        }
    }
    Err(match &args.sink {
        Some(name) => Failure::usage(format!("sink `{name}` keeps no table of accounts")),
        None => Failure::usage(format!(
            "no enabled sink in `{}` keeps a table of accounts",
            config.file.display()
        )),
    }
    .with_hint("`sqlite` and `postgres` sinks do"))
}

async fn prepared(sink: &dyn Sink) -> Result<Option<Arc<dyn AccountDirectory>>, Failure> {
    if sink.accounts().is_none() {
        return Ok(None);
    }
    sink.prepare(&[]).await?;
    Ok(sink.accounts())
}

fn list(entries: &[AccountEntry], format: DataFormat) -> Result<(), Failure> {
    let columns = vec![
        DataColumn::text("account"),
        DataColumn::text("name"),
        DataColumn::text("enabled"),
        DataColumn::text("working"),
        DataColumn::time("last_used_at"),
        DataColumn::text("role_arn"),
        DataColumn::text("last_error"),
        DataColumn::text("external_id_ref"),
    ];
    let mut writer = DataWriter::new(output::stdout(), format, columns, true)?;
    for entry in entries {
        writer.row(&[
            json!(entry.account),
            json!(entry.name),
            json!(entry.enabled),
            json!(entry.working),
            json!(entry.last_used_at),
            json!(entry.role_arn),
            json!(entry.last_error),
            json!(entry.external_id_ref),
        ])?;
    }
    let left_out = writer.finish()?;
    let enabled = entries.iter().filter(|entry| entry.enabled).count();
    let broken = entries.iter().filter(|entry| entry.working == Some(false)).count();
    if entries.is_empty() {
        stderr_line("no accounts to audit yet: `auditor targets import FILE` adds them");
        return Ok(());
    }
    let mut footer = format!("{}, {enabled} enabled", count(entries.len() as u64, "account", "accounts"));
    if broken > 0 {
        footer.push_str(&format!(", {broken} whose role could not be assumed"));
    }
    if !left_out.is_empty() {
        footer.push_str(&format!(" (not shown: {})", left_out.join(", ")));
    }
    stderr_line(&footer);
    Ok(())
}
