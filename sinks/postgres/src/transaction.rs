//! The statements of one task.

use async_trait::async_trait;
use auditor_core::model::digest_of;
use auditor_core::{
    model::{Digest, Fingerprint},
    outcome::TaskInfo,
};
use auditor_store::write::{
    backend::{Access, Head, RowChange, RowOp, ScopeRow, ScopeUpdate, TaskRow, Transaction, lock_key},
    diff::{Known, KnownActivity, KnownRows},
    fault::Fault,
    pool::Lease,
};
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Error, Executor as _, PgConnection, raw_sql};
use uuid::Uuid;

use crate::errors::fault;

/// A transaction on a connection of its own.
pub(crate) struct PostgresTransaction {
    connection: Lease<PgConnection>,
    access: Access,
}

macro_rules! with_versions {
    ($heads:literal) => {
        concat!(
            "WITH heads AS (",
            $heads,
            ") \
INSERT INTO resource_version (scope, native_id, version, run, observed_at, account, name, provider_created_at,
    provider_updated_at, fingerprint, document)
SELECT c.scope, c.native_id, c.version, $12, $11, c.account, c.name, c.created, c.updated, c.fingerprint,
    c.document::jsonb
FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::bytea[], $8::timestamptz[],
        $9::timestamptz[], $10::text[])
    AS c (scope, native_id, version, account, name, fingerprint, created, updated, document)"
        )
    };
}

/// New heads and their versions.
const INSERT: &str = with_versions!(
    "INSERT INTO resource (scope, native_id, version, account, name, fingerprint, first_seen_at, changed_at, seen_at)
SELECT c.scope, c.native_id, c.version, c.account, c.name, c.fingerprint, $11, $11, CASE WHEN c.seen THEN $11 END
FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::bytea[], $7::boolean[])
    AS c (scope, native_id, version, account, name, fingerprint, seen)"
);

/// Changed or returned heads and their new versions.
const UPDATE: &str = with_versions!(
    "UPDATE resource r
SET account = c.account, name = c.name, fingerprint = c.fingerprint, version = c.version, changed_at = $11,
    seen_at = CASE WHEN c.seen THEN $11 ELSE r.seen_at END, missing_since = NULL
FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::bytea[], $7::boolean[])
    AS c (scope, native_id, version, account, name, fingerprint, seen)
WHERE r.scope = c.scope AND r.native_id = c.native_id"
);

/// Writes down for scopes what the target's digest said of them, since it will say so no longer. `$1` is the source, `$2`
/// the target; the argument says which scopes.
macro_rules! settle {
    ($which:literal) => {
        concat!(
            "UPDATE scope_state s SET observed_at = t.observed_at, last_run = t.last_run, last_complete_at = t.observed_at
    FROM target t
    WHERE t.source = $1 AND t.target = $2 AND t.digest IS NOT NULL
      AND s.source = t.source AND s.target = t.target AND ",
            $which
        )
    };
}

type ScopeColumns = (i64, String, DateTime<Utc>, Uuid, i64, Vec<u8>, Vec<u8>);
type KnownColumns = (i64, Vec<String>, Vec<u8>, Vec<i32>, Vec<bool>, i64);

impl PostgresTransaction {
    pub(crate) async fn begin(
        mut connection: Lease<PgConnection>,
        task: &TaskInfo,
        access: Access,
    ) -> Result<Self, Error> {
        let begin = match access {
            Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned(),
            Access::Write => format!("BEGIN; SELECT pg_advisory_xact_lock({})", lock_key(task)),
        };
        connection.execute(raw_sql(AssertSqlSafe(begin))).await?;
        Ok(Self { connection, access })
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), Fault> {
        self.connection.execute(raw_sql(statement)).await.map_err(fault)?;
        Ok(())
    }

