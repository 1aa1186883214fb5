//! Settings of an `aws-eks` source.

mod validate;

use std::num::NonZeroU32;

use auditor_aws_common::{AccountList, Accounts, HubSettings, ListedAccount, Partition, SessionSettings};
use auditor_core::config::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::client::SESSION_POLICY;

/// Settings of one `aws-eks` source.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AwsEksConfig {
    /// Regions in which clusters are looked for, in every account. Clusters in other regions are not seen.
    pub regions: Vec<String>,
    /// Where the accounts to audit are listed. Default: `listed` if there are `account` tables, else `database`.
    pub accounts: Option<Accounts>,
    /// The accounts to audit, for `accounts = "listed"`.
    pub account: Vec<ListedAccount>,
    /// Role to assume in every account that names none itself, with its path: `security/auditor`. Needed for
    /// `accounts = "organizations"`.
    pub role_name: Option<String>,
    /// External id for every account that has none of its own.
    pub external_id: Option<Secret>,
    /// Whether to audit the account of the program's own credentials too, with those credentials. An account that is
    /// listed with a role is audited through that role instead.
    pub include_own_account: bool,
    /// AWS partition. Rows of the account table whose role lies in another partition are left to a source of that
    /// partition.
    pub partition: Partition,
    /// Region whose STS endpoint is used. Default: the partition's first one (`us-east-1`, `us-gov-west-1`,
    /// `cn-north-1`).
    pub region: Option<String>,
    /// Profile of the shared AWS configuration files that the program's own credentials come from. Default: the
    /// SDK's usual chain (environment, profile, web identity, container, instance).
    pub profile: Option<String>,
    /// Endpoint for every service, for emulators and gateways.
    pub endpoint_url: Option<String>,
    /// Endpoint for EKS alone, whichever the region.
    pub eks_endpoint_url: Option<String>,
    /// Endpoint for STS alone.
    pub sts_endpoint_url: Option<String>,
    /// Endpoint for Organizations alone.
    pub organizations_endpoint_url: Option<String>,
    /// How long assumed sessions last, in seconds. AWS allows at most 3600 when the program's own credentials are
    /// those of a role.
    #[schemars(range(min = 900, max = 43200))]
    pub session_duration_secs: u32,
    /// Sessions are named this, followed by the run's id.
    pub session_name_prefix: String,
    /// Source identity of assumed sessions. The roles' trust policies must allow `sts:SetSourceIdentity`.
    pub source_identity: Option<String>,
    /// Whether assumed sessions are limited to reading, whatever the role may do.
    pub session_policy: bool,
    /// `AssumeRole` calls per second, over all accounts and regions.
    #[schemars(range(min = 0.1, max = 1000.0))]
    pub sts_requests_per_second: f64,
    /// Attempts for one `AssumeRole` call, the first included, while its error is a passing one.
    #[schemars(range(min = 1, max = 100))]
    pub sts_attempts: NonZeroU32,
}

impl Default for AwsEksConfig {
    fn default() -> Self {
        Self {
            regions: Vec::new(),
            accounts: None,
            account: Vec::new(),
            role_name: None,
            external_id: None,
            include_own_account: false,
            partition: Partition::default(),
            region: None,
            profile: None,
            endpoint_url: None,
            eks_endpoint_url: None,
            sts_endpoint_url: None,
            organizations_endpoint_url: None,
            session_duration_secs: 3600,
            session_name_prefix: "auditor-".to_owned(),
            source_identity: None,
            session_policy: true,
            sts_requests_per_second: 10.0,
            sts_attempts: const { NonZeroU32::new(10).unwrap() },
        }
    }
}

impl AwsEksConfig {
    /// Which accounts are audited.
    pub(crate) fn account_list(&self) -> AccountList<'_> {
        AccountList {
            accounts: self.accounts,
            account: &self.account,
            role_name: self.role_name.as_deref(),
            external_id: self.external_id.as_ref(),
            include_own_account: self.include_own_account,
            partition: self.partition,
            organizations_endpoint_url: self.organizations_endpoint_url.as_deref(),
        }
    }

    /// What sessions are like.
    pub(crate) fn session(&self) -> SessionSettings<'_> {
        SessionSettings {
            session_name_prefix: &self.session_name_prefix,
            source_identity: self.source_identity.as_deref(),
            session_duration_secs: self.session_duration_secs,
            session_policy: self.session_policy.then_some(SESSION_POLICY),
        }
    }

    /// How AWS is reached.
    pub(crate) fn hub(&self) -> HubSettings {
        HubSettings {
            region: self.region.as_deref().unwrap_or(self.partition.first_region()).to_owned(),
            profile: self.profile.clone(),
            endpoint_url: self.endpoint_url.clone(),
            sts_endpoint_url: self.sts_endpoint_url.clone(),
            sts_requests_per_second: self.sts_requests_per_second,
            sts_attempts: self.sts_attempts.get(),
        }
    }
}
