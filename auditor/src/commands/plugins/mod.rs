//! `auditor plugins`: what this program can talk to.

mod example;
mod show;

use auditor_core::registry;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::{
    exit::Exit,
    failure::Failure,
    output::{self, DataColumn, DataFormat, DataWriter, stderr_line},
};

/// List the source, sink and analyzer types built into this program, or describe one
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct PluginsArgs {
    /// How the list is written
    #[arg(long, value_enum, default_value_t = DataFormat::Table)]
    format: DataFormat,

    #[command(subcommand)]
    command: Option<PluginsCommand>,
}

#[derive(Debug, Subcommand)]
enum PluginsCommand {
    Show(show::ShowArgs),
}

pub(crate) fn execute(args: &PluginsArgs) -> Result<Exit, Failure> {
    match &args.command {
        None => list(args.format),
        Some(PluginsCommand::Show(args)) => show::execute(args),
    }
}

fn list(format: DataFormat) -> Result<Exit, Failure> {
    let columns = vec![
        DataColumn::text("sort"),
        DataColumn::text("type"),
        DataColumn::number("kinds"),
        DataColumn::text("summary"),
    ];
    let mut writer = DataWriter::new(output::stdout(), format, columns, false)?;
    for plugin in registry::sources() {
        writer.row(&[
            json!("source"),
            json!(plugin.name),
            json!(plugin.kinds.len()),
            json!(plugin.summary),
        ])?;
    }
    for plugin in registry::sinks() {
        writer.row(&[json!("sink"), json!(plugin.name), json!(null), json!(plugin.summary)])?;
    }
    for plugin in registry::analyzers() {
        writer.row(&[
            json!("analyzer"),
            json!(plugin.name),
            json!(plugin.kinds.len()),
            json!(plugin.summary),
        ])?;
    }
    writer.finish()?;
    if format == DataFormat::Table {
        for absent in registry::absent() {
            stderr_line(&format!("not in this program: {} `{}`: {}", absent.sort, absent.name, absent.why));
        }
        stderr_line("`auditor plugins show TYPE` tells settings, kinds and permissions");
    }
    Ok(Exit::Complete)
}
