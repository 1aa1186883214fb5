//! What a listing changes: pure functions from what arrived and what is stored to what is to be written.
//!
//! Everything here is sorted by the bytes of the native id, so that two lists are compared in one walk.

use std::cmp::Ordering;

use auditor_core::{
    model::{Digest, Fingerprint, digest_of},
    outcome::RemovalGuard,
};

use super::buffer::Incoming;

/// A stored head row, present or missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Id within the scope.
    pub native_id: String,
    /// Of its latest version that was not a removal.
    pub fingerprint: Fingerprint,
    /// Number of its latest version, removals included.
    pub version: i32,
    /// Whether it was retired.
    pub missing: bool,
}

/// The stored head rows of one scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownRows {
    /// The rows, sorted by native id.
    pub rows: Vec<Known>,
    /// How many of them are present and were there at the last complete listing already; none if there was no complete
    /// one. What the removal guard takes a share of: counting rows that came since, a listing that was held would pass
    /// the next time, diluted by what it brought itself.
    pub settled: u64,
}

/// A stored activity row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownActivity {
    /// Id within the scope.
    pub native_id: String,
    /// Hash of the stored activity.
    pub fingerprint: Fingerprint,
}

/// What a listing may do to records it lacks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Removals {
    /// The listing was not complete: nothing is retired.
    Keep,
    /// What is lacking is retired, unless that is more than the guard lets pass.
    Guarded(RemovalGuard),
    /// What is lacking is retired, however much it is.
    Accept,
}

/// A record with its stored head row, as indices into the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Index of the incoming record.
    pub incoming: usize,
    /// Index of the stored row.
    pub known: usize,
}

/// A record that is present in the store afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Present {
    /// As it arrived.
    Incoming(usize),
    /// As it was stored: not seen, or refused.
    Known(usize),
}

/// What a listing changes in one scope. A refused record changes nothing: it was seen, so it is not retired, and its
/// earlier state stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Stored for the first time.
    pub new: Vec<usize>,
    /// With another fingerprint than the stored one.
    pub changed: Vec<Pair>,
    /// Retired before, here again.
    pub returned: Vec<Pair>,
    /// As stored.
    pub unchanged: Vec<usize>,
    /// Stored rows to retire.
    pub removed: Vec<usize>,
    /// Stored rows that the guard keeps from being retired.
    pub held: Vec<usize>,
    /// Everything present afterwards.
    pub present: Vec<Present>,
}

/// Compares a listing with what is stored of its scope. Both must be sorted by native id, each id once.
pub fn diff(incoming: &[Incoming<'_>], stored: &KnownRows, removals: Removals) -> Changes {
    let known = &stored.rows;
    let mut changes = Changes::default();
    let mut absent = Vec::new();
    let (mut i, mut k) = (0, 0);
    while i < incoming.len() || k < known.len() {
        match order(incoming.get(i).map(|record| record.native_id), known.get(k).map(|row| &*row.native_id)) {
            Ordering::Less => {
                if !incoming[i].is_refused() {
                    changes.new.push(i);
                    changes.present.push(Present::Incoming(i));
                }
                i += 1;
            }
            Ordering::Greater => {
                if !known[k].missing {
                    absent.push(k);
                    changes.present.push(Present::Known(k));
                }
                k += 1;
            }
            Ordering::Equal => {
                let (record, row, pair) = (&incoming[i], &known[k], Pair { incoming: i, known: k });
                if record.is_refused() {
                    if !row.missing {
                        changes.present.push(Present::Known(k));
                    }
                } else {
                    if row.missing {
                        changes.returned.push(pair);
                    } else if row.fingerprint == *record.fingerprint {
                        changes.unchanged.push(i);
                    } else {
                        changes.changed.push(pair);
                    }
                    changes.present.push(Present::Incoming(i));
                }
                i += 1;
                k += 1;
            }
        }
    }
    let held = match removals {
        Removals::Keep => return changes,
        Removals::Accept => false,
        Removals::Guarded(guard) => guard.holds(absent.len() as u64, stored.settled),
    };
    if held {
        changes.held = absent;
    } else {
        changes.present.retain(|present| match present {
            Present::Incoming(_) => true,
            Present::Known(row) => absent.binary_search(row).is_err(),
        });
        changes.removed = absent;
    }
    changes
}

impl Changes {
    /// The changes of a listing that is known to equal what is stored.
    pub fn none(incoming: &[Incoming<'_>]) -> Self {
        Self {
            unchanged: (0..incoming.len()).collect(),
            present: (0..incoming.len()).map(Present::Incoming).collect(),
            ..Self::default()
        }
    }

    /// Digest of the rows present afterwards.
    pub fn digest(&self, incoming: &[Incoming<'_>], known: &[Known]) -> Digest {
        digest_of(self.present.iter().map(|present| match *present {
            Present::Incoming(i) => (incoming[i].native_id, incoming[i].fingerprint),
            Present::Known(k) => (&*known[k].native_id, &known[k].fingerprint),
        }))
    }
}

/// What a listing changes in the activities of one scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityChanges {
    /// Incoming records whose activity has no row yet.
    pub insert: Vec<usize>,
    /// Incoming records whose row holds another activity. A record that has none any more holds JSON `null`.
    pub update: Vec<usize>,
    /// Digest of the activities of everything present afterwards.
    pub digest: Digest,
}

/// Compares the activities of a listing with the stored ones, which must be sorted by native id.
pub fn diff_activities(
    incoming: &[Incoming<'_>],
    known: &[Known],
    present: &[Present],
    stored: &[KnownActivity],
) -> ActivityChanges {
    let none = &no_activity();
    let (mut insert, mut update, mut after) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = stored.iter().peekable();
    for present in present {
        let native_id = match *present {
            Present::Incoming(i) => incoming[i].native_id,
            Present::Known(k) => &known[k].native_id,
        };
        while rows.next_if(|row| *row.native_id < *native_id).is_some() {}
        let row = rows.next_if(|row| row.native_id == native_id).map(|row| &row.fingerprint);
        let activity = match *present {
            Present::Known(_) => row.filter(|row| *row != none),
            Present::Incoming(i) => {
                match row {
                    None if incoming[i].activity.is_some() => insert.push(i),
                    Some(row) if row != incoming[i].activity.unwrap_or(none) => update.push(i),
                    _ => {}
                }
                incoming[i].activity
            }
        };
        after.extend(activity.map(|activity| (native_id, activity)));
    }
    let digest = digest_of(after);
    ActivityChanges { insert, update, digest }
}

/// Hash of the activity of a record that has none any more: rows are never deleted, so such a row holds JSON `null`.
fn no_activity() -> Fingerprint {
    Fingerprint::of_activity("null")
}

fn order(incoming: Option<&str>, known: Option<&str>) -> Ordering {
    match (incoming, known) {
        (Some(incoming), Some(known)) => incoming.cmp(known),
        (Some(_), None) => Ordering::Less,
        (None, _) => Ordering::Greater,
    }
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
