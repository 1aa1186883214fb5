//! The rules every source keeps, as tests.
//!
//! ```ignore
//! // `async fn healthy() -> SourceFixture`: two pages or more, at least one secret planted.
//! auditor_core::source_conformance!(healthy);
//! ```

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

/// One function per rule; [`source_conformance!`](crate::source_conformance) makes a test of each.
pub mod rules {
    #![expect(clippy::missing_panics_doc, reason = "a rule that is broken panics: that is what a test does")]

    use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

    use super::SourceFixture;
    use crate::{
        outcome::Outcome,
        testkit::{Collected, collect, collect_cancelled, context},
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

    /// Stops soon after cancellation and claims nothing complete that it did not read.
    pub async fn stops_when_told(fixture: SourceFixture) {
        let context = context(fixture.accounts.clone());
        for target in fixture.source.plan(&context).await.expect("the world answers") {
            let collecting = collect_cancelled(fixture.source.as_ref(), &target, context.clone(), 0);
            let collected =
                tokio::time::timeout(Duration::from_secs(10), collecting).await.expect("stops within 10 s");
            let full = collect(fixture.source.as_ref(), &target, context.clone()).await;
            for (kind, outcome) in &collected.outcomes {
                if *outcome == Outcome::Complete {
                    assert_eq!(collected.of(kind).len(), full.of(kind).len(), "{kind} is not complete");
                }
            }
        }
    }

    /// No planted secret is seen in a record, a gap, an error or a target.
    pub async fn shows_no_secret(fixture: SourceFixture) {
        let context = context(fixture.accounts.clone());
        let targets = fixture.source.plan(&context).await.expect("the world answers");
        let mut seen = serde_json::to_string(&targets).expect("targets are serialisable");
        for (_, collected) in collect_all(&fixture).await {
            write!(seen, "{collected:?}").expect("writing to a string cannot fail");
        }
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
    use super::SourceFixture;
    use crate::testkit::{MemorySource, Step};

    async fn healthy() -> SourceFixture {
        SourceFixture {
            source: Box::new(MemorySource::new(&[Step::Emit(1200)]).with_targets(2)),
            accounts: None,
            secrets: vec!["hunter2".to_owned()],
            expected: vec![("test_widget", 2400), ("test_widget_user", 2)],
            keep: Box::new(()),
        }
    }

    crate::source_conformance!(healthy);
}
