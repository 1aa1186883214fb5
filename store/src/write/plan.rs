//! What one scope of a task needs, once compared with its stored rows.

use auditor_core::{
    model::Digest,
    outcome::{Counts, Gap, GapReason, Outcome, ScopeOutcome, ScopeResult},
};

use super::{
    backend::{Head, RowOp, ScopeRow, ScopeUpdate},
    buffer::Listing,
    diff::{
        ActivityChanges, Changes, KnownActivity, KnownRows, Pair, Present, Removals, diff, diff_activities,
    },
};

/// Gaps for refused records of one scope; one more counts the rest.
const MAX_GAPS: usize = 20;

/// One scope of a task: how its listing ended and what arrived.
pub(super) struct Scope<'a> {
    pub(super) outcome: &'a ScopeOutcome,
    pub(super) listing: Listing<'a>,
    digest: Digest,
    activity_digest: Digest,
}

impl<'a> Scope<'a> {
    pub(super) fn new(outcome: &'a ScopeOutcome, mut listing: Listing<'a>) -> Self {
        if outcome.outcome == Outcome::Gone {
            // Whatever was read before the source learned that the target ended is gone with it.
            listing = Listing::default();
        }
        let (digest, activity_digest) = (listing.digest(), listing.activity_digest());
        Self { outcome, listing, digest, activity_digest }
    }

    pub(super) fn kind(&self) -> &'a str {
        &self.outcome.kind
    }

    /// Whether the listing was complete and everything in it may be stored already.
    pub(super) fn may_be_touched(&self) -> bool {
        self.outcome.outcome == Outcome::Complete && self.refused() == 0
    }

    /// Whether the stored digests alone may tell that nothing changed.
    pub(super) fn may_be_unchanged(&self) -> bool {
        self.outcome.outcome.retires() && self.refused() == 0
    }

    /// Its part of the target's digest, for the one statement of a task that changes nothing.
    pub(super) fn digests(&self) -> (&'a str, &Digest, &Digest) {
        (self.kind(), &self.digest, &self.activity_digest)
    }

    /// The result where nothing changed.
    pub(super) fn unchanged(&self) -> ScopeResult {
        let seen = self.listing.records.len() as u64;
        let counts =
            Counts { seen, unchanged: seen, duplicates: self.listing.duplicates, ..Counts::default() };
        ScopeResult { counts, digest: Some(self.digest), ..ScopeResult::default() }
    }

    /// The result where a later observation was stored already.
    pub(super) fn superseded(&self) -> ScopeResult {
        let seen = self.listing.records.len() as u64;
        let counts = Counts { seen, duplicates: self.listing.duplicates, ..Counts::default() };
        ScopeResult { counts, superseded: true, ..ScopeResult::default() }
    }

    /// Records that the store does not take.
    fn refused(&self) -> usize {
        self.listing.records.iter().filter(|record| record.is_refused()).count()
    }

    fn refusal_gaps(&self) -> Vec<Gap> {
        let mut gaps: Vec<_> = self
            .listing
            .records
            .iter()
            .filter_map(|record| {
                let reason = record.refusal.as_ref()?;
                let detail = format!("`{}` was not stored: {reason}", record.native_id.escape_debug());
                Some(Gap::new(GapReason::Quarantined, detail))
            })
            .take(MAX_GAPS)
            .collect();
        let more = self.refused().saturating_sub(MAX_GAPS);
        if more > 0 {
            gaps.push(Gap::new(GapReason::Quarantined, format!("and {more} more were not stored")));
        }
        gaps
    }
}

/// What is to be written of one scope.
pub(super) struct Plan {
    pub(super) row: ScopeRow,
    /// Whether the scope holds nothing yet, so that there is nothing to read.
    pub(super) fresh: bool,
    compared: Option<Compared>,
    activities: Option<ActivityChanges>,
}

