//! `aws_organization`.

use auditor_core::{
    error::SourceError,
    model::{Column, Kind, Resource},
    outcome::Gap,
    source::{Collector, Emitter},
};
use serde_json::json;

use super::{Work, account_id};
use auditor_aws_common::Input;

pub(crate) static ORGANIZATION: Kind = Kind::new("aws_organization", "An AWS organization")
    .native_id("The organization's id (`o-…`)")
    .columns(&[
        Column::text(
            "feature_set",
            "/feature_set",
            "`ALL`, or `CONSOLIDATED_BILLING`, under which no policy is in force (`DescribeOrganization`, `FeatureSet`)",
        ),
        Column::text(
            "management_account_id",
            "/management_account_id",
            "The management account (`DescribeOrganization`, `MasterAccountId`)",
        ),
        Column::text(
            "management_account_email",
            "/management_account_email",
            "Address of its root user (`DescribeOrganization`, `MasterAccountEmail`)",
        ),
        Column::json(
            "root_features",
            "/root_features",
            "Central root access: `RootCredentialsManagement` (member accounts' root users can be kept without credentials), \
             `RootSessions` (their privileged tasks are done from the centre), sorted; empty: neither \
             (`ListOrganizationsFeatures`). Null: not known",
        ),
        Column::text("arn", "/arn", "ARN (`DescribeOrganization`, `Arn`)"),
    ])
    .permissions(&["iam:ListOrganizationsFeatures", "organizations:DescribeOrganization"]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&ORGANIZATION], |emit| async move {
        let Some(organization) = work.estate.organization.required(&emit, &ORGANIZATION)? else { return Ok(()) };
        let root_features = root_features(&emit, work)?;
        let id = organization.id.as_deref().ok_or_else(|| {
            SourceError::malformed("organizations:DescribeOrganization", "the organization has no id")
        })?;
        let account = organization.master_account_id.as_deref().and_then(account_id);
        let document = json!({
            "arn": organization.arn,
            "feature_set": organization.feature_set.as_ref().map(aws_sdk_organizations::types::OrganizationFeatureSet::as_str),
            "root_features": root_features,
            "management_account_id": organization.master_account_id,
            "management_account_arn": organization.master_account_arn,
            "management_account_email": organization.master_account_email,
        });
        let account = account.unwrap_or_else(|| work.account.clone());
        emit.emit(Resource::new(&ORGANIZATION, account, id, document).named(id)).await
    })
    .await;
}

/// What IAM says of central root access. Where it rejects the question, as in partitions that do not know it, the
/// organization is recorded all the same.
fn root_features<'a>(emit: &Emitter, work: &'a Work<'_>) -> Result<Option<&'a Vec<String>>, SourceError> {
    match &work.estate.root_features {
        Input::Failed(error) if matches!(error.root(), SourceError::Rejected { .. }) => {
            emit.gap(&ORGANIZATION, Gap::from(error));
            Ok(None)
        }
        features => features.optional(emit, &ORGANIZATION),
    }
}
