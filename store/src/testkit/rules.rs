//! The rules, one function each.

use std::sync::Arc;

use auditor_core::{
    model::{Kind, Record, Resource},
    outcome::{Counts, GapReason, Outcome, RemovalGuard},
    sink::{AccountEntry, AccountUse},
};
use serde_json::{Value, json};

pub use super::analysis::analyses_follow_what_changed;
use super::{
    Fixture, World,
    world::{ROLE, Rows, USER, at, resource, scope_outcomes, user, users},
};

/// `prepare` twice is harmless, from two sinks too.
pub async fn prepare_twice_is_harmless(fixture: &dyn Fixture) {
    let world = World::new(fixture).await;
    world.store(1, Outcome::Complete, users(2, 1)).await;
    let before = world.rows().await;
    world.sink.prepare(&[&USER]).await.unwrap();
    fixture.sink(1 << 20).prepare(&[&USER, &ROLE]).await.unwrap();
    assert_eq!(world.rows().await, before);
    let problems: Vec<_> =
        world.sink.check().await.into_iter().filter(|item| item.problem.is_some()).collect();
    assert_eq!(problems, []);
}

/// A first load makes one head and one version per record, and says so.
pub async fn the_first_task_stores_everything(fixture: &dyn Fixture) {
    let world = World::new(fixture).await;
    let result = world.store(1, Outcome::Complete, users(5, 1)).await;
    assert_eq!(result.counts, Counts { seen: 5, new: 5, ..Counts::default() });
    let rows = world.rows().await;
    assert_eq!((rows.heads.len(), rows.versions.len(), rows.activities.len()), (5, 5, 0));
    let head = rows.head("user-0003");
    assert_eq!((head.version, head.first_seen_at, head.changed_at), (1, at(1), at(1)));
    assert_eq!((head.seen_at, head.missing_since), (None, None));
    assert_eq!(head.name.as_deref(), Some("Name of user-0003"));
    let scope = &rows.scopes[0];
    assert_eq!((scope.outcome.as_str(), scope.last_complete_at), ("complete", Some(at(1))));
    assert_eq!(scope.digest, result.digest.unwrap().as_bytes());
    let task = &rows.tasks[0];
    assert_eq!(task.scopes[0]["counts"]["new"], json!(5));
    assert_eq!(task.scopes[0]["digest"], json!(result.digest));
}

/// The same task again leaves the same state.
pub async fn a_replay_changes_nothing(fixture: &dyn Fixture) {
    let world = World::new(fixture).await;
    for (records, outcome) in [
        (users(4, 1), Outcome::Complete),
        (users(3, 2), Outcome::Complete),
        (users(2, 3), Outcome::Partial),
        (Vec::new(), Outcome::Denied),
        (Vec::new(), Outcome::Gone),
    ] {
        world.store(1, outcome, records.clone()).await;
        let before = world.rows().await;
        let result = world.store(1, outcome, records).await;
        let after = world.rows().await;
        assert_eq!((&after.scopes, after.resources()), (&before.scopes, before.resources()));
        assert_eq!(after.tasks.len(), 1);
        assert_eq!(result.counts.unchanged, result.counts.seen);
    }
}

/// A later audit of the same state moves the scope's times and nothing else.
pub async fn an_unchanged_scope_writes_no_rows(fixture: &dyn Fixture) {
    let mut world = World::new(fixture).await;
    world.store(1, Outcome::Complete, users(4, 1)).await;
    let before = world.rows().await;
    let mut shuffled = users(4, 1);
    shuffled.reverse();
    let result = world.next(2, Outcome::Complete, shuffled).await;
    assert_eq!(result.counts, Counts { seen: 4, unchanged: 4, ..Counts::default() });
    let after = world.rows().await;
    assert_eq!(after.resources(), before.resources());
    let scope = &after.scopes[0];
    assert_eq!((scope.observed_at, scope.last_complete_at), (at(2), Some(at(2))));
    assert_eq!((scope.last_run, after.tasks.len()), (world.run.id, 2));
    assert_eq!(scope.digest, result.digest.unwrap().as_bytes());
}

