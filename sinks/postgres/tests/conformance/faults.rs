//! Lost connections and data that only the database refuses.

use std::{sync::Arc, time::Duration};

use auditor_core::{
    model::Record,
    outcome::{GapReason, Outcome},
};
use auditor_store::testkit::{
    World,
    world::{USER, at, resource, scope_outcomes, user, users},
};
use serde_json::json;

use crate::database::{APP, open};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: cargo xtask test"]
async fn connections_killed_in_mid_run_lose_and_double_nothing() {
    let database = open("").await;
    let mut world = World::new(&database).await;
    let killer = tokio::spawn(kill_now_and_then(database.pool.clone(), database.name.clone()));
    for minute in 1..=4 {
        world.next_run().await;
        let tasks = (0..10).map(|target| {
            let (sink, run) = (&world.sink, &world.run);
            let task = world.task(&format!("target-{target}"), minute);
            async move {
                let mut writer = sink.begin(run, &task).await.unwrap();
                for batch in users(150, minute).chunks(40) {
                    writer.write(Arc::new(batch.to_vec())).await.unwrap();
                }
                writer.finish(&scope_outcomes(&[(&USER, Outcome::Complete)])).await.unwrap();
            }
        });
        futures::future::join_all(tasks).await;
    }
    killer.abort();
    // Checks that digests and counts agree with the rows, and that versions are numbered without a hole.
    let rows = world.rows().await;
    assert_eq!((rows.heads.len(), rows.versions.len(), rows.tasks.len()), (1500, 6000, 40));
    assert!(rows.heads.iter().all(|row| row.version == 4 && row.changed_at == at(4)));
}

async fn kill_now_and_then(pool: sqlx::PgPool, database: String) {
    loop {
        tokio::time::sleep(Duration::from_millis(60)).await;
        sqlx::query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND datname = $2",
        )
        .bind(APP)
        .bind(&database)
        .execute(&pool)
        .await
        .unwrap();
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
async fn what_only_the_database_refuses_is_quarantined_too() {
    let database = open("").await;
    database.execute("ALTER TABLE resource ADD CHECK (native_id NOT LIKE 'poison%')").await;
    database.execute("ALTER TABLE resource_activity ADD CHECK (native_id <> 'user-0002')").await;
    let mut world = World::new(&database).await;
    for minute in [1, 2] {
        let mut records = users(700, minute);
        records.extend([user("poison-1", 1), user("poison-2", 1)]);
        let active = resource(&USER, "user-0002", json!({ "value": minute }));
        records.push(Record::new(active.with_activity(json!({ "day": 1 }))));
        let result = world.next(minute, Outcome::Complete, records).await;
        assert_eq!((result.counts.seen, result.counts.quarantined), (702, 3));
        assert_eq!(result.counts.new + result.counts.changed, 699);
        let gaps: Vec<_> = result.gaps.iter().map(|gap| (gap.reason, &*gap.detail)).collect();
        assert_eq!(gaps[0].0, GapReason::Quarantined);
        assert!(
            gaps[0].1.starts_with("`poison-1` was not stored: ") && gaps[0].1.contains("check"),
            "{gaps:?}"
        );
        assert_eq!(world.rows().await.heads.len(), 699);
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
async fn a_right_lost_in_mid_run_is_permanent_and_says_so() {
    let database = open("").await;
    let world = World::new(&database).await;
    database.execute(&format!("REVOKE INSERT ON resource_version FROM {APP}")).await;
    let mut writer = world.begin(1).await;
    writer.write(Arc::new(users(3, 1))).await.unwrap();
    let error = writer.finish(&scope_outcomes(&[(&USER, Outcome::Complete)])).await.unwrap_err();
    assert!(!error.is_transient() && error.hint().unwrap().contains("auditor check"), "{error:?}");
    assert_eq!(world.rows().await.heads.len(), 0, "all or nothing");
}
