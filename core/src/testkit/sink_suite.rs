//! The rules every sink keeps, as tests, for sinks of any sort. SQL sinks have a stricter suite in `auditor-store`, which
//! covers these.
//!
//! ```ignore
//! // `async fn empty() -> impl SinkFixture`: a sink that holds nothing yet.
//! auditor_core::sink_conformance!(empty);
//! // A stream that only grows keeps a replayed task twice, so it leaves that rule out:
//! auditor_core::sink_conformance!(empty; prepare_twice_is_harmless, every_value_survives);
//! ```

use async_trait::async_trait;
use serde_json::Value;

use crate::{
    outcome::{Gap, Outcome},
    sink::Sink,
};

/// A sink that holds nothing yet, and a look at what it keeps past the sink itself.
#[async_trait]
pub trait SinkFixture: Send + Sync {
    /// A sink on the same place, each time.
    fn sink(&self) -> Box<dyn Sink>;

    /// What is kept.
    async fn kept(&self) -> Kept;
}

/// What a sink keeps of finished tasks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kept {
    /// Native id and document of each record, in order of arrival.
    pub records: Vec<(String, Value)>,
    /// Kind, ending and gaps of each listing.
    pub outcomes: Vec<(String, Outcome, Vec<Gap>)>,
}

/// One function per rule; [`sink_conformance!`](crate::sink_conformance) makes a test of each.
pub mod sink_rules {
    #![expect(clippy::missing_panics_doc, reason = "a rule that is broken panics: that is what a test does")]

    use std::sync::Arc;

    use chrono::{DateTime, Utc};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::{Kept, SinkFixture};
    use crate::{
        model::{Record, Resource},
        outcome::{Gap, GapReason, Outcome, RemovalGuard, RunInfo, ScopeOutcome, ScopeResult, TaskInfo},
        sink::Sink,
        testkit::WIDGET,
    };

    fn now() -> DateTime<Utc> {
        "2026-09-30T10:22:31.123456Z".parse().expect("a time")
    }

    fn run(plan_only: bool) -> RunInfo {
        RunInfo {
            id: Uuid::now_v7(),
            started_at: now(),
            version: "test".to_owned(),
            plan_only,
            accept_removals: false,
            removal_guard: RemovalGuard::default(),
        }
    }

    fn task(run: &RunInfo) -> TaskInfo {
        let target = crate::testkit::target("one");
        TaskInfo {
            run: run.id,
            source: "test".to_owned(),
            target: target.id,
            target_name: target.name,
            account: target.account,
            observed_at: now(),
        }
    }

    fn records(documents: &[(&str, Value)]) -> Arc<Vec<Record>> {
        let account = crate::testkit::target("one").account;
        let record = |(id, document): &(&str, Value)| {
            Record::new(Resource::new(&WIDGET, account.clone(), *id, document.clone()))
        };
        Arc::new(documents.iter().map(record).collect())
    }

    fn ended(outcome: Outcome, gaps: Vec<Gap>) -> Vec<ScopeOutcome> {
        vec![ScopeOutcome { kind: WIDGET.name.to_owned(), outcome, gaps }]
    }

    async fn store(
        sink: &dyn Sink,
        run: &RunInfo,
        documents: &[(&str, Value)],
        outcomes: &[ScopeOutcome],
    ) -> Vec<ScopeResult> {
        let mut writer = sink.begin(run, &task(run)).await.expect("a task begins");
        writer.write(records(documents)).await.expect("a batch is taken");
        writer.finish(outcomes).await.expect("a task is stored")
    }

    async fn open(fixture: &dyn SinkFixture, plan_only: bool) -> (Box<dyn Sink>, RunInfo) {
        let (sink, run) = (fixture.sink(), run(plan_only));
        sink.prepare(&[&WIDGET]).await.expect("the sink can be made ready");
        sink.begin_run(&run).await.expect("a run begins");
        (sink, run)
    }

    /// `prepare` twice is harmless, from two sinks too, and loses nothing.
    pub async fn prepare_twice_is_harmless(fixture: impl SinkFixture) {
        let (sink, run) = open(&fixture, false).await;
        store(sink.as_ref(), &run, &[("a", json!({"n": 1}))], &ended(Outcome::Complete, vec![])).await;
        let before = fixture.kept().await;
        sink.prepare(&[&WIDGET]).await.expect("again");
        fixture.sink().prepare(&[&WIDGET]).await.expect("by another");
        assert_eq!(fixture.kept().await, before);
        assert_eq!(before.records, [("a".to_owned(), json!({"n": 1}))]);
    }

