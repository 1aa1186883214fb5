//! The engine against scripted sources and an in-memory sink.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{Engine, EngineSink, EngineSource, NoObserver, RunError, RunOptions};
use crate::{
    config::{RunSettings, SourceSettings},
    error::SourceError,
    outcome::{GapReason, Outcome, RunReport, RunStatus},
    testkit::{MemorySink, MemorySource, Step},
};

fn engine(source: MemorySource, sink: &MemorySink) -> Engine {
    Engine {
        sources: vec![EngineSource {
            name: "memory".to_owned(),
            source: Arc::new(source),
            settings: SourceSettings { target_timeout_secs: 60, ..SourceSettings::default() },
        }],
        analyzers: Vec::new(),
        sinks: vec![EngineSink { name: "memory".to_owned(), sink: Arc::new(sink.clone()) }],
        settings: RunSettings::default(),
        cancel: CancellationToken::new(),
        observer: Arc::new(NoObserver),
    }
}

async fn run(script: &[Step]) -> (RunReport, MemorySink) {
    let sink = MemorySink::default();
    let report = engine(MemorySource::new(script), &sink).run(&RunOptions::default()).await.unwrap();
    (report, sink)
}

/// Outcome and first gap's reason of the widgets.
fn widgets(report: &RunReport) -> (Outcome, Option<GapReason>) {
    let scope = report.tasks[0].scopes.iter().find(|scope| scope.kind == "test_widget").unwrap();
    (scope.outcome, scope.gaps.first().map(|gap| gap.reason))
}

#[tokio::test]
async fn a_healthy_source_is_complete() {
    let (report, sink) = run(&[Step::Emit(3000)]).await;
    assert_eq!(report.status(), RunStatus::Complete);
    assert_eq!(widgets(&report), (Outcome::Complete, None));
    let tasks = sink.tasks();
    assert_eq!(tasks[0].records.len(), 3001);
    assert!(tasks[0].records.is_sorted_by_key(|record| record.kind.name), "order is kept");
    assert_eq!(sink.runs(), (1, 1));
}

#[tokio::test]
async fn how_a_listing_fails_decides_its_outcome_and_touches_no_other() {
    let denied = || SourceError::denied("test:List", "no");
    let reset = || SourceError::unavailable("test:List", "reset");
    for (script, expected) in [
        (vec![Step::Fail(denied)], (Outcome::Denied, Some(GapReason::Denied))),
        (vec![Step::Emit(1), Step::Fail(denied)], (Outcome::Partial, Some(GapReason::Denied))),
        (vec![Step::Fail(reset)], (Outcome::Failed, Some(GapReason::Unreachable))),
        (vec![Step::Emit(5000), Step::Fail(reset)], (Outcome::Partial, Some(GapReason::Unreachable))),
        (vec![Step::Emit(1), Step::Gap(GapReason::Mismatch)], (Outcome::Partial, Some(GapReason::Mismatch))),
        (vec![Step::Fail(|| SourceError::Gone)], (Outcome::Gone, None)),
    ] {
        let (report, sink) = run(&script).await;
        assert_eq!(widgets(&report), expected, "{script:?}");
        let users = &sink.tasks()[0].outcomes[1];
        assert_eq!(
            (users.kind.as_str(), users.outcome),
            ("test_widget_user", Outcome::Complete),
            "{script:?}"
        );
    }
}

#[tokio::test]
async fn a_panicking_source_is_a_gap_and_not_the_end() {
    let sink = MemorySink::default();
    let mut engine = engine(MemorySource::new(&[Step::Emit(2000), Step::Panic]), &sink);
    engine.sources.push(EngineSource {
        name: "sound".to_owned(),
        source: Arc::new(MemorySource::new(&[Step::Emit(1)])),
        settings: SourceSettings::default(),
    });
    let report = engine.run(&RunOptions::default()).await.unwrap();
    assert_eq!(report.status(), RunStatus::Gaps);
    assert_eq!(widgets(&report), (Outcome::Partial, Some(GapReason::Internal)), "some had arrived");
    assert_eq!(sink.tasks()[1].outcomes[0].outcome, Outcome::Complete);
}