/// What is known of a listing stays as it was when a task leaves its kind out, lists it for the first time or in vain,
/// whichever way the tasks before were stored.
pub async fn each_listing_keeps_its_own_times(fixture: &dyn Fixture) {
    const USERS: (&Kind, Outcome) = (&USER, Outcome::Complete);
    const ROLES: (&Kind, Outcome) = (&ROLE, Outcome::Complete);
    const NO_USERS: (&Kind, Outcome) = (&USER, Outcome::Denied);
    const NO_ROLES: (&Kind, Outcome) = (&ROLE, Outcome::Denied);
    let mut world = World::new(fixture).await;
    let role = || Record::new(resource(&ROLE, "role", json!({})));
    for (minute, listed, users_at, roles_at) in [
        (1, vec![USERS], Some(1), None),
        (2, vec![USERS], Some(2), None),
        (3, vec![USERS, NO_ROLES], Some(3), None),
        (4, vec![USERS, NO_ROLES], Some(4), None),
        (5, vec![USERS, ROLES], Some(5), Some(5)),
        (6, vec![ROLES, USERS], Some(6), Some(6)),
        (7, vec![USERS], Some(7), Some(6)),
        (8, vec![USERS], Some(8), Some(6)),
        (9, vec![USERS, ROLES], Some(9), Some(9)),
        (10, vec![USERS, ROLES], Some(10), Some(10)),
        (11, vec![NO_USERS, NO_ROLES], Some(10), Some(10)),
        (12, vec![NO_USERS, ROLES], Some(10), Some(12)),
        (13, vec![USERS, ROLES], Some(13), Some(13)),
        (14, vec![USERS, ROLES], Some(14), Some(14)),
        // Overtaken: of an older time, in a later run.
        (7, vec![USERS, ROLES], Some(14), Some(14)),
    ] {
        world.next_run().await;
        let users = if listed.contains(&USERS) { users(2, 1) } else { Vec::new() };
        let roles = listed.contains(&ROLES).then(role);
        let records = users.into_iter().chain(roles).collect();
        let before = world.rows().await;
        world.store_all(minute, &listed, records).await;
        let rows = world.rows().await;
        for (kind, expected) in [(&USER, users_at), (&ROLE, roles_at)] {
            let of_kind = |rows: &Rows| rows.scopes.iter().find(|scope| scope.kind == kind.name).cloned();
            let (scope, before) = (of_kind(&rows), of_kind(&before));
            let complete = scope.as_ref().and_then(|scope| scope.last_complete_at);
            assert_eq!(complete, expected.map(at), "`{}` after {listed:?} at {minute}", kind.name);
            if !listed.iter().any(|(listed, _)| listed.name == kind.name) {
                assert_eq!(scope, before, "`{}` was not listed at {minute}", kind.name);
            }
        }
    }
}

/// Null, Unicode, the ends of `i64`, microseconds and nesting come back as they were, and hash to the same.
pub async fn every_value_survives(fixture: &dyn Fixture) {
    let world = World::new(fixture).await;
    let document = json!({
        "null": null, "unicode": "é \u{1F600} \u{7f} \\u0000 \"\n", "min": i64::MIN, "max": i64::MAX,
        "u64": u64::MAX, "float": 0.1, "tiny": 1.5e-9, "empty": {}, "list": [1, [2, [3, []]]], "": "no key",
    });
    let full = resource(&USER, "id é/\u{1F600}\t'\"\\", document.clone())
        .named("Zoë \u{1F980}")
        .with_activity(json!({"last_used_at": null, "count": i64::MAX}))
        .with_times(Some("1999-12-31T23:59:59.999999Z".parse().unwrap()), Some(at(0)));
    let bare = Resource::new(&USER, "cloud-x:é".parse().unwrap(), "bare", Value::Null);
    let records = vec![Record::new(full), Record::new(bare)];
    world.store(1, Outcome::Complete, records.clone()).await;
    let rows = world.rows().await;
    let version = rows.versions.iter().find(|row| row.native_id == records[0].native_id).unwrap();
    assert_eq!(version.document.as_ref(), Some(&document));
    assert_eq!(version.provider_created_at, records[0].content.provider_created_at);
    assert_eq!(version.provider_updated_at, records[0].content.provider_updated_at);
    assert_eq!(version.name.as_deref(), Some("Zoë \u{1F980}"));
    assert_eq!(rows.activity(&records[0].native_id).unwrap()["count"], json!(i64::MAX));
    let bare = rows.versions.iter().find(|row| row.native_id == "bare").unwrap();
    assert_eq!((bare.account.as_str(), bare.name.as_ref()), ("cloud-x:é", None));
    assert_eq!(bare.document, Some(Value::Null));
}