/// The stored rows and what changes in them.
struct Compared {
    known: KnownRows,
    changes: Changes,
}

/// One record to write, before it is loaded: indices of its scope and in its listing.
pub(super) struct Pending {
    pub(super) scope: usize,
    pub(super) record: usize,
    pub(super) head: Head,
    pub(super) activity: RowOp,
}

impl Plan {
    pub(super) fn new(row: ScopeRow, fresh: bool) -> Self {
        Self { row, fresh, compared: None, activities: None }
    }

    /// Whether the stored rows have to be compared: not when the digest says they are equal, nor when the listing
    /// neither saw nor retires anything.
    pub(super) fn needs_rows(&self, scope: &Scope<'_>) -> bool {
        let silent = !scope.outcome.outcome.retires() && scope.listing.records.is_empty();
        let equal = scope.may_be_unchanged() && self.row.digest == scope.digest;
        self.compared.is_none() && !silent && !equal
    }

    /// Compares with the stored rows.
    pub(super) fn compare(&mut self, scope: &Scope<'_>, mut known: KnownRows, removals: Removals) {
        if !known.rows.is_sorted_by(|a, b| a.native_id < b.native_id) {
            known.rows.sort_by(|a, b| a.native_id.cmp(&b.native_id));
        }
        let changes = diff(&scope.listing.records, &known, removals);
        self.compared = Some(Compared { known, changes });
    }

    /// Whether the stored activities have to be compared.
    pub(super) fn needs_activities(&self, scope: &Scope<'_>) -> bool {
        let equal = self.row.activity_digest == scope.activity_digest;
        self.activities.is_none()
            && match &self.compared {
                None => scope.outcome.outcome.retires() && !equal,
                Some(Compared { changes, .. }) => {
                    let all_arrived = changes.present.iter().all(|row| matches!(row, Present::Incoming(_)));
                    !(all_arrived && equal && changes.returned.is_empty())
                }
            }
    }

    /// Compares with the stored activities.
    pub(super) fn compare_activities(&mut self, scope: &Scope<'_>, mut stored: Vec<KnownActivity>) {
        if !stored.is_sorted_by(|a, b| a.native_id < b.native_id) {
            stored.sort_by(|a, b| a.native_id.cmp(&b.native_id));
        }
        let records = &scope.listing.records;
        self.activities = Some(match &self.compared {
            Some(Compared { known, changes }) => {
                diff_activities(records, &known.rows, &changes.present, &stored)
            }
            None => diff_activities(records, &[], &Changes::none(records).present, &stored),
        });
    }

    /// Forgets the comparison, because records turned out to be refused.
    pub(super) fn forget(&mut self) {
        self.compared = None;
        self.activities = None;
    }

    /// Every record to write, by native id.
    pub(super) fn pending(&self, scope: usize) -> Vec<Pending> {
        let mut pending: Vec<Pending> = Vec::new();
        let item = |record, head| Pending { scope, record, head, activity: RowOp::Keep };
        if let Some(Compared { known, changes }) = &self.compared {
            let next = |pair: &Pair| Head::Update(known.rows[pair.known].version + 1);
            pending.extend(changes.new.iter().map(|record| item(*record, Head::Insert)));
            pending.extend(
                changes.changed.iter().chain(&changes.returned).map(|pair| item(pair.incoming, next(pair))),
            );
        }
        pending.sort_by_key(|pending| pending.record);
        let heads = pending.len();
        if let Some(activities) = &self.activities {
            let inserts = activities.insert.iter().map(|record| (*record, RowOp::Insert));
            for (record, op) in inserts.chain(activities.update.iter().map(|record| (*record, RowOp::Update)))
            {
                match pending[..heads].binary_search_by_key(&record, |pending| pending.record) {
                    Ok(at) => pending[at].activity = op,
                    Err(_) => pending.push(Pending { activity: op, ..item(record, Head::Keep) }),
                }
            }
        }
        pending
    }

