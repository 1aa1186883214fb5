//! Analyzers in a run: a source whose outside world is the store.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use chrono::{DateTime, NaiveTime, Utc};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::EngineAnalyzer;
use crate::{
    analyzer::{Analyzer, ESTATE, Input, Listing, Reader, Span, View},
    error::{SinkError, SourceError},
    model::{
        AccountId, Digest, DigestBuilder, Kind, Resource,
        common::{ANALYSIS, Analysis},
    },
    sink::CheckItem,
    source::{Collector, Context, Source, Target},
};

/// An analyzer as a source: its targets are the accounts whose records are not those that it last looked at.
pub(super) struct AnalyzerSource {
    pub(super) name: String,
    pub(super) analyzer: Arc<dyn Analyzer>,
    pub(super) reader: Arc<dyn Reader>,
    /// When the run began.
    pub(super) now: DateTime<Utc>,
    /// What every view holds, read once.
    pub(super) shared: OnceCell<Arc<Vec<Listing>>>,
}

/// The analyzers in an order in which each comes after those whose kinds it reads. Of a circle, any may come first.
pub(super) fn in_order(analyzers: &[EngineAnalyzer]) -> Vec<EngineAnalyzer> {
    let mut waiting: Vec<_> = analyzers.to_vec();
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let made: BTreeSet<_> = waiting
            .iter()
            .map(|one| one.analyzer.outputs().into_iter().map(|kind| kind.name).collect::<BTreeSet<_>>())
            .enumerate()
            .flat_map(|(i, kinds)| kinds.into_iter().map(move |kind| (kind, i)))
            .collect();
        let waits = |i: usize, one: &EngineAnalyzer| {
            one.analyzer.inputs().iter().any(|input| made.iter().any(|(kind, by)| kind == input && *by != i))
        };
        let next = waiting.iter().enumerate().position(|(i, one)| !waits(i, one)).unwrap_or(0);
        ordered.push(waiting.remove(next));
    }
    ordered
}

impl AnalyzerSource {
    /// Ages and dates are reckoned from midnight, so that two runs of one day agree.
    fn day(&self) -> DateTime<Utc> {
        self.now.date_naive().and_time(NaiveTime::MIN).and_utc()
    }

    /// Kinds of which a view holds its own account's records.
    fn own_inputs(&self) -> Vec<&'static str> {
        let shared = self.analyzer.shared_inputs();
        self.analyzer.inputs().into_iter().filter(|kind| !shared.contains(kind)).collect()
    }

    async fn shared(&self) -> Result<Arc<Vec<Listing>>, SinkError> {
        let kinds = self.analyzer.shared_inputs();
        let read = || async {
            if kinds.is_empty() { Ok(Vec::new()) } else { self.reader.listings(None, &kinds).await }
        };
        self.shared.get_or_try_init(|| async { read().await.map(Arc::new) }).await.cloned()
    }

    /// Stands for everything that an analysis depends on.
    fn state(&self, inputs: &Digest, shared: &Digest) -> Digest {
        let mut builder = DigestBuilder::new("auditor analysis inputs v1");
        builder.part(&self.analyzer.version().to_le_bytes()).part(inputs.as_bytes()).part(shared.as_bytes());
        builder.digest()
    }

    /// What each target's last analysis was made from, by target; nothing if it holds no longer.
    async fn analyzed(&self) -> Result<BTreeMap<String, Option<String>>, SinkError> {
        let listings = self.reader.listings(None, &[ANALYSIS.name]).await?;
        let own =
            listings.into_iter().filter(|listing| listing.source == self.name && listing.outcome.retires());
        let items = own.flat_map(|listing| listing.items);
        Ok(items
            .map(|item| {
                let activity = item.activity.unwrap_or_default();
                let until =
                    activity["holds_until"].as_str().and_then(|time| time.parse::<DateTime<Utc>>().ok());
                let inputs = activity["inputs"].as_str().map(ToOwned::to_owned);
                (item.native_id, inputs.filter(|_| until.is_none_or(|until| until > self.day())))
            })
            .collect())
    }

    async fn targets(&self) -> Result<Vec<Target>, SinkError> {
        let mut inputs = self.reader.inputs(&self.own_inputs()).await?;
        let shared = match self.analyzer.shared_inputs() {
            kinds if kinds.is_empty() => Vec::new(),
            kinds => self.reader.inputs(&kinds).await?,
        };
        let shared = whole(&shared).digest;
        match self.analyzer.span() {
            // What was derived of all accounts at once stands under an account that is none.
            Span::Account => inputs.retain(|input| !input.account.as_str().starts_with("auditor:")),
            Span::Estate => inputs = vec![whole(&inputs)],
        }
        let mut analyzed = self.analyzed().await?;
        let mut targets = Vec::new();
        for input in inputs {
            let id = match self.analyzer.span() {
                Span::Account => input.account.as_str(),
                Span::Estate => ESTATE,
            };
            let state = self.state(&input.digest, &shared).to_string();
            if analyzed.remove(id).flatten().is_none_or(|last| last != state) {
                targets.push(target(id, input.account.clone(), json!({ "inputs": state })));
            }
        }
        // Accounts that nothing is stored of any more.
        for id in analyzed.into_keys() {
            if let Ok(account) = id.parse() {
                targets.push(target(&id, account, Value::Null));
            }
        }
        Ok(targets)
    }
}

