//! Central root access, which IAM knows: whether root users of member accounts are kept without credentials, and whether
//! their privileged tasks are done from the centre.

use auditor_aws_common::code_of;
use auditor_core::error::SourceError;

use super::{Api, Clients, explain};

/// The features that are switched on, in order.
pub(super) async fn features(api: &Api) -> Result<Vec<String>, SourceError> {
    const ACTION: &str = "iam:ListOrganizationsFeatures";
    let send = |clients: &Clients| clients.iam.list_organizations_features().send();
    let error = match api.call(ACTION, send).await {
        Ok(answer) => {
            let features = answer.enabled_features.into_iter().flatten();
            let mut features: Vec<_> = features.map(|feature| feature.as_str().to_owned()).collect();
            features.sort();
            features.dedup();
            return Ok(features);
        }
        Err(error) => error,
    };
    match code_of(&error).unwrap_or_default().trim_end_matches("Exception") {
        // Without trusted access of IAM, or all features of the organization, none can be on.
        "ServiceAccessNotEnabled" | "OrganizationNotInAllFeaturesMode" => Ok(Vec::new()),
        // Other delegated administrators than IAM's are asked in vain, night after night: as if it were denied.
        "AccountNotManagementOrDelegatedAdministrator" => Err(SourceError::denied(
            ACTION,
            "the session's account is neither the management account nor a delegated administrator of IAM",
        )
        .with_hint(
            "read the organization from its management account, or register the account for `iam.amazonaws.com`",
        )),
        _ => Err(explain(error)),
    }
}
