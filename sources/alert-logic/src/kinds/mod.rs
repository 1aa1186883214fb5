//! The kinds, each with its listing and its pure mapping from replies to records.

mod access_key;
mod account;
mod agent;
mod appliance;
mod collection_health;
mod collector;
mod credential;
mod deployment;
mod entitlement;
mod exposure;
mod exposure_summary;
mod health_graph;
mod incident;
mod incident_summary;
mod principal;
mod protection_policy;
mod risk_acceptance;
mod role;
mod scan_schedule;
mod tool_coverage;
mod user;

use std::pin::pin;

use auditor_core::{
    error::SourceError,
    model::{Kind, Resource, common},
    outcome::{Gap, GapReason},
    source::{Collector, Emitter},
};
use futures::StreamExt as _;

use crate::{
    config::AlertLogicConfig,
    deployment::Deployment,
    estate::{Estate, few_at_a_time},
};

pub(crate) use self::role::writes;

/// Name of this provider in common kinds.
const PROVIDER: &str = "alert-logic";

/// Every kind of this source.
pub(crate) static ALL: &[&Kind] = &[
    &common::ACCOUNT,
    &account::ACCOUNT,
    &user::USER,
    &access_key::ACCESS_KEY,
    &role::ROLE,
    &common::PRINCIPAL,
    &entitlement::ENTITLEMENT,
    &protection_policy::PROTECTION_POLICY,
    &deployment::DEPLOYMENT,
    &credential::CREDENTIAL,
    &exposure_summary::EXPOSURE_SUMMARY,
    &exposure::EXPOSURE,
    &risk_acceptance::RISK_ACCEPTANCE,
    &collection_health::COLLECTION_HEALTH,
    &agent::AGENT,
    &appliance::APPLIANCE,
    &collector::COLLECTOR,
    &scan_schedule::SCAN_SCHEDULE,
    &incident::INCIDENT,
    &incident_summary::INCIDENT_SUMMARY,
    &common::TOOL_COVERAGE,
];

/// The kinds of a source with these settings.
pub(crate) fn of(config: &AlertLogicConfig) -> Vec<&'static Kind> {
    let without_exposures = config.exposure_severities.is_empty();
    ALL.iter().copied().filter(|kind| !(without_exposures && **kind == exposure::EXPOSURE)).collect()
}

/// Runs the listing of every wanted kind, always in the same order.
pub(crate) async fn emit_all(out: &Collector, estate: &Estate<'_>) {
    account::emit_facts(out, estate).await;
    account::emit(out, estate).await;
    user::emit(out, estate).await;
    access_key::emit(out, estate).await;
    role::emit(out, estate).await;
    principal::emit(out, estate).await;
    entitlement::emit(out, estate).await;
    protection_policy::emit(out, estate).await;
    deployment::emit(out, estate).await;
    credential::emit(out, estate).await;
    exposure_summary::emit(out, estate).await;
    exposure::emit(out, estate).await;
    risk_acceptance::emit(out, estate).await;
    collection_health::emit(out, estate).await;
    agent::emit(out, estate).await;
    appliance::emit(out, estate).await;
    collector::emit(out, estate).await;
    scan_schedule::emit(out, estate).await;
    incident::emit(out, estate).await;
    incident_summary::emit(out, estate).await;
    tool_coverage::emit(out, estate).await;
}

/// Emits in the order of native ids, so that the same world gives the same records in the same order.
async fn emit_sorted(
    emit: &Emitter,
    resources: impl IntoIterator<Item = Resource>,
) -> Result<(), SourceError> {
    let mut resources: Vec<_> = resources.into_iter().collect();
    resources.sort_by(|a, b| a.native_id.cmp(&b.native_id));
    for resource in resources {
        emit.emit(resource).await?;
    }
    Ok(())
}

/// Emits what was mapped; what came without an id is a gap.
async fn emit_mapped(
    emit: &Emitter,
    kind: &'static Kind,
    mapped: impl IntoIterator<Item = Option<Resource>>,
) -> Result<(), SourceError> {
    let mut resources = Vec::new();
    let mut nameless = 0;
    for resource in mapped {
        match resource {
            Some(resource) => resources.push(resource),
            None => nameless += 1,
        }
    }
    note_nameless(emit, kind, nameless);
    emit_sorted(emit, resources).await
}

/// Records that some came without an id. A name is no id.
fn note_nameless(emit: &Emitter, kind: &'static Kind, count: usize) {
    if count > 0 {
        emit.gap(
            kind,
            Gap::new(GapReason::Malformed, format!("{count} came without an id and were left out")),
        );
    }
}

/// What was read of one deployment.
#[derive(Default)]
struct Found {
    /// `None` for one that came without an id.
    resources: Vec<Option<Resource>>,
    gaps: Vec<Gap>,
}

/// Emits what each deployment has, deployments a few at a time and in their order.
///
/// # Errors
/// The first deployment's failure, if nothing could be read of any; a failure of some is a gap.
async fn emit_by_deployment<'a, F>(
    emit: &Emitter,
    kind: &'static Kind,
    deployments: &'a [Deployment],
    read: impl Fn(&'a Deployment) -> F,
) -> Result<(), SourceError>
where
    F: Future<Output = Result<Found, SourceError>>,
{
    let readings = deployments.iter().map(|deployment| {
        let reading = read(deployment);
        async move { (deployment, reading.await) }
    });
    let mut readings = pin!(few_at_a_time(readings.collect()));
    let mut problems = Vec::new();
    while let Some((deployment, reading)) = readings.next().await {
        match reading {
            Ok(found) => {
                for gap in found.gaps {
                    emit.gap(kind, about(deployment, gap));
                }
                emit_mapped(emit, kind, found.resources).await?;
            }
            Err(error) if matches!(error.root(), SourceError::Cancelled | SourceError::Bug(_)) => {
                return Err(error);
            }
            Err(error) => problems.push((deployment, error)),
        }
    }
    if problems.len() == deployments.len() && !problems.is_empty() {
        let (_, first) = problems.swap_remove(0);
        return Err(first);
    }
    for (deployment, error) in problems {
        emit.gap(kind, about(deployment, Gap::from(&error)));
    }
    Ok(())
}

/// A gap that says which deployment it is about.
fn about(deployment: &Deployment, gap: Gap) -> Gap {
    Gap { detail: format!("deployment `{}`: {}", deployment.label(), gap.detail), ..gap }
}

/// A resource with its name, if there is one.
fn named(resource: Resource, name: Option<String>) -> Resource {
    Resource { name, ..resource }
}
