use std::collections::{BTreeMap, BTreeSet};

use auditor_core::model::digest_of;
use proptest::prelude::*;

use super::*;
use crate::write::buffer::Slot;

/// A scope as the store holds it.
#[derive(Debug, Clone, Default, PartialEq)]
struct State {
    rows: BTreeMap<String, Row>,
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    fingerprint: u8,
    version: i32,
    missing: bool,
    activity: Option<u8>,
    /// Whether it was there at the last complete listing.
    settled: bool,
}

/// A listing: native id to content, activity and whether the store refuses it.
type Arrived = BTreeMap<String, (u8, Option<u8>, bool)>;

fn fingerprint(value: u8) -> Fingerprint {
    Fingerprint::from_bytes([value; 32])
}

impl State {
    fn known(&self) -> KnownRows {
        let known = |(native_id, row): (&String, &Row)| Known {
            native_id: native_id.clone(),
            fingerprint: fingerprint(row.fingerprint),
            version: row.version,
            missing: row.missing,
        };
        let settled = self.rows.values().filter(|row| !row.missing && row.settled);
        KnownRows { rows: self.rows.iter().map(known).collect(), settled: settled.count() as u64 }
    }

    fn activities(&self) -> Vec<KnownActivity> {
        self.rows
            .iter()
            .filter_map(|(native_id, row)| {
                let fingerprint = match row.activity? {
                    0 => no_activity(),
                    value => fingerprint(value),
                };
                Some(KnownActivity { native_id: native_id.clone(), fingerprint })
            })
            .collect()
    }

    fn present(&self) -> BTreeMap<String, u8> {
        let present = self.rows.iter().filter(|(_, row)| !row.missing);
        present.map(|(native_id, row)| (native_id.clone(), row.fingerprint)).collect()
    }

    fn digest(&self) -> Digest {
        let rows: Vec<_> =
            self.present().into_iter().map(|(native_id, value)| (native_id, fingerprint(value))).collect();
        digest_of(rows.iter().map(|(native_id, fingerprint)| (native_id.as_str(), fingerprint)))
    }

    fn activity_digest(&self) -> Digest {
        let present = self.rows.iter().filter(|(_, row)| !row.missing);
        let rows: Vec<_> = present
            .filter_map(|(native_id, row)| {
                Some((native_id, fingerprint(row.activity.filter(|value| *value != 0)?)))
            })
            .collect();
        digest_of(rows.iter().map(|(native_id, fingerprint)| (native_id.as_str(), fingerprint)))
    }

    /// Writes what the diff says; checks on the way that its digests are those of the rows afterwards.
    fn apply(&mut self, arrived: &Arrived, removals: Removals) -> Changes {
        let fingerprints: Vec<_> = arrived
            .values()
            .map(|(value, activity, _)| (fingerprint(*value), activity.map(fingerprint)))
            .collect();
        let incoming: Vec<_> = arrived
            .iter()
            .zip(&fingerprints)
            .map(|((native_id, (.., refused)), (fingerprint, activity))| Incoming {
                native_id,
                fingerprint,
                activity: activity.as_ref(),
                refusal: refused.then(|| "refused".into()),
                slot: Slot::Spilled(0),
            })
            .collect();
        let stored = self.known();
        let known = &stored.rows;
        let changes = diff(&incoming, &stored, removals);
        let activities = diff_activities(&incoming, known, &changes.present, &self.activities());
        let (digest, activity_digest) = (changes.digest(&incoming, known), activities.digest);

        let values: Vec<_> = arrived.values().collect();
        for i in &changes.new {
            let row =
                Row { fingerprint: values[*i].0, version: 1, missing: false, activity: None, settled: false };
            assert!(self.rows.insert(incoming[*i].native_id.to_owned(), row).is_none());
        }
        for pair in changes.changed.iter().chain(&changes.returned) {
            let row = self.rows.get_mut(&known[pair.known].native_id).unwrap();
            row.fingerprint = values[pair.incoming].0;
            row.version += 1;
            row.missing = false;
        }
        for k in &changes.removed {
            let row = self.rows.get_mut(&known[*k].native_id).unwrap();
            row.version += 1;
            row.missing = true;
        }
        for i in activities.insert.iter().chain(&activities.update) {
            let row = self.rows.get_mut(incoming[*i].native_id).unwrap();
            row.activity = Some(values[*i].1.unwrap_or(0));
        }
        if removals != Removals::Keep && changes.held.is_empty() && arrived.values().all(|value| !value.2) {
            for row in self.rows.values_mut() {
                row.settled = !row.missing;
            }
        }
        assert_eq!(digest, self.digest(), "the digest is that of the rows present");
        assert_eq!(activity_digest, self.activity_digest(), "and so is that of their activities");
        changes
    }
}

