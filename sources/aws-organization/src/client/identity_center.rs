//! Lists of Identity Center: instances, permission sets, assignments.

use auditor_aws_common::{Input, code_of, for_each};
use auditor_core::error::SourceError;
use aws_sdk_ssoadmin::types::{
    AccountAssignment, AttachedManagedPolicy, CustomerManagedPolicyReference, InstanceMetadata,
    PermissionSet, PermissionsBoundary,
};

use super::{Api, Clients, explain, is_absent, pages::read_pages};
use crate::estate::PermissionSetRead;

/// What AWS gives at most on one page.
const PAGE: i32 = 100;

pub(super) async fn instances(api: &Api) -> Result<Vec<InstanceMetadata>, SourceError> {
    Ok(read_pages!(
        api,
        "sso:ListInstances",
        |clients, token| clients.sso.list_instances().max_results(PAGE).set_next_token(token),
        |page| page.instances.into_iter().flatten()
    ))
}

/// What of a permission set is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) policies: bool,
    pub(super) assignments: bool,
}

/// The permission sets of an instance. An instance that is known to be a member account's own has none, and AWS
/// refuses to say so.
pub(super) async fn permission_sets(
    api: &Api,
    instance: &str,
    is_members_own: bool,
    wanted: Wanted,
) -> Result<Vec<PermissionSetRead>, SourceError> {
    let arns = match permission_set_arns(api, instance).await {
        Err(error) if is_members_own && code_of(&error) == Some("ValidationException") => Vec::new(),
        result => result?,
    };
    let described = for_each(&arns, |arn| describe(api, instance, arn.clone())).await;
    let mut read: Vec<_> = arns
        .iter()
        .zip(described)
        .map(|(arn, description)| PermissionSetRead {
            arn: arn.clone(),
            description,
            managed_policies: Input::default(),
            customer_managed_policies: Input::default(),
            inline_policy: Input::default(),
            permissions_boundary: Input::default(),
            assignments: Input::default(),
        })
        .collect();
    if wanted.policies {
        let managed = for_each(&arns, |arn| managed_policies(api, instance, arn.clone())).await;
        let customer = for_each(&arns, |arn| customer_managed_policies(api, instance, arn.clone())).await;
        let inline = for_each(&arns, |arn| inline_policy(api, instance, arn.clone())).await;
        let boundaries = for_each(&arns, |arn| boundary(api, instance, arn.clone())).await;
        let policies = managed.into_iter().zip(customer).zip(inline).zip(boundaries);
        for (set, (((managed, customer), inline), boundary)) in read.iter_mut().zip(policies) {
            set.managed_policies = managed;
            set.customer_managed_policies = customer;
            set.inline_policy = inline;
            set.permissions_boundary = boundary;
        }
    }
    if wanted.assignments {
        let assignments = for_each(&arns, |arn| assignments(api, instance, arn.clone())).await;
        for (set, assignments) in read.iter_mut().zip(assignments) {
            set.assignments = assignments;
        }
    }
    Ok(read)
}

async fn permission_set_arns(api: &Api, instance: &str) -> Result<Vec<String>, SourceError> {
    let mut arns: Vec<String> = read_pages!(
        api,
        "sso:ListPermissionSets",
        |clients, token| clients
            .sso
            .list_permission_sets()
            .instance_arn(instance)
            .max_results(PAGE)
            .set_next_token(token),
        |page| page.permission_sets.into_iter().flatten()
    );
    arns.sort_unstable();
    arns.dedup();
    Ok(arns)
}

async fn describe(api: &Api, instance: &str, arn: String) -> Result<PermissionSet, SourceError> {
    const ACTION: &str = "sso:DescribePermissionSet";
    let send = |clients: &Clients| {
        let request = clients.sso.describe_permission_set().instance_arn(instance);
        request.permission_set_arn(&arn).send()
    };
    let answer = api.call(ACTION, send).await.map_err(explain)?;
    answer.permission_set.ok_or_else(|| SourceError::malformed(ACTION, "the answer holds no permission set"))
}

async fn managed_policies(
    api: &Api,
    instance: &str,
    arn: String,
) -> Result<Vec<AttachedManagedPolicy>, SourceError> {
    Ok(read_pages!(
        api,
        "sso:ListManagedPoliciesInPermissionSet",
        |clients, token| clients
            .sso
            .list_managed_policies_in_permission_set()
            .instance_arn(instance)
            .permission_set_arn(&arn)
            .max_results(PAGE)
            .set_next_token(token),
        |page| page.attached_managed_policies.into_iter().flatten()
    ))
}

async fn customer_managed_policies(
    api: &Api,
    instance: &str,
    arn: String,
) -> Result<Vec<CustomerManagedPolicyReference>, SourceError> {
    Ok(read_pages!(
        api,
        "sso:ListCustomerManagedPolicyReferencesInPermissionSet",
        |clients, token| clients
            .sso
            .list_customer_managed_policy_references_in_permission_set()
            .instance_arn(instance)
            .permission_set_arn(&arn)
            .max_results(PAGE)
            .set_next_token(token),
        |page| page.customer_managed_policy_references.into_iter().flatten()
    ))
}

async fn inline_policy(api: &Api, instance: &str, arn: String) -> Result<String, SourceError> {
    let send = |clients: &Clients| {
        let request = clients.sso.get_inline_policy_for_permission_set().instance_arn(instance);
        request.permission_set_arn(&arn).send()
    };
    let answer = api.call("sso:GetInlinePolicyForPermissionSet", send).await.map_err(explain)?;
    Ok(answer.inline_policy.unwrap_or_default())
}

async fn boundary(
    api: &Api,
    instance: &str,
    arn: String,
) -> Result<Option<PermissionsBoundary>, SourceError> {
    let send = |clients: &Clients| {
        let request = clients.sso.get_permissions_boundary_for_permission_set().instance_arn(instance);
        request.permission_set_arn(&arn).send()
    };
    match api.call("sso:GetPermissionsBoundaryForPermissionSet", send).await {
        Ok(answer) => Ok(answer.permissions_boundary),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(explain(error)),
    }
}

/// Who has a permission set in which account: an assignment always provisions the set to its account.
async fn assignments(
    api: &Api,
    instance: &str,
    arn: String,
) -> Result<Vec<(String, Input<Vec<AccountAssignment>>)>, SourceError> {
    let mut accounts: Vec<String> = read_pages!(
        api,
        "sso:ListAccountsForProvisionedPermissionSet",
        |clients, token| clients
            .sso
            .list_accounts_for_provisioned_permission_set()
            .instance_arn(instance)
            .permission_set_arn(&arn)
            .max_results(PAGE)
            .set_next_token(token),
        |page| page.account_ids.into_iter().flatten()
    );
    accounts.sort_unstable();
    accounts.dedup();
    let assigned =
        for_each(&accounts, |account| account_assignments(api, instance, arn.clone(), account.clone())).await;
    Ok(accounts.into_iter().zip(assigned).collect())
}

async fn account_assignments(
    api: &Api,
    instance: &str,
    arn: String,
    account: String,
) -> Result<Vec<AccountAssignment>, SourceError> {
    Ok(read_pages!(
        api,
        "sso:ListAccountAssignments",
        |clients, token| clients
            .sso
            .list_account_assignments()
            .instance_arn(instance)
            .permission_set_arn(&arn)
            .account_id(&account)
            .max_results(PAGE)
            .set_next_token(token),
        |page| page.account_assignments.into_iter().flatten()
    ))
}