    /// Heads and versions, by arrays: new heads are inserted, others updated.
    ///
    /// Not by COPY, which is no faster for as few rows as a task has: it takes two round trips for each table, and
    /// ends with two small packets in a row, of which the second waits for the first one's acknowledgement (the driver
    /// leaves Nagle's algorithm on): 40 ms where the statement takes ten.
    async fn write_versions(
        &mut self,
        task: &TaskInfo,
        rows: &[&RowChange<'_>],
        statement: &'static str,
    ) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        sqlx::query(statement)
            .bind(column(rows, |row| row.scope))
            .bind(column(rows, |row| row.record.native_id.as_str()))
            .bind(column(rows, |row| row.version().unwrap_or_default()))
            .bind(column(rows, |row| row.record.content.account.as_str()))
            .bind(column(rows, |row| row.record.content.name.as_deref()))
            .bind(column(rows, |row| row.record.fingerprint.as_bytes().as_slice()))
            .bind(column(rows, |row| row.seen))
            .bind(column(rows, |row| row.record.content.provider_created_at))
            .bind(column(rows, |row| row.record.content.provider_updated_at))
            .bind(column(rows, |row| row.record.content.document.as_str()))
            .bind(task.observed_at)
            .bind(task.run)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    async fn write_activities(&mut self, task: &TaskInfo, rows: &[&RowChange<'_>]) -> Result<(), Error> {
        const UPSERT: &str = "\
INSERT INTO resource_activity (scope, native_id, observed_at, fingerprint, activity)
SELECT c.scope, c.native_id, $5, c.fingerprint, c.activity::jsonb
FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::text[]) AS c (scope, native_id, fingerprint, activity)
ON CONFLICT (scope, native_id) DO UPDATE
SET observed_at = excluded.observed_at, fingerprint = excluded.fingerprint, activity = excluded.activity";
        if rows.is_empty() {
            return Ok(());
        }
        let fingerprints = column(rows, |row| row.activity_fingerprint());
        sqlx::query(UPSERT)
            .bind(column(rows, |row| row.scope))
            .bind(column(rows, |row| row.record.native_id.as_str()))
            .bind(fingerprints.iter().map(|hash| hash.as_bytes().as_slice()).collect::<Vec<_>>())
            .bind(column(rows, |row| row.activity()))
            .bind(task.observed_at)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl Transaction for PostgresTransaction {
    async fn scopes(&mut self, task: &TaskInfo) -> Result<Vec<ScopeRow>, Fault> {
        const SELECT: &str = "\
SELECT id, kind, observed_at, last_run, present, digest, activity_digest FROM scope
WHERE source = $1 AND target = $2";
        // The target is locked, so that a task that only touches it waits and then finds another digest. Its times are
        // read as they are once that lock is there.
        const LOCK: &str = "\
SELECT s.id, s.kind, CASE WHEN t.digest IS NULL THEN s.observed_at ELSE t.observed_at END,
       CASE WHEN t.digest IS NULL THEN s.last_run ELSE t.last_run END, s.present, s.digest, s.activity_digest
FROM target t JOIN scope_state s ON s.source = t.source AND s.target = t.target
WHERE t.source = $1 AND t.target = $2 FOR UPDATE OF t";
        let statement = match self.access {
            Access::Read => SELECT,
            Access::Write => LOCK,
        };
        let rows: Vec<ScopeColumns> = sqlx::query_as(statement)
            .bind(&task.source)
            .bind(&task.target)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(fault)?;
        rows.into_iter().map(scope_row).collect()
    }

    async fn create_scopes(&mut self, task: &TaskInfo, kinds: &[&str]) -> Result<Vec<ScopeRow>, Fault> {
        // A scope that was never listed must not take part in what the target's digest says of the others.
        const INSERT: &str = concat!(
            "WITH settled AS (",
            settle!("true"),
            "), parent AS (
    INSERT INTO target (source, target, observed_at, last_run) VALUES ($1, $2, $4, $5)
    ON CONFLICT (source, target) DO UPDATE SET digest = NULL
)
INSERT INTO scope_state (source, target, kind, account, outcome, observed_at, last_run, present, digest,
    activity_digest)
SELECT $1, $2, kind, $3, 'failed', $4, $5, 0, $6, $6 FROM unnest($7::text[]) AS kind
RETURNING id, kind, observed_at, last_run, present, digest, activity_digest"
        );
        let rows: Vec<ScopeColumns> = sqlx::query_as(INSERT)
            .bind(&task.source)
            .bind(&task.target)
            .bind(task.account.as_str())
            .bind(task.observed_at)
            .bind(task.run)
            .bind(digest_of([]).as_bytes().as_slice())
            .bind(kinds)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(fault)?;
        rows.into_iter().map(scope_row).collect()
    }

    async fn known(&mut self, scopes: &[i64]) -> Result<Vec<(i64, KnownRows)>, Fault> {
        // One row per scope: a thousand small rows cost more to send and decode than five arrays. Scope by scope, so
        // that the rows come out of the primary key's index in order and nothing is sorted.
        const SELECT: &str = "\
SELECT s.id, k.*
FROM scope s
CROSS JOIN LATERAL (
    SELECT array_agg(r.native_id) AS native_ids, string_agg(r.fingerprint, ''::bytea), array_agg(r.version),
           array_agg(r.missing_since IS NOT NULL),
           count(*) FILTER (WHERE r.missing_since IS NULL AND r.first_seen_at <= s.last_complete_at)
    FROM (
        SELECT native_id, fingerprint, version, missing_since, first_seen_at
        FROM resource WHERE scope = s.id ORDER BY native_id
    ) r
) k
WHERE s.id = ANY ($1) AND k.native_ids IS NOT NULL";
        let rows: Vec<KnownColumns> =
            sqlx::query_as(SELECT).bind(scopes).fetch_all(&mut *self.connection).await.map_err(fault)?;
        rows.into_iter().map(known_rows).collect()
    }

    async fn known_activities(&mut self, scopes: &[i64]) -> Result<Vec<(i64, Vec<KnownActivity>)>, Fault> {
        const SELECT: &str = "\
SELECT s.id, k.*
FROM unnest($1::bigint[]) AS s (id)
CROSS JOIN LATERAL (
    SELECT array_agg(a.native_id) AS native_ids, string_agg(a.fingerprint, ''::bytea)
    FROM (
        SELECT native_id, fingerprint FROM resource_activity WHERE scope = s.id ORDER BY native_id
    ) a
) k
WHERE k.native_ids IS NOT NULL";
        let rows: Vec<(i64, Vec<String>, Vec<u8>)> =
            sqlx::query_as(SELECT).bind(scopes).fetch_all(&mut *self.connection).await.map_err(fault)?;
        rows.into_iter()
            .map(|(scope, native_ids, hashes)| {
                let rows =
                    native_ids.into_iter().zip(fingerprints(&hashes)).map(|(native_id, fingerprint)| {
                        Ok(KnownActivity { native_id, fingerprint: fingerprint? })
                    });
                Ok((scope, rows.collect::<Result<_, Fault>>()?))
            })
            .collect()
    }

    async fn names(&mut self, scope: i64, native_ids: &[&str]) -> Result<Vec<(String, String)>, Fault> {
        sqlx::query_as(
            "SELECT native_id, name FROM resource WHERE scope = $1 AND native_id = ANY ($2) AND name IS NOT NULL",
        )
        .bind(scope)
        .bind(native_ids)
        .fetch_all(&mut *self.connection)
        .await
        .map_err(fault)
    }

    async fn apply(&mut self, task: &TaskInfo, rows: &[RowChange<'_>]) -> Result<(), Fault> {
        let which =
            |wanted: fn(&RowChange<'_>) -> bool| rows.iter().filter(|row| wanted(row)).collect::<Vec<_>>();
        let new = which(|row| row.head == Head::Insert);
        self.write_versions(task, &new, INSERT).await.map_err(fault)?;
        let changed = which(|row| matches!(row.head, Head::Update(_)));
        self.write_versions(task, &changed, UPDATE).await.map_err(fault)?;
        let active = which(|row| row.activity != RowOp::Keep);
        self.write_activities(task, &active).await.map_err(fault)
    }

    async fn retire(&mut self, task: &TaskInfo, scope: i64, native_ids: &[&str]) -> Result<(), Fault> {
        const RETIRE: &str = "\
WITH retired AS (
    UPDATE resource SET version = version + 1, changed_at = $3, missing_since = $3
    WHERE scope = $1 AND native_id = ANY ($2)
    RETURNING scope, native_id, version, account, name
)
INSERT INTO resource_version (scope, native_id, version, run, observed_at, account, name)
SELECT scope, native_id, version, $4, $3, account, name FROM retired";
        sqlx::query(RETIRE)
            .bind(scope)
            .bind(native_ids)
            .bind(task.observed_at)
            .bind(task.run)
            .execute(&mut *self.connection)
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn seen(&mut self, task: &TaskInfo, scope: i64, native_ids: &[&str]) -> Result<(), Fault> {
        sqlx::query("UPDATE resource SET seen_at = $3 WHERE scope = $1 AND native_id = ANY ($2)")
            .bind(scope)
            .bind(native_ids)
            .bind(task.observed_at)
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
        const SAVE: &str = concat!(
            "WITH saved AS (
    UPDATE scope_state s
    SET account = $9, outcome = u.outcome, observed_at = $10, last_run = $11, present = u.present,
        digest = u.digest, activity_digest = u.activity_digest,
        last_complete_at = CASE WHEN u.complete THEN $10 WHEN t.digest IS NULL THEN s.last_complete_at
                                ELSE t.observed_at END
    FROM target t, unnest($3::bigint[], $4::text[], $5::boolean[], $6::bigint[], $7::bytea[], $8::bytea[])
        AS u (id, outcome, complete, present, digest, activity_digest)
    WHERE t.source = $1 AND t.target = $2 AND s.id = u.id
), settled AS (",
            settle!("s.id <> ALL ($3)"),
            "), moved AS (
    UPDATE target SET observed_at = $10, last_run = $11,
        digest = CASE WHEN cardinality($3) =
            (SELECT count(*) FROM scope_state WHERE source = $1 AND target = $2) THEN $15::bytea END
    WHERE source = $1 AND target = $2
)
INSERT INTO task (run, source, target, target_name, account, observed_at, finished_at, scopes)
VALUES ($11, $1, $2, $12, $9, $10, $13, $14::jsonb)
ON CONFLICT (run, source, target) DO UPDATE
SET target_name = excluded.target_name, account = excluded.account, observed_at = excluded.observed_at,
    finished_at = excluded.finished_at, scopes = excluded.scopes"
        );
        sqlx::query(SAVE)
            .bind(&task.info.source)
            .bind(&task.info.target)
            .bind(column(scopes, |scope| scope.id))
            .bind(column(scopes, |scope| scope.outcome.as_str()))
            .bind(column(scopes, |scope| scope.complete))
            .bind(column(scopes, |scope| scope.present))
            .bind(column(scopes, |scope| scope.digest.as_bytes().as_slice()))
            .bind(column(scopes, |scope| scope.activity_digest.as_bytes().as_slice()))
            .bind(task.info.account.as_str())
            .bind(task.info.observed_at)
            .bind(task.info.run)
            .bind(&task.info.target_name)
            .bind(task.finished_at)
            .bind(&task.scopes)
            .bind(digest.map(|digest| digest.as_bytes().as_slice()))
            .execute(&mut *self.connection)
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn savepoint(&mut self) -> Result<(), Fault> {
        self.run("SAVEPOINT probe").await
    }

    async fn undo(&mut self) -> Result<(), Fault> {
        self.run("ROLLBACK TO SAVEPOINT probe").await
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

/// One column of rows, as an array to bind.
pub(crate) fn column<'a, R, T>(rows: &'a [R], of: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

fn scope_row(columns: ScopeColumns) -> Result<ScopeRow, Fault> {
    let (id, kind, observed_at, last_run, present, digest, activity_digest) = columns;
    let hash = |bytes: Vec<u8>| {
        Digest::from_slice(&bytes).ok_or_else(|| Fault::corrupt("a digest of table `scope`"))
    };
    let (digest, activity_digest) = (hash(digest)?, hash(activity_digest)?);
    Ok(ScopeRow { id, kind, observed_at, last_run, present, digest, activity_digest })
}

fn known_rows(columns: KnownColumns) -> Result<(i64, KnownRows), Fault> {
    let (scope, native_ids, hashes, versions, missing, settled) = columns;
    let count = native_ids.len();
    let rows = native_ids
        .into_iter()
        .zip(fingerprints(&hashes))
        .zip(versions.into_iter().zip(missing))
        .map(|((native_id, fingerprint), (version, missing))| {
            Ok(Known { native_id, fingerprint: fingerprint?, version, missing })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    if rows.len() != count {
        return Err(Fault::corrupt("column `fingerprint` of table `resource`"));
    }
    Ok((scope, KnownRows { rows, settled: settled.unsigned_abs() }))
}

fn fingerprints(hashes: &[u8]) -> impl Iterator<Item = Result<Fingerprint, Fault>> {
    hashes.chunks(32).map(|hash| Fingerprint::from_slice(hash).ok_or_else(|| Fault::corrupt("a fingerprint")))
}