/// A writer that is dropped, having written much or little, leaves nothing and blocks nobody.
pub async fn a_dropped_writer_leaves_no_trace(fixture: &dyn Fixture) {
    for buffer_bytes in [1 << 16, 1 << 20] {
        let world = World::with_buffer(fixture, buffer_bytes).await;
        let before = world.rows().await;
        let mut writer = world.begin(1).await;
        for _ in 0..3 {
            writer.write(Arc::new(users(500, 1))).await.unwrap();
        }
        drop(writer);
        assert_eq!(world.rows().await, before);
    }
    World::new(fixture).await.store(1, Outcome::Complete, users(1, 1)).await;
}

/// A change makes a version, a removal a tombstone, a return goes on from there.
pub async fn changes_and_removals_make_versions(fixture: &dyn Fixture) {
    let mut world = World::new(fixture).await;
    world.store(1, Outcome::Complete, vec![user("a", 1), user("b", 1), user("c", 1)]).await;
    let result = world.next(2, Outcome::Complete, vec![user("a", 2), user("c", 1), user("d", 1)]).await;
    let expected = Counts { seen: 3, new: 1, changed: 1, unchanged: 1, removed: 1, ..Counts::default() };
    assert_eq!(result.counts, expected);
    let rows = world.rows().await;
    assert_eq!(rows.documents("a"), [Some(json!({"value": 1})), Some(json!({"value": 2}))]);
    assert_eq!(rows.documents("b"), [Some(json!({"value": 1})), None]);
    assert_eq!((rows.head("a").first_seen_at, rows.head("a").changed_at), (at(1), at(2)));
    assert_eq!(rows.head("b").missing_since, Some(at(2)));
    assert_eq!(rows.head("c").version, 1);

    let result = world.next(3, Outcome::Complete, vec![user("a", 2), user("b", 1), user("c", 1)]).await;
    assert_eq!((result.counts.returned, result.counts.removed, result.counts.new), (1, 1, 0));
    let rows = world.rows().await;
    assert_eq!(rows.documents("b"), [Some(json!({"value": 1})), None, Some(json!({"value": 1}))]);
    assert_eq!((rows.head("b").first_seen_at, rows.head("b").missing_since), (at(1), None));
}

/// Partial, denied and failed listings retire nothing.
pub async fn only_complete_listings_retire(fixture: &dyn Fixture) {
    let mut world = World::new(fixture).await;
    world.store(1, Outcome::Complete, users(4, 1)).await;
    for (minute, outcome) in [(2, Outcome::Partial), (3, Outcome::Denied), (4, Outcome::Failed)] {
        let before = world.rows().await;
        let result = world.next(minute, outcome, Vec::new()).await;
        assert_eq!(result.counts, Counts::default());
        let rows = world.rows().await;
        assert_eq!(rows.resources(), before.resources());
        let scope = &rows.scopes[0];
        assert_eq!((scope.outcome.as_str(), scope.last_complete_at), (outcome.as_str(), Some(at(1))));
        assert_eq!((scope.observed_at, scope.last_run), (at(minute), world.run.id));
        assert_eq!(scope.digest, result.digest.unwrap().as_bytes());
        let gap = &rows.tasks.last().unwrap().scopes[0]["gaps"][0];
        assert_eq!(gap["detail"], json!("`test:List` was denied"));
    }
    let results = world.store_all(5, &[(&ROLE, Outcome::Denied)], Vec::new()).await;
    assert_eq!(results[0].counts, Counts::default());
    let scope = world.rows().await.scopes.into_iter().find(|scope| scope.kind == ROLE.name).unwrap();
    assert_eq!((scope.last_complete_at, scope.present), (None, 0), "never listed is not the same as empty");
}

