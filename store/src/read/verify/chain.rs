//! The chain of runs: each run's digest covers its tasks and the run before it.

use std::collections::{BTreeMap, BTreeSet};

use auditor_core::model::Digest;
use futures::TryStreamExt as _;
use sea_orm::{DatabaseTransaction, EntityTrait as _, QueryOrder as _};
use uuid::Uuid;

use super::{
    ACTION, Verification,
    finding::{Check, Findings, Place},
};
use crate::{
    entities::{run, task},
    evidence::{TaskEvidence, run_digest},
    read::QueryError,
    write::ledger::OPEN,
};

/// A run as the chain sees it.
#[derive(Debug)]
struct Link {
    started_at: chrono::DateTime<chrono::Utc>,
    closed: bool,
    previous: Option<Uuid>,
    digest: Option<Digest>,
}

/// Verifies the chain; returns the ids of all runs.
pub(super) async fn verify(
    snapshot: &DatabaseTransaction,
    anchor: Option<&Digest>,
    result: &mut Verification,
    findings: &mut Findings,
) -> Result<BTreeSet<Uuid>, QueryError> {
    let links = links(snapshot).await?;
    result.runs = links.len() as u64;
    result.open_runs = links.iter().filter(|(_, link)| !link.closed).map(|(id, _)| *id).collect();
    result.last_run = last(&links);
    check_links(&links, findings);
    check_tasks(snapshot, &links, result, findings).await?;
    if let Some(anchor) = anchor
        && !links.values().any(|link| link.digest.as_ref() == Some(anchor))
    {
        let detail = format!("no run has the digest {anchor}, which was kept as an anchor");
        findings.add(Check::Chain, Place::default(), detail);
    }
    Ok(links.into_keys().collect())
}

async fn links(snapshot: &DatabaseTransaction) -> Result<BTreeMap<Uuid, Link>, QueryError> {
    let database = QueryError::database(ACTION);
    let rows = run::Entity::find().stream(snapshot).await.map_err(&database)?;
    rows.map_ok(|row| {
        let link = Link {
            started_at: row.started_at,
            closed: row.status != OPEN,
            previous: row.previous_run,
            digest: row.digest.as_deref().and_then(Digest::from_slice),
        };
        (row.id, link)
    })
    .try_collect()
    .await
    .map_err(&database)
}

/// The closed run that no other builds on; of several, the latest.
fn last(links: &BTreeMap<Uuid, Link>) -> Option<(Uuid, Digest)> {
    let built_on: BTreeSet<_> = links.values().filter_map(|link| link.previous).collect();
    links
        .iter()
        .filter(|(id, _)| !built_on.contains(id))
        .filter_map(|(id, link)| Some((link.started_at, *id, link.digest?)))
        .max_by_key(|(started_at, id, _)| (*started_at, *id))
        .map(|(_, id, digest)| (id, digest))
}

fn check_links(links: &BTreeMap<Uuid, Link>, findings: &mut Findings) {
    let mut first = None;
    let mut built_on: BTreeMap<Uuid, Uuid> = BTreeMap::new();
    for (id, link) in links {
        let mut add = |detail: String| {
            findings.add(Check::Chain, Place { run: Some(*id), ..Place::default() }, detail);
        };
        match (link.closed, link.digest) {
            (true, None) => add("the run is closed and has no digest".to_owned()),
            (false, Some(_)) => add("the run has a digest and is not closed".to_owned()),
            _ => {}
        }
        if let Some(previous) = link.previous
            && let Some(other) = built_on.insert(previous, *id)
        {
            add(format!(
                "builds on run {previous}, and so does run {other}: runs between them may be missing"
            ));
        }
        match link.previous {
            Some(previous) => match links.get(&previous) {
                None => add(format!("builds on run {previous}, which is not in the ledger")),
                Some(Link { digest: None, .. }) => {
                    add(format!("builds on run {previous}, which has no digest"));
                }
                Some(_) => {}
            },
            None if link.digest.is_some() => match first {
                None => first = Some(*id),
                Some(first) => add(format!("builds on no run, and neither does run {first}")),
            },
            None => {}
        }
    }
}

/// Compares each run's digest with its tasks, which are read in the order of their key.
async fn check_tasks(
    snapshot: &DatabaseTransaction,
    links: &BTreeMap<Uuid, Link>,
    result: &mut Verification,
    findings: &mut Findings,
) -> Result<(), QueryError> {
    let database = QueryError::database(ACTION);
    let mut rows =
        task::Entity::find().order_by_asc(task::Column::Run).stream(snapshot).await.map_err(&database)?;
    let mut tasks: Vec<TaskEvidence> = Vec::new();
    let mut current: Option<(Uuid, bool)> = None;
    let mut without_tasks: BTreeSet<_> = links.keys().copied().collect();
    while let Some(row) = rows.try_next().await.map_err(&database)? {
        result.tasks += 1;
        let run = row.run;
        if current.is_none_or(|(current, _)| current != run) {
            finish(links, current, &tasks, findings);
            tasks.clear();
            current = Some((run, true));
            without_tasks.remove(&run);
        }
        let place = Place {
            source: Some(row.source.clone()),
            target: Some(row.target.clone()),
            run: Some(run),
            ..Place::default()
        };
        match TaskEvidence::try_from(row) {
            Ok(task) => tasks.push(task),
            Err(error) => {
                findings.add(Check::Run, place, format!("the task's scopes cannot be read: {error}"));
                current = Some((run, false));
            }
        }
    }
    finish(links, current, &tasks, findings);
    for run in without_tasks {
        finish(links, Some((run, true)), &[], findings);
    }
    Ok(())
}

/// `readable` is false if a task of the run could not be read, which is a finding already.
fn finish(
    links: &BTreeMap<Uuid, Link>,
    run: Option<(Uuid, bool)>,
    tasks: &[TaskEvidence],
    findings: &mut Findings,
) {
    let Some((id, readable)) = run else { return };
    let place = Place { run: Some(id), ..Place::default() };
    let Some(link) = links.get(&id) else {
        findings.add(Check::Run, place, "has tasks and is not in the ledger itself");
        return;
    };
    let Some(digest) = link.digest.filter(|_| readable) else { return };
    let previous = link.previous.and_then(|previous| links.get(&previous)).and_then(|link| link.digest);
    if link.previous.is_some() && previous.is_none() {
        return; // A finding already, and without it nothing can be computed.
    }
    if run_digest(previous.as_ref(), id, tasks) != digest {
        findings.add(
            Check::Run,
            place,
            "the run's digest differs from its tasks and the run before: a task or the run was changed, added or removed",
        );
    }
}
