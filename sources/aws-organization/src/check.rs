//! `auditor check`: one cheap call per permission of the parts that are switched on.

use std::{error::Error, future::Future};

use auditor_aws_common::{check_item as item, code_of};
use auditor_core::{error::SourceError, model::Kind, sink::CheckItem};
use aws_sdk_account::types::AlternateContactType;
use aws_sdk_costexplorer::types::{DateInterval, Granularity};
use aws_sdk_organizations::types::PolicyType;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use chrono::{Datelike as _, Months, Utc};

use crate::{
    client::{Api, Clients, explain},
    config::AwsOrganizationConfig,
    kinds,
};

/// A policy that AWS keeps in every organization that has all features.
const POLICY: &str = "p-FullAWSAccess";
/// Things that do not exist: AWS looks at permissions first, so that not finding them means permitted.
const NO_ROOT: &str = "r-0000";
const NO_GROUP: &str = "00000000-0000-0000-0000-000000000000";
const NO_STORE: &str = "d-0000000000";
const NO_INSTANCE: &str = "arn:aws:sso:::instance/ssoins-0000000000000000";
const NO_PERMISSION_SET: &str = "arn:aws:sso:::permissionSet/ssoins-0000000000000000/ps-0000000000000000";

/// Where and what a permission is tried on.
struct Probe<'a> {
    api: &'a Api,
    on: &'a str,
    /// Permissions that the kinds of the parts need.
    needed: Vec<&'static str>,
    items: Vec<CheckItem>,
}

/// Tries every permission that the parts need.
pub(crate) async fn permissions(
    api: &Api,
    config: &AwsOrganizationConfig,
    own_account: &str,
    on: &str,
) -> Vec<CheckItem> {
    let kinds = kinds::of(config);
    let mut needed: Vec<_> = kinds.iter().flat_map(|kind: &&Kind| kind.permissions).copied().collect();
    if !config.parts.tags {
        needed.retain(|permission| *permission != "organizations:ListTagsForResource");
    }
    if !config.parts.organizational_units {
        needed.retain(|permission| {
            !["organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent"]
                .contains(permission)
        });
    }
    let mut probe = Probe { api, on, needed, items: Vec::new() };
    organizations(&mut probe, own_account).await;
    contacts(&mut probe).await;
    identity_center(&mut probe).await;
    if config.parts.cost {
        cost(&mut probe).await;
    }
    probe.items
}

async fn organizations(probe: &mut Probe<'_>, own: &str) {
    probe
        .call("organizations:DescribeOrganization", |c| c.organizations.describe_organization().send())
        .await;
    probe.call("iam:ListOrganizationsFeatures", |c| c.iam.list_organizations_features().send()).await;
    probe.call("organizations:ListAccounts", |c| c.organizations.list_accounts().max_results(1).send()).await;
    probe.call("organizations:ListRoots", |c| c.organizations.list_roots().send()).await;
    probe
        .call("organizations:ListOrganizationalUnitsForParent", |c| {
            c.organizations.list_organizational_units_for_parent().parent_id(NO_ROOT).send()
        })
        .await;
    probe
        .call("organizations:ListAccountsForParent", |c| {
            c.organizations.list_accounts_for_parent().parent_id(NO_ROOT).send()
        })
        .await;
    probe
        .call("organizations:ListTagsForResource", |c| {
            c.organizations.list_tags_for_resource().resource_id(own).send()
        })
        .await;
    probe
        .call("organizations:ListPolicies", |c| {
            c.organizations.list_policies().filter(PolicyType::ServiceControlPolicy).max_results(1).send()
        })
        .await;
    probe
        .call("organizations:DescribePolicy", |c| c.organizations.describe_policy().policy_id(POLICY).send())
        .await;
    probe
        .call("organizations:ListTargetsForPolicy", |c| {
            c.organizations.list_targets_for_policy().policy_id(POLICY).max_results(1).send()
        })
        .await;
    probe
        .call("organizations:ListDelegatedAdministrators", |c| {
            c.organizations.list_delegated_administrators().max_results(1).send()
        })
        .await;
    probe
        .call("organizations:ListDelegatedServicesForAccount", |c| {
            c.organizations.list_delegated_services_for_account().account_id(own).send()
        })
        .await;
}

async fn contacts(probe: &mut Probe<'_>) {
    probe
        .call("account:GetAlternateContact", |c| {
            c.account.get_alternate_contact().alternate_contact_type(AlternateContactType::Security).send()
        })
        .await;
    probe.call("account:GetContactInformation", |c| c.account.get_contact_information().send()).await;
}

