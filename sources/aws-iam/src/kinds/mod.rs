//! The kinds, each with its pure mapping from what was read to records.

mod access_key;
mod account;
mod account_settings;
mod certificate;
mod credential;
mod group;
mod mfa_device;
mod policy;
mod principal;
mod provider;
mod role;
mod service_credential;
mod ssh_key;
#[cfg(test)]
mod tests;
mod user;

use std::collections::BTreeSet;

use auditor_aws_common::PolicyDocument;
use auditor_core::{
    error::SourceError,
    model::{Kind, Resource, common},
    outcome::{Gap, GapReason},
    source::{Collector, Emitter},
};
use serde_json::{Map, Value};

pub(crate) use self::{
    access_key::ACCESS_KEY,
    account_settings::ACCOUNT_SETTINGS,
    certificate::{SERVER_CERTIFICATE, SIGNING_CERTIFICATE},
    credential::CREDENTIAL,
    group::GROUP,
    mfa_device::MFA_DEVICE,
    policy::{POLICY, referenced as referenced_policies, retain_used as retain_used_policies},
    provider::{OIDC_PROVIDER, SAML_PROVIDER},
    role::ROLE,
    service_credential::SERVICE_CREDENTIAL,
    ssh_key::SSH_KEY,
    user::USER,
};
use crate::{
    credential_report::CredentialReport,
    estate::{Estate, Listing, again},
    wire::{AccountDetails, AttachedPolicy, InlinePolicy, Tag, chrono},
};

/// Every kind of this source.
pub(crate) static ALL: &[&Kind] = &[
    &common::ACCOUNT,
    &ACCOUNT_SETTINGS,
    &USER,
    &GROUP,
    &ROLE,
    &POLICY,
    &CREDENTIAL,
    &ACCESS_KEY,
    &MFA_DEVICE,
    &SSH_KEY,
    &SIGNING_CERTIFICATE,
    &SERVER_CERTIFICATE,
    &SERVICE_CREDENTIAL,
    &SAML_PROVIDER,
    &OIDC_PROVIDER,
    &common::PRINCIPAL,
];

/// The kinds that export files hold.
pub(crate) static OFFLINE: &[&Kind] =
    &[&common::ACCOUNT, &ACCOUNT_SETTINGS, &USER, &GROUP, &ROLE, &POLICY, &CREDENTIAL, &common::PRINCIPAL];

/// Runs the listing of every wanted kind over what was read, always in the same order.
pub(crate) async fn emit_all(out: &Collector, estate: &Estate) {
    account::emit(out, estate).await;
    account_settings::emit(out, estate).await;
    user::emit(out, estate).await;
    group::emit(out, estate).await;
    role::emit(out, estate).await;
    policy::emit(out, estate).await;
    credential::emit(out, estate).await;
    access_key::emit(out, estate).await;
    mfa_device::emit(out, estate).await;
    ssh_key::emit(out, estate).await;
    certificate::emit(out, estate).await;
    service_credential::emit(out, estate).await;
    provider::emit(out, estate).await;
    principal::emit(out, estate).await;
}

/// Emits the account's own record alone, for an account that has nothing else to read.
pub(crate) async fn emit_account(out: &Collector, estate: &Estate) {
    account::emit(out, estate).await;
}

