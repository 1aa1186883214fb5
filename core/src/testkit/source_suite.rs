//! The rules every source keeps, as tests.
//!
//! ```ignore
//! // `async fn healthy() -> SourceFixture`: two pages or more, at least one secret planted.
//! // `async fn refused() -> DeniedFixture`: the same world, which refuses a kind.
//! auditor_core::source_conformance!(healthy, denied = refused);
//! ```
//!
//! A source to which nothing can be refused leaves the second out, and says why beside the macro.

use std::{any::Any, sync::Arc};

use crate::{sink::AccountDirectory, source::Source};

/// A source in a world that answers everything.
pub struct SourceFixture {
    /// The source, configured against the fixture's world.
    pub source: Box<dyn Source>,
    /// The account directory, for sources that read it.
    pub accounts: Option<Arc<dyn AccountDirectory>>,
    /// Secrets that the source was given or that its world answers with; none may be seen anywhere.
    pub secrets: Vec<String>,
    /// How many records of each kind the world holds, over all targets. Kinds with none may be left out.
    pub expected: Vec<(&'static str, usize)>,
    /// Whatever must live as long as the source: servers, folders.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// A source in a world that refuses some of its kinds for lack of a right.
pub struct DeniedFixture {
    /// The source and its world. What is `expected` are the other kinds' records, which arrive all the same.
    pub fixture: SourceFixture,
    /// The kinds that are refused.
    pub denied: &'static [&'static str],
}

/// One function per rule; [`source_conformance!`](crate::source_conformance) makes a test of each.
pub mod rules {
    #![expect(clippy::missing_panics_doc, reason = "a rule that is broken panics: that is what a test does")]

    use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

    use super::{DeniedFixture, SourceFixture};
    use crate::{
        outcome::{GapReason, Outcome},
        testkit::{Collected, collect, collect_cancelled, context, log::Log},
    };

    async fn collect_all(fixture: &SourceFixture) -> Vec<(String, Collected)> {
        let context = context(fixture.accounts.clone());
        let targets = fixture.source.plan(&context).await.expect("the world answers");
        assert!(!targets.is_empty(), "a fixture needs a target");
        let mut all = Vec::new();
        for target in targets {
            let collected = collect(fixture.source.as_ref(), &target, context.clone()).await;
            all.push((target.id, collected));
        }
        all
    }

    /// Emits only kinds it names, each listed to a complete end, and reads every page.
    pub async fn reads_everything(fixture: SourceFixture) {
        let kinds: Vec<_> = fixture.source.kinds().iter().map(|kind| kind.name).collect();
        let mut counts = BTreeMap::<_, usize>::new();
        for (target, collected) in collect_all(&fixture).await {
            collected.result.as_ref().expect("the world answers");
            for kind in &kinds {
                let outcome = collected.outcomes.get(kind);
                assert_eq!(
                    outcome,
                    Some(&Outcome::Complete),
                    "{target}: {kind}: {:?}",
                    collected.gaps.get(kind)
                );
            }
            for record in &collected.records {
                assert!(kinds.contains(&record.kind.name), "`{}` is not among its kinds", record.kind.name);
                *counts.entry(record.kind.name).or_default() += 1;
            }
        }
        for (kind, expected) in &fixture.expected {
            assert_eq!(counts.get(kind).copied().unwrap_or(0), *expected, "{kind}");
        }
    }

    /// The same world gives the same records in the same order, no native id twice.
    pub async fn is_deterministic(fixture: SourceFixture) {
        let first = collect_all(&fixture).await;
        let second = collect_all(&fixture).await;
        for ((target, first), (_, second)) in first.iter().zip(&second) {
            assert_eq!(first.records, second.records, "{target}");
            let mut ids: Vec<_> =
                first.records.iter().map(|record| (record.kind.name, &record.native_id)).collect();
            ids.sort();
            let all = ids.len();
            ids.dedup();
            assert_eq!(ids.len(), all, "{target}: a native id was emitted twice");
        }
    }

    /// Every column's pointer is well formed, and at least one record of each kind is readable by its columns.
    pub async fn columns_lead_somewhere(fixture: SourceFixture) {
        let mut documents = BTreeMap::<&str, Vec<(serde_json::Value, serde_json::Value)>>::new();
        for (_, collected) in collect_all(&fixture).await {
            for record in &collected.records {
                let parse = |text: &str| serde_json::from_str(text).expect("records hold JSON");
                documents.entry(record.kind.name).or_default().push((
                    parse(&record.content.document),
                    record.activity.as_deref().map_or(serde_json::Value::Null, parse),
                ));
            }
        }
        for kind in fixture.source.kinds() {
            for column in kind.columns {
                assert!(column.pointer.starts_with('/'), "{}.{}: {}", kind.name, column.name, column.pointer);
                assert!(!column.description.is_empty(), "{}.{}", kind.name, column.name);
            }
            let Some(all) = documents.get(kind.name) else { continue };
            let leads = |column: &crate::model::Column| {
                all.iter().any(|(document, activity)| {
                    let part = if column.part == crate::model::Part::Document { document } else { activity };
                    part.pointer(column.pointer).is_some()
                })
            };
            assert!(kind.columns.is_empty() || kind.columns.iter().any(leads), "no column of {}", kind.name);
        }
    }

