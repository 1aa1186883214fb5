//! What the writer asks of a database: the statements, without the decisions.

use async_trait::async_trait;
use auditor_core::{
    error::SinkError,
    model::{Digest, DigestBuilder, Fingerprint, Kind, Record},
    outcome::{Outcome, TaskInfo},
    sink::CheckItem,
};
use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::{
    diff::{KnownActivity, KnownRows},
    fault::{Class, Fault},
};

/// A database to write to.
#[async_trait]
pub trait Database: Send + Sync + 'static {
    /// A transaction on it.
    type Transaction: Transaction;

    /// Begins the transaction of one task. Unless it only reads, no other such transaction of the same source and
    /// target runs until it ends. Dropped without commit, it changes nothing.
    async fn begin(&self, task: &TaskInfo, access: Access) -> Result<Self::Transaction, Fault>;

    /// Stores a task that changes nothing: if the target's stored digest is that one, and it holds no later observation of
    /// another run, moves the target's time, stores the task's row, and returns true. Otherwise does nothing at all. One
    /// round trip where the database can.
    async fn touch(&self, task: &TaskRow<'_>, digest: &Digest) -> Result<bool, Fault>;

    /// Connects, checks schema and rights, makes what may be made without an administrator.
    async fn prepare(&self, kinds: &[&'static Kind]) -> Result<(), SinkError>;

    /// Tries connection, schema and each right.
    async fn check(&self) -> Vec<CheckItem>;

    /// A connection for single statements, whose commits wait for the disk. Cheap: connects when first used.
    fn connection(&self) -> DatabaseConnection;

    /// What an error of this database means.
    fn classify(error: &sqlx::Error) -> Class;

    /// Which database it is, for messages: ``PostgreSQL at `host:5432/name` ``. Free of secrets.
    fn name(&self) -> String;
}

/// A number for a target of a source, for databases whose locks are numbers.
///
/// # Panics
/// Never: a digest is longer than a number.
pub fn lock_key(task: &TaskInfo) -> i64 {
    let mut builder = DigestBuilder::new("auditor target lock v1");
    let digest = builder.part(task.source.as_bytes()).part(task.target.as_bytes()).digest();
    let (first, _) = digest.as_bytes().split_first_chunk().expect("a digest is longer than a number");
    i64::from_le_bytes(*first)
}

/// Digest of a target: of its account and of kind, digest and activity digest of each of its scopes, in any order. Equal
/// digests mean that nothing has to be written.
pub fn target_digest<'a>(
    task: &TaskInfo,
    scopes: impl IntoIterator<Item = (&'a str, &'a Digest, &'a Digest)>,
) -> Digest {
    let mut scopes: Vec<_> = scopes.into_iter().collect();
    scopes.sort_unstable_by_key(|scope| scope.0);
    let mut builder = DigestBuilder::new("auditor target digest v1");
    builder.part(task.account.as_str().as_bytes());
    for (kind, digest, activity_digest) in scopes {
        builder.part(kind.as_bytes()).part(digest.as_bytes()).part(activity_digest.as_bytes());
    }
    builder.digest()
}

/// Whether a transaction may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It writes nothing and takes no locks: a dry run.
    Read,
    /// It writes.
    Write,
}

/// The transaction of one task.
#[async_trait]
pub trait Transaction: Send + Sized {
    /// The scopes of a target, locked against other writers if the transaction writes.
    async fn scopes(&mut self, task: &TaskInfo) -> Result<Vec<ScopeRow>, Fault>;

    /// Makes scopes that hold nothing yet; they come back in any order.
    async fn create_scopes(&mut self, task: &TaskInfo, kinds: &[&str]) -> Result<Vec<ScopeRow>, Fault>;

    /// The head rows of scopes, missing ones too, sorted by native id. A scope without rows may be left out.
    async fn known(&mut self, scopes: &[i64]) -> Result<Vec<(i64, KnownRows)>, Fault>;

    /// The activities of scopes, sorted by native id. A scope without any may be left out.
    async fn known_activities(&mut self, scopes: &[i64]) -> Result<Vec<(i64, Vec<KnownActivity>)>, Fault>;

    /// The names of head rows that have one, in any order.
    async fn names(&mut self, scope: i64, native_ids: &[&str]) -> Result<Vec<(String, String)>, Fault>;

    /// Writes heads, versions and activities of records.
    async fn apply(&mut self, task: &TaskInfo, rows: &[RowChange<'_>]) -> Result<(), Fault>;

    /// Retires records: a version without document, and `missing_since`.
    async fn retire(&mut self, task: &TaskInfo, scope: i64, native_ids: &[&str]) -> Result<(), Fault>;

    /// Sets when unchanged records of a scope that is not complete were seen.
    async fn seen(&mut self, task: &TaskInfo, scope: i64, native_ids: &[&str]) -> Result<(), Fault>;

    /// Stores the task's row, how its scopes are now, and the target's digest: `digest` if the target has no other scopes
    /// than these, else none.
    async fn save(
        &mut self,
        task: &TaskRow<'_>,
        scopes: &[ScopeUpdate],
        digest: Option<&Digest>,
    ) -> Result<(), Fault>;

    /// Marks the point that [`undo`](Self::undo) goes back to.
    async fn savepoint(&mut self) -> Result<(), Fault>;

    /// Goes back to the last savepoint, after a refused statement too.
    async fn undo(&mut self) -> Result<(), Fault>;

    /// Ends the transaction for good.
    async fn commit(self) -> Result<(), Fault>;

    /// Ends a transaction that wrote nothing worth keeping.
    async fn rollback(self) -> Result<(), Fault>;
}

/// A stored scope.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopeRow {
    /// Its id.
    pub id: i64,
    /// Its kind.
    pub kind: String,
    /// When its last observation began.
    pub observed_at: DateTime<Utc>,
    /// The run of its last observation.
    pub last_run: Uuid,
    /// How many rows are present.
    pub present: i64,
    /// Digest of the rows present.
    pub digest: Digest,
    /// Digest of their activities.
    pub activity_digest: Digest,
}

/// What a scope is after a task.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopeUpdate {
    /// Its id.
    pub id: i64,
    /// How its listing ended.
    pub outcome: Outcome,
    /// Whether everything in it is now known to be as at the observation, so that `last_complete_at` moves.
    pub complete: bool,
    /// How many rows are present.
    pub present: i64,
    /// Digest of the rows present.
    pub digest: Digest,
    /// Digest of their activities.
    pub activity_digest: Digest,
}

/// A row of the ledger.
#[derive(Debug, Clone)]
pub struct TaskRow<'a> {
    /// Which task. Its time is whole microseconds.
    pub info: &'a TaskInfo,
    /// When it was stored.
    pub finished_at: DateTime<Utc>,
    /// How its scopes ended, as JSON.
    pub scopes: String,
}

