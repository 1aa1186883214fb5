//! The built-in source that stores what people set: one target per account, one record in each.
//!
//! It goes through the engine and the sink's write path like any other source, so what people set has versions, digests
//! and a place in the ledger, and needs no right that runs do not need.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use auditor_core::{
    config::SourceSettings,
    engine::{Engine, EngineSink, EngineSource, NoObserver, RunOptions},
    error::SourceError,
    model::{
        AccountId, Kind, Resource,
        common::{ACCOUNT, MANUAL},
    },
    outcome::{Counts, RunReport, RunStatus},
    sink::CheckItem,
    source::{Collector, Context, Source, Target},
};
use auditor_store::{
    Store,
    directory::{NAME, SET_BY},
    read::{AccountScope, Show},
};
use futures::TryStreamExt as _;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::directory::Directory;
use crate::failure::Failure;

/// Facts to set, by account. `None` clears.
pub(super) type Changes = BTreeMap<AccountId, BTreeMap<&'static str, Option<String>>>;

/// Stores them as a run of its own. With `dry`, only says what would change. What is kept is read, changed and written by
/// one program at a time: of two that set facts of one account, the second adds to what the first set.
pub(super) async fn store(
    directory: &Directory,
    changes: Changes,
    by: &str,
    dry: bool,
) -> Result<Counts, Failure> {
    let _alone = if dry { None } else { Some(directory.store.exclusive().await?) };
    let source = Manual { store: directory.store.clone(), by: by.to_owned(), changes };
    let built = directory.config.build_sinks()?;
    let Some((_, sink)) = built.into_iter().find(|(sink, _)| sink.instance.name == directory.sink) else {
        return Err(Failure::usage(format!("sink `{}` is switched off", directory.sink))
            .with_hint(format!("set `enabled = true` in `[sinks.{}]`", directory.sink)));
    };
    let engine = Engine {
        sources: vec![EngineSource {
            name: MANUAL.to_owned(),
            source: Arc::new(source),
            settings: SourceSettings::default(),
        }],
        analyzers: Vec::new(),
        sinks: vec![EngineSink { name: directory.sink.clone(), sink: Arc::from(sink) }],
        settings: directory.config.run.clone(),
        cancel: CancellationToken::new(),
        observer: Arc::new(NoObserver),
    };
    let options =
        RunOptions { plan_only: dry, version: env!("CARGO_PKG_VERSION").to_owned(), ..RunOptions::default() };
    let report = engine.run(&options).await?;
    let results = report.tasks.iter().flat_map(|task| &task.scopes).filter_map(|scope| scope.result.as_ref());
    if results.into_iter().any(|result| result.superseded) {
        return Err(Failure::failed(
            "not everything was stored: facts of the same account were set at a later time",
        )
        .with_hint(
            "they were set by a machine whose clock is ahead of this one's: set both clocks, and try again",
        ));
    }
    match report.status() {
        RunStatus::Complete => Ok(report.totals()),
        _ => Err(refused(&report)),
    }
}

/// Why not everything was stored.
fn refused(report: &RunReport) -> Failure {
    let failures = report.failures.iter().map(|failure| &failure.gap);
    let refusals = report.tasks.iter().filter_map(|task| task.store_error.as_ref());
    let gaps = report.tasks.iter().flat_map(|task| &task.scopes).flat_map(|scope| &scope.gaps);
    let mut all: Vec<_> = failures.chain(refusals).chain(gaps).map(|gap| gap.detail.clone()).collect();
    all.sort();
    all.dedup();
    let failure = Failure::failed(format!("not everything could be stored: {}", all.join("; ")));
    failure.with_hint("try again: what was stored already will be unchanged")
}

struct Manual {
    store: Store,
    by: String,
    changes: Changes,
}

#[async_trait]
impl Source for Manual {
    fn kinds(&self) -> Vec<&'static Kind> {
        vec![&ACCOUNT]
    }

    async fn plan(&self, _: &Context) -> Result<Vec<Target>, SourceError> {
        let target = |account: &AccountId| Target {
            id: account.as_str().to_owned(),
            account: account.clone(),
            name: account.as_str().to_owned(),
            settings: json!({}),
        };
        Ok(self.changes.keys().map(target).collect())
    }

    async fn collect(&self, target: &Target, out: &Collector) -> Result<(), SourceError> {
        out.scope(&[&ACCOUNT], |emit| async move {
            let mut kept = out.caller().call("read what is kept", || self.kept(&target.account)).await?;
            kept.set(&self.changes[&target.account], &self.by);
            emit.emit(kept.resource(&target.account)).await
        })
        .await;
        Ok(())
    }

    async fn check(&self, _: &Target, _: &Context) -> Vec<CheckItem> {
        Vec::new()
    }
}