#[tokio::test(start_paused = true)]
async fn a_hung_source_is_cut_off_when_its_time_is_up() {
    let (report, _) = run(&[Step::Emit(1), Step::Hang]).await;
    assert_eq!(widgets(&report), (Outcome::Failed, Some(GapReason::TimedOut)));
    let (report, _) = run(&[Step::Emit(1), Step::WaitForStop]).await;
    assert_eq!(widgets(&report), (Outcome::Partial, Some(GapReason::TimedOut)));
}

#[tokio::test(start_paused = true)]
async fn a_stopped_run_keeps_what_is_complete() {
    let sink = MemorySink::default();
    let mut engine = engine(MemorySource::new(&[Step::Emit(1), Step::WaitForStop]).with_targets(40), &sink);
    engine.sources.insert(
        0,
        EngineSource {
            name: "sound".to_owned(),
            source: Arc::new(MemorySource::new(&[Step::Emit(1)])),
            settings: SourceSettings::default(),
        },
    );
    let cancel = engine.cancel.clone();
    let stop = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        cancel.cancel();
    };
    let options = RunOptions::default();
    let (report, ()) = tokio::join!(engine.run(&options), stop);
    let report = report.unwrap();
    assert!(report.stopped);
    assert_eq!(report.status(), RunStatus::Gaps);
    assert_eq!(report.tasks.len(), 41, "what did not begin is reported too");
    let kept = sink.tasks();
    assert_eq!(kept.len(), 17, "sixteen at a time and the one that was complete");
    let complete: Vec<_> = kept.iter().filter(|task| task.outcomes[0].outcome == Outcome::Complete).collect();
    assert_eq!(complete.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_in_passing_gets_the_task_again_and_one_that_refuses_ends_the_run() {
    let sink = MemorySink::default();
    sink.fail_next(2);
    let report =
        engine(MemorySource::new(&[Step::Emit(1)]), &sink).run(&RunOptions::default()).await.unwrap();
    assert_eq!(report.status(), RunStatus::Complete);

    let sink = MemorySink::default();
    sink.fail_for_good();
    let source = MemorySource::new(&[Step::Emit(1)]).with_targets(100);
    let report = engine(source, &sink).run(&RunOptions::default()).await.unwrap();
    assert_eq!(report.status(), RunStatus::Failed);
    let refused = report.tasks.iter().filter(|task| task.store_error.is_some()).count();
    assert!((1..=16).contains(&refused), "{refused}: the rest did not begin");
}

#[tokio::test]
async fn a_dry_run_stores_nothing() {
    let sink = MemorySink::default();
    let options = RunOptions { plan_only: true, ..RunOptions::default() };
    let report = engine(MemorySource::new(&[Step::Emit(3)]), &sink).run(&options).await.unwrap();
    assert_eq!(report.totals().seen, 4);
    assert!(sink.tasks().is_empty());
}

#[tokio::test]
async fn a_source_without_targets_is_a_failure() {
    let sink = MemorySink::default();
    let source = MemorySource::new(&[Step::Emit(1)]).with_targets(0);
    let report = engine(source, &sink).run(&RunOptions::default()).await.unwrap();
    assert_eq!(report.status(), RunStatus::Failed);
    assert_eq!(report.failures[0].gap.reason, GapReason::Rejected);
}

#[tokio::test]
async fn selections_that_leave_nothing_are_errors() {
    let sink = MemorySink::default();
    let engine = engine(MemorySource::new(&[Step::Emit(3)]), &sink);
    let options = RunOptions { kinds: vec!["test_widget_user".to_owned()], ..RunOptions::default() };
    let report = engine.run(&options).await.unwrap();
    assert_eq!(report.totals().seen, 1, "only the wanted kind");
    for options in [
        RunOptions { kinds: vec!["nothing".to_owned()], ..RunOptions::default() },
        RunOptions { accounts: vec!["999999999999".parse().unwrap()], ..RunOptions::default() },
    ] {
        assert!(matches!(engine.run(&options).await, Err(RunError::NothingSelected(_))), "{options:?}");
    }
}
