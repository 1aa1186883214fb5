//! The statements of one task.

use async_trait::async_trait;
use auditor_core::{
    model::{Digest, Fingerprint, digest_of},
    outcome::TaskInfo,
};
use auditor_store::write::{
    backend::{Access, RowChange, RowOp, ScopeRow, ScopeUpdate, TaskRow, Transaction},
    diff::{Known, KnownActivity, KnownRows},
    fault::Fault,
    pool::Lease,
};
use chrono::{DateTime, Utc};
use sqlx::{Error, Executor as _, SqliteConnection, raw_sql};
use uuid::Uuid;

use crate::{errors::fault, statements::for_rows};

/// A transaction on the connection that writes.
pub(crate) struct SqliteTransaction {
    connection: Lease<SqliteConnection>,
}

type ScopeColumns = (i64, String, DateTime<Utc>, Uuid, i64, Vec<u8>, Vec<u8>);

impl SqliteTransaction {
    pub(crate) async fn begin(
        mut connection: Lease<SqliteConnection>,
        access: Access,
    ) -> Result<Self, Error> {
        let begin = match access {
            Access::Read => "BEGIN",
            // Takes the file's one write lock now, so that what is read next is not overtaken.
            Access::Write => "BEGIN IMMEDIATE",
        };
        connection.execute(raw_sql(begin)).await?;
        Ok(Self { connection })
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), Fault> {
        self.connection.execute(raw_sql(statement)).await.map_err(fault)?;
        Ok(())
    }