/// What an incomplete listing saw is stored, with its own time.
pub async fn an_incomplete_listing_says_what_it_saw(fixture: &dyn Fixture) {
    let mut world = World::new(fixture).await;
    world.store(1, Outcome::Complete, vec![user("a", 1), user("b", 1), user("c", 1)]).await;
    let result = world.next(2, Outcome::Partial, vec![user("a", 1), user("b", 2), user("d", 1)]).await;
    let expected = Counts { seen: 3, new: 1, changed: 1, unchanged: 1, ..Counts::default() };
    assert_eq!(result.counts, expected);
    let rows = world.rows().await;
    let seen: Vec<_> = ["a", "b", "c", "d"].iter().map(|id| rows.head(id).seen_at).collect();
    assert_eq!(seen, [Some(at(2)), Some(at(2)), None, Some(at(2))]);
    assert_eq!(rows.scopes[0].last_complete_at, Some(at(1)));
    let result =
        world.next(3, Outcome::Complete, vec![user("a", 1), user("b", 2), user("c", 1), user("d", 1)]).await;
    assert_eq!(result.counts.unchanged, 4);
}

/// A target that its source knows to be gone is retired, whatever the guard says.
pub async fn a_gone_target_is_retired(fixture: &dyn Fixture) {
    let mut world = World::new(fixture).await;
    world.store(1, Outcome::Complete, users(50, 1)).await;
    let result = world.next(2, Outcome::Gone, users(2, 1)).await;
    assert_eq!(result.counts, Counts { removed: 50, ..Counts::default() });
    let rows = world.rows().await;
    assert!(rows.heads.iter().all(|row| row.missing_since == Some(at(2))));
    assert_eq!((rows.scopes[0].outcome.as_str(), rows.scopes[0].last_complete_at), ("gone", Some(at(1))));
    assert_eq!(world.next(3, Outcome::Gone, Vec::new()).await.counts, Counts::default());
    assert_eq!(world.next(4, Outcome::Complete, users(50, 1)).await.counts.returned, 50);
}

/// A complete listing that lacks too much is held, and stays held, until an operator accepts it.
pub async fn the_guard_holds_until_accepted(fixture: &dyn Fixture) {
    let mut world = World::new(fixture).await;
    world.run.removal_guard = RemovalGuard { max_share: 0.5, max_rows: 3 };
    world.store(1, Outcome::Complete, users(8, 1)).await;
    let others: Vec<_> = (0..8).map(|i| user(&format!("other-{i}"), 1)).collect();
    for minute in [2, 3] {
        let result = world.next(minute, Outcome::Complete, others.clone()).await;
        assert_eq!((result.counts.held, result.counts.removed), (8, 0));
        let rows = world.rows().await;
        assert!(rows.heads.iter().all(|row| row.missing_since.is_none()));
        assert_eq!(rows.scopes[0].last_complete_at, Some(at(1)), "not all of it is known to be as observed");
        assert_eq!(rows.head("other-0").seen_at, Some(at(minute)));
        assert_eq!(rows.head("user-0000").seen_at, None);
    }
    world.run.accept_removals = true;
    let result = world.next(4, Outcome::Complete, others).await;
    assert_eq!((result.counts.held, result.counts.removed, result.counts.unchanged), (0, 8, 8));
    assert_eq!(world.rows().await.scopes[0].last_complete_at, Some(at(4)));
}

/// An observation older than what another run stored changes nothing.
pub async fn an_older_observation_changes_nothing(fixture: &dyn Fixture) {
    let mut world = World::new(fixture).await;
    world.store(5, Outcome::Complete, users(3, 1)).await;
    let before = world.rows().await;
    world.next_run().await;
    for (records, outcome) in [
        (users(3, 1), Outcome::Complete),
        (users(2, 2), Outcome::Complete),
        (Vec::new(), Outcome::Denied),
        (Vec::new(), Outcome::Gone),
    ] {
        let result = world.store(4, outcome, records).await;
        assert!(result.superseded && result.digest.is_none(), "{outcome}");
        let rows = world.rows().await;
        assert_eq!((&rows.scopes, rows.resources()), (&before.scopes, before.resources()));
        let task = rows.tasks.iter().find(|task| task.run == world.run.id).unwrap();
        assert_eq!(task.scopes[0]["superseded"], json!(true));
    }
}

/// Of records with the same native id the last one counts.
pub async fn of_doubled_records_the_last_wins(fixture: &dyn Fixture) {
    let mut world = World::new(fixture).await;
    let records = vec![user("a", 1), user("b", 1), user("a", 2), user("c", 1), user("a", 3)];
    let result = world.store(1, Outcome::Complete, records.clone()).await;
    assert_eq!(result.counts, Counts { seen: 3, new: 3, duplicates: 2, ..Counts::default() });
    assert_eq!(world.rows().await.documents("a"), [Some(json!({"value": 3}))]);
    let result = world.next(2, Outcome::Complete, records).await;
    assert_eq!(result.counts, Counts { seen: 3, unchanged: 3, duplicates: 2, ..Counts::default() });
}

