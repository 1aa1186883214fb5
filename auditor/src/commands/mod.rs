//! The commands, one file each.

#[cfg(feature = "analyzer-aws-access")]
mod access;
mod accounts;
mod check;
#[cfg(feature = "analyzer-checks")]
mod checks;
mod cluster_role;
mod config;
mod csv_input;
mod db;
mod diff;
mod gaps;
mod history;
mod init;
mod kinds;
mod plugins;
mod reference;
mod run;
mod runs;
mod schema;
mod show;
mod target_csv;
mod targets;
mod validate;
mod verify;

use clap::{Subcommand, ValueEnum};

use crate::{args::App, exit::Exit, failure::Failure};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(run::RunArgs),
    Check(check::CheckArgs),
    Show(show::ShowArgs),
    History(history::HistoryArgs),
    Diff(diff::DiffArgs),
    Gaps(gaps::GapsArgs),
    Runs(runs::RunsArgs),
    Verify(verify::VerifyArgs),
    Validate(validate::ValidateArgs),
    Init(init::InitArgs),
    Plugins(plugins::PluginsArgs),
    Kinds(kinds::KindsArgs),
    #[cfg(feature = "analyzer-checks")]
    #[command(subcommand)]
    Checks(checks::ChecksCommand),
    #[command(subcommand)]
    Config(config::ConfigCommand),
    #[cfg(feature = "analyzer-aws-access")]
    #[command(subcommand)]
    Access(access::AccessCommand),
    #[command(subcommand)]
    Accounts(accounts::AccountsCommand),
    #[command(subcommand)]
    Targets(targets::TargetsCommand),
    #[command(subcommand)]
    Db(db::DbCommand),
    /// Print the reference of the command line as Markdown
    #[command(hide = true)]
    HelpMarkdown,
}

impl Command {
    /// Does it.
    pub(crate) async fn execute(self, app: &App) -> Result<Exit, Failure> {
        match self {
            Self::Run(args) => run::execute(args, app).await,
            Self::Check(args) => check::execute(args, app).await,
            Self::Show(args) => show::execute(args, app).await,
            Self::History(args) => history::execute(args, app).await,
            Self::Diff(args) => diff::execute(args, app).await,
            Self::Gaps(args) => gaps::execute(args, app).await,
            Self::Runs(args) => runs::execute(args, app).await,
            Self::Verify(args) => verify::execute(args, app).await,
            Self::Validate(args) => validate::execute(&args, app),
            Self::Init(args) => init::execute(&args, app),
            Self::Plugins(args) => plugins::execute(&args),
            Self::Kinds(args) => kinds::execute(&args),
            #[cfg(feature = "analyzer-checks")]
            Self::Checks(command) => checks::execute(&command),
            Self::Config(command) => config::execute(&command),
            #[cfg(feature = "analyzer-aws-access")]
            Self::Access(command) => access::execute(command, app).await,
            Self::Accounts(command) => accounts::execute(command, app).await,
            Self::Targets(command) => targets::execute(command, app).await,
            Self::Db(command) => db::execute(command, app).await,
            Self::HelpMarkdown => reference::execute(),
        }
    }
}

/// For commands whose output is one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}
