//! `auditor plugins`: what this program can talk to.

use auditor_core::registry;
use clap::Args;
use serde_json::json;

use crate::{
    exit::Exit,
    failure::Failure,
    output::{self, DataColumn, DataFormat, DataWriter},
};

/// List the source and sink types built into this program
#[derive(Debug, Args)]
pub(crate) struct PluginsArgs {
    /// How the list is written
    #[arg(long, value_enum, default_value_t = DataFormat::Table)]
    format: DataFormat,
}

pub(crate) fn execute(args: &PluginsArgs) -> Result<Exit, Failure> {
    let columns = vec![
        DataColumn::text("sort"),
        DataColumn::text("type"),
        DataColumn::number("kinds"),
        DataColumn::text("summary"),
    ];
    let mut writer = DataWriter::new(output::stdout(), args.format, columns, false)?;
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
    writer.finish()?;
    Ok(Exit::Complete)
}
