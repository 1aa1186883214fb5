//! Tasks that change nothing, stored together: those that come while a statement is under way share the next one.
//!
//! For one such task a statement is little more than its round trip. Nobody waits for company: a task that comes alone
//! goes alone, and under load the statements grow by themselves.

use std::{collections::HashSet, sync::OnceLock};

use auditor_core::model::Digest;
use auditor_store::write::{backend::TaskRow, pool::Pool};
use chrono::{DateTime, Utc};
use sqlx::{Error, PgConnection};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::transaction::column;

/// At most so many tasks go into one statement.
const TOGETHER: usize = 64;

/// Moves the time of each target whose digest is as said, and stores its task's row. A target that another transaction
/// holds is passed over, so that no task waits for another's lock here, and two statements never for each other.
const TOUCH: &str = "\
WITH locked AS (
    SELECT w.* FROM unnest($1::text[], $2::text[], $3::bytea[], $4::timestamptz[], $5::uuid[], $6::text[], $7::text[],
            $8::timestamptz[], $9::text[])
        AS w (source, target, digest, observed_at, run, target_name, account, finished_at, scopes)
    JOIN target t ON t.source = w.source AND t.target = w.target
    WHERE t.digest = w.digest AND (t.observed_at <= w.observed_at OR t.last_run = w.run)
    FOR UPDATE OF t SKIP LOCKED
), touched AS (
    UPDATE target t SET observed_at = l.observed_at, last_run = l.run
    FROM locked l WHERE t.source = l.source AND t.target = l.target
)
INSERT INTO task (run, source, target, target_name, account, observed_at, finished_at, scopes)
SELECT run, source, target, target_name, account, observed_at, finished_at, scopes::jsonb FROM locked
ON CONFLICT (run, source, target) DO UPDATE
SET target_name = excluded.target_name, account = excluded.account, observed_at = excluded.observed_at,
    finished_at = excluded.finished_at, scopes = excluded.scopes
RETURNING run, source, target";

/// A task that waits for its turn, with everything its row needs.
struct Waiting {
    source: String,
    target: String,
    digest: Digest,
    observed_at: DateTime<Utc>,
    run: Uuid,
    target_name: String,
    account: String,
    finished_at: DateTime<Utc>,
    scopes: String,
    /// Is told whether the task was stored.
    answer: oneshot::Sender<bool>,
}

/// The way of such tasks to the database: one statement at a time, for as many as wait together.
#[derive(Default)]
pub(crate) struct Touches(OnceLock<mpsc::Sender<Waiting>>);

impl Touches {
    /// Stores a task if its target's digest is that one, and says whether it did. It says no, too, where the statement
    /// failed: the transaction that follows meets the same fault, alone and with its own name.
    pub(crate) async fn touch(&self, pool: &Pool<PgConnection>, task: &TaskRow<'_>, digest: &Digest) -> bool {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            source: task.info.source.clone(),
            target: task.info.target.clone(),
            digest: *digest,
            observed_at: task.info.observed_at,
            run: task.info.run,
            target_name: task.info.target_name.clone(),
            account: task.info.account.as_str().to_owned(),
            finished_at: task.finished_at,
            scopes: task.scopes.clone(),
            answer,
        };
        let queue = self.0.get_or_init(|| {
            let (queue, waiting) = mpsc::channel(TOGETHER);
            tokio::spawn(serve(pool.clone(), waiting));
            queue
        });
        queue.send(waiting).await.is_ok() && answered.await.unwrap_or(false)
    }
}

async fn serve(pool: Pool<PgConnection>, mut queue: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    while queue.recv_many(&mut waiting, TOGETHER).await > 0 {
        let stored = store(&pool, &waiting).await.unwrap_or_else(|error| {
            tracing::debug!(%error, tasks = waiting.len(), "storing unchanged tasks together failed");
            HashSet::new()
        });
        for Waiting { source, target, run, answer, .. } in waiting.drain(..) {
            // Whoever does not wait any more needs no answer.
            answer.send(stored.contains(&(run, source, target))).unwrap_or(());
        }
    }
}

/// Runs the statement; the tasks that it stored.
async fn store(
    pool: &Pool<PgConnection>,
    tasks: &[Waiting],
) -> Result<HashSet<(Uuid, String, String)>, Error> {
    let mut lease = pool.lend().await?;
    let stored: Vec<_> = sqlx::query_as(TOUCH)
        .bind(column(tasks, |task| task.source.as_str()))
        .bind(column(tasks, |task| task.target.as_str()))
        .bind(column(tasks, |task| task.digest.as_bytes().as_slice()))
        .bind(column(tasks, |task| task.observed_at))
        .bind(column(tasks, |task| task.run))
        .bind(column(tasks, |task| task.target_name.as_str()))
        .bind(column(tasks, |task| task.account.as_str()))
        .bind(column(tasks, |task| task.finished_at))
        .bind(column(tasks, |task| task.scopes.as_str()))
        .fetch_all(&mut *lease)
        .await?;
    lease.give_back();
    Ok(stored.into_iter().collect())
}