/// All accounts as one.
fn whole(inputs: &[Input]) -> Input {
    let mut builder = DigestBuilder::new("auditor analysis estate v1");
    for input in inputs {
        builder.part(input.account.as_str().as_bytes()).part(input.digest.as_bytes());
    }
    let account = format!("auditor:{ESTATE}").parse().expect("an account id");
    Input { account, digest: builder.digest() }
}

fn target(id: &str, account: AccountId, settings: Value) -> Target {
    Target { id: id.to_owned(), name: id.to_owned(), account, settings }
}

#[async_trait]
impl Source for AnalyzerSource {
    fn kinds(&self) -> Vec<&'static Kind> {
        let mut kinds = self.analyzer.outputs();
        kinds.push(&ANALYSIS);
        kinds
    }

    async fn plan(&self, _: &Context) -> Result<Vec<Target>, SourceError> {
        self.targets().await.map_err(|error| unreadable("list what changed", error))
    }

    async fn collect(&self, target: &Target, out: &Collector) -> Result<(), SourceError> {
        let Some(inputs) = target.settings.get("inputs").cloned() else { return Err(SourceError::Gone) };
        let account = (self.analyzer.span() == Span::Account).then(|| target.account.clone());
        let failed = |error| unreadable("read what is stored", error);
        let listings = self.reader.listings(account.as_ref(), &self.own_inputs()).await.map_err(failed)?;
        let shared = self.shared().await.map_err(failed)?;
        let (analyzer, at) = (Arc::clone(&self.analyzer), self.day());
        // It computes without a pause, so not on a thread that others wait for.
        let derived = tokio::task::spawn_blocking(move || {
            let mut derived = Vec::new();
            let view = View { account: account.as_ref(), at, listings: &listings, shared: &shared };
            analyzer.analyze(&view, &mut |resource| derived.push(resource));
            (derived, analyzer.holds_until(&view))
        });
        let (mut derived, until) = derived
            .await
            .map_err(|error| SourceError::Bug(format!("the analyzer `{}` broke off: {error}", self.name)))?;
        derived.sort_by(|a, b| (a.kind.name, &a.native_id).cmp(&(b.kind.name, &b.native_id)));
        let analysis = Analysis { rules: self.analyzer.version() };
        derived.push(
            Resource::new(&ANALYSIS, target.account.clone(), &target.id, json!(analysis))
                .with_activity(json!({ "inputs": inputs, "holds_until": until })),
        );
        let kinds = self.kinds();
        out.scope(&kinds, |emit| async move {
            for resource in derived {
                emit.emit(resource).await?;
            }
            Ok(())
        })
        .await;
        Ok(())
    }

    async fn check(&self, _: &Target, _: &Context) -> Vec<CheckItem> {
        Vec::new()
    }
}

fn unreadable(action: &'static str, error: SinkError) -> SourceError {
    if error.is_transient() {
        SourceError::unavailable(action, error)
    } else {
        SourceError::rejected(action, error)
    }
}
