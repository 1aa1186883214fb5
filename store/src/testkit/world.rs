//! Runs with invented records, and what they left in the database.

use std::sync::Arc;

use auditor_core::{
    error::chain,
    model::{Digest, Fingerprint, Kind, Record, Resource, digest_of},
    outcome::{
        Gap, GapReason, Outcome, RemovalGuard, RunInfo, RunReport, ScopeOutcome, ScopeReport, ScopeResult,
        TaskInfo, TaskReport,
    },
    sink::{Sink, TaskWriter},
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{EntityTrait as _, QueryOrder as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Fixture;
use crate::entities::{resource, resource_activity, resource_version, run, scope, task};

/// A kind of the suite.
pub static USER: Kind = Kind::new("test_user", "A user");
/// Another kind of the suite.
pub static ROLE: Kind = Kind::new("test_role", "A role");

/// The account everything belongs to.
const ACCOUNT: &str = "111122223333";
const BUFFER_BYTES: u32 = 1 << 20;

/// A sink under test with its database.
pub struct World<'a> {
    fixture: &'a dyn Fixture,
    /// The sink.
    pub sink: Box<dyn Sink>,
    /// The run of every task until it is changed.
    pub run: RunInfo,
}

/// Everything the database holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Scopes by id.
    pub scopes: Vec<scope::Model>,
    /// Head rows by scope and native id.
    pub heads: Vec<resource::Model>,
    /// Versions by scope, native id and number.
    pub versions: Vec<resource_version::Model>,
    /// Activities by scope and native id.
    pub activities: Vec<resource_activity::Model>,
    /// Tasks.
    pub tasks: Vec<task::Model>,
    /// Runs.
    pub runs: Vec<run::Model>,
}

impl<'a> World<'a> {
    /// A prepared sink.
    pub async fn new(fixture: &'a dyn Fixture) -> Self {
        Self::with_buffer(fixture, BUFFER_BYTES).await
    }

    /// A prepared sink that buffers that many bytes of a task.
    pub async fn with_buffer(fixture: &'a dyn Fixture, buffer_bytes: u32) -> Self {
        let sink = fixture.sink(buffer_bytes);
        sink.prepare(&[&USER, &ROLE]).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
        let mut world = Self { fixture, sink, run: run_info() };
        world.next_run().await;
        world
    }

    /// Opens another run.
    pub async fn next_run(&mut self) {
        self.run = RunInfo { id: Uuid::now_v7(), ..self.run.clone() };
        self.sink.begin_run(&self.run).await.unwrap();
    }

    /// Begins a task of the target `one`, observed `minute` minutes after noon.
    pub async fn begin(&self, minute: i64) -> Box<dyn TaskWriter> {
        self.sink.begin(&self.run, &self.task("one", minute)).await.unwrap()
    }

    /// A task of the run.
    pub fn task(&self, target: &str, minute: i64) -> TaskInfo {
        TaskInfo {
            run: self.run.id,
            source: "aws".to_owned(),
            target: target.to_owned(),
            target_name: format!("Target {target}"),
            account: ACCOUNT.parse().unwrap(),
            observed_at: at(minute),
        }
    }

    /// Stores a task of the target `one` with one scope of users.
    pub async fn store(&self, minute: i64, outcome: Outcome, records: Vec<Record>) -> ScopeResult {
        let mut results = self.store_all(minute, &[(&USER, outcome)], records).await;
        assert_eq!(results.len(), 1);
        results.remove(0)
    }