fn native_id() -> impl Strategy<Value = String> {
    prop_oneof![(0..12u8).prop_map(|n| format!("id-{n}")), "[a-zé\u{1F600}]{1,2}"]
}

fn arrived() -> impl Strategy<Value = Arrived> {
    prop::collection::btree_map(
        native_id(),
        (1..4u8, prop::option::of(1..4u8), prop::bool::weighted(0.1)),
        0..12,
    )
}

fn state() -> impl Strategy<Value = State> {
    let row = (1..4u8, 1..5i32, any::<bool>(), prop::option::of(0..4u8), any::<bool>()).prop_map(
        |(fingerprint, version, missing, activity, settled)| Row {
            fingerprint,
            version,
            missing,
            activity,
            settled,
        },
    );
    let rows = prop::collection::btree_map(native_id(), row, 0..12);
    rows.prop_map(|rows| State { rows })
}

fn removals() -> impl Strategy<Value = Removals> {
    let guard = RemovalGuard { max_share: 0.5, max_rows: 2 };
    prop_oneof![Just(Removals::Keep), Just(Removals::Accept), Just(Removals::Guarded(guard))]
}

fn taken(arrived: &Arrived) -> BTreeSet<&str> {
    arrived.iter().filter(|(_, (.., refused))| !refused).map(|(native_id, _)| native_id.as_str()).collect()
}

proptest! {
    #[test]
    fn a_replay_changes_nothing(mut state in state(), arrived in arrived(), removals in removals()) {
        state.apply(&arrived, removals);
        let before = state.clone();
        let again = state.apply(&arrived, removals);
        prop_assert_eq!(&state.rows, &before.rows);
        prop_assert!(again.new.is_empty() && again.changed.is_empty() && again.returned.is_empty());
        prop_assert!(again.removed.is_empty());
    }

    #[test]
    fn an_incomplete_listing_retires_nothing(mut state in state(), arrived in arrived()) {
        let before = state.present();
        state.apply(&arrived, Removals::Keep);
        prop_assert!(before.keys().all(|native_id| state.present().contains_key(native_id)));
    }

    #[test]
    fn a_complete_listing_leaves_what_arrived(mut state in state(), arrived in arrived()) {
        let before = state.clone();
        state.apply(&arrived, Removals::Accept);
        let present = state.present();
        for (native_id, (value, _, refused)) in &arrived {
            let expected = if *refused { before.present().get(native_id).copied() } else { Some(*value) };
            prop_assert_eq!(present.get(native_id).copied(), expected);
        }
        prop_assert!(present.keys().all(|native_id| arrived.contains_key(native_id)));
    }

    #[test]
    fn the_guard_keeps_all_or_none(mut state in state(), arrived in arrived()) {
        let (before, settled) = (state.present(), state.known().settled);
        let guard = RemovalGuard { max_share: 0.5, max_rows: 2 };
        let changes = state.apply(&arrived, Removals::Guarded(guard));
        let absent = before.keys().filter(|native_id| !arrived.contains_key(*native_id)).count();
        let holds = guard.holds(absent as u64, settled);
        prop_assert_eq!(changes.held.len(), if holds { absent } else { 0 });
        prop_assert_eq!(changes.removed.len(), if holds { 0 } else { absent });
    }

    #[test]
    fn every_record_is_counted_once(mut state in state(), arrived in arrived(), removals in removals()) {
        let changes = state.apply(&arrived, removals);
        let counted = changes.new.len() + changes.changed.len() + changes.returned.len() + changes.unchanged.len();
        prop_assert_eq!(counted, taken(&arrived).len());
    }
}
