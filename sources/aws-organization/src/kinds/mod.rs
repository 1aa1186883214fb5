//! The kinds, each with its pure mapping from what was read to records.

mod account;
mod assignment;
mod contact;
mod cost;
mod delegated_administrator;
mod identity;
mod organization;
mod permission_set;
mod policy;
mod principal;
mod sso_instance;
mod unit;

use auditor_aws_common::{Arn, Input, is_account_id};
use auditor_core::{
    error::SourceError,
    model::{AccountId, Kind, Resource, common},
    outcome::{Gap, GapReason},
    source::{Collector, Emitter},
};
use aws_smithy_types::DateTime;
use chrono::Utc;

pub(crate) use self::{
    account::{ORGANIZATION_ACCOUNT, is_active},
    assignment::ASSIGNMENT,
    contact::ACCOUNT_CONTACT,
    delegated_administrator::DELEGATED_ADMINISTRATOR,
    identity::{IDENTITY_STORE_GROUP, IDENTITY_STORE_USER},
    organization::ORGANIZATION,
    permission_set::PERMISSION_SET,
    policy::POLICY,
    sso_instance::SSO_INSTANCE,
    unit::ORGANIZATIONAL_UNIT,
};
use crate::{
    config::AwsOrganizationConfig,
    estate::{Estate, InstanceRead},
};

/// Every kind of this source.
pub(crate) static ALL: &[&Kind] = &[
    &common::ACCOUNT,
    &ORGANIZATION,
    &ORGANIZATIONAL_UNIT,
    &ORGANIZATION_ACCOUNT,
    &ACCOUNT_CONTACT,
    &POLICY,
    &DELEGATED_ADMINISTRATOR,
    &SSO_INSTANCE,
    &PERMISSION_SET,
    &ASSIGNMENT,
    &IDENTITY_STORE_USER,
    &IDENTITY_STORE_GROUP,
    &common::PRINCIPAL,
    &common::ACCOUNT_COST,
];

/// The kinds of the parts that are switched on.
pub(crate) fn of(config: &AwsOrganizationConfig) -> Vec<&'static Kind> {
    let parts = &config.parts;
    let is_on = |kind: &Kind| match kind.name {
        "account" | "aws_organization" | "aws_organization_account" => parts.accounts,
        "aws_organizational_unit" => parts.organizational_units,
        "aws_account_contact" => config.contacts(),
        "aws_organization_policy" => parts.policies,
        "aws_delegated_administrator" => parts.delegated_administrators,
        "aws_sso_instance" | "aws_sso_permission_set" | "aws_sso_assignment" => parts.identity_center,
        "aws_identity_store_user" | "aws_identity_store_group" | "principal" => parts.identity_store,
        "account_cost" => parts.cost,
        _ => false,
    };
    ALL.iter().copied().filter(|kind| is_on(kind)).collect()
}

/// What the mappings of one target share.
pub(crate) struct Work<'a> {
    pub(crate) config: &'a AwsOrganizationConfig,
    pub(crate) estate: &'a Estate,
    /// The account of the session: what belongs to the organization as a whole and does not say whose it is, is filed
    /// under it.
    pub(crate) account: &'a AccountId,
}

/// Runs the listing of every wanted kind over what was read, always in the same order.
pub(crate) async fn emit_all(out: &Collector, work: &Work<'_>) {
    account::emit_facts(out, work).await;
    organization::emit(out, work).await;
    unit::emit(out, work).await;
    account::emit(out, work).await;
    contact::emit(out, work).await;
    policy::emit(out, work).await;
    delegated_administrator::emit(out, work).await;
    sso_instance::emit(out, work).await;
    permission_set::emit(out, work).await;
    assignment::emit(out, work).await;
    identity::emit_users(out, work).await;
    identity::emit_groups(out, work).await;
    principal::emit(out, work).await;
    cost::emit(out, work).await;
}

/// Emits in the order of native ids, so that the same world gives the same records in the same order. Of two records
/// with one id, which lists that move while they are read can give, the first stays.
async fn emit_sorted(emit: &Emitter, mut resources: Vec<Resource>) -> Result<usize, SourceError> {
    resources.sort_by(|a, b| a.native_id.cmp(&b.native_id));
    resources.dedup_by(|later, earlier| later.native_id == earlier.native_id);
    let count = resources.len();
    for resource in resources {
        emit.emit(resource).await?;
    }
    Ok(count)
}

/// The instances of Identity Center, for a kind that comes from them. That there is none is a gap: it may be in
/// another region.
fn instances<'a>(
    emit: &Emitter,
    work: &'a Work<'_>,
    kind: &'static Kind,
) -> Result<&'a [InstanceRead], SourceError> {
    let instances = work.estate.instances.required(emit, kind)?.map_or(&[][..], Vec::as_slice);
    if instances.is_empty() && matches!(work.estate.instances, Input::Known(_)) {
        let region = work.config.identity_center_region.as_deref().unwrap_or(work.config.region());
        let gap = Gap::new(
            GapReason::NotProvided,
            format!("`sso:ListInstances` knows of no Identity Center in the region `{region}`"),
        );
        emit.gap(
            kind,
            gap.with_hint(
                "set `identity_center_region` to the region it was set up in, or switch `parts.identity_center` and \
                 `parts.identity_store` off",
            ),
        );
    }
    Ok(instances)
}

/// What has no id is no record, which is a gap: a name is no id.
fn note_without_id(emit: &Emitter, kind: &'static Kind, count: usize) {
    if count > 0 {
        let detail = format!("AWS listed {count} without an id, which were left out");
        emit.gap(kind, Gap::new(GapReason::Malformed, detail));
    }
}

/// A text that is there. The SDK gives an empty one where AWS left a field out that it promised.
fn text(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// A 12-digit account id as an account.
fn account_id(text: &str) -> Option<AccountId> {
    is_account_id(text).then(|| text.parse().ok()).flatten()
}

/// The account that an ARN names as its owner.
fn owner_of(arn: Option<&str>) -> Option<AccountId> {
    account_id(Arn::parse(arn?)?.account)
}

/// A time of the SDK's.
fn time(time: Option<&DateTime>) -> Option<chrono::DateTime<Utc>> {
    let time = time?;
    chrono::DateTime::from_timestamp(time.secs(), time.subsec_nanos())
}

/// With a name where there is one.
fn named(resource: Resource, name: Option<&str>) -> Resource {
    match name.and_then(text) {
        Some(name) => resource.named(name),
        None => resource,
    }
}
