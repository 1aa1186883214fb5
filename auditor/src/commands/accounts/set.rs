//! `auditor accounts set`: facts that a person knows.

use auditor_core::model::{AccountId, common::MANUAL};
use auditor_store::read::AccountScope;
use clap::Args;

use super::{
    HELP,
    directory::Directory,
    facts,
    manual::{self, Changes},
};
use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{Paint, count, stderr_line},
    store::StoreArgs,
};

/// Keep facts of an account that you know and the sources do not, or know wrongly
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct SetArgs {
    /// The account: 12 digits, or `provider:id`
    #[arg(value_name = "ACCOUNT")]
    account: AccountId,

    /// What is so: `owner='Payments team'`; `owner=` clears what was set before
    #[arg(value_name = "FACT=VALUE", required = true, value_parser = facts::assignment)]
    facts: Vec<(&'static str, Option<String>)>,

    #[command(flatten)]
    who: WhoArgs,

    #[command(flatten)]
    store: StoreArgs,
}

/// Who keeps facts.
#[derive(Debug, Args)]
pub(super) struct WhoArgs {
    /// Who says so: kept with the facts
    #[arg(long, value_name = "NAME", env = "USER", hide_env_values = true, value_parser = who)]
    by: String,
}

impl WhoArgs {
    pub(super) fn name(&self) -> &str {
        &self.by
    }
}

/// A name that can be kept.
fn who(text: &str) -> Result<String, String> {
    facts::value("--by", text)?.ok_or_else(|| "say who: a name or an address".to_owned())
}

pub(super) async fn execute(args: SetArgs, app: &App) -> Result<Exit, Failure> {
    let directory = Directory::open(&args.store, app).await?;
    let mut changes = Changes::new();
    let id = args.account.clone();
    let wanted = changes.entry(args.account).or_default();
    for (fact, value) in args.facts {
        if wanted.insert(fact, value).is_some() {
            return Err(Failure::usage(format!("`{fact}` is given twice")));
        }
    }
    let counts = manual::store(&directory, changes.clone(), args.who.name(), false).await?;
    stderr_line(&match counts.new + counts.changed + counts.returned {
        0 => "nothing changed: these facts were set so already".to_owned(),
        _ => format!("set; `auditor accounts show {id}` tells what counts now"),
    });
    remarks(&directory, &changes).await?;
    Ok(Exit::Complete)
}

/// Says of what was set where it does not count, and of which accounts nobody else knows.
pub(super) async fn remarks(directory: &Directory, changes: &Changes) -> Result<(), Failure> {
    let scope = AccountScope::Only(changes.keys().cloned().collect());
    let accounts = directory.accounts(&scope, None).await?;
    let warn = |text: &str| stderr_line(&format!("{}: {text}", Paint::stderr().yellow("note")));
    let (mut overruled, mut stranger) = (Vec::new(), Vec::new());
    for account in &accounts {
        if account.sources().iter().all(|source| *source == MANUAL) {
            stranger.push(account.account.as_str());
        }
        let set = changes.iter().find(|(id, _)| id.as_str() == account.account).map(|(_, facts)| facts);
        for (fact, value) in set.into_iter().flatten() {
            let said = account.fact(fact).map(|fact| &fact.said);
            if let Some(said) = said.filter(|said| value.is_some() && said.source != MANUAL) {
                overruled.push(format!("`{fact}` of {} by {}", account.account, said.source));
            }
        }
    }
    if !overruled.is_empty() {
        let some = crate::output::some_of(&overruled, 5);
        warn(&format!("kept, but overruled by `precedence` of `[accounts]`: {some}"));
    }
    if !stranger.is_empty() {
        let some = crate::output::some_of(&stranger, 5);
        let number = count(stranger.len() as u64, "account", "accounts");
        warn(&format!("{number} that no source knows, so it may be mistyped: {some}"));
    }
    Ok(())
}
