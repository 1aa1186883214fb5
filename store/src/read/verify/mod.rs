//! Whether what is stored agrees with what the runs left as evidence.
//!
//! | what was tampered with | what shows it |
//! |---|---|
//! | a document, name, account or provider's time | the version's fingerprint |
//! | a fingerprint, with or without its document | the digests in the ledger and in `scope` |
//! | a version added or removed | the numbering, the head, the ledger's digests |
//! | a head added, changed or removed | the latest version, the digest in `scope` |
//! | a task's outcome, digest or time; a task added or removed | the run's digest |
//! | a run changed or removed | its own digest and the next run's, which covers it |
//!
//! Whoever can rewrite *all* of it consistently, from the changed row to the last run's digest, leaves no trace inside
//! the store. Against that, keep the digest of the last run elsewhere and hand it in as an anchor later.
//!
//! Reading is done in one snapshot, scope by scope: memory grows with the largest scope's ids, not with documents. Runs
//! may go on meanwhile. A run that was cut off before its end is no finding, but nothing seals its tasks; it is counted.

mod chain;
mod finding;
mod ledger;
mod replay;
mod scope;

use auditor_core::model::Digest;
use finding::Findings;
pub use finding::{Check, Finding, Place};
use sea_orm::{AccessMode, DatabaseBackend, IsolationLevel, TransactionTrait as _};
use serde::Serialize;
use uuid::Uuid;

use super::{AccountScope, QueryError};
use crate::Store;

const ACTION: &str = "verifying the store";

/// What to verify.
#[derive(Debug, Clone)]
pub struct Verify {
    /// Scopes of which accounts' targets. The chain of runs is verified in any case.
    pub accounts: AccountScope,
    /// The digest of an earlier run, kept outside the store: it must be part of the chain.
    pub anchor: Option<Digest>,
    /// At most so many findings are listed; the others are counted.
    pub max_findings: usize,
}

impl Default for Verify {
    fn default() -> Self {
        Self { accounts: AccountScope::All, anchor: None, max_findings: 1000 }
    }
}

/// What was verified, and what disagrees.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Verification {
    /// What disagrees. Empty: everything agrees.
    pub findings: Vec<Finding>,
    /// Findings beyond the asked-for number.
    pub more_findings: u64,
    /// Runs in the ledger.
    pub runs: u64,
    /// Runs that are under way or were cut off: nothing seals their tasks.
    pub open_runs: Vec<Uuid>,
    /// Tasks in the ledger.
    pub tasks: u64,
    /// Scopes verified.
    pub scopes: u64,
    /// Records verified, removed ones too.
    pub records: u64,
    /// Versions verified.
    pub versions: u64,
    /// The last closed run and its digest: the anchor to keep elsewhere.
    pub last_run: Option<(Uuid, Digest)>,
}

impl Verification {
    /// Whether everything agrees.
    pub fn agrees(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Store {
    /// Verifies the ledger and every version of every record.
    ///
    /// # Errors
    /// The database's refusal. What disagrees is in the result, and so are rows that cannot be read.
    pub async fn verify(&self, verify: &Verify) -> Result<Verification, QueryError> {
        let database = QueryError::database(ACTION);
        let snapshot = if self.backend() == DatabaseBackend::Postgres {
            let isolation = Some(IsolationLevel::RepeatableRead);
            self.connection().begin_with_config(isolation, Some(AccessMode::ReadOnly)).await
        } else {
            self.connection().begin().await
        }
        .map_err(&database)?;
        let mut result = Verification::default();
        let mut findings = Findings::new(verify.max_findings);
        let runs = chain::verify(&snapshot, verify.anchor.as_ref(), &mut result, &mut findings).await?;
        for target in ledger::targets(&snapshot, &verify.accounts).await? {
            ledger::verify_target(&snapshot, &target, &runs, &mut result, &mut findings).await?;
        }
        if verify.accounts == AccountScope::All {
            scope::verify_orphans(&snapshot, &mut findings).await?;
        }
        snapshot.rollback().await.map_err(&database)?;
        (result.findings, result.more_findings) = findings.into_parts();
        Ok(result)
    }
}

#[cfg(test)]
mod tests;
