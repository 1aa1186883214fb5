//! From the store and the configuration to merged accounts.

use auditor_core::{
    config::{Config, did_you_mean},
    model::{
        AccountId,
        common::{ACCOUNT, MANUAL, TOOL_COVERAGE},
    },
};
use auditor_store::{
    Store,
    directory::{Account, BlindSpot, Coverage, Precedence, blind_spots, merge},
    read::AccountScope,
};
use chrono::{DateTime, Utc};

use crate::{args::App, failure::Failure, store::StoreArgs};

/// Who is believed where the configuration does not say: people first, then what an organisation says of its own
/// accounts, then a system that assigns owners, then the account itself. Types that are not here come last.
const PRECEDENCE: [&str; 4] = [MANUAL, "aws-organization", "cloudhealth", "aws-iam"];

/// The account directory of one store.
pub(super) struct Directory {
    pub(super) config: Config,
    pub(super) store: Store,
    /// Name of the sink whose store it is.
    pub(super) sink: String,
    precedence: Precedence,
}

impl Directory {
    pub(super) async fn open(args: &StoreArgs, app: &App) -> Result<Self, Failure> {
        let config = app.load()?;
        let (instance, plugin) = args.find(&config)?;
        let store = (plugin.open)(instance.table(), &instance.instance).await?;
        let sink = instance.instance.name.clone();
        Ok(Self { precedence: precedence(&config), sink, store, config })
    }

    /// Every account that a source has facts of, by id.
    pub(super) async fn accounts(
        &self,
        scope: &AccountScope,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Vec<Account>, Failure> {
        Ok(merge(&self.store.statements(scope, as_of).await?, &self.precedence))
    }

    /// One account, or why it is not there.
    pub(super) async fn account(
        &self,
        id: &AccountId,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Account, Failure> {
        let only = AccountScope::Only(vec![id.clone()]);
        if let Some(account) = self.accounts(&only, as_of).await?.pop() {
            return Ok(account);
        }
        let all = self.accounts(&AccountScope::All, as_of).await?;
        let near = did_you_mean(id.as_str(), all.iter().map(|account| account.account.as_str()));
        let when = if as_of.is_some() { " then" } else { "" };
        Err(Failure::failed(format!("no source knew facts of account `{id}`{when}{near}")).with_hint(
            "`auditor accounts list` shows the accounts; `auditor accounts set` adds what you know",
        ))
    }

    /// What tools say of the accounts.
    pub(super) async fn coverage(
        &self,
        scope: &AccountScope,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Vec<Coverage>, Failure> {
        Ok(self.store.coverage(scope, as_of).await?)
    }

    /// The accounts that one system knows and another does not. Whether a system knows any at all is asked of all
    /// accounts; of those outside of the scope nothing is told.
    pub(super) async fn blind_spots(
        &self,
        scope: &AccountScope,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Vec<BlindSpot>, Failure> {
        let statements = self.store.statements(&AccountScope::All, as_of).await?;
        let coverage = self.store.coverage(&AccountScope::All, as_of).await?;
        let listings = self.store.directory_listings(as_of).await?;
        let mut spots = blind_spots(&statements, &coverage, &listings, &|source| self.system(source));
        spots.retain(|spot| scope.allows(&spot.account));
        Ok(spots)
    }

    /// The type of a source that is in use and lists accounts.
    fn system(&self, source: &str) -> Option<String> {
        let mut enabled = self.config.enabled_sources();
        let source = enabled.find(|enabled| enabled.instance.name == source)?;
        Some(source.plugin.name.to_owned())
    }

    /// Sources in use that list accounts or tell coverage, of which the store has no listing: of them nothing is known.
    pub(super) async fn silent(&self) -> Result<Vec<String>, Failure> {
        let listings = self.store.directory_listings(None).await?;
        let lists = |kind: &auditor_core::model::Kind| *kind == ACCOUNT || *kind == TOOL_COVERAGE;
        let silent = self.config.enabled_sources().filter(|source| {
            let name = &source.instance.name;
            source.plugin.kinds.iter().any(|kind| lists(kind))
                && !listings.iter().any(|listing| listing.source == *name)
        });
        Ok(silent.map(|source| source.instance.name.clone()).collect())
    }
}

fn precedence(config: &Config) -> Precedence {
    let names = config
        .accounts
        .precedence
        .clone()
        .unwrap_or_else(|| PRECEDENCE.iter().map(|name| (*name).to_owned()).collect());
    let types =
        config.sources.iter().map(|source| (source.instance.name.clone(), source.plugin.name.to_owned()));
    Precedence::new(names, types)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_text_names_the_default_order() {
        let mut rest = super::super::HELP;
        for name in PRECEDENCE {
            (_, rest) = rest.split_once(name).unwrap_or_else(|| panic!("{name} is not next in {rest}"));
        }
    }
}
