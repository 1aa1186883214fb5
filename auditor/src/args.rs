//! The command line as a whole; each command's own arguments are in its file.

use std::{path::PathBuf, process::ExitCode};

use auditor_core::config::Config;
use clap::{Parser, error::ErrorKind};
use indicatif::MultiProgress;

use crate::{commands::Command, exit, failure::Failure, logging::LogFormat};

/// Collects who exists and what each may do, from every configured source; keeps each state as evidence; answers who
/// has access, what changed and what could not be seen.
#[derive(Debug, Parser)]
#[command(name = "auditor", version, after_help = exit::HELP, max_term_width = 110, subcommand_required = true)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// The configuration file
    #[arg(
        long,
        short,
        global = true,
        value_name = "FILE",
        env = "AUDITOR_CONFIG",
        default_value = "auditor.toml"
    )]
    config: PathBuf,

    /// How log messages are written to standard error; `RUST_LOG` chooses which
    #[arg(long, global = true, value_name = "FORMAT", env = "AUDITOR_LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,

    /// Show no progress
    #[arg(long, short, global = true)]
    quiet: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command may use.
pub(crate) struct App {
    /// The configuration file.
    pub(crate) config: PathBuf,
    /// Whether to show no progress.
    pub(crate) quiet: bool,
    /// The progress bars of this process; messages go above them.
    pub(crate) bars: MultiProgress,
}

impl Cli {
    pub(crate) fn app(&self) -> App {
        App { config: self.config.clone(), quiet: self.quiet, bars: MultiProgress::new() }
    }

    pub(crate) fn log_format(&self) -> LogFormat {
        self.log_format
    }
}

impl App {
    /// Reads and checks the configuration file.
    pub(crate) fn load(&self) -> Result<Config, Failure> {
        Ok(Config::load(&self.config)?)
    }
}

/// Prints what `clap` has to say: help on standard output, errors on standard error.
pub(crate) fn print_usage(error: &clap::Error) -> ExitCode {
    drop(error.print());
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => exit::Exit::Complete.into(),
        _ => exit::Exit::Usage.into(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_may_stand_anywhere() {
        for line in ["auditor -c a.toml validate", "auditor validate --config a.toml"] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(cli.app().config, PathBuf::from("a.toml"), "{line}");
        }
    }
}
