//! A store for tests, filled by a writer of its own: slow and plain, through the entities, so that what queries and
//! `verify` expect is not just what the real writer does.

use std::collections::BTreeMap;

use auditor_core::{
    model::{AccountId, Column, Digest, Fingerprint, Kind, Record, Resource, digest_of},
    outcome::{Counts, Gap, Outcome},
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait as _,
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectOptions, ConnectionTrait as _, Database, DatabaseBackend, EntityTrait as _,
    QueryFilter as _,
    sea_query::{Expr, ExprTrait as _, IntoColumnRef as _, Query},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Store,
    entities::{resource, resource_activity, resource_version, run, scope, task},
    evidence::{TaskEvidence, run_digest},
    views::view_statements,
    write::ScopeEntry,
};

/// Where `scope`, a view, has its rows from.
const SCOPE_TABLE: &str = "scope_state";

/// A kind with a column of every type.
pub(crate) static THING: Kind = Kind::new("test_thing", "A thing").columns(&[
    Column::text("size", "/size", "Size"),
    Column::integer("count", "/count", "Count"),
    Column::number("ratio", "/ratio", "Ratio"),
    Column::boolean("mfa_enabled", "/mfa", "MFA"),
    Column::timestamp("made_at", "/made", "Made"),
    Column::json("groups", "/groups", "Groups"),
    Column::text("first_tag", "/tags/0/key", "Key of the first tag"),
    Column::timestamp("last_used_at", "/last_used", "Last use").activity(),
]);

/// A second kind.
pub(crate) static OTHER: Kind = Kind::new("test_other", "Another thing");

/// What one listing of a run found.
pub(crate) struct Listing {
    pub(crate) target: &'static str,
    pub(crate) kind: &'static Kind,
    pub(crate) outcome: Outcome,
    pub(crate) records: Vec<Resource>,
    pub(crate) gaps: Vec<Gap>,
}

/// A complete listing.
pub(crate) fn listed(target: &'static str, records: Vec<Resource>) -> Listing {
    Listing { target, kind: &THING, outcome: Outcome::Complete, records, gaps: Vec::new() }
}

/// A record of [`THING`] named like its id, in account 111122223333 unless the id ends in `@` and another account.
pub(crate) fn thing(id: &str, document: Value) -> Resource {
    let (name, account) = id.split_once('@').unwrap_or((id, "111122223333"));
    Resource::new(&THING, account.parse().unwrap(), name, document).named(name)
}

pub(crate) fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

pub(crate) fn time(text: &str) -> DateTime<Utc> {
    crate::read::when::parse_day(text).unwrap_or_else(|| text.parse().unwrap())
}

struct Head {
    version: i32,
    fingerprint: Fingerprint,
    present: bool,
    account: String,
    name: Option<String>,
}

/// A store under test.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    heads: BTreeMap<(i64, String), Head>,
    last: Option<(Uuid, Digest)>,
}

