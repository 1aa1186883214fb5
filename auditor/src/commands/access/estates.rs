//! From the store to accounts that can be asked.

use std::collections::BTreeSet;

use auditor_analyzer_aws_access::{AwsAccess, Estate};
use auditor_core::{
    analyzer::{Analyzer as _, Listing, Reader as _, View},
    model::AccountId,
};
use auditor_store::{Store, read::AccountScope};
use chrono::{DateTime, Utc};
use clap::Args;

use crate::{
    args::App,
    failure::Failure,
    output::{Paint, stderr_line},
    store::{self, AccountArgs, StoreArgs},
};

/// Which accounts are asked, and as of when.
#[derive(Debug, Args)]
pub(super) struct EstateArgs {
    #[command(flatten)]
    pub(super) accounts: AccountArgs,

    /// As it was then: a date (the end of that day, UTC) or an RFC 3339 time
    #[arg(long, value_name = "TIME", value_parser = store::parse_time)]
    pub(super) as_of: Option<DateTime<Utc>>,

    #[command(flatten)]
    pub(super) store: StoreArgs,
}

/// The accounts that are asked. One at a time is in memory.
pub(super) struct Estates {
    store: Store,
    pub(super) accounts: Vec<AccountId>,
    as_of: Option<DateTime<Utc>>,
    shared: Vec<Listing>,
}

impl EstateArgs {
    /// The accounts that AWS principals are stored of; of them, only that one, if it is given.
    pub(super) async fn open(&self, app: &App, only: Option<&AccountId>) -> Result<Estates, Failure> {
        let store = self.store.open(app).await?;
        let own = own_kinds();
        let known = store.inputs(&own).await?.into_iter().map(|input| input.account);
        let known: BTreeSet<_> = known.filter(AccountId::is_aws).collect();
        if known.is_empty() {
            return Err(Failure::failed("no principals of AWS accounts are stored")
                .with_hint("`auditor run` with a source of type `aws-iam` collects them"));
        }
        for wanted in self.accounts.accounts.iter().chain(only) {
            if !known.contains(wanted) {
                return Err(Failure::unknown(
                    "account",
                    wanted.as_str(),
                    known.iter().map(AccountId::as_str),
                ));
            }
        }
        let scope = self.accounts.scope();
        let accounts = known
            .into_iter()
            .filter(|account| scope.allows(account.as_str()) && only.is_none_or(|only| only == account))
            .collect();
        let shared = AwsAccess.shared_inputs();
        let shared = store.listings_of(&AccountScope::All, &shared, self.as_of).await?;
        Ok(Estates { store, accounts, as_of: self.as_of, shared })
    }
}

impl Estates {
    /// Reads one account.
    pub(super) async fn read(&self, account: &AccountId) -> Result<Estate, Failure> {
        let scope = AccountScope::Only(vec![account.clone()]);
        let listings = self.store.listings_of(&scope, &own_kinds(), self.as_of).await?;
        let at = self.as_of.unwrap_or_else(Utc::now);
        let view = View { account: Some(account), at, listings: &listings, shared: &self.shared };
        Estate::from_view(&view, None)
            .ok_or_else(|| Failure::failed(format!("account `{account}` cannot be read")))
    }

    /// The one account that has a user or role of that ARN, unique id or name.
    pub(super) async fn with(&self, principal: &str) -> Result<(AccountId, Estate), Failure> {
        let mut found = Vec::new();
        for account in &self.accounts {
            let estate = self.read(account).await?;
            if estate.has(principal) {
                found.push((account.clone(), estate));
            }
        }
        let accounts: Vec<_> = found.iter().map(|(account, _)| account.to_string()).collect();
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Ok(one),
            (Some(_), false) => Err(Failure::usage(format!(
                "`{principal}` is in {} accounts: {}",
                accounts.len(),
                accounts.join(", ")
            ))
            .with_hint("give its ARN, or choose one with `--account`")),
            (None, _) => Err(Failure::failed(format!("no user or role `{principal}` is stored"))
                .with_hint("give its ARN, unique id or name exactly; `auditor show principal` lists them")),
        }
    }
}

/// Kinds of which an account's own records are read.
fn own_kinds() -> Vec<&'static str> {
    let shared = AwsAccess.shared_inputs();
    AwsAccess.inputs().into_iter().filter(|kind| !shared.contains(kind)).collect()
}

/// The account that an ARN names.
pub(super) fn account_of(principal: &str) -> Option<AccountId> {
    let account = principal.strip_prefix("arn:")?.split(':').nth(3)?;
    account.parse().ok()
}

/// Says what limits the answers.
pub(super) fn notes(notes: &BTreeSet<String>) {
    let paint = Paint::stderr();
    for note in notes {
        stderr_line(&format!("{}: {note}", paint.yellow("note")));
    }
}
