//! Targets: each account in each region.

use auditor_aws_common::{Access, PlannedAccount};
use auditor_core::{error::SourceError, source::Target};
use serde::{Deserialize, Serialize};

/// What a target's settings hold. No secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TargetSettings {
    pub(crate) region: String,
    pub(crate) access: Access,
    /// State of the account in AWS Organizations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
}

impl TargetSettings {
    /// A target's settings.
    ///
    /// # Errors
    /// [`Bug`](SourceError::Bug): only this source writes them.
    pub(crate) fn of(target: &Target) -> Result<Self, SourceError> {
        serde_json::from_value(target.settings.clone()).map_err(|error| {
            SourceError::Bug(format!("target `{}` has settings of another source: {error}", target.id))
        })
    }
}

/// An account's targets, one for each region.
pub(crate) fn of_account(account: &PlannedAccount, regions: &[String]) -> Vec<Target> {
    let target = |region: &String| {
        let settings = TargetSettings {
            region: region.clone(),
            access: account.access.clone(),
            status: account.status.clone(),
        };
        Target {
            id: format!("{}/{region}", account.id),
            account: account.id.clone(),
            name: format!("{}/{region}", account.name),
            settings: serde_json::to_value(settings).expect("strings are JSON"),
        }
    };
    regions.iter().map(target).collect()
}
