//! The live API: the clients of a session, and the lists, each read to its end.
//!
//! Sessions, connections and error classes are those of `auditor_aws_common`.

mod contacts;
mod cost;
mod identity_center;
mod identity_store;
mod organizations;
mod pages;
mod read;
mod root_access;

use std::sync::Arc;

use auditor_aws_common::{Hub, Session, SessionRequest, code_of};
use auditor_core::{
    error::SourceError,
    source::{Caller, Context},
};
use aws_config::{Region, SdkConfig};

pub(crate) use self::read::read_organization;
use crate::config::AwsOrganizationConfig;

/// Passed with `AssumeRole`: even a role that may do anything becomes one that may read. Minified, since STS takes 2048
/// characters.
pub(crate) const SESSION_POLICY: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["organizations:Describe*","organizations:List*","#,
    r#""iam:ListOrganizationsFeatures","account:Get*","sso:Describe*","sso:Get*","sso:List*","identitystore:Describe*","identitystore:List*","#,
    r#""ce:GetCostAndUsage","sts:GetCallerIdentity"],"Resource":"*"}]}"#
);

/// The clients of one session.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) organizations: aws_sdk_organizations::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) account: aws_sdk_account::Client,
    pub(crate) sso: aws_sdk_ssoadmin::Client,
    pub(crate) identity_store: aws_sdk_identitystore::Client,
    pub(crate) cost_explorer: aws_sdk_costexplorer::Client,
}

/// The organization's services over one session.
pub(crate) type Api = Session<Clients>;

/// With the program's own credentials.
pub(crate) fn own(hub: Arc<Hub>, caller: Caller, config: &AwsOrganizationConfig) -> Api {
    let endpoints = Endpoints::of(config);
    Session::own(hub, caller, move |sdk| endpoints.connect(sdk))
}

/// Through a role.
///
/// # Errors
/// Why the session could not be opened.
pub(crate) async fn assume(
    hub: Arc<Hub>,
    context: &Context,
    request: SessionRequest,
    config: &AwsOrganizationConfig,
) -> Result<Api, SourceError> {
    let endpoints = Endpoints::of(config);
    Session::assume(hub, context.caller.clone(), request, move |sdk| endpoints.connect(sdk)).await
}

/// Where each service is found.
struct Endpoints {
    organizations: Option<String>,
    iam: Option<String>,
    account: Option<String>,
    sso: Option<String>,
    identity_store: Option<String>,
    cost_explorer: Option<String>,
    identity_center_region: Option<String>,
}

/// A client of a service, with its own endpoint and region where these are set.
macro_rules! client {
    ($service:ident, $sdk:expr, $endpoint:expr, $region:expr) => {{
        let mut builder = $service::config::Builder::from($sdk);
        if let Some(url) = &$endpoint {
            builder = builder.endpoint_url(url);
        }
        let region: Option<Region> = $region;
        if let Some(region) = region {
            builder = builder.region(region);
        }
        $service::Client::from_conf(builder.build())
    }};
}

impl Endpoints {
    fn of(config: &AwsOrganizationConfig) -> Self {
        Self {
            organizations: config.organizations_endpoint_url.clone(),
            iam: config.iam_endpoint_url.clone(),
            account: config.account_endpoint_url.clone(),
            sso: config.sso_endpoint_url.clone(),
            identity_store: config.identity_store_endpoint_url.clone(),
            cost_explorer: config.cost_explorer_endpoint_url.clone(),
            identity_center_region: config.identity_center_region.clone(),
        }
    }

    fn connect(&self, sdk: &SdkConfig) -> Clients {
        // The others have one endpoint in each partition, which the SDK knows.
        let regional = || self.identity_center_region.clone().map(Region::new);
        Clients {
            organizations: client!(aws_sdk_organizations, sdk, self.organizations, None),
            iam: client!(aws_sdk_iam, sdk, self.iam, None),
            account: client!(aws_sdk_account, sdk, self.account, None),
            sso: client!(aws_sdk_ssoadmin, sdk, self.sso, regional()),
            identity_store: client!(aws_sdk_identitystore, sdk, self.identity_store, regional()),
            cost_explorer: client!(aws_sdk_costexplorer, sdk, self.cost_explorer, None),
        }
    }
}

/// Whether AWS says that what was asked for does not exist.
pub(crate) fn is_absent(error: &SourceError) -> bool {
    code_of(error).is_some_and(|code| code.ends_with("NotFoundException"))
}

/// AWS's answer with advice where its own words do not say enough.
pub(crate) fn explain(error: SourceError) -> SourceError {
    let advice = match (&error, code_of(&error).unwrap_or_default()) {
        (SourceError::Denied { action, .. }, _) => format!(
            "grant `{action}` to the auditing identity, which must belong to the organization's management account or to \
             a delegated administrator"
        ),
        (_, "DataUnavailableException") => {
            "Cost Explorer has no data yet: it must be switched on in the payer's account, and then needs a day".to_owned()
        }
        (_, "BillExpirationException") => "lower `cost_months`: the data is no longer kept".to_owned(),
        _ => return error,
    };
    error.with_hint(advice)
}

#[cfg(test)]
mod tests {
    use auditor_aws_common::testkit::expect_session_policy;

    use super::*;
    use crate::kinds;

    #[test]
    fn the_session_policy_allows_every_declared_permission_and_reading_only() {
        expect_session_policy(SESSION_POLICY, kinds::ALL);
    }
}