/// A record the store cannot hold is left out, named, and keeps its earlier state; the rest is stored.
pub async fn a_bad_record_is_quarantined_alone(fixture: &dyn Fixture) {
    let mut world = World::new(fixture).await;
    let bad = |id: &str| Record::new(resource(&USER, id, json!({ "text": "a\0b" })));
    let bad_activity =
        Record::new(resource(&USER, "d", json!({ "value": 1 })).with_activity(json!({ "text": "\0" })));
    world.store(1, Outcome::Complete, vec![user("a", 1), user("b", 1), user("d", 1), user("e", 1)]).await;
    let records = vec![user("a", 2), bad("b"), bad("c"), bad_activity, bad(&"x".repeat(2000))];
    for minute in [2, 3] {
        let result = world.next(minute, Outcome::Complete, records.clone()).await;
        assert_eq!((result.counts.seen, result.counts.quarantined), (5, 4));
        assert!(result.gaps.iter().all(|gap| gap.reason == GapReason::Quarantined));
        assert!(result.gaps[0].detail.starts_with("`b` was not stored: "), "{:?}", result.gaps);
        let rows = world.rows().await;
        assert_eq!(rows.documents("b"), [Some(json!({"value": 1}))]);
        assert_eq!(rows.head("b").missing_since, None, "it was seen");
        assert_eq!(rows.documents("a").len(), 2);
        assert!(rows.head("e").missing_since.is_some(), "the listing was complete");
        assert!(rows.heads.iter().all(|row| row.native_id != "c"));
        assert_eq!(rows.scopes[0].last_complete_at, Some(at(1)), "not all of it is known");
        assert_eq!(rows.head("a").seen_at, Some(at(minute)));
    }
    let many: Vec<_> = (0..30).map(|i| bad(&format!("bad-{i:02}"))).collect();
    let result = world.next(4, Outcome::Partial, many).await;
    assert_eq!((result.counts.quarantined, result.gaps.len()), (30, 21));
    assert!(result.gaps[20].detail.contains("10 more"));
}

/// A dry run counts and shows examples, and leaves every table as it was.
pub async fn a_dry_run_writes_nothing(fixture: &dyn Fixture) {
    let mut world = World::new(fixture).await;
    let empty = world.rows().await;
    world.run.plan_only = true;
    world.next_run().await;
    let result = world.store(1, Outcome::Complete, users(30, 1)).await;
    assert_eq!((result.counts.new, result.digest), (30, None));
    assert_eq!(result.examples["new"].len(), 20);
    world.sink.finish_run(&world.report(1, result)).await.unwrap();
    assert_eq!(world.rows().await, empty);

    world.run.plan_only = false;
    world.next(2, Outcome::Complete, vec![user("a", 1), user("b", 1), user("c", 1)]).await;
    let before = world.rows().await;
    world.run.plan_only = true;
    world.next_run().await;
    let result = world.store(3, Outcome::Complete, vec![user("a", 2), user("b", 1), user("d", 1)]).await;
    let counts = result.counts;
    assert_eq!((counts.new, counts.changed, counts.unchanged, counts.removed), (1, 1, 1, 1));
    assert_eq!(result.examples["changed"], ["a (Name of a)"]);
    assert_eq!(result.examples["removed"], ["c (Name of c)"]);
    let result = world.store(3, Outcome::Complete, vec![user("a", 1), user("b", 1), user("c", 1)]).await;
    assert_eq!(result.counts, Counts { seen: 3, unchanged: 3, ..Counts::default() });
    assert_eq!(world.rows().await, before);
}

