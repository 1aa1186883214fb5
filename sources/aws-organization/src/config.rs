//! Settings of an `aws-organization` source.

mod validate;

use std::num::NonZeroU32;

use auditor_aws_common::{HubSettings, Partition};
use auditor_core::config::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

/// Settings of one `aws-organization` source.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AwsOrganizationConfig {
    /// Role to assume in the organization's management account or in that of a delegated administrator. Without it the
    /// program's own credentials are used, and belong to one of these accounts.
    pub role_arn: Option<String>,
    /// External id that the role's trust policy asks for.
    pub external_id: Option<Secret>,
    /// What to read.
    pub parts: Parts,
    /// Tags of accounts that say who answers for them.
    pub tags: TagNames,
    /// AWS partition.
    pub partition: Partition,
    /// Region whose STS endpoint is used. Default: the partition's first one (`us-east-1`, `us-gov-west-1`,
    /// `cn-north-1`).
    pub region: Option<String>,
    /// Region that Identity Center was set up in. Default: `region`. Elsewhere there seems to be no Identity Center.
    pub identity_center_region: Option<String>,
    /// Profile of the shared AWS configuration files that the program's own credentials come from. Default: the
    /// SDK's usual chain (environment, profile, web identity, container, instance).
    pub profile: Option<String>,
    /// Endpoint for every service, for emulators and gateways.
    pub endpoint_url: Option<String>,
    /// Endpoint for STS alone.
    pub sts_endpoint_url: Option<String>,
    /// Endpoint for Organizations alone.
    pub organizations_endpoint_url: Option<String>,
    /// Endpoint for IAM alone, which is asked for the organization's central root access.
    pub iam_endpoint_url: Option<String>,
    /// Endpoint for Account Management alone.
    pub account_endpoint_url: Option<String>,
    /// Endpoint for Identity Center (`sso`) alone.
    pub sso_endpoint_url: Option<String>,
    /// Endpoint for the identity store alone.
    pub identity_store_endpoint_url: Option<String>,
    /// Endpoint for Cost Explorer alone.
    pub cost_explorer_endpoint_url: Option<String>,
    /// How long the assumed session lasts, in seconds. AWS allows at most 3600 when the program's own credentials are
    /// those of a role. A session that ends is renewed.
    #[schemars(range(min = 900, max = 43200))]
    pub session_duration_secs: u32,
    /// Sessions are named this, followed by the run's id.
    pub session_name_prefix: String,
    /// Source identity of the assumed session. The role's trust policy must allow `sts:SetSourceIdentity`.
    pub source_identity: Option<String>,
    /// Whether the assumed session is limited to reading, whatever the role may do.
    pub session_policy: bool,
    /// `AssumeRole` calls per second.
    #[schemars(range(min = 0.1, max = 1000.0))]
    pub sts_requests_per_second: f64,
    /// Attempts for one `AssumeRole` call, the first included, while its error is a passing one.
    #[schemars(range(min = 1, max = 100))]
    pub sts_attempts: NonZeroU32,
    /// How many months of cost are recorded, the running one included. Cost Explorer keeps 14, and more only where
    /// that was switched on.
    #[schemars(range(min = 1, max = 38))]
    pub cost_months: u8,
    /// What is counted as cost, in Cost Explorer's word.
    pub cost_metric: CostMetric,
}

