//! `auditor accounts`: the account directory, what all sources together know of each account.
//!
//! | module | holds |
//! |---|---|
//! | `directory` | from the store and the configuration to merged accounts |
//! | `list`, `show`, `blind_spots` | what is shown of them |
//! | `set`, `import`, `export` | facts that people keep, one by one or as CSV |
//! | `facts` | which facts people may keep, and as which text |
//! | `manual` | the built-in source that stores them |

mod blind_spots;
mod csv;
mod directory;
mod facts;
mod import;
mod list;
mod manual;
mod set;
mod show;

use clap::Subcommand;

use crate::{args::App, exit::Exit, failure::Failure};

/// For `--help` of the commands that show or change facts.
const HELP: &str = "\
Each fact of an account comes from the source that is believed most among those that know it: by `precedence` of
`[accounts]` in the configuration, or else manual (what `auditor accounts set` keeps), aws-organization, cloudhealth,
aws-iam, then the others, among which the latest change counts.

Which AWS accounts are audited, and through which role, is another matter: `auditor targets`.";

/// See who answers for each account, and complete what the sources do not know
#[derive(Debug, Subcommand)]
pub(crate) enum AccountsCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    BlindSpots(blind_spots::BlindSpotsArgs),
    Set(set::SetArgs),
    Import(import::ImportArgs),
    Export(import::ExportArgs),
}

pub(crate) async fn execute(command: AccountsCommand, app: &App) -> Result<Exit, Failure> {
    match command {
        AccountsCommand::List(args) => list::execute(args, app).await,
        AccountsCommand::Show(args) => show::execute(args, app).await,
        AccountsCommand::BlindSpots(args) => blind_spots::execute(args, app).await,
        AccountsCommand::Set(args) => set::execute(args, app).await,
        AccountsCommand::Import(args) => import::execute(args, app).await,
        AccountsCommand::Export(args) => import::export(args, app).await,
    }
}
