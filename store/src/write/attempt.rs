//! One transaction of a task, from the digests to the row in the ledger.

use std::collections::BTreeMap;

use auditor_core::{
    error::chain,
    model::{Digest, digest_of},
    outcome::{RunInfo, ScopeResult, TaskInfo},
};
use chrono::{SubsecRound as _, Utc};

use super::{
    backend::{Access, Database, RowChange, ScopeRow, ScopeUpdate, TaskRow, Transaction, target_digest},
    buffer::{Buffer, Slot},
    diff::Removals,
    fault::Fault,
    ledger::ScopeEntry,
    plan::{Pending, Plan, Scope},
};

/// Rows are written in groups of about this many bytes …
const GROUP_BYTES: usize = 4 << 20;
/// … and at most this many rows. Larger groups were measured to be slower.
const GROUP_ROWS: usize = 1000;
/// Examples of each sort of change in a dry run.
const MAX_EXAMPLES: usize = 20;

/// A task with what it is stored from and to.
pub(super) struct Attempt<'a, D> {
    pub(super) database: &'a D,
    pub(super) run: &'a RunInfo,
    pub(super) task: &'a TaskInfo,
    pub(super) buffer: &'a Buffer,
}

impl<D: Database> Attempt<'_, D> {
    /// Stores the task; in a dry run, says what that would change. Records that the store cannot hold are marked in
    /// `scopes`.
    pub(super) async fn store(&self, scopes: &mut [Scope<'_>]) -> Result<Vec<ScopeResult>, Fault> {
        if self.run.plan_only {
            let mut tx = self.database.begin(self.task, Access::Read).await?;
            let plans = self.plans(&mut tx, scopes).await?;
            let results = self.dry_results(&mut tx, scopes, &plans).await?;
            tx.rollback().await?;
            return Ok(results);
        }
        if scopes.iter().all(Scope::may_be_touched) {
            let results: Vec<_> = scopes.iter().map(Scope::unchanged).collect();
            let digest = target_digest(self.task, scopes.iter().map(Scope::digests));
            if self.database.touch(&self.task_row(scopes, &results), &digest).await? {
                return Ok(results);
            }
        }
        let mut tx = self.database.begin(self.task, Access::Write).await?;
        let plans = self.plans(&mut tx, scopes).await?;
        for group in self.groups(&pending(&plans), scopes) {
            self.apply(&mut tx, scopes, &plans, group).await?;
        }
        for (plan, scope) in plans.iter().zip(&*scopes) {
            let Some(plan) = plan else { continue };
            for removed in plan.removed().chunks(GROUP_ROWS) {
                tx.retire(self.task, plan.row.id, removed).await?;
            }
            for seen in plan.seen(scope).chunks(GROUP_ROWS) {
                tx.seen(self.task, plan.row.id, seen).await?;
            }
        }
        let results = results(scopes, &plans);
        let updates: Vec<_> = plans
            .iter()
            .zip(&*scopes)
            .filter_map(|(plan, scope)| Some(plan.as_ref()?.update(scope)))
            .collect();
        let digest = self.digest(scopes, &updates);
        tx.save(&self.task_row(scopes, &results), &updates, digest.as_ref()).await?;
        tx.commit().await?;
        Ok(results)
    }

    /// After the database refused data: finds which records it refuses, by halves, and marks them in `scopes`. Nothing
    /// that is written on the way is kept. Returns how many were found.
    pub(super) async fn find_refused(&self, scopes: &mut [Scope<'_>]) -> Result<usize, Fault> {
        let mut tx = self.database.begin(self.task, Access::Write).await?;
        let plans = self.plans(&mut tx, scopes).await?;
        let pending = pending(&plans);
        let mut refused = Vec::new();
        let mut stack = self.groups(&pending, scopes);
        while let Some(group) = stack.pop() {
            tx.savepoint().await?;
            match self.apply(&mut tx, scopes, &plans, group).await {
                Ok(()) => {}
                Err(Fault::Refused(error)) => {
                    tx.undo().await?;
                    if let [one] = group {
                        refused.push((one.scope, one.record, chain(&*error)));
                    } else {
                        let (left, right) = group.split_at(group.len() / 2);
                        stack.extend([right, left]);
                    }
                }
                Err(fault) => return Err(fault),
            }
        }
        tx.rollback().await?;
        let found = refused.len();
        for (scope, record, reason) in refused {
            scopes[scope].listing.records[record].refusal = Some(reason.into());
        }
        Ok(found)
    }

    /// Compares each scope with its rows, reading as few of them as needed. `None` for a superseded scope.
    async fn plans(
        &self,
        tx: &mut D::Transaction,
        scopes: &mut [Scope<'_>],
    ) -> Result<Vec<Option<Plan>>, Fault> {
        let mut plans = self.open_plans(tx, scopes).await?;
        loop {
            let ids = wanted(scopes, &plans, Plan::needs_rows);
            let mut known: BTreeMap<_, _> =
                if ids.is_empty() { BTreeMap::new() } else { tx.known(&ids).await?.into_iter().collect() };
            for (scope, plan) in to_do(scopes, &mut plans, Plan::needs_rows) {
                plan.compare(scope, known.remove(&plan.row.id).unwrap_or_default(), self.removals(scope));
            }
            let ids = wanted(scopes, &plans, Plan::needs_activities);
            let mut stored: BTreeMap<_, _> = if ids.is_empty() {
                BTreeMap::new()
            } else {
                tx.known_activities(&ids).await?.into_iter().collect()
            };
            for (scope, plan) in to_do(scopes, &mut plans, Plan::needs_activities) {
                plan.compare_activities(scope, stored.remove(&plan.row.id).unwrap_or_default());
            }
            // Only now is known which records are to be written, so only these are looked through.
            if !self.mark_refused(scopes, &mut plans) {
                return Ok(plans);
            }
        }
    }

    async fn open_plans(
        &self,
        tx: &mut D::Transaction,
        scopes: &[Scope<'_>],
    ) -> Result<Vec<Option<Plan>>, Fault> {
        let stored = tx.scopes(self.task).await?;
        let mut rows: BTreeMap<_, _> =
            stored.into_iter().map(|row| (row.kind.clone(), Plan::new(row, false))).collect();
        let missing: Vec<_> =
            scopes.iter().map(Scope::kind).filter(|kind| !rows.contains_key(*kind)).collect();
        if !missing.is_empty() {
            let made = if self.run.plan_only {
                missing.iter().map(|kind| self.imagined_scope(kind)).collect()
            } else {
                tx.create_scopes(self.task, &missing).await?
            };
            rows.extend(made.into_iter().map(|row| (row.kind.clone(), Plan::new(row, true))));
        }
        let plans = scopes.iter().map(|scope| {
            let plan = rows.remove(scope.kind()).ok_or_else(|| Fault::corrupt("table `scope`"))?;
            let later = plan.row.observed_at > self.task.observed_at && plan.row.last_run != self.task.run;
            Ok((!later).then_some(plan))
        });
        plans.collect()
    }

    /// A scope that does not exist, for a dry run.
    fn imagined_scope(&self, kind: &str) -> ScopeRow {
        ScopeRow {
            id: 0,
            kind: kind.to_owned(),
            observed_at: self.task.observed_at,
            last_run: self.task.run,
            present: 0,
            digest: digest_of([]),
            activity_digest: digest_of([]),
        }
    }

    fn removals(&self, scope: &Scope<'_>) -> Removals {
        use auditor_core::outcome::Outcome;
        match scope.outcome.outcome {
            Outcome::Complete if !self.run.accept_removals => Removals::Guarded(self.run.removal_guard),
            // A source that says `gone` knows it.
            Outcome::Complete | Outcome::Gone => Removals::Accept,
            _ => Removals::Keep,
        }
    }

    /// Marks records that would be written but cannot be; whether there were any.
    fn mark_refused(&self, scopes: &mut [Scope<'_>], plans: &mut [Option<Plan>]) -> bool {
        let mut found = false;
        for (i, (scope, plan)) in scopes.iter_mut().zip(plans).enumerate() {
            let Some(plan) = plan else { continue };
            let mut refused = false;
            for pending in plan.pending(i) {
                let record = &mut scope.listing.records[pending.record];
                record.refusal = self.buffer.refusal(record.slot);
                refused |= record.is_refused();
            }
            if refused {
                plan.forget();
                found = true;
            }
        }
        found
    }

    fn groups<'p>(&self, pending: &'p [Pending], scopes: &[Scope<'_>]) -> Vec<&'p [Pending]> {
        let mut groups = Vec::new();
        let (mut start, mut bytes) = (0, 0);
        for (i, item) in pending.iter().enumerate() {
            let size = self.buffer.size_bytes(slot(scopes, item));
            if i > start && (i - start >= GROUP_ROWS || bytes + size > GROUP_BYTES) {
                groups.push(&pending[start..i]);
                (start, bytes) = (i, 0);
            }
            bytes += size;
        }
        if start < pending.len() {
            groups.push(&pending[start..]);
        }
        groups
    }

    async fn apply(
        &self,
        tx: &mut D::Transaction,
        scopes: &[Scope<'_>],
        plans: &[Option<Plan>],
        group: &[Pending],
    ) -> Result<(), Fault> {
        let slots: Vec<_> = group.iter().map(|item| slot(scopes, item)).collect();
        let records = self.buffer.load(&slots).await?;
        let rows: Vec<_> = group
            .iter()
            .zip(&records)
            .filter_map(|(item, record)| {
                let plan = plans[item.scope].as_ref()?;
                Some(RowChange {
                    scope: plan.row.id,
                    record,
                    head: item.head,
                    seen: !plan.complete(&scopes[item.scope]),
                    activity: item.activity,
                })
            })
            .collect();
        tx.apply(self.task, &rows).await
    }

    /// The target's digest: none unless every scope is known to be as observed.
    fn digest(&self, scopes: &[Scope<'_>], updates: &[ScopeUpdate]) -> Option<Digest> {
        // With no scope superseded there is one update for each.
        let whole = updates.len() == scopes.len() && updates.iter().all(|update| update.complete);
        let digests = scopes
            .iter()
            .zip(updates)
            .map(|(scope, update)| (scope.kind(), &update.digest, &update.activity_digest));
        whole.then(|| target_digest(self.task, digests))
    }

    fn task_row(&self, scopes: &[Scope<'_>], results: &[ScopeResult]) -> TaskRow<'_> {
        let scopes: Vec<_> = scopes
            .iter()
            .zip(results)
            .map(|(scope, result)| ScopeEntry {
                kind: scope.kind().to_owned(),
                outcome: scope.outcome.outcome,
                gaps: scope.outcome.gaps.iter().chain(&result.gaps).cloned().collect(),
                counts: result.counts,
                digest: result.digest,
                superseded: result.superseded,
            })
            .collect();
        TaskRow {
            info: self.task,
            finished_at: Utc::now().trunc_subsecs(6),
            scopes: serde_json::to_string(&scopes).expect("plain data is always valid JSON"),
        }
    }

    async fn dry_results(
        &self,
        tx: &mut D::Transaction,
        scopes: &[Scope<'_>],
        plans: &[Option<Plan>],
    ) -> Result<Vec<ScopeResult>, Fault> {
        let mut results = results(scopes, plans);
        for ((scope, plan), result) in scopes.iter().zip(plans).zip(&mut results) {
            result.digest = None;
            let Some(plan) = plan else { continue };
            for (sort, records) in plan.incoming_changes() {
                let examples = records.into_iter().take(MAX_EXAMPLES).map(|record| {
                    let record = &scope.listing.records[record];
                    example(record.native_id, self.buffer.name(record.slot))
                });
                add_examples(result, sort, examples.collect());
            }
            for (sort, mut ids) in [("removed", plan.removed()), ("held", plan.held())] {
                ids.truncate(MAX_EXAMPLES);
                let names: BTreeMap<_, _> = if ids.is_empty() {
                    BTreeMap::new()
                } else {
                    tx.names(plan.row.id, &ids).await?.into_iter().collect()
                };
                let examples = ids
                    .into_iter()
                    .map(|native_id| example(native_id, names.get(native_id).map(String::as_str)));
                add_examples(result, sort, examples.collect());
            }
        }
        Ok(results)
    }
}

fn results(scopes: &[Scope<'_>], plans: &[Option<Plan>]) -> Vec<ScopeResult> {
    let result = |(scope, plan): (&Scope<'_>, &Option<Plan>)| match plan {
        Some(plan) => plan.result(scope),
        None => scope.superseded(),
    };
    scopes.iter().zip(plans).map(result).collect()
}

fn pending(plans: &[Option<Plan>]) -> Vec<Pending> {
    let plans = plans.iter().enumerate();
    plans.filter_map(|(i, plan)| Some(plan.as_ref()?.pending(i))).flatten().collect()
}

/// Scopes whose rows are to be read.
fn wanted(scopes: &[Scope<'_>], plans: &[Option<Plan>], needs: fn(&Plan, &Scope<'_>) -> bool) -> Vec<i64> {
    let plans = scopes.iter().zip(plans).filter_map(|(scope, plan)| Some((scope, plan.as_ref()?)));
    plans.filter(|(scope, plan)| !plan.fresh && needs(plan, scope)).map(|(_, plan)| plan.row.id).collect()
}

fn to_do<'p, 's, 'l>(
    scopes: &'s [Scope<'l>],
    plans: &'p mut [Option<Plan>],
    needs: fn(&Plan, &Scope<'_>) -> bool,
) -> impl Iterator<Item = (&'s Scope<'l>, &'p mut Plan)> {
    let plans = scopes.iter().zip(plans).filter_map(|(scope, plan)| Some((scope, plan.as_mut()?)));
    plans.filter(move |(scope, plan)| needs(plan, scope))
}

fn slot(scopes: &[Scope<'_>], item: &Pending) -> Slot {
    scopes[item.scope].listing.records[item.record].slot
}

fn example(native_id: &str, name: Option<&str>) -> String {
    match name {
        Some(name) if name != native_id => format!("{native_id} ({name})"),
        _ => native_id.to_owned(),
    }
}

fn add_examples(result: &mut ScopeResult, sort: &str, examples: Vec<String>) {
    if !examples.is_empty() {
        result.examples.insert(sort.to_owned(), examples);
    }
}