    /// Stops soon after cancellation, before the first record or after it, and claims nothing complete that it did not
    /// read.
    pub async fn stops_when_told(fixture: SourceFixture) {
        let context = context(fixture.accounts.clone());
        for target in fixture.source.plan(&context).await.expect("the world answers") {
            let full = collect(fixture.source.as_ref(), &target, context.clone()).await;
            for after in [0, 1] {
                let collecting = collect_cancelled(fixture.source.as_ref(), &target, context.clone(), after);
                let collected = tokio::time::timeout(Duration::from_secs(10), collecting)
                    .await
                    .expect("stops within 10 s");
                for (kind, outcome) in &collected.outcomes {
                    if *outcome == Outcome::Complete {
                        assert_eq!(collected.of(kind).len(), full.of(kind).len(), "{kind} is not complete");
                    }
                }
            }
        }
    }

    /// A kind that the provider refuses is a gap that says so, and never complete; the rest arrives.
    pub async fn a_denied_kind_is_a_gap(world: DeniedFixture) {
        let DeniedFixture { fixture, denied } = world;
        assert!(!denied.is_empty(), "a fixture needs a refused kind");
        let mut counts = BTreeMap::<_, usize>::new();
        for (target, collected) in collect_all(&fixture).await {
            for kind in denied {
                let outcome = collected.outcomes.get(kind);
                assert!(
                    outcome.is_some_and(|outcome| !outcome.retires()),
                    "{target}: {kind} was refused and ended {outcome:?}"
                );
                let gaps = collected.gaps.get(kind).map(Vec::as_slice).unwrap_or_default();
                assert!(
                    gaps.iter().any(|gap| gap.reason == GapReason::Denied && !gap.detail.is_empty()),
                    "{target}: no gap of {kind} says that it was refused: {gaps:?}"
                );
            }
            for record in &collected.records {
                *counts.entry(record.kind.name).or_default() += 1;
            }
        }
        for (kind, expected) in &fixture.expected {
            assert_eq!(counts.get(kind).copied().unwrap_or(0), *expected, "{kind}");
        }
    }

    /// No planted secret is seen in a record, a gap, an error, a target, a check or the log.
    pub async fn shows_no_secret(fixture: SourceFixture) {
        let log = Log::start();
        let context = context(fixture.accounts.clone());
        let targets = fixture.source.plan(&context).await.expect("the world answers");
        let mut seen = serde_json::to_string(&targets).expect("targets are serialisable");
        for (_, collected) in collect_all(&fixture).await {
            write!(seen, "{collected:?}").expect("writing to a string cannot fail");
        }
        for target in &targets {
            let items = fixture.source.check(target, &context).await;
            write!(seen, "{items:?}").expect("writing to a string cannot fail");
        }
        seen.push_str(&log.text());
        for secret in &fixture.secrets {
            assert!(
                !secret.is_empty() && !seen.contains(secret.as_str()),
                "the planted secret {secret} shows"
            );
        }
    }
}

/// Makes one `#[tokio::test]` per rule from an `async fn() -> SourceFixture`.
#[macro_export]
macro_rules! source_conformance {
    ($fixture:path, denied = $denied:path) => {
        $crate::source_conformance!($fixture);
        $crate::source_conformance!($denied; a_denied_kind_is_a_gap);
    };
    ($fixture:path) => {
        $crate::source_conformance!($fixture; reads_everything, is_deterministic, columns_lead_somewhere, stops_when_told, shows_no_secret);
    };
    ($fixture:path; $($rule:ident),+) => {
        $(
            #[tokio::test]
            async fn $rule() {
                $crate::testkit::rules::$rule($fixture().await).await;
            }
        )+
    };
}

#[cfg(test)]
mod tests {
    use super::{DeniedFixture, SourceFixture};
    use crate::{
        error::SourceError,
        testkit::{MemorySource, Step},
    };

    async fn healthy() -> SourceFixture {
        SourceFixture {
            source: Box::new(MemorySource::new(&[Step::Emit(1200)]).with_targets(2)),
            accounts: None,
            secrets: vec!["hunter2".to_owned()],
            expected: vec![("test_widget", 2400), ("test_widget_user", 2)],
            keep: Box::new(()),
        }
    }

    async fn refused() -> DeniedFixture {
        let refuse = || SourceError::denied("list widgets", "not allowed");
        let source = MemorySource::new(&[Step::Fail(refuse)]).with_targets(2);
        let fixture = SourceFixture {
            source: Box::new(source),
            expected: vec![("test_widget_user", 2)],
            ..healthy().await
        };
        DeniedFixture { fixture, denied: &["test_widget"] }
    }

    crate::source_conformance!(healthy, denied = refused);

    /// A source that says too much is found out.
    #[tokio::test]
    #[should_panic(expected = "the planted secret hunter2 shows")]
    async fn a_secret_in_the_log_is_found() {
        let say = || {
            tracing::debug!(token = "hunter2", "calling");
            SourceError::denied("list widgets", "not allowed")
        };
        let source = MemorySource::new(&[Step::Fail(say)]);
        super::rules::shows_no_secret(SourceFixture { source: Box::new(source), ..healthy().await }).await;
    }
}