impl Fixture {
    pub(crate) async fn sqlite() -> Self {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1);
        let store = Store::new(Database::connect(options).await.unwrap());
        Self::prepared(store, include_str!("../migrations/sqlite/0001_store.sql")).await
    }

    /// A database of its own on the server that the environment names.
    pub(crate) async fn postgres() -> Self {
        let url =
            std::env::var("AUDITOR_TEST_POSTGRES_URL").expect("AUDITOR_TEST_POSTGRES_URL names a server");
        let name = format!("auditor_read_{}", Uuid::new_v4().simple());
        let administrator = Database::connect(&url).await.unwrap();
        administrator.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        let (server, _) = url.rsplit_once('/').unwrap();
        let store = Store::new(Database::connect(format!("{server}/{name}")).await.unwrap());
        Self::prepared(store, include_str!("../migrations/postgres/0001_store.sql")).await
    }

    async fn prepared(store: Store, migration: &str) -> Self {
        store.connection().execute_unprepared(migration).await.unwrap();
        for statement in view_statements(store.backend(), &[&THING, &OTHER]) {
            store.connection().execute_unprepared(&statement).await.unwrap();
        }
        Self { store, heads: BTreeMap::new(), last: None }
    }

    /// A run with one task per target, all observed at `at`. Returns its id.
    pub(crate) async fn run(&mut self, at: &str, listings: Vec<Listing>) -> Uuid {
        let at = time(at);
        let id = self.open_run(at).await;
        let mut by_target: BTreeMap<&str, Vec<Listing>> = BTreeMap::new();
        for listing in listings {
            by_target.entry(listing.target).or_default().push(listing);
        }
        for (target, listings) in by_target {
            let mut entries = Vec::new();
            for listing in listings {
                entries.push(self.list(id, at, listing).await);
            }
            self.task(id, target, at, &entries).await;
        }
        self.close_run(id, at).await;
        id
    }

    /// Says of a run that it had a task for every target of the source.
    pub(crate) async fn whole(&self, run: Uuid) {
        let summary = Set(Some(json!({ "whole_sources": ["test"] })));
        let row = run::ActiveModel { id: Set(run), summary, ..Default::default() };
        row.update(self.store.connection()).await.unwrap();
    }

    pub(crate) async fn open_run(&self, at: DateTime<Utc>) -> Uuid {
        let id = Uuid::now_v7();
        let row = run::ActiveModel {
            id: Set(id),
            started_at: Set(at),
            finished_at: Set(None),
            version: Set("test".to_owned()),
            status: Set("open".to_owned()),
            summary: Set(None),
            previous_run: Set(None),
            digest: Set(None),
        };
        run::Entity::insert(row).exec_without_returning(self.store.connection()).await.unwrap();
        id
    }

    pub(crate) async fn task(&self, run: Uuid, target: &str, at: DateTime<Utc>, entries: &[ScopeEntry]) {
        let row = task::ActiveModel {
            run: Set(run),
            source: Set("test".to_owned()),
            target: Set(target.to_owned()),
            target_name: Set(target.to_owned()),
            account: Set("111122223333".to_owned()),
            observed_at: Set(at),
            finished_at: Set(at + TimeDelta::seconds(1)),
            scopes: Set(json!(entries)),
        };
        task::Entity::insert(row).exec_without_returning(self.store.connection()).await.unwrap();
    }

    pub(crate) async fn close_run(&mut self, id: Uuid, at: DateTime<Utc>) {
        let connection = self.store.connection();
        let tasks = task::Entity::find().filter(task::Column::Run.eq(id)).all(connection).await.unwrap();
        let tasks: Vec<TaskEvidence> = tasks.into_iter().map(|task| task.try_into().unwrap()).collect();
        let digest = run_digest(self.last.as_ref().map(|(_, digest)| digest), id, &tasks);
        let row = run::ActiveModel {
            id: Set(id),
            finished_at: Set(Some(at + TimeDelta::seconds(2))),
            status: Set("complete".to_owned()),
            previous_run: Set(self.last.map(|(run, _)| run)),
            digest: Set(Some(digest.as_bytes().to_vec())),
            ..Default::default()
        };
        row.update(connection).await.unwrap();
        self.last = Some((id, digest));
    }

    /// Stores a listing as the design says, and returns its ledger entry.
    pub(crate) async fn list(&mut self, run: Uuid, at: DateTime<Utc>, listing: Listing) -> ScopeEntry {
        let scope = self.scope(run, at, &listing).await;
        let complete = listing.outcome == Outcome::Complete;
        let mut counts = Counts { seen: listing.records.len() as u64, ..Counts::default() };
        let mut seen = Vec::new();
        for resource in listing.records {
            seen.push(resource.native_id.clone());
            self.record(run, at, scope, resource, complete, &mut counts).await;
        }
        if listing.outcome.retires() {
            let gone = self.heads.range((scope, String::new())..(scope + 1, String::new()));
            let gone = gone.filter(|((_, id), head)| head.present && !seen.contains(id));
            for id in gone.map(|((_, id), _)| id.clone()).collect::<Vec<_>>() {
                counts.removed += 1;
                self.retire(run, at, scope, &id).await;
            }
        }
        let (digest, present) = self.digest(scope);
        let mut values: Vec<(_, Expr)> = vec![
            (scope::Column::Outcome, listing.outcome.as_str().into()),
            (scope::Column::ObservedAt, at.into()),
            (scope::Column::LastRun, run.into()),
            (scope::Column::Present, present.into()),
            (scope::Column::Digest, digest.as_bytes().to_vec().into()),
        ];
        if complete {
            values.push((scope::Column::LastCompleteAt, at.into()));
        }
        let update = Query::update()
            .table(SCOPE_TABLE)
            .values(values)
            .and_where(scope::Column::Id.into_column_ref().eq(scope))
            .take();
        self.store.connection().execute(&update).await.unwrap();
        ScopeEntry {
            kind: listing.kind.name.to_owned(),
            outcome: listing.outcome,
            gaps: listing.gaps,
            counts,
            digest: Some(digest),
            superseded: false,
        }
    }

    fn digest(&self, scope: i64) -> (Digest, i64) {
        let present: Vec<_> = self
            .heads
            .range((scope, String::new())..(scope + 1, String::new()))
            .filter(|(_, head)| head.present)
            .map(|((_, id), head)| (id.as_str(), &head.fingerprint))
            .collect();
        (digest_of(present.iter().copied()), present.len().try_into().unwrap())
    }

    async fn scope(&self, run: Uuid, at: DateTime<Utc>, listing: &Listing) -> i64 {
        let find = scope::Entity::find()
            .filter(scope::Column::Target.eq(listing.target))
            .filter(scope::Column::Kind.eq(listing.kind.name));
        if let Some(found) = find.clone().one(self.store.connection()).await.unwrap() {
            return found.id;
        }
        let nothing = digest_of([]).as_bytes().to_vec();
        let values: Vec<(_, Expr)> = vec![
            (scope::Column::Source, "test".into()),
            (scope::Column::Target, listing.target.into()),
            (scope::Column::Kind, listing.kind.name.into()),
            (scope::Column::Account, "111122223333".into()),
            (scope::Column::Outcome, "failed".into()),
            (scope::Column::ObservedAt, at.into()),
            (scope::Column::LastRun, run.into()),
            (scope::Column::Present, 0.into()),
            (scope::Column::Digest, nothing.clone().into()),
            (scope::Column::ActivityDigest, nothing.into()),
        ];
        let (columns, values): (Vec<_>, Vec<_>) = values.into_iter().unzip();
        let insert = Query::insert().into_table(SCOPE_TABLE).columns(columns).values_panic(values).take();
        self.store.connection().execute(&insert).await.unwrap();
        find.one(self.store.connection()).await.unwrap().unwrap().id
    }

    async fn record(
        &mut self,
        run: Uuid,
        at: DateTime<Utc>,
        scope: i64,
        resource: Resource,
        complete: bool,
        counts: &mut Counts,
    ) {
        let connection = self.store.connection().clone();
        let activity = resource.activity.clone();
        let record = Record::new(resource);
        let key = (scope, record.native_id.clone());
        let known = self.heads.get(&key).map(|head| (head.version, head.present, head.fingerprint));
        let seen_at = if complete { NotSet } else { Set(Some(at)) };
        if let Some(activity) = activity {
            let row = resource_activity::ActiveModel {
                scope: Set(scope),
                native_id: Set(record.native_id.clone()),
                observed_at: Set(at),
                fingerprint: Set(vec![0; 32]),
                activity: Set(activity),
            };
            let filter = (scope, record.native_id.clone());
            resource_activity::Entity::delete_by_id(filter).exec(&connection).await.unwrap();
            resource_activity::Entity::insert(row).exec_without_returning(&connection).await.unwrap();
        }
        let head = resource::ActiveModel {
            scope: Set(scope),
            native_id: Set(record.native_id.clone()),
            account: Set(record.content.account.to_string()),
            name: Set(record.content.name.clone()),
            fingerprint: Set(record.fingerprint.as_bytes().to_vec()),
            version: Set(known.map_or(1, |(version, ..)| version + 1)),
            first_seen_at: if known.is_none() { Set(at) } else { NotSet },
            changed_at: Set(at),
            seen_at,
            missing_since: Set(None),
        };
        match known {
            Some((version, true, fingerprint)) if fingerprint == record.fingerprint => {
                counts.unchanged += 1;
                let seen = resource::ActiveModel { version: Set(version), changed_at: NotSet, ..head };
                seen.update(&connection).await.unwrap();
                return;
            }
            Some((_, present, _)) => {
                *if present { &mut counts.changed } else { &mut counts.returned } += 1;
                head.clone().update(&connection).await.unwrap();
            }
            None => {
                counts.new += 1;
                let first = resource::ActiveModel {
                    seen_at: if complete { Set(None) } else { Set(Some(at)) },
                    ..head.clone()
                };
                resource::Entity::insert(first).exec_without_returning(&connection).await.unwrap();
            }
        }
        let version = head.version.unwrap();
        let row = resource_version::ActiveModel {
            scope: Set(scope),
            native_id: Set(record.native_id.clone()),
            version: Set(version),
            run: Set(run),
            observed_at: Set(at),
            account: Set(record.content.account.to_string()),
            name: Set(record.content.name.clone()),
            provider_created_at: Set(record.content.provider_created_at),
            provider_updated_at: Set(record.content.provider_updated_at),
            fingerprint: Set(Some(record.fingerprint.as_bytes().to_vec())),
            document: Set(Some(serde_json::from_str(&record.content.document).unwrap())),
        };
        resource_version::Entity::insert(row).exec_without_returning(&connection).await.unwrap();
        let head = Head {
            version,
            fingerprint: record.fingerprint,
            present: true,
            account: record.content.account.to_string(),
            name: record.content.name,
        };
        self.heads.insert(key, head);
    }

    async fn retire(&mut self, run: Uuid, at: DateTime<Utc>, scope: i64, id: &str) {
        let connection = self.store.connection().clone();
        let head = self.heads.get_mut(&(scope, id.to_owned())).unwrap();
        head.version += 1;
        head.present = false;
        let tombstone = resource_version::ActiveModel {
            scope: Set(scope),
            native_id: Set(id.to_owned()),
            version: Set(head.version),
            run: Set(run),
            observed_at: Set(at),
            account: Set(head.account.clone()),
            name: Set(head.name.clone()),
            provider_created_at: Set(None),
            provider_updated_at: Set(None),
            fingerprint: Set(None),
            document: Set(None),
        };
        resource_version::Entity::insert(tombstone).exec_without_returning(&connection).await.unwrap();
        let row = resource::ActiveModel {
            scope: Set(scope),
            native_id: Set(id.to_owned()),
            version: Set(head.version),
            changed_at: Set(at),
            missing_since: Set(Some(at)),
            ..Default::default()
        };
        row.update(&connection).await.unwrap();
    }

    /// Changes the store behind the program's back.
    pub(crate) async fn tamper(&self, sqlite: &str) {
        let changed = self.store.connection().execute_unprepared(sqlite).await.unwrap();
        if self.store.backend() == DatabaseBackend::Sqlite {
            assert!(changed.rows_affected() > 0, "changes nothing: {sqlite}");
        }
    }
}

/// Runs an `async fn(Fixture)` as a test on SQLite, and on PostgreSQL where there is one.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test]
            async fn sqlite() {
                super::$name($crate::fixture::Fixture::sqlite().await).await;
            }

            #[tokio::test]
            #[ignore = "needs PostgreSQL: cargo xtask test"]
            async fn postgres() {
                super::$name($crate::fixture::Fixture::postgres().await).await;
            }
        }
    )+};
}
pub(crate) use on_both;
