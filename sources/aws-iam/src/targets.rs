//! What a target's settings hold.

use std::path::PathBuf;

use auditor_aws_common::{Access as AccountAccess, PlannedAccount};
use auditor_core::{error::SourceError, source::Target};
use serde::{Deserialize, Serialize};

use crate::{config::AwsIamConfig, estate::AccountProfile};

/// How to reach the account. No secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TargetSettings {
    pub(crate) access: Access,
    pub(crate) partition: String,
    /// State in AWS Organizations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    /// Address of the root user, from AWS Organizations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
}

/// Where an account is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Access {
    /// In AWS.
    Live(AccountAccess),
    /// In files.
    Files {
        files: Vec<PathBuf>,
        /// Whether the files hold other accounts, too.
        shared: bool,
    },
}

/// The target of an account that is read in AWS.
pub(crate) fn live(config: &AwsIamConfig, account: PlannedAccount) -> Target {
    let settings = TargetSettings {
        access: Access::Live(account.access),
        partition: config.partition.as_str().to_owned(),
        status: account.status,
        email: account.email,
    };
    Target {
        id: account.id.as_str().to_owned(),
        account: account.id,
        name: account.name,
        settings: settings.into_json(),
    }
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

    pub(crate) fn into_json(self) -> serde_json::Value {
        serde_json::to_value(self).expect("strings and lists of strings are JSON")
    }

    /// What is known of the account before it is read.
    pub(crate) fn profile(&self, target: &Target) -> AccountProfile {
        AccountProfile {
            account: target.account.clone(),
            name: target.name.clone(),
            partition: self.partition.clone(),
            status: self.status.clone(),
            email: self.email.clone(),
        }
    }
}
