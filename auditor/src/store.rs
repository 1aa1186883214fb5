//! From the configuration to an open store, for commands that read.

use auditor_core::{
    config::{Config, SinkInstance},
    model::{AccountId, Kind},
    registry,
};
use auditor_store::{
    Store,
    read::{AccountScope, KindRef, QueryError},
    registry::{StorePlugin, store_plugin},
};
use chrono::{DateTime, Utc};
use clap::Args;

use crate::{args::App, failure::Failure};

/// Which store to read.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// The sink whose store to use, by its name in the configuration. Default: the first enabled one that keeps a store
    #[arg(long, value_name = "NAME")]
    pub(crate) sink: Option<String>,
}

/// Whose records to show.
#[derive(Debug, Args)]
pub(crate) struct AccountArgs {
    /// Only this account (repeatable)
    #[arg(long = "account", value_name = "ACCOUNT")]
    pub(crate) accounts: Vec<AccountId>,
}

impl AccountArgs {
    pub(crate) fn scope(&self) -> AccountScope {
        if self.accounts.is_empty() { AccountScope::All } else { AccountScope::Only(self.accounts.clone()) }
    }
}

impl StoreArgs {
    /// Opens the store.
    pub(crate) async fn open(&self, app: &App) -> Result<Store, Failure> {
        let config = app.load()?;
        let (instance, plugin) = self.find(&config)?;
        Ok((plugin.open)(instance.table(), &instance.instance).await?)
    }

    /// The chosen sink, or the first enabled one that keeps a store.
    pub(crate) fn find<'a>(
        &self,
        config: &'a Config,
    ) -> Result<(&'a SinkInstance, &'static StorePlugin), Failure> {
        let with_store = |sink: &'a SinkInstance| Some((sink, store_plugin(sink.plugin.name)?));
        let Some(name) = &self.sink else {
            return config.enabled_sinks().find_map(with_store).ok_or_else(|| {
                Failure::usage(format!("no enabled sink in `{}` keeps a store", config.file.display()))
                    .with_hint("`sqlite` and `postgres` sinks do")
            });
        };
        let known = config.sinks.iter().map(|sink| sink.instance.name.as_str());
        let Some(sink) = config.sinks.iter().find(|sink| sink.instance.name == *name) else {
            return Err(Failure::unknown("sink", name, known));
        };
        with_store(sink).ok_or_else(|| {
            Failure::usage(format!("sink `{name}` (`{}`) keeps no store", sink.plugin.name))
                .with_hint("`sqlite` and `postgres` sinks do")
        })
    }
}

/// A kind by name: one of this program, or one that only the store has, from a program with other plugins.
pub(crate) async fn kind(store: &Store, name: &str) -> Result<KindRef, Failure> {
    let mut known: Vec<&'static Kind> = registry::kinds();
    if let Some(kind) = known.iter().position(|kind| kind.name == name) {
        return Ok(known.swap_remove(kind).into());
    }
    let stored = store.kinds().await?;
    if stored.iter().any(|kind| kind == name) {
        return Ok(KindRef::Unknown(name.to_owned()));
    }
    let names = known.iter().map(|kind| kind.name).chain(stored.iter().map(String::as_str));
    Err(Failure::unknown("kind", name, names))
}

/// For `clap`: a time as people write it.
pub(crate) fn parse_time(text: &str) -> Result<DateTime<Utc>, String> {
    auditor_store::read::parse_as_of(text).map_err(|error| error.to_string())
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        let text = auditor_core::error::chain(&error);
        let failure = match &error {
            QueryError::Database { .. } | QueryError::Malformed { .. } => Self::failed(text),
            _ => Self::usage(text),
        };
        match error.hint() {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}
