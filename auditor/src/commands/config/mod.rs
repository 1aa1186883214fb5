//! `auditor config`: what the configuration file may say.

mod reference;

use std::io::Write as _;

use clap::Subcommand;

use crate::{exit::Exit, failure::Failure, output};

/// Describe the configuration file
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the JSON schema of the file, for editors
    Schema,
    /// Print the reference of every key as Markdown
    Reference,
}

pub(crate) fn execute(command: &ConfigCommand) -> Result<Exit, Failure> {
    let mut out = output::stdout();
    match command {
        ConfigCommand::Schema => {
            serde_json::to_writer_pretty(&mut out, &auditor_core::config::file_schema())?;
            out.write_all(b"\n")?;
        }
        ConfigCommand::Reference => out.write_all(reference::markdown().as_bytes())?,
    }
    out.flush()?;
    Ok(Exit::Complete)
}