/// What to write of one record.
#[derive(Debug, Clone)]
pub struct RowChange<'a> {
    /// The scope's id.
    pub scope: i64,
    /// The record.
    pub record: &'a Record,
    /// What happens to its head row.
    pub head: Head,
    /// Whether its scope is not complete, so that the row needs a `seen_at` of its own.
    pub seen: bool,
    /// What happens to its activity row.
    pub activity: RowOp,
}

/// What happens to a record's head row, and with it to its versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// Nothing: only the activity changed.
    Keep,
    /// A new row and its first version.
    Insert,
    /// The row changes and the version of this number is added; if the record was missing, it no longer is.
    Update(i32),
}

/// What happens to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOp {
    /// Nothing.
    Keep,
    /// It is new.
    Insert,
    /// It changes.
    Update,
}

impl RowChange<'_> {
    /// The number of the version to add; `None` if there is none.
    pub fn version(&self) -> Option<i32> {
        match self.head {
            Head::Keep => None,
            Head::Insert => Some(1),
            Head::Update(version) => Some(version),
        }
    }

    /// The activity to write, JSON `null` where the record has none any more.
    pub fn activity(&self) -> &str {
        self.record.activity.as_deref().unwrap_or("null")
    }

    /// Hash of that activity.
    pub fn activity_fingerprint(&self) -> Fingerprint {
        self.record.activity_fingerprint.unwrap_or_else(|| Fingerprint::of_activity("null"))
    }
}