/// Volatile facts are kept, the latest only, and never make a version.
pub async fn activity_makes_no_version(fixture: &dyn Fixture) {
    let mut world = World::new(fixture).await;
    let used = |id: &str, day: Option<i64>| {
        let base = resource(&USER, id, json!({ "value": 1 }));
        Record::new(match day {
            Some(day) => base.with_activity(json!({ "day": day })),
            None => base,
        })
    };
    let result = world
        .store(1, Outcome::Complete, vec![used("a", Some(1)), used("b", Some(1)), used("c", None)])
        .await;
    assert_eq!((result.counts.new, result.counts.activity_changed), (3, 0));
    let result = world
        .next(2, Outcome::Complete, vec![used("a", Some(2)), used("b", Some(1)), used("c", Some(2))])
        .await;
    assert_eq!((result.counts.unchanged, result.counts.activity_changed), (3, 2));
    let rows = world.rows().await;
    assert_eq!(rows.versions.len(), 3);
    assert_eq!(rows.activity("a"), Some(&json!({ "day": 2 })));
    assert_eq!(rows.activity("c"), Some(&json!({ "day": 2 })));
    assert_eq!(rows.activities.iter().find(|row| row.native_id == "b").unwrap().observed_at, at(1));
    let before = world.rows().await;
    let records = vec![used("a", Some(2)), used("b", Some(1)), used("c", Some(2))];
    assert_eq!(world.next(3, Outcome::Complete, records).await.counts.activity_changed, 0);
    assert_eq!(world.rows().await.resources(), before.resources());

    let result = world.next(4, Outcome::Partial, vec![used("a", None)]).await;
    assert_eq!((result.counts.unchanged, result.counts.activity_changed), (1, 1));
    assert_eq!(world.rows().await.activity("a"), Some(&Value::Null), "it has none any more");
    world.next(5, Outcome::Complete, vec![used("b", Some(1)), used("c", Some(2))]).await;
    world.rows().await;
    world.next(6, Outcome::Complete, vec![used("a", Some(9)), used("b", Some(1)), used("c", Some(2))]).await;
    assert_eq!(world.rows().await.activity("a"), Some(&json!({ "day": 9 })));
}

/// Whether a task fits the buffer makes no difference.
pub async fn a_tiny_buffer_gives_the_same_state(fixture: &dyn Fixture) {
    let listing = |value: i64, count: usize| {
        let mut records: Vec<_> = (0..count)
            .map(|i| {
                let text = "x".repeat(500);
                let resource =
                    resource(&USER, &format!("user-{i:04}"), json!({ "value": value, "text": text }));
                Record::new(resource.with_activity(json!({ "value": value })))
            })
            .collect();
        records.push(user("user-0001", value + 100));
        records.push(Record::new(resource(&ROLE, "role", json!({ "value": value }))));
        records
    };
    let outcomes = [(&USER, Outcome::Complete), (&ROLE, Outcome::Partial)];
    let mut states = Vec::new();
    let mut counts = Vec::new();
    for (target, buffer_bytes) in [("tiny", 1 << 16), ("large", 1 << 26)] {
        let mut world = World::with_buffer(fixture, buffer_bytes).await;
        for (minute, value, count) in [(1, 1, 1200), (2, 1, 1200), (3, 2, 1195)] {
            world.next_run().await;
            let mut writer = world.sink.begin(&world.run, &world.task(target, minute)).await.unwrap();
            for batch in listing(value, count).chunks(100) {
                writer.write(Arc::new(batch.to_vec())).await.unwrap();
            }
            let results = writer.finish(&scope_outcomes(&outcomes)).await.unwrap();
            counts.push(results.into_iter().map(|result| (result.counts, result.digest)).collect::<Vec<_>>());
        }
        let rows = world.rows().await;
        let ids: Vec<_> = rows
            .scopes
            .iter()
            .filter(|scope| scope.target == target)
            .map(|scope| (scope.id, &scope.kind))
            .collect();
        let kind = |scope: i64| ids.iter().find(|(id, _)| *id == scope).map(|(_, kind)| (*kind).clone());
        let versions: Vec<_> = rows
            .versions
            .iter()
            .filter_map(|row| {
                Some((kind(row.scope)?, row.native_id.clone(), row.version, row.document.clone()))
            })
            .collect();
        let activities: Vec<_> = rows
            .activities
            .iter()
            .filter_map(|row| Some((kind(row.scope)?, row.native_id.clone(), row.activity.clone())))
            .collect();
        states.push((versions, activities));
    }
    assert_eq!(counts[..3], counts[3..]);
    assert_eq!((counts[0][0].0.new, counts[0][0].0.duplicates), (1200, 1));
    assert!(states[0] == states[1], "the same versions and activities");
}