    /// Stores a task of the target `one` in several batches; `outcomes` are of its scopes.
    pub async fn store_all(
        &self,
        minute: i64,
        outcomes: &[(&'static Kind, Outcome)],
        records: Vec<Record>,
    ) -> Vec<ScopeResult> {
        let mut writer = self.begin(minute).await;
        for batch in records.chunks(3) {
            writer.write(Arc::new(batch.to_vec())).await.unwrap();
        }
        writer.finish(&scope_outcomes(outcomes)).await.unwrap_or_else(|error| panic!("{}", chain(&error)))
    }

    /// Stores the next task in a run of its own.
    pub async fn next(&mut self, minute: i64, outcome: Outcome, records: Vec<Record>) -> ScopeResult {
        self.next_run().await;
        self.store(minute, outcome, records).await
    }

    /// The report of this run with one task of the target `one`.
    pub fn report(&self, minute: i64, result: ScopeResult) -> RunReport {
        let scope = ScopeReport {
            kind: USER.name.to_owned(),
            outcome: Outcome::Complete,
            gaps: Vec::new(),
            result: Some(result),
        };
        let task = TaskReport {
            task: self.task("one", minute),
            scopes: vec![scope],
            store_error: None,
            duration_ms: 1,
        };
        RunReport {
            narrowed: false,
            run: self.run.clone(),
            finished_at: at(minute + 1),
            stopped: false,
            tasks: vec![task],
            failures: Vec::new(),
        }
    }

    /// Everything stored. Checks on the way what must hold at any time: digests and counts of scopes are those of their
    /// rows, and each head row is its latest version.
    pub async fn rows(&self) -> Rows {
        let db = self.fixture.connection();
        let rows = Rows {
            scopes: scope::Entity::find().order_by_asc(scope::Column::Id).all(&db).await.unwrap(),
            heads: sorted(resource::Entity::find().all(&db).await.unwrap(), |row| {
                (row.scope, row.native_id.clone(), 0)
            }),
            versions: sorted(resource_version::Entity::find().all(&db).await.unwrap(), |row| {
                (row.scope, row.native_id.clone(), row.version)
            }),
            activities: sorted(resource_activity::Entity::find().all(&db).await.unwrap(), |row| {
                (row.scope, row.native_id.clone(), 0)
            }),
            tasks: task::Entity::find()
                .order_by_asc(task::Column::ObservedAt)
                .order_by_asc(task::Column::Target)
                .all(&db)
                .await
                .unwrap(),
            runs: run::Entity::find().order_by_asc(run::Column::Id).all(&db).await.unwrap(),
        };
        rows.check();
        rows
    }
}

impl Rows {
    fn check(&self) {
        for scope in &self.scopes {
            let present: Vec<_> = self
                .heads
                .iter()
                .filter(|row| row.scope == scope.id && row.missing_since.is_none())
                .map(|row| (row.native_id.as_str(), Fingerprint::from_slice(&row.fingerprint).unwrap()))
                .collect();
            assert_eq!(scope.digest, digest(&present), "digest of {scope:?}");
            assert_eq!(scope.present, i64::try_from(present.len()).unwrap(), "count of {scope:?}");
            let null = Fingerprint::of_activity("null");
            let active: Vec<_> = self
                .activities
                .iter()
                .filter(|row| present.iter().any(|(id, _)| row.scope == scope.id && row.native_id == *id))
                .map(|row| (row.native_id.as_str(), Fingerprint::from_slice(&row.fingerprint).unwrap()))
                .filter(|(_, fingerprint)| *fingerprint != null)
                .collect();
            assert_eq!(scope.activity_digest, digest(&active), "activity digest of {scope:?}");
        }
        for head in &self.heads {
            let versions = self.versions_of(&head.native_id, head.scope);
            let numbers: Vec<_> = versions.iter().map(|row| row.version).collect();
            assert_eq!(numbers, (1..=head.version).collect::<Vec<_>>(), "versions of {head:?}");
            let last = versions.last().unwrap();
            assert_eq!(last.document.is_none(), head.missing_since.is_some(), "tombstone of {head:?}");
            assert_eq!(last.fingerprint.is_none(), head.missing_since.is_some(), "tombstone of {head:?}");
            assert_eq!(last.observed_at, head.changed_at, "time of {head:?}");
            assert_eq!((&last.account, &last.name), (&head.account, &head.name));
        }
    }

    fn versions_of(&self, native_id: &str, scope: i64) -> Vec<&resource_version::Model> {
        self.versions.iter().filter(|row| row.native_id == native_id && row.scope == scope).collect()
    }

    /// The head row of a user.
    pub fn head(&self, native_id: &str) -> &resource::Model {
        self.heads.iter().find(|row| row.native_id == native_id).expect("a head row of that id")
    }

    /// The documents of a user's versions; `None` is a tombstone.
    pub fn documents(&self, native_id: &str) -> Vec<Option<Value>> {
        let versions = self.versions.iter().filter(|row| row.native_id == native_id);
        versions.map(|row| row.document.clone()).collect()
    }

    /// The activity row of a user.
    pub fn activity(&self, native_id: &str) -> Option<&Value> {
        self.activities.iter().find(|row| row.native_id == native_id).map(|row| &row.activity)
    }

    /// What is known of resources, without when and by which run a scope was last looked at.
    pub fn resources(&self) -> (&[resource::Model], &[resource_version::Model], &[resource_activity::Model]) {
        (&self.heads, &self.versions, &self.activities)
    }
}

fn digest(pairs: &[(&str, Fingerprint)]) -> Vec<u8> {
    let digest: Digest = digest_of(pairs.iter().map(|(native_id, fingerprint)| (*native_id, fingerprint)));
    digest.as_bytes().to_vec()
}

fn sorted<T>(mut rows: Vec<T>, key: impl Fn(&T) -> (i64, String, i32)) -> Vec<T> {
    rows.sort_by_key(key);
    rows
}

/// So many minutes after noon.
pub fn at(minute: i64) -> DateTime<Utc> {
    let noon: DateTime<Utc> = "2026-01-01T12:00:00.000001Z".parse().expect("a time");
    noon + TimeDelta::minutes(minute)
}

/// A user with one value.
pub fn user(native_id: &str, value: i64) -> Record {
    Record::new(resource(&USER, native_id, json!({ "value": value })))
}

/// A resource named after its id.
pub fn resource(kind: &'static Kind, native_id: &str, document: Value) -> Resource {
    Resource::new(kind, ACCOUNT.parse().unwrap(), native_id, document).named(format!("Name of {native_id}"))
}

/// That many users with the same value.
pub fn users(count: usize, value: i64) -> Vec<Record> {
    (0..count).map(|i| user(&format!("user-{i:04}"), value)).collect()
}

/// Outcomes as the engine passes them; one that is not complete carries a gap.
pub fn scope_outcomes(outcomes: &[(&'static Kind, Outcome)]) -> Vec<ScopeOutcome> {
    outcomes
        .iter()
        .map(|(kind, outcome)| ScopeOutcome {
            kind: kind.name.to_owned(),
            outcome: *outcome,
            gaps: match outcome {
                Outcome::Complete | Outcome::Gone => Vec::new(),
                _ => vec![Gap::new(GapReason::Denied, "`test:List` was denied")],
            },
        })
        .collect()
}

fn run_info() -> RunInfo {
    RunInfo {
        id: Uuid::now_v7(),
        started_at: at(0),
        version: "test".to_owned(),
        plan_only: false,
        accept_removals: false,
        removal_guard: RemovalGuard::default(),
    }
}