    /// If the target's digest is that one: moves its time.
    pub(crate) async fn touch(&mut self, task: &TaskInfo, digest: &Digest) -> Result<bool, Fault> {
        let done = sqlx::query(
            "UPDATE target SET observed_at = ?1, last_run = ?2 \
             WHERE source = ?3 AND target = ?4 AND digest = ?5 AND (observed_at <= ?1 OR last_run = ?2)",
        )
        .bind(task.observed_at)
        .bind(task.run)
        .bind(&task.source)
        .bind(&task.target)
        .bind(digest.as_bytes().as_slice())
        .execute(&mut *self.connection)
        .await
        .map_err(fault)?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down for the scopes what the target's digest said of them, since it will say so no longer.
    async fn settle(&mut self, task: &TaskInfo) -> Result<(), Fault> {
        sqlx::query(
            "UPDATE scope_state SET observed_at = t.observed_at, last_run = t.last_run, \
             last_complete_at = t.observed_at FROM target t \
             WHERE t.source = ?1 AND t.target = ?2 AND t.digest IS NOT NULL \
             AND scope_state.source = ?1 AND scope_state.target = ?2",
        )
        .bind(&task.source)
        .bind(&task.target)
        .execute(&mut *self.connection)
        .await
        .map_err(fault)?;
        Ok(())
    }

    /// Stores the task's row.
    pub(crate) async fn save_task(&mut self, task: &TaskRow<'_>) -> Result<(), Fault> {
        sqlx::query(
            "INSERT INTO task (run, source, target, target_name, account, observed_at, finished_at, scopes) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, source, target) DO UPDATE SET \
             target_name = excluded.target_name, account = excluded.account, \
             observed_at = excluded.observed_at, finished_at = excluded.finished_at, scopes = excluded.scopes",
        )
        .bind(task.info.run)
        .bind(&task.info.source)
        .bind(&task.info.target)
        .bind(&task.info.target_name)
        .bind(task.info.account.as_str())
        .bind(task.info.observed_at)
        .bind(task.finished_at)
        .bind(&task.scopes)
        .execute(&mut *self.connection)
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn write_rows(&mut self, task: &TaskInfo, rows: &[RowChange<'_>]) -> Result<(), Error> {
        let versions: Vec<_> =
            rows.iter().filter_map(|row| row.version().map(|version| (row, version))).collect();
        let heads = (
            "INSERT INTO resource (scope, native_id, account, name, fingerprint, version, first_seen_at, changed_at, \
             seen_at)",
            9,
            "ON CONFLICT (scope, native_id) DO UPDATE SET account = excluded.account, name = excluded.name, \
             fingerprint = excluded.fingerprint, version = excluded.version, changed_at = excluded.changed_at, \
             seen_at = coalesce(excluded.seen_at, seen_at), missing_since = NULL",
        );
        for_rows(&mut self.connection, heads, &versions, |bind, (row, version)| {
            let content = &row.record.content;
            bind.bind(row.scope).bind(row.record.native_id.as_str()).bind(content.account.as_str());
            bind.bind(content.name.as_deref())
                .bind(row.record.fingerprint.as_bytes().as_slice())
                .bind(*version);
            bind.bind(task.observed_at).bind(task.observed_at).bind(row.seen.then_some(task.observed_at));
        })
        .await?;
        let inserts = (
            "INSERT INTO resource_version (scope, native_id, version, run, observed_at, account, name, \
             provider_created_at, provider_updated_at, fingerprint, document)",
            11,
            "",
        );
        for_rows(&mut self.connection, inserts, &versions, |bind, (row, version)| {
            let content = &row.record.content;
            bind.bind(row.scope).bind(row.record.native_id.as_str()).bind(*version).bind(task.run);
            bind.bind(task.observed_at).bind(content.account.as_str()).bind(content.name.as_deref());
            bind.bind(content.provider_created_at).bind(content.provider_updated_at);
            bind.bind(row.record.fingerprint.as_bytes().as_slice()).bind(content.document.as_str());
        })
        .await?;
        let active: Vec<_> = rows
            .iter()
            .filter(|row| row.activity != RowOp::Keep)
            .map(|row| (row, row.activity_fingerprint()))
            .collect();
        let upserts = (
            "INSERT INTO resource_activity (scope, native_id, observed_at, fingerprint, activity)",
            5,
            "ON CONFLICT (scope, native_id) DO UPDATE SET observed_at = excluded.observed_at, \
             fingerprint = excluded.fingerprint, activity = excluded.activity",
        );
        for_rows(&mut self.connection, upserts, &active, |bind, (row, fingerprint)| {
            bind.bind(row.scope).bind(row.record.native_id.as_str()).bind(task.observed_at);
            bind.bind(fingerprint.as_bytes().as_slice()).bind(row.activity());
        })
        .await
    }
}

#[async_trait]
impl Transaction for SqliteTransaction {
    async fn scopes(&mut self, task: &TaskInfo) -> Result<Vec<ScopeRow>, Fault> {
        let rows: Vec<ScopeColumns> = sqlx::query_as(
            "SELECT id, kind, observed_at, last_run, present, digest, activity_digest FROM scope \
             WHERE source = ? AND target = ?",
        )
        .bind(&task.source)
        .bind(&task.target)
        .fetch_all(&mut *self.connection)
        .await
        .map_err(fault)?;
        rows.into_iter().map(scope_row).collect()
    }

    async fn create_scopes(&mut self, task: &TaskInfo, kinds: &[&str]) -> Result<Vec<ScopeRow>, Fault> {
        // A scope that was never listed must not take part in what the target's digest says of the others.
        self.settle(task).await?;
        sqlx::query(
            "INSERT INTO target (source, target, observed_at, last_run) VALUES (?, ?, ?, ?) \
             ON CONFLICT (source, target) DO UPDATE SET digest = NULL",
        )
        .bind(&task.source)
        .bind(&task.target)
        .bind(task.observed_at)
        .bind(task.run)
        .execute(&mut *self.connection)
        .await
        .map_err(fault)?;
        let empty = digest_of([]);
        let insert = (
            "INSERT INTO scope_state (source, target, kind, account, outcome, observed_at, last_run, present, digest, \
             activity_digest)",
            10,
            "",
        );
        for_rows(&mut self.connection, insert, kinds, |bind, kind| {
            bind.bind(&task.source).bind(&task.target).bind(*kind).bind(task.account.as_str()).bind("failed");
            bind.bind(task.observed_at).bind(task.run).bind(0_i64);
            bind.bind(empty.as_bytes().to_vec()).bind(empty.as_bytes().to_vec());
        })
        .await
        .map_err(fault)?;
        let rows = self.scopes(task).await?;
        Ok(rows.into_iter().filter(|row| kinds.contains(&row.kind.as_str())).collect())
    }

    async fn known(&mut self, scopes: &[i64]) -> Result<Vec<(i64, KnownRows)>, Fault> {
        let mut all = Vec::with_capacity(scopes.len());
        for scope in scopes {
            let rows: Vec<(String, Vec<u8>, i32, bool, Option<bool>)> = sqlx::query_as(
                "SELECT r.native_id, r.fingerprint, r.version, r.missing_since IS NOT NULL, \
                 r.missing_since IS NULL AND r.first_seen_at <= s.last_complete_at \
                 FROM scope s JOIN resource r ON r.scope = s.id WHERE s.id = ? ORDER BY r.native_id",
            )
            .bind(scope)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(fault)?;
            let mut known = KnownRows { rows: Vec::with_capacity(rows.len()), settled: 0 };
            for (native_id, hash, version, missing, settled) in rows {
                known.rows.push(Known { native_id, fingerprint: fingerprint(&hash)?, version, missing });
                known.settled += u64::from(settled == Some(true));
            }
            all.push((*scope, known));
        }
        Ok(all)
    }

    async fn known_activities(&mut self, scopes: &[i64]) -> Result<Vec<(i64, Vec<KnownActivity>)>, Fault> {
        let mut all = Vec::with_capacity(scopes.len());
        for scope in scopes {
            let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
                "SELECT native_id, fingerprint FROM resource_activity WHERE scope = ? ORDER BY native_id",
            )
            .bind(scope)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(fault)?;
            let rows = rows
                .into_iter()
                .map(|(native_id, hash)| Ok(KnownActivity { native_id, fingerprint: fingerprint(&hash)? }))
                .collect::<Result<_, Fault>>()?;
            all.push((*scope, rows));
        }
        Ok(all)
    }

    async fn names(&mut self, scope: i64, native_ids: &[&str]) -> Result<Vec<(String, String)>, Fault> {
        sqlx::query_as(
            "SELECT native_id, name FROM resource WHERE scope = ? AND name IS NOT NULL \
             AND native_id IN (SELECT value FROM json_each(?))",
        )
        .bind(scope)
        .bind(json_array(native_ids))
        .fetch_all(&mut *self.connection)
        .await
        .map_err(fault)
    }

    async fn apply(&mut self, task: &TaskInfo, rows: &[RowChange<'_>]) -> Result<(), Fault> {
        self.write_rows(task, rows).await.map_err(fault)
    }

    async fn retire(&mut self, task: &TaskInfo, scope: i64, native_ids: &[&str]) -> Result<(), Fault> {
        let native_ids = json_array(native_ids);
        sqlx::query(
            "UPDATE resource SET version = version + 1, changed_at = ?, missing_since = ? \
             WHERE scope = ? AND native_id IN (SELECT value FROM json_each(?))",
        )
        .bind(task.observed_at)
        .bind(task.observed_at)
        .bind(scope)
        .bind(&native_ids)
        .execute(&mut *self.connection)
        .await
        .map_err(fault)?;
        sqlx::query(
            "INSERT INTO resource_version (scope, native_id, version, run, observed_at, account, name) \
             SELECT scope, native_id, version, ?, ?, account, name FROM resource \
             WHERE scope = ? AND native_id IN (SELECT value FROM json_each(?))",
        )
        .bind(task.run)
        .bind(task.observed_at)
        .bind(scope)
        .bind(&native_ids)
        .execute(&mut *self.connection)
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn seen(&mut self, task: &TaskInfo, scope: i64, native_ids: &[&str]) -> Result<(), Fault> {
        sqlx::query(
            "UPDATE resource SET seen_at = ? WHERE scope = ? AND native_id IN (SELECT value FROM json_each(?))",
        )
        .bind(task.observed_at)
        .bind(scope)
        .bind(json_array(native_ids))
        .execute(&mut *self.connection)
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn save(
        &mut self,
        task: &TaskRow<'_>,
        scopes: &[ScopeUpdate],
        digest: Option<&Digest>,
    ) -> Result<(), Fault> {
        self.settle(task.info).await?;
        for scope in scopes {
            sqlx::query(
                "UPDATE scope_state SET account = ?1, outcome = ?2, observed_at = ?3, last_run = ?4, present = ?5, \
                 digest = ?6, activity_digest = ?7, \
                 last_complete_at = CASE WHEN ?8 THEN ?3 ELSE last_complete_at END \
                 WHERE id = ?9",
            )
            .bind(task.info.account.as_str())
            .bind(scope.outcome.as_str())
            .bind(task.info.observed_at)
            .bind(task.info.run)
            .bind(scope.present)
            .bind(scope.digest.as_bytes().as_slice())
            .bind(scope.activity_digest.as_bytes().as_slice())
            .bind(scope.complete)
            .bind(scope.id)
            .execute(&mut *self.connection)
            .await
            .map_err(fault)?;
        }
        sqlx::query(
            "UPDATE target SET observed_at = ?1, last_run = ?2, digest = CASE WHEN ?3 = \
             (SELECT count(*) FROM scope_state WHERE source = ?4 AND target = ?5) THEN ?6 END \
             WHERE source = ?4 AND target = ?5",
        )
        .bind(task.info.observed_at)
        .bind(task.info.run)
        .bind(i64::try_from(scopes.len()).unwrap_or(i64::MAX))
        .bind(&task.info.source)
        .bind(&task.info.target)
        .bind(digest.map(|digest| digest.as_bytes().as_slice()))
        .execute(&mut *self.connection)
        .await
        .map_err(fault)?;
        self.save_task(task).await
    }

    async fn savepoint(&mut self) -> Result<(), Fault> {
        self.run("SAVEPOINT probe").await
    }

    async fn undo(&mut self) -> Result<(), Fault> {
        self.run("ROLLBACK TO probe").await
    }

    async fn commit(mut self) -> Result<(), Fault> {
        self.run("COMMIT").await?;
        self.connection.give_back();
        Ok(())
    }

    async fn rollback(mut self) -> Result<(), Fault> {
        self.run("ROLLBACK").await?;
        self.connection.give_back();
        Ok(())
    }
}

fn json_array(texts: &[&str]) -> String {
    serde_json::to_string(texts).expect("strings are always valid JSON")
}

fn scope_row(columns: ScopeColumns) -> Result<ScopeRow, Fault> {
    let (id, kind, observed_at, last_run, present, digest, activity_digest) = columns;
    let hash = |bytes: Vec<u8>| {
        Digest::from_slice(&bytes).ok_or_else(|| Fault::corrupt("a digest of table `scope`"))
    };
    let (digest, activity_digest) = (hash(digest)?, hash(activity_digest)?);
    Ok(ScopeRow { id, kind, observed_at, last_run, present, digest, activity_digest })
}

fn fingerprint(hash: &[u8]) -> Result<Fingerprint, Fault> {
    Fingerprint::from_slice(hash).ok_or_else(|| Fault::corrupt("a fingerprint"))
}