/// Tasks of many targets at once, and two of the same, end as if one after the other.
pub async fn tasks_run_side_by_side(fixture: &dyn Fixture) {
    let world = World::new(fixture).await;
    let store = async |target: &str, minute: i64, value: i64| {
        let mut writer = world.sink.begin(&world.run, &world.task(target, minute)).await.unwrap();
        writer.write(Arc::new(users(40, value))).await.unwrap();
        writer.finish(&scope_outcomes(&[(&USER, Outcome::Complete)])).await.unwrap().remove(0)
    };
    let targets: Vec<_> = (0..12).map(|i| format!("target-{i}")).collect();
    futures::future::join_all(targets.iter().map(|target| store(target, 1, 1))).await;
    futures::future::join_all((0..8).map(|i| store("target-0", 2, i % 2))).await;
    let rows = world.rows().await;
    assert_eq!((rows.heads.len(), rows.scopes.len(), rows.tasks.len()), (480, 12, 12));
}

/// Closing a run chains its digest to the run closed before, once.
pub async fn runs_are_chained(fixture: &dyn Fixture) {
    let mut world = World::new(fixture).await;
    let result = world.store(1, Outcome::Complete, users(3, 1)).await;
    let report = world.report(1, result);
    world.sink.finish_run(&report).await.unwrap();
    let first = world.rows().await.runs.remove(0);
    assert_eq!((first.status.as_str(), first.finished_at), ("complete", Some(at(2))));
    assert_eq!(first.summary.as_ref().unwrap()["totals"]["new"], json!(3));
    assert!(first.digest.is_some() && first.previous_run.is_none());

    world.next_run().await;
    world.sink.begin_run(&world.run).await.unwrap();
    let result = world.store(2, Outcome::Complete, users(3, 2)).await;
    world.sink.finish_run(&report).await.unwrap();
    assert_eq!(world.rows().await.runs[0], first, "closing again changes nothing");
    assert_eq!(world.rows().await.runs[1].status, "open");
    world.sink.finish_run(&world.report(2, result.clone())).await.unwrap();
    let second = world.rows().await.runs.remove(1);
    assert_eq!(second.previous_run, Some(first.id));
    assert_ne!(second.digest, first.digest);

    world.next_run().await;
    let error = world.sink.finish_run(&world.report(3, result)).await.unwrap_err();
    assert!(auditor_core::error::chain(&error).contains("`one` of `aws`"), "a lost task is named: {error:?}");
    assert_eq!(world.rows().await.runs[2].status, "failed");
}

/// The account table keeps settings and usage apart.
pub async fn accounts_are_kept(fixture: &dyn Fixture) {
    let world = World::new(fixture).await;
    let accounts = world.sink.accounts().unwrap();
    let entry = |account: &str, role: &str| AccountEntry {
        account: account.parse().unwrap(),
        name: Some("Prod é".to_owned()),
        role_arn: format!("arn:aws:iam::{account}:role/{role}"),
        external_id_ref: Some("env:EXTERNAL_ID".to_owned()),
        enabled: true,
        working: None,
        last_used_at: None,
        last_error: None,
    };
    let (one, two) = (entry("111122223333", "audit"), entry("444455556666", "audit"));
    assert_eq!(accounts.upsert(&[two.clone(), one.clone()]).await.unwrap(), 2);
    assert_eq!(accounts.list().await.unwrap(), [one.clone(), two.clone()]);
    assert_eq!(accounts.upsert(std::slice::from_ref(&one)).await.unwrap(), 0, "nothing is different");

    let used = AccountUse { at: at(1), error: None };
    accounts.record_use(&one.account, &used).await.unwrap();
    accounts.record_use(&"999999999999".parse().unwrap(), &used).await.unwrap();
    let failed = AccountUse { at: at(2), error: Some("AccessDenied".to_owned()) };
    accounts.record_use(&two.account, &failed).await.unwrap();
    assert_eq!(accounts.upsert(&[entry("111122223333", "other")]).await.unwrap(), 1);
    let listed = accounts.list().await.unwrap();
    let expected =
        AccountEntry { working: Some(true), last_used_at: Some(at(1)), ..entry("111122223333", "other") };
    assert_eq!(listed[0], expected);
    assert_eq!((listed[1].working, listed[1].last_used_at), (Some(false), None));
    assert_eq!(listed[1].last_error.as_deref(), Some("AccessDenied"));
    assert_eq!(listed.len(), 2);
}