    /// Native ids to retire.
    pub(super) fn removed(&self) -> Vec<&str> {
        self.stored_ids(|changes| &changes.removed)
    }

    /// Native ids whose removal is held.
    pub(super) fn held(&self) -> Vec<&str> {
        self.stored_ids(|changes| &changes.held)
    }

    fn stored_ids(&self, rows: fn(&Changes) -> &[usize]) -> Vec<&str> {
        self.compared.as_ref().map_or_else(Vec::new, |Compared { known, changes }| {
            rows(changes).iter().map(|row| &*known.rows[*row].native_id).collect()
        })
    }

    /// Native ids of unchanged records that need a `seen_at` of their own.
    pub(super) fn seen<'a>(&self, scope: &Scope<'a>) -> Vec<&'a str> {
        match &self.compared {
            Some(Compared { changes, .. }) if !self.complete(scope) => {
                changes.unchanged.iter().map(|record| scope.listing.records[*record].native_id).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Records by sort of change, for a dry run's examples.
    pub(super) fn incoming_changes(&self) -> [(&'static str, Vec<usize>); 3] {
        let changes = self.compared.as_ref().map(|compared| &compared.changes);
        let of = |list: fn(&Changes) -> Vec<usize>| changes.map(list).unwrap_or_default();
        let records = |pairs: &[Pair]| pairs.iter().map(|pair| pair.incoming).collect();
        [
            ("new", of(|changes| changes.new.clone())),
            ("changed", changes.map_or_else(Vec::new, |changes| records(&changes.changed))),
            ("returned", changes.map_or_else(Vec::new, |changes| records(&changes.returned))),
        ]
    }

    /// Whether everything in the scope is known to be as observed. What was held or refused is not: then the records
    /// that were seen carry the time themselves.
    pub(super) fn complete(&self, scope: &Scope<'_>) -> bool {
        let held = self.compared.as_ref().is_some_and(|compared| !compared.changes.held.is_empty());
        scope.outcome.outcome == Outcome::Complete && !held && scope.refused() == 0
    }

    fn digest(&self, scope: &Scope<'_>) -> Digest {
        match &self.compared {
            Some(Compared { known, changes }) => changes.digest(&scope.listing.records, &known.rows),
            None => self.row.digest,
        }
    }

    /// How the scope is afterwards.
    pub(super) fn update(&self, scope: &Scope<'_>) -> ScopeUpdate {
        let present = self
            .compared
            .as_ref()
            .map_or(self.row.present, |compared| as_i64(compared.changes.present.len()));
        let activity_digest =
            self.activities.as_ref().map_or(self.row.activity_digest, |activities| activities.digest);
        ScopeUpdate {
            id: self.row.id,
            outcome: scope.outcome.outcome,
            complete: self.complete(scope),
            present,
            digest: self.digest(scope),
            activity_digest,
        }
    }

    /// What the engine is told.
    pub(super) fn result(&self, scope: &Scope<'_>) -> ScopeResult {
        let mut result = scope.unchanged();
        result.digest = Some(self.digest(scope));
        result.gaps = scope.refusal_gaps();
        let counts = &mut result.counts;
        counts.quarantined = scope.refused() as u64;
        let mut new: &[usize] = &[];
        if let Some(Compared { changes, .. }) = &self.compared {
            counts.new = changes.new.len() as u64;
            counts.changed = changes.changed.len() as u64;
            counts.returned = changes.returned.len() as u64;
            counts.unchanged = changes.unchanged.len() as u64;
            counts.removed = changes.removed.len() as u64;
            counts.held = changes.held.len() as u64;
            new = &changes.new;
        }
        if let Some(activities) = &self.activities {
            // A new record's first activity is no change.
            let changed = activities.insert.iter().filter(|record| new.binary_search(record).is_err());
            counts.activity_changed = (changed.count() + activities.update.len()) as u64;
        }
        result
    }
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