/// What to read. Each part stands alone: one that is denied or fails is a gap and keeps no other from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Parts {
    /// The organization and its accounts (`aws_organization`, `aws_organization_account`, `account`).
    pub accounts: bool,
    /// Roots and organizational units, and so where each account lies (`aws_organizational_unit`).
    pub organizational_units: bool,
    /// Tags of the accounts, and so who answers for them: one call for each account.
    pub tags: bool,
    /// Primary and alternate contacts of the accounts (`aws_account_contact`): four calls for each account. Default:
    /// yes, except in GovCloud, which has no Account Management.
    pub contacts: Option<bool>,
    /// Service control policies, resource control policies and those of every other type that is enabled
    /// (`aws_organization_policy`).
    pub policies: bool,
    /// Accounts that administer a service for the organization (`aws_delegated_administrator`).
    pub delegated_administrators: bool,
    /// Identity Center: instances, permission sets and who has which in which account (`aws_sso_instance`,
    /// `aws_sso_permission_set`, `aws_sso_assignment`).
    pub identity_center: bool,
    /// Users and groups of Identity Center (`aws_identity_store_user`, `aws_identity_store_group`, `principal`).
    pub identity_store: bool,
    /// Monthly cost of each account by Cost Explorer (`account_cost`), which charges for every call: one or a few in
    /// each run, from the payer's account.
    pub cost: bool,
}

/// Keys of the tags that say who answers for an account, in any capitals, with or without `-`, `_` and blanks.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TagNames {
    /// Tag that holds the owner. Default: `owner`, where there is one.
    pub owner: Option<String>,
    /// Tag that holds the business unit. Default: `business-unit`, where there is one.
    pub business_unit: Option<String>,
    /// Tag that holds the team that operates the account. Default: `support-team`, where there is one.
    pub support_team: Option<String>,
}

/// What is counted as cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
pub enum CostMetric {
    /// What was charged, upfront payments in the month they were made in.
    #[default]
    UnblendedCost,
    /// What was charged, with the average rate of the organization.
    BlendedCost,
    /// Upfront payments spread over the time they are for.
    AmortizedCost,
    /// As `AmortizedCost`, less discounts.
    NetAmortizedCost,
    /// As `UnblendedCost`, less discounts.
    NetUnblendedCost,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            accounts: true,
            organizational_units: true,
            tags: true,
            contacts: None,
            policies: true,
            delegated_administrators: true,
            identity_center: true,
            identity_store: true,
            cost: false,
        }
    }
}

impl Default for AwsOrganizationConfig {
    fn default() -> Self {
        Self {
            role_arn: None,
            external_id: None,
            parts: Parts::default(),
            tags: TagNames::default(),
            partition: Partition::default(),
            region: None,
            identity_center_region: None,
            profile: None,
            endpoint_url: None,
            sts_endpoint_url: None,
            organizations_endpoint_url: None,
            iam_endpoint_url: None,
            account_endpoint_url: None,
            sso_endpoint_url: None,
            identity_store_endpoint_url: None,
            cost_explorer_endpoint_url: None,
            session_duration_secs: 3600,
            session_name_prefix: "auditor-".to_owned(),
            source_identity: None,
            session_policy: true,
            sts_requests_per_second: 10.0,
            sts_attempts: const { NonZeroU32::new(10).unwrap() },
            cost_months: 13,
            cost_metric: CostMetric::default(),
        }
    }
}

impl CostMetric {
    /// As Cost Explorer writes it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UnblendedCost => "UnblendedCost",
            Self::BlendedCost => "BlendedCost",
            Self::AmortizedCost => "AmortizedCost",
            Self::NetAmortizedCost => "NetAmortizedCost",
            Self::NetUnblendedCost => "NetUnblendedCost",
        }
    }
}

impl AwsOrganizationConfig {
    /// The region, default applied.
    pub(crate) fn region(&self) -> &str {
        self.region.as_deref().unwrap_or(self.partition.first_region())
    }

    /// Whether contacts are read, default applied.
    pub(crate) fn contacts(&self) -> bool {
        self.parts.contacts.unwrap_or(self.partition != Partition::UsGov)
    }

    /// How AWS is reached.
    pub(crate) fn hub(&self) -> HubSettings {
        HubSettings {
            region: self.region().to_owned(),
            profile: self.profile.clone(),
            endpoint_url: self.endpoint_url.clone(),
            sts_endpoint_url: self.sts_endpoint_url.clone(),
            sts_requests_per_second: self.sts_requests_per_second,
            sts_attempts: self.sts_attempts.get(),
        }
    }
}
