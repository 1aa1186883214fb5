//! What a run leaves behind so that its ledger can be checked later: one digest over how every scope of every task
//! ended, chained to the run before it.

use auditor_core::model::{Digest, DigestBuilder};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// One task as its run's digest covers it.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskEvidence {
    /// Name of the source instance.
    pub source: String,
    /// Id of the target.
    pub target: String,
    /// The account the target belongs to.
    pub account: String,
    /// When its observation began, whole microseconds.
    pub observed_at: DateTime<Utc>,
    /// How its scopes ended.
    pub scopes: Vec<ScopeEvidence>,
}

/// One scope of a task as its run's digest covers it: everything the ledger keeps of it, gaps included.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopeEvidence {
    /// The kind.
    pub kind: String,
    /// Canonical JSON of the scope's entry in the task's row.
    pub entry: String,
}

/// Digest of a run: over the digest of the run before it, its own id, and its tasks, whatever order they come in.
///
/// `previous` is the digest of the run that the ledger names as `previous_run`; `None` for the first run of a store.
/// Removing, adding or editing a ledger row changes this digest and with it every later one.
pub fn run_digest(previous: Option<&Digest>, run: Uuid, tasks: &[TaskEvidence]) -> Digest {
    let mut builder = DigestBuilder::new("auditor run digest v1");
    builder.optional(previous.map(|digest| digest.as_bytes().as_slice()));
    builder.part(run.as_bytes());
    builder.part(&count(tasks.len()));
    let mut tasks: Vec<_> = tasks.iter().collect();
    tasks.sort_by(|a, b| (&a.source, &a.target).cmp(&(&b.source, &b.target)));
    for task in tasks {
        builder.part(task.source.as_bytes());
        builder.part(task.target.as_bytes());
        builder.part(task.account.as_bytes());
        builder.part(&task.observed_at.timestamp_micros().to_le_bytes());
        builder.part(&count(task.scopes.len()));
        let mut scopes: Vec<_> = task.scopes.iter().collect();
        scopes.sort_by(|a, b| a.kind.cmp(&b.kind));
        for scope in scopes {
            builder.part(scope.kind.as_bytes());
            builder.part(scope.entry.as_bytes());
        }
    }
    builder.digest()
}

/// A number of parts, so that a part of one list cannot pass for a part of the next.
fn count(n: usize) -> [u8; 8] {
    (n as u64).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(target: &str) -> TaskEvidence {
        let scope = |kind: &str| ScopeEvidence {
            kind: kind.to_owned(),
            entry: r#"{"gaps":[],"outcome":"complete"}"#.to_owned(),
        };
        TaskEvidence {
            source: "aws".to_owned(),
            target: target.to_owned(),
            account: "111122223333".to_owned(),
            observed_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            scopes: vec![scope("test_user"), scope("test_group")],
        }
    }

    #[test]
    fn order_does_not_count() {
        let mut swapped = task("a");
        swapped.scopes.reverse();
        let one = run_digest(None, Uuid::nil(), &[task("a"), task("b")]);
        assert_eq!(one, run_digest(None, Uuid::nil(), &[task("b"), swapped]));
    }

    #[test]
    fn everything_else_does() {
        let base = run_digest(None, Uuid::nil(), &[task("a")]);
        let edits: [fn(&mut TaskEvidence); 6] = [
            |task| task.source.push('x'),
            |task| task.target.push('x'),
            |task| task.account.push('x'),
            |task| task.observed_at += chrono::TimeDelta::microseconds(1),
            |task| task.scopes[0].entry.push(' '),
            |task| drop(task.scopes.pop()),
        ];
        for (i, edit) in edits.iter().enumerate() {
            let mut edited = task("a");
            edit(&mut edited);
            assert_ne!(run_digest(None, Uuid::nil(), &[edited]), base, "edit {i}");
        }
        assert_ne!(run_digest(Some(&base), Uuid::nil(), &[task("a")]), base);
        assert_ne!(run_digest(None, Uuid::max(), &[task("a")]), base);
        assert_ne!(run_digest(None, Uuid::nil(), &[]), base);
    }
}