    /// The same task again leaves the same state.
    pub async fn a_replay_changes_nothing(fixture: impl SinkFixture) {
        let (sink, run) = open(&fixture, false).await;
        let documents = [("a", json!({"n": 1})), ("b", json!({"n": 2}))];
        store(sink.as_ref(), &run, &documents, &ended(Outcome::Complete, vec![])).await;
        let before = fixture.kept().await;
        store(sink.as_ref(), &run, &documents, &ended(Outcome::Complete, vec![])).await;
        assert_eq!(fixture.kept().await, before);
    }

    /// Null, Unicode, the ends of `i64`, microseconds and nesting come back as they were.
    pub async fn every_value_survives(fixture: impl SinkFixture) {
        let (sink, run) = open(&fixture, false).await;
        let document = json!({
            "null": null, "unicode": "ä\u{1F4A9}\u{202E}\"'\\\n", "min": i64::MIN, "max": i64::MAX,
            "time": "2026-09-30T10:22:31.123456Z", "nested": {"": [[], {}, [1, [2.5, null]]]},
        });
        store(sink.as_ref(), &run, &[("ünï/\"1\"", document.clone())], &ended(Outcome::Complete, vec![]))
            .await;
        assert_eq!(fixture.kept().await.records, [("ünï/\"1\"".to_owned(), document)]);
    }

    /// A writer that is dropped leaves what was there before, and blocks nobody.
    pub async fn a_dropped_writer_leaves_no_trace(fixture: impl SinkFixture) {
        let (sink, run) = open(&fixture, false).await;
        store(sink.as_ref(), &run, &[("a", json!({"n": 1}))], &ended(Outcome::Complete, vec![])).await;
        let before = fixture.kept().await;
        let mut writer = sink.begin(&run, &task(&run)).await.expect("a task begins");
        let much = json!({"text": "x".repeat(1000)});
        for _ in 0..200 {
            writer.write(records(&[("b", much.clone()), ("c", much.clone())])).await.expect("taken");
        }
        drop(writer);
        assert_eq!(fixture.kept().await, before);
        store(sink.as_ref(), &run, &[("d", json!({}))], &ended(Outcome::Partial, vec![])).await;
        assert!(fixture.kept().await.records.iter().any(|(id, _)| id == "d"));
    }

    /// How a listing ended and what could not be seen are kept; one that was refused is told from an empty one.
    pub async fn gaps_are_kept(fixture: impl SinkFixture) {
        let (sink, run) = open(&fixture, false).await;
        let gap = Gap::new(GapReason::Denied, "`test:List` was denied").with_hint("grant it");
        store(sink.as_ref(), &run, &[], &ended(Outcome::Denied, vec![gap.clone()])).await;
        let kept = fixture.kept().await;
        let outcomes = vec![(WIDGET.name.to_owned(), Outcome::Denied, vec![gap])];
        assert_eq!(kept, Kept { records: Vec::new(), outcomes });
    }

    /// A dry run counts and keeps nothing.
    pub async fn a_dry_run_writes_nothing(fixture: impl SinkFixture) {
        let (sink, run) = open(&fixture, true).await;
        let results =
            store(sink.as_ref(), &run, &[("a", json!({}))], &ended(Outcome::Complete, vec![])).await;
        assert_eq!(results.iter().map(|result| result.counts.seen).sum::<u64>(), 1);
        assert_eq!(fixture.kept().await, Kept::default());
    }
}

/// Makes one `#[tokio::test]` per rule from an `async fn() -> impl SinkFixture`.
#[macro_export]
macro_rules! sink_conformance {
    ($fixture:path) => {
        $crate::sink_conformance!($fixture; prepare_twice_is_harmless, a_replay_changes_nothing, every_value_survives, a_dropped_writer_leaves_no_trace, gaps_are_kept, a_dry_run_writes_nothing);
    };
    ($fixture:path; $($rule:ident),+) => {
        $(
            #[tokio::test]
            async fn $rule() {
                $crate::testkit::sink_rules::$rule($fixture().await).await;
            }
        )+
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::MemorySink;

    #[async_trait]
    impl SinkFixture for MemorySink {
        fn sink(&self) -> Box<dyn Sink> {
            Box::new(self.clone())
        }

        async fn kept(&self) -> Kept {
            let mut kept = Kept::default();
            for task in self.tasks() {
                kept.records.extend(task.records.iter().map(|record| {
                    let document = serde_json::from_str(&record.content.document).unwrap();
                    (record.native_id.clone(), document)
                }));
                kept.outcomes
                    .extend(task.outcomes.into_iter().map(|scope| (scope.kind, scope.outcome, scope.gaps)));
            }
            kept
        }
    }

    async fn empty() -> MemorySink {
        MemorySink::default()
    }

    crate::sink_conformance!(empty);
}
