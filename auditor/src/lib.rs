//! The program: command line, composition of plugins, exit codes.
//!
//! | module | holds |
//! |---|---|
//! | `args` | the command line as a whole |
//! | `commands` | one file per command |
//! | `output` | how things are shown: tables, CSV, JSON, the summary of a run |
//! | `plugins` | the plugins that are built in |
//! | `store` | from the configuration to an open store |
//! | `failure`, `exit` | what ends a command early, and what the process ends with |
//! | `progress`, `logging`, `signals` | what a person sees and does while it runs |
//!
//! A team with a source of its own builds its own program: a package that depends on this one and on the source's
//! crate, with this `main.rs`:
//!
//! ```ignore
//! use our_source as _; // named, so that the linker keeps it
//!
//! fn main() -> std::process::ExitCode {
//!     auditor::main()
//! }
//! ```

#![cfg_attr(not(test), warn(unused_crate_dependencies))]
#![allow(
    clippy::format_push_string,
    reason = "texts for people are short; `write!` to a string would bring an error that cannot happen"
)]

mod args;
mod commands;
mod exit;
mod failure;
mod logging;
mod output;
mod plugins;
mod progress;
mod signals;
mod store;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Cli;

/// Runs the program on this process's arguments.
#[must_use = "the process ends with it"]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return args::print_usage(&error),
    };
    let app = cli.app();
    logging::init(cli.log_format(), &app.bars);
    let exit = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(failure::Failure::from)
        .and_then(|runtime| {
            let result = runtime.block_on(cli.command.execute(&app));
            // A plugin's thread that hangs must not hold up the end of the program.
            runtime.shutdown_background();
            result
        })
        .unwrap_or_else(|failure| failure.report());
    exit.into()
}
