//! The kinds, each with the mapping from CloudHealth's replies to records.

mod account;
mod aws_account;
mod cost;
mod customer;
mod iam_user;
mod organization;
mod perspective;
mod policy;
mod sso;

use auditor_core::{
    error::SourceError,
    model::{AccountId, Kind, Resource, common},
    outcome::{Gap, GapReason},
    source::{Collector, Emitter},
};

use crate::{
    accounts::Accounts,
    client::{Listing, Reader},
    config::CloudHealthConfig,
    item::Item,
    target::TargetSettings,
};

/// Every kind of this source.
pub(crate) static ALL: &[&Kind] = &[
    &common::ACCOUNT,
    &common::TOOL_COVERAGE,
    &aws_account::AWS_ACCOUNT,
    &common::ACCOUNT_COST,
    &cost::ACCOUNT_COST_MONTH,
    &perspective::PERSPECTIVE,
    &iam_user::IAM_USER,
    &organization::ORGANIZATION,
    &policy::POLICY,
    &sso::SSO_CONFIGURATION,
    &customer::CUSTOMER,
    &customer::ACCOUNT_ASSIGNMENT,
];

/// The kinds that only partners have.
pub(crate) static PARTNER: &[&Kind] = &[&customer::CUSTOMER, &customer::ACCOUNT_ASSIGNMENT];

/// The kinds that need the tenant's AWS accounts.
static JOINED: &[&Kind] = &[
    &common::ACCOUNT,
    &common::TOOL_COVERAGE,
    &aws_account::AWS_ACCOUNT,
    &common::ACCOUNT_COST,
    &cost::ACCOUNT_COST_MONTH,
    &iam_user::IAM_USER,
];

/// What the listings of one target share.
pub(crate) struct Work<'a> {
    pub(crate) config: &'a CloudHealthConfig,
    pub(crate) reader: Reader<'a>,
    /// The target's own account: `cloudhealth:…`, for what belongs to no AWS account.
    pub(crate) account: &'a AccountId,
    pub(crate) settings: &'a TargetSettings,
}

/// Runs the listing of every wanted kind, always in the same order.
///
/// # Errors
/// [`Cancelled`](SourceError::Cancelled).
pub(crate) async fn emit_all(out: &Collector, work: &Work<'_>) -> Result<(), SourceError> {
    if JOINED.iter().any(|kind| out.wants(kind)) {
        let accounts = Accounts::read(&work.reader).await;
        if matches!(accounts.as_ref().map_err(SourceError::root), Err(SourceError::Cancelled)) {
            return Err(SourceError::Cancelled);
        }
        account::emit(out, work, &accounts).await;
        cost::emit(out, work, &accounts).await;
        iam_user::emit(out, work, &accounts).await;
    }
    perspective::emit(out, work).await;
    organization::emit(out, work).await;
    policy::emit(out, work).await;
    sso::emit(out, work).await;
    customer::emit(out, work).await;
    Ok(())
}

/// Emits what was read of a list, in the order of ids; what was not read becomes a gap. `map` gets each item with its
/// id.
async fn emit_listing(
    emit: &Emitter,
    kind: &'static Kind,
    listing: Listing,
    map: impl Fn(&str, Item<'_>) -> Resource,
) -> Result<(), SourceError> {
    let mut without_id = 0;
    let mut resources = Vec::with_capacity(listing.items.len());
    for item in &listing.items {
        match Item(item).text("id") {
            Some(id) => resources.push(map(&id, Item(item))),
            None => without_id += 1,
        }
    }
    resources.sort_by(|a, b| a.native_id.cmp(&b.native_id));
    for resource in resources {
        emit.emit(resource).await?;
    }
    note_without_id(emit, kind, without_id);
    match listing.problem {
        Some(problem) => emit.gap_from(kind, problem),
        None => Ok(()),
    }
}

/// Without an id there is no record: a name is no id.
fn note_without_id(emit: &Emitter, kind: &'static Kind, items: usize) {
    if items > 0 {
        let detail = format!("CloudHealth gave {items} without an id, which were left out");
        emit.gap(kind, Gap::new(GapReason::Malformed, detail));
    }
}