impl Manual {
    /// What is kept of an account so far.
    async fn kept(&self, account: &AccountId) -> Result<Kept, SourceError> {
        let failed = |error| SourceError::unavailable("read what is kept", error);
        let show = Show {
            accounts: AccountScope::Only(vec![account.clone()]),
            columns: ["source", "target", "name", "document"].map(ToOwned::to_owned).to_vec(),
            ..Show::new(&ACCOUNT)
        };
        let rows = self.store.show_all(&show).await.map_err(failed)?.rows;
        let rows: Vec<Vec<Value>> = rows.try_collect().await.map_err(failed)?;
        let own = rows.into_iter().find(|row| {
            let is = |i: usize, text: &str| row.get(i).and_then(Value::as_str) == Some(text);
            is(0, MANUAL) && is(1, account.as_str())
        });
        let mut kept = Kept::default();
        if let Some(Ok([_, _, name, document])) = own.map(<[Value; 4]>::try_from) {
            kept.name = name.as_str().map(ToOwned::to_owned);
            if let Value::Object(document) = document {
                kept.document = document;
            }
        }
        Ok(kept)
    }
}

/// The record of one account.
#[derive(Debug, Default, PartialEq)]
struct Kept {
    name: Option<String>,
    document: Map<String, Value>,
}

impl Kept {
    /// Sets or clears facts. Of those that are so already, who set them stays.
    fn set(&mut self, changes: &BTreeMap<&'static str, Option<String>>, by: &str) {
        for (fact, value) in changes {
            let before = if *fact == NAME {
                std::mem::replace(&mut self.name, value.clone())
            } else if let Some(value) = value {
                let before = self.document.insert((*fact).to_owned(), json!(value));
                before.and_then(|value| value.as_str().map(ToOwned::to_owned))
            } else {
                self.document.remove(*fact).and_then(|value| value.as_str().map(ToOwned::to_owned))
            };
            if before != *value {
                let set_by = self.document.entry(SET_BY).or_insert_with(|| json!({}));
                if let Some(set_by) = set_by.as_object_mut() {
                    set_by.insert((*fact).to_owned(), json!(by));
                }
            }
        }
    }

    fn resource(self, account: &AccountId) -> Resource {
        let resource = Resource::new(&ACCOUNT, account.clone(), account.as_str(), self.document.into());
        match self.name {
            Some(name) => resource.named(name),
            None => resource,
        }
    }
}

#[cfg(test)]
mod tests {
    use auditor_core::model::ColumnType;

    use super::*;

    #[test]
    fn who_set_a_fact_is_kept_until_another_does() {
        let mut kept = Kept::default();
        let set = |kept: &mut Kept, facts: &[(&'static str, Option<&str>)], by: &str| {
            let changes = facts.iter().map(|(fact, value)| (*fact, value.map(ToOwned::to_owned))).collect();
            kept.set(&changes, by);
        };
        set(&mut kept, &[("owner", Some("ops")), ("name", Some("prod"))], "ada");
        set(&mut kept, &[("owner", Some("ops")), ("name", None), ("email", None)], "grace");
        assert_eq!(kept.name, None);
        assert_eq!(
            Value::from(kept.document.clone()),
            json!({"owner": "ops", "set_by": {"owner": "ada", "name": "grace"}}),
            "what is cleared keeps who did it; what never was is no change"
        );
        set(&mut kept, &[("owner", Some("dev"))], "grace");
        assert_eq!(kept.document["set_by"]["owner"], "grace");
    }

    #[test]
    fn settable_facts_are_keys_of_the_document() {
        for fact in super::super::facts::settable().filter(|fact| *fact != NAME) {
            let column = ACCOUNT.column(fact).unwrap();
            assert_eq!((column.pointer, column.ty), (format!("/{fact}").as_str(), ColumnType::Text));
        }
    }
}