/// Emits in the order of native ids, so that the same world gives the same records in the same order. Each record is
/// made when its turn comes: documents take much more room than what they are made of.
async fn emit_sorted<'a, T>(
    emit: &Emitter,
    entities: impl IntoIterator<Item = (&'a str, T)>,
    map: impl Fn(&'a str, T) -> Resource,
) -> Result<(), SourceError> {
    let mut entities: Vec<_> = entities.into_iter().collect();
    entities.sort_by_key(|(id, _)| *id);
    for (id, entity) in entities {
        emit.emit(map(id, entity)).await?;
    }
    Ok(())
}

/// Emits what was read of a kind whose records each come from one call; what was not read becomes gaps.
///
/// # Errors
/// The first problem, if nothing at all was read.
async fn emit_listing<T>(
    emit: &Emitter,
    kind: &'static Kind,
    listing: &Listing<T>,
    map: impl Fn(&T) -> Resource,
) -> Result<(), SourceError> {
    let mut resources: Vec<_> = listing.items.iter().map(map).collect();
    resources.sort_by(|a, b| a.native_id.cmp(&b.native_id));
    for resource in resources {
        emit.emit(resource).await?;
    }
    let mut problems = listing.problems.iter();
    if listing.items.is_empty()
        && let Some(first) = problems.next()
    {
        for problem in problems {
            emit.gap_from(kind, again(problem))?;
        }
        return Err(again(first));
    }
    for problem in problems {
        emit.gap_from(kind, again(problem))?;
    }
    Ok(())
}

/// The entity's unique id. Without one there is no record, which is a gap: a name is no id.
fn unique_id<'a>(
    emit: &Emitter,
    kind: &'static Kind,
    id: Option<&'a str>,
    arn: Option<&str>,
) -> Option<&'a str> {
    if id.is_none() {
        let which = arn.unwrap_or("one without an ARN");
        emit.gap(kind, Gap::new(GapReason::Malformed, format!("{which} has no unique id and was left out")));
    }
    id
}

/// Records that the credential report lacks users it should know: those that were there when it was made.
fn note_unreported(
    emit: &Emitter,
    kind: &'static Kind,
    details: &AccountDetails,
    report: Option<&CredentialReport>,
) {
    let Some(report) = report else { return };
    let unreported = details.users.iter().filter(|user| {
        let created_at = chrono(user.create_date);
        let name = user.user_name.as_deref().unwrap_or_default();
        let younger = created_at.zip(report.generated_at).is_some_and(|(user, report)| user >= report);
        !younger && report.user(name, created_at).is_none()
    });
    let names: Vec<_> = unreported.filter_map(|user| user.user_name.as_deref()).collect();
    if let Some((first, others)) = names.split_first() {
        let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
        let detail = format!("the credential report has no row for `{first}`{more}");
        emit.gap(kind, Gap::new(GapReason::Mismatch, detail).with_hint(
            "run again in four hours, when AWS makes a new report; offline, export the report after the details",
        ));
    }
}

/// Records where AWS's own counts differ from what was read, for a kind made of it.
fn note_differences(emit: &Emitter, kind: &'static Kind, estate: &Estate, keys: &[&str]) {
    for difference in estate.differences.iter().filter(|difference| keys.contains(&difference.key)) {
        emit.gap(kind, difference.gap());
    }
}

/// Tags as an object.
fn tags(tags: &[Tag]) -> Value {
    tags.iter().map(|tag| (tag.key.clone(), Value::from(tag.value.as_str()))).collect::<Map<_, _>>().into()
}

/// A set of strings as a sorted array.
fn sorted<'a>(items: impl IntoIterator<Item = &'a str>) -> Value {
    items.into_iter().collect::<BTreeSet<_>>().into_iter().map(Value::from).collect::<Vec<_>>().into()
}

/// Names of attached managed policies, and their ARNs.
fn attached(policies: &[AttachedPolicy]) -> (Value, Value) {
    let names = policies.iter().filter_map(|policy| {
        policy
            .policy_name
            .as_deref()
            .or_else(|| policy.policy_arn.as_deref().map(auditor_aws_common::name_of))
    });
    (sorted(names), sorted(policies.iter().filter_map(|policy| policy.policy_arn.as_deref())))
}

/// Names of inline policies, and the policies themselves by name.
fn inline(policies: &[InlinePolicy]) -> (Value, Value) {
    let name = |policy: &InlinePolicy| policy.policy_name.clone().unwrap_or_default();
    let mut ordered: Vec<_> = policies.iter().collect();
    ordered.sort_by_key(|policy| name(policy));
    let documents: Vec<Value> = ordered
        .into_iter()
        .map(|policy| {
            let mut map = PolicyDocument::decode(policy.policy_document.as_ref()).into_map();
            map.insert("name".to_owned(), name(policy).into());
            map.into()
        })
        .collect();
    (sorted(policies.iter().filter_map(|policy| policy.policy_name.as_deref())), documents.into())
}
