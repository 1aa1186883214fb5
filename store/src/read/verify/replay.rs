//! A scope's versions in the order of their observations, against the digests that the ledger's entries claim. Pure.
//!
//! What orders observations is when they began (`task.observed_at`), not when they were stored: of two runs at once, the
//! later observation stands, and an older one that is stored after it is superseded and writes nothing.

use std::collections::BTreeSet;

use auditor_core::{
    model::{Digest, Fingerprint, digest_of},
    outcome::Outcome,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    finding::{Check, Findings, Place},
    ledger::{Entry, place},
};
use crate::entities::scope;

/// A version, reduced to what digests need.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) observed_at: DateTime<Utc>,
    pub(super) run: Uuid,
    /// Index of its record; records are sorted by native id.
    pub(super) record: usize,
    /// `None`: the record was gone.
    pub(super) state: Option<Fingerprint>,
}

/// Checks the ledger's entries of a scope, in the order of their observations, against its versions and its row.
pub(super) fn check_entries(
    scope: &scope::Model,
    ids: &[&str],
    mut events: Vec<Event>,
    entries: &[Entry],
    findings: &mut Findings,
) {
    events.sort_by_key(|event| (event.observed_at, event.run));
    check_authors(scope, ids, &events, entries, findings);
    check_digests(scope, ids, &events, entries, findings);
    check_row(scope, entries, findings);
}

/// Every version was written by a task that the ledger knows.
fn check_authors(
    scope: &scope::Model,
    ids: &[&str],
    events: &[Event],
    entries: &[Entry],
    findings: &mut Findings,
) {
    // A task may have been stored, and collected anew because that was not noticed: its row then has the later time.
    let tasks: BTreeSet<_> = entries
        .iter()
        .filter(|entry| !entry.scope.superseded)
        .map(|entry| (entry.run, entry.observed_at))
        .collect();
    let mut reported = BTreeSet::new();
    for event in events {
        let known =
            tasks.range((event.run, event.observed_at)..).next().is_some_and(|(run, _)| *run == event.run);
        if !known && reported.insert(event.run) {
            let native_id = ids.get(event.record).map(|id| (*id).to_owned());
            let place = Place { native_id, run: Some(event.run), ..place(scope) };
            let detail = "a version names a run that has no task here in the ledger: the version was added, or the \
                          task removed or changed";
            findings.add(Check::Ledger, place, detail);
        }
    }
}

/// Every entry's digest is that of the scope's state as of its observation.
fn check_digests(
    scope: &scope::Model,
    ids: &[&str],
    events: &[Event],
    entries: &[Entry],
    findings: &mut Findings,
) {
    let mut state: Vec<Option<Fingerprint>> = vec![None; ids.len()];
    let mut digest = digest_of([]);
    let mut events = events.iter().peekable();
    let mut disagreed_before = false;
    for entry in entries {
        let at = || Place { run: Some(entry.run), ..place(scope) };
        if entry.scope.superseded {
            let overtaken =
                entries.iter().any(|later| later.observed_at > entry.observed_at && later.run != entry.run);
            if !overtaken || entry.scope.digest.is_some() {
                findings.add(
                    Check::Ledger,
                    at(),
                    "the entry says it was superseded, and no later one is there",
                );
            }
            continue;
        }
        let mut changed = false;
        let until = (entry.observed_at, entry.run);
        while let Some(event) = events.next_if(|event| (event.observed_at, event.run) <= until) {
            if let Some(slot) = state.get_mut(event.record) {
                *slot = event.state;
                changed = true;
            }
        }
        if changed {
            let present = ids.iter().zip(&state).filter_map(|(id, state)| Some((*id, state.as_ref()?)));
            digest = digest_of(present);
        }
        // One cause makes all later entries disagree as well: the first of them is where to look.
        let disagrees = entry.scope.digest != Some(digest);
        if disagrees && !disagreed_before {
            let time = crate::read::when::format_time(entry.observed_at);
            let detail = match entry.scope.digest {
                None => format!("the entry of {time} has no digest"),
                Some(_) => format!(
                    "the digest in the entry of {time} is not that of the stored versions as of then: a version until \
                     then was changed, added or removed, or the entry was"
                ),
            };
            findings.add(Check::Ledger, at(), detail);
        }
        disagreed_before = disagrees;
    }
}

/// The scope's row says what the latest entry says.
fn check_row(scope: &scope::Model, entries: &[Entry], findings: &mut Findings) {
    let Some(latest) = entries.iter().rfind(|entry| !entry.scope.superseded) else {
        findings.add(Check::Scope, place(scope), "the ledger has no entry of this scope");
        return;
    };
    let confirmed = |entry: &&Entry| {
        let counts = &entry.scope.counts;
        entry.scope.outcome == Outcome::Complete && counts.held == 0 && counts.quarantined == 0
    };
    let last_complete = entries.iter().filter(|entry| !entry.scope.superseded).rfind(confirmed);
    let agreements = [
        ("observed_at", scope.observed_at == latest.observed_at),
        ("last_run", scope.last_run == latest.run),
        ("outcome", scope.outcome == latest.scope.outcome.as_str()),
        ("last_complete_at", scope.last_complete_at == last_complete.map(|entry| entry.observed_at)),
        ("digest", Digest::from_slice(&scope.digest) == latest.scope.digest),
    ];
    if let Some((field, _)) = agreements.into_iter().find(|(_, agrees)| !agrees) {
        let place = Place { run: Some(latest.run), ..place(scope) };
        findings.add(
            Check::Scope,
            place,
            format!("`{field}` of the scope is not that of its latest entry in the ledger"),
        );
    }
}