async fn identity_center(probe: &mut Probe<'_>) {
    let instances = probe.call("sso:ListInstances", |c| c.sso.list_instances().send()).await;
    let instance = instances.and_then(|answer| answer.instances?.into_iter().next());
    let arn = instance.as_ref().and_then(|instance| instance.instance_arn.as_deref()).unwrap_or(NO_INSTANCE);
    let store =
        instance.as_ref().and_then(|instance| instance.identity_store_id.as_deref()).unwrap_or(NO_STORE);
    let set = NO_PERMISSION_SET;
    let sets = probe
        .call("sso:ListPermissionSets", |c| {
            c.sso.list_permission_sets().instance_arn(arn).max_results(1).send()
        })
        .await;
    let first = sets.and_then(|answer| answer.permission_sets?.into_iter().next());
    let set = first.as_deref().unwrap_or(set);
    probe
        .call("sso:DescribePermissionSet", |c| {
            c.sso.describe_permission_set().instance_arn(arn).permission_set_arn(set).send()
        })
        .await;
    probe
        .call("sso:ListManagedPoliciesInPermissionSet", |c| {
            c.sso.list_managed_policies_in_permission_set().instance_arn(arn).permission_set_arn(set).send()
        })
        .await;
    probe
        .call("sso:ListCustomerManagedPolicyReferencesInPermissionSet", |c| {
            let request = c.sso.list_customer_managed_policy_references_in_permission_set();
            request.instance_arn(arn).permission_set_arn(set).send()
        })
        .await;
    probe
        .call("sso:GetInlinePolicyForPermissionSet", |c| {
            c.sso.get_inline_policy_for_permission_set().instance_arn(arn).permission_set_arn(set).send()
        })
        .await;
    probe
        .call("sso:GetPermissionsBoundaryForPermissionSet", |c| {
            c.sso
                .get_permissions_boundary_for_permission_set()
                .instance_arn(arn)
                .permission_set_arn(set)
                .send()
        })
        .await;
    probe
        .call("sso:ListAccountsForProvisionedPermissionSet", |c| {
            c.sso
                .list_accounts_for_provisioned_permission_set()
                .instance_arn(arn)
                .permission_set_arn(set)
                .send()
        })
        .await;
    probe
        .call("sso:ListAccountAssignments", |c| {
            let request = c.sso.list_account_assignments().instance_arn(arn).permission_set_arn(set);
            request.account_id("000000000000").send()
        })
        .await;
    probe
        .call("identitystore:ListUsers", |c| {
            c.identity_store.list_users().identity_store_id(store).max_results(1).send()
        })
        .await;
    probe
        .call("identitystore:ListGroups", |c| {
            c.identity_store.list_groups().identity_store_id(store).max_results(1).send()
        })
        .await;
    probe
        .call("identitystore:ListGroupMemberships", |c| {
            c.identity_store.list_group_memberships().identity_store_id(store).group_id(NO_GROUP).send()
        })
        .await;
}

/// One call that is charged for: only where cost is switched on.
async fn cost(probe: &mut Probe<'_>) {
    probe.needed.push("ce:GetCostAndUsage");
    let today = Utc::now().date_naive();
    let end = today.with_day(1).unwrap_or(today);
    let start = end.checked_sub_months(Months::new(1)).unwrap_or(end);
    probe
        .call("ce:GetCostAndUsage", |c| {
            let period = DateInterval::builder().start(start.to_string()).end(end.to_string()).build();
            let request = c.cost_explorer.get_cost_and_usage().granularity(Granularity::Monthly);
            request.metrics("UnblendedCost").set_time_period(period.ok()).send()
        })
        .await;
}

impl Probe<'_> {
    /// Makes a call if its permission is needed, and keeps how that went.
    async fn call<T, E, F, Fut>(&mut self, action: &'static str, send: F) -> Option<T>
    where
        F: Fn(&Clients) -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        if !self.needed.contains(&action) {
            return None;
        }
        let result = match self.api.call(action, send).await {
            Err(error) if is_permitted(&error) => Ok(None),
            result => result.map(Some).map_err(explain),
        };
        let (answer, result) = match result {
            Ok(answer) => (answer, Ok(())),
            Err(error) => (None, Err(error)),
        };
        self.items.push(item(action, self.on, result));
        answer
    }
}

/// Whether AWS got as far as looking for what was asked for.
fn is_permitted(error: &SourceError) -> bool {
    let code = code_of(error).unwrap_or_default();
    code.ends_with("NotFoundException")
        || [
            "AccountNotRegisteredException",
            "ServiceAccessNotEnabledException",
            "InvalidInputException",
            "ValidationException",
        ]
        .contains(&code)
}
