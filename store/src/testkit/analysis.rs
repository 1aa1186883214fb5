//! The rule of analyzers: they run over what changed, and what they derive is stored like anything else.

use std::sync::Arc;

use auditor_core::{
    analyzer::{Analyzer, Knowledge, Span, View},
    engine::{Engine, EngineAnalyzer, EngineSink, EngineSource, NoObserver, RunOptions},
    error::SourceError,
    model::{Kind, Resource},
    outcome::RunReport,
    testkit::{MemorySource, Step, WIDGET},
};
use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Fixture, World};

static COUNT: Kind = Kind::new("test_widget_count", "How many widgets an account has");
static DAY: Kind = Kind::new("test_widget_day", "On which day widgets were looked at");
static TOTAL: Kind = Kind::new("test_widget_total", "How many widgets there are");

/// Counts widgets, or says that it cannot.
struct Counter;

impl Analyzer for Counter {
    fn inputs(&self) -> Vec<&'static str> {
        vec![WIDGET.name]
    }

    fn outputs(&self) -> Vec<&'static Kind> {
        vec![&COUNT]
    }

    fn version(&self) -> u32 {
        1
    }

    fn analyze(&self, view: &View<'_>, emit: &mut dyn FnMut(Resource)) {
        let Some(account) = view.account else { return };
        let count = match view.knowledge(WIDGET.name) {
            Knowledge::Complete => json!(view.items(WIDGET.name).count()),
            _ => json!("unknown"),
        };
        emit(Resource::new(&COUNT, account.clone(), "widgets", json!({ "count": count })));
    }
}

/// Adds up what [`Counter`] derived.
struct Adder;

impl Analyzer for Adder {
    fn inputs(&self) -> Vec<&'static str> {
        vec![COUNT.name]
    }

    fn outputs(&self) -> Vec<&'static Kind> {
        vec![&TOTAL]
    }

    fn span(&self) -> Span {
        Span::Estate
    }

    fn version(&self) -> u32 {
        1
    }

    fn analyze(&self, view: &View<'_>, emit: &mut dyn FnMut(Resource)) {
        let counts = view.items(COUNT.name).map(|item| item.document["count"].as_u64());
        let total: Option<u64> = counts.sum();
        let account = "111122223333".parse().unwrap();
        emit(Resource::new(&TOTAL, account, "total", json!({ "total": total })));
    }
}

/// Says something that holds until the day it is said on.
struct Dated;

impl Analyzer for Dated {
    fn inputs(&self) -> Vec<&'static str> {
        vec![WIDGET.name]
    }

    fn outputs(&self) -> Vec<&'static Kind> {
        vec![&DAY]
    }

    fn holds_until(&self, view: &View<'_>) -> Option<DateTime<Utc>> {
        Some(view.at)
    }

    fn version(&self) -> u32 {
        1
    }

    fn analyze(&self, view: &View<'_>, emit: &mut dyn FnMut(Resource)) {
        let Some(account) = view.account else { return };
        emit(Resource::new(&DAY, account.clone(), "day", json!({ "day": view.at.date_naive() })));
    }
}

async fn run(world: &World<'_>, sink: &EngineSink, script: &[Step]) -> RunReport {
    let engine = Engine {
        sources: vec![EngineSource {
            name: "memory".to_owned(),
            source: Arc::new(MemorySource::new(script)),
            settings: auditor_core::config::SourceSettings::default(),
        }],
        // The one that reads the other's kinds stands first: the order is found.
        analyzers: vec![
            EngineAnalyzer { name: "adder".to_owned(), analyzer: Arc::new(Adder) },
            EngineAnalyzer { name: "counter".to_owned(), analyzer: Arc::new(Counter) },
            EngineAnalyzer { name: "dated".to_owned(), analyzer: Arc::new(Dated) },
        ],
        sinks: vec![sink.clone()],
        settings: auditor_core::config::RunSettings::default(),
        cancel: tokio_util::sync::CancellationToken::new(),
        observer: Arc::new(NoObserver),
    };
    let options = RunOptions { version: world.run.version.clone(), ..RunOptions::default() };
    engine.run(&options).await.unwrap()
}

/// Names of the analyzers that ran.
fn analyzed(report: &RunReport) -> Vec<&str> {
    report.tasks.iter().map(|task| task.task.source.as_str()).filter(|source| *source != "memory").collect()
}

/// Analyzers run after what they read is stored, only where it changed, and never take an incomplete listing for a
/// complete one; what they derive has versions.
pub async fn analyses_follow_what_changed(fixture: &dyn Fixture) {
    let world = World::new(fixture).await;
    let sink = EngineSink { name: "sql".to_owned(), sink: Arc::from(fixture.sink(1 << 20)) };
    let denied = || SourceError::denied("test:List", "no");
    let script = |count| [Step::Emit(count)];

    let report = run(&world, &sink, &script(3)).await;
    assert_eq!(analyzed(&report), ["counter", "adder", "dated"]);
    let report = run(&world, &sink, &script(3)).await;
    assert_eq!(analyzed(&report), ["dated"], "nothing changed but the time");
    let report = run(&world, &sink, &script(4)).await;
    assert_eq!(analyzed(&report), ["counter", "adder", "dated"]);
    let report = run(&world, &sink, &[Step::Fail(denied)]).await;
    assert_eq!(analyzed(&report), ["counter", "adder", "dated"]);
    let report = run(&world, &sink, &script(4)).await;
    assert_eq!(analyzed(&report), ["counter", "adder", "dated"]);

    let rows = world.rows().await;
    let documents = |native_id: &str| -> Vec<_> {
        let versions = rows.versions.iter().filter(|version| version.native_id == native_id);
        versions.map(|version| version.document.clone().unwrap()).collect()
    };
    let counts = [json!(3), json!(4), json!("unknown"), json!(4)].map(|count| json!({ "count": count }));
    assert_eq!(documents("widgets"), counts);
    let totals = [json!(3), json!(4), json!(null), json!(4)].map(|total| json!({ "total": total }));
    assert_eq!(documents("total"), totals);
}
