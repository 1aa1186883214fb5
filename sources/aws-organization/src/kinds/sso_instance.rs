//! `aws_sso_instance`.

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use aws_sdk_ssoadmin::types::InstanceMetadata;
use serde_json::json;

use super::{Work, account_id, emit_sorted, instances, named, note_without_id, time};

pub(crate) static SSO_INSTANCE: Kind = Kind::new(
    "aws_sso_instance",
    "An instance of IAM Identity Center: the organization's, or a member account's own",
)
.native_id("The instance's ARN, whose last part (`ssoins-…`) is never used again")
.columns(&[
    Column::text("status", "/status", "`ACTIVE`, `CREATE_IN_PROGRESS` … (`ListInstances`, `Status`)"),
    Column::text(
        "owner_account_id",
        "/owner_account_id",
        "The account it belongs to: the management account's is the organization's (`ListInstances`, `OwnerAccountId`)",
    ),
    Column::text(
        "identity_store_id",
        "/identity_store_id",
        "Id of the identity store that holds its users and groups (`ListInstances`, `IdentityStoreId`)",
    ),
    Column::text(
        "primary_region",
        "/primary_region",
        "Region it was set up in (`ListInstances`, `PrimaryRegion`). Null: AWS does not say",
    ),
    Column::timestamp("created_at", "/created_at", "When it was set up (`ListInstances`, `CreatedDate`)"),
])
.permissions(&["sso:ListInstances"]);

/// The account that an instance's records are filed under.
pub(super) fn owner(work: &Work<'_>, instance: &InstanceMetadata) -> AccountId {
    instance.owner_account_id.as_deref().and_then(account_id).unwrap_or_else(|| work.account.clone())
}

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&SSO_INSTANCE], |emit| async move {
        let all = instances(&emit, work, &SSO_INSTANCE)?;
        let resources: Vec<_> = all.iter().filter_map(|read| map(work, &read.instance)).collect();
        note_without_id(&emit, &SSO_INSTANCE, all.len() - resources.len());
        emit_sorted(&emit, resources).await.map(drop)
    })
    .await;
}

fn map(work: &Work<'_>, instance: &InstanceMetadata) -> Option<Resource> {
    let arn = instance.instance_arn.as_deref()?;
    let created_at = time(instance.created_date.as_ref());
    let document = json!({
        "status": instance.status.as_ref().map(aws_sdk_ssoadmin::types::InstanceStatus::as_str),
        "status_reason": instance.status_reason,
        "owner_account_id": instance.owner_account_id,
        "identity_store_id": instance.identity_store_id,
        "primary_region": instance.primary_region,
        "created_at": created_at,
    });
    let resource =
        Resource::new(&SSO_INSTANCE, owner(work, instance), arn, document).with_times(created_at, None);
    Some(named(resource, instance.name.as_deref()))
}
