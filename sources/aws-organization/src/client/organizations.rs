//! Lists of AWS Organizations.

use std::collections::{BTreeMap, BTreeSet};

use auditor_aws_common::{Input, for_each};
use auditor_core::error::SourceError;
use aws_sdk_organizations::types::{
    Account, DelegatedAdministrator, DelegatedService, Organization, PolicySummary, PolicyTargetSummary,
    PolicyType, PolicyTypeStatus, Root,
};

use super::{Api, Clients, explain, pages::read_pages};
use crate::estate::{PolicyRead, Tree};

pub(super) async fn organization(api: &Api) -> Result<Organization, SourceError> {
    const ACTION: &str = "organizations:DescribeOrganization";
    let send = |clients: &Clients| clients.organizations.describe_organization().send();
    let answer = api.call(ACTION, send).await.map_err(explain)?;
    answer.organization.ok_or_else(|| SourceError::malformed(ACTION, "the answer holds no organization"))
}

/// Every account. An organization has one at least: an empty list is none.
pub(super) async fn accounts(api: &Api) -> Result<Vec<Account>, SourceError> {
    const ACTION: &str = "organizations:ListAccounts";
    let accounts = read_pages!(
        api,
        ACTION,
        |clients, token| clients.organizations.list_accounts().set_next_token(token),
        |page| page.accounts.into_iter().flatten()
    );
    if accounts.is_empty() {
        return Err(SourceError::malformed(
            ACTION,
            "the list holds no account, not even the management account",
        ));
    }
    Ok(accounts)
}

pub(super) async fn roots(api: &Api) -> Result<Vec<Root>, SourceError> {
    const ACTION: &str = "organizations:ListRoots";
    let roots = read_pages!(
        api,
        ACTION,
        |clients, token| clients.organizations.list_roots().set_next_token(token),
        |page| page.roots.into_iter().flatten()
    );
    if roots.is_empty() {
        return Err(SourceError::malformed(ACTION, "the list holds no root"));
    }
    Ok(roots)
}

/// Roots and organizational units, breadth first, and the parents of accounts that do not know theirs.
pub(super) async fn tree(api: &Api, roots: Vec<Root>, accounts: &[Account]) -> Result<Tree, SourceError> {
    let mut parents: Vec<String> = roots.iter().filter_map(|root| root.id.clone()).collect();
    let mut units = Vec::new();
    let mut next = 0;
    let mut seen: BTreeSet<String> = parents.iter().cloned().collect();
    while let Some(parent) = parents.get(next).cloned() {
        next += 1;
        let children = read_pages!(
            api,
            "organizations:ListOrganizationalUnitsForParent",
            |clients, token| clients
                .organizations
                .list_organizational_units_for_parent()
                .parent_id(&parent)
                .set_next_token(token),
            |page| page.organizational_units.into_iter().flatten()
        );
        for child in children {
            if let Some(id) = child.id.clone().filter(|id| seen.insert(id.clone())) {
                parents.push(id);
                units.push((parent.clone(), child));
            }
        }
    }
    let homeless = accounts.iter().any(|account| account.paths.as_ref().is_none_or(Vec::is_empty));
    let parents = if homeless { account_parents(api, &parents).await.into() } else { Input::default() };
    Ok(Tree { roots, units, parents })
}

async fn account_parents(api: &Api, parents: &[String]) -> Result<BTreeMap<String, String>, SourceError> {
    let mut found = BTreeMap::new();
    for parent in parents {
        let accounts = read_pages!(
            api,
            "organizations:ListAccountsForParent",
            |clients, token| clients
                .organizations
                .list_accounts_for_parent()
                .parent_id(parent)
                .set_next_token(token),
            |page| page.accounts.into_iter().flatten()
        );
        found.extend(accounts.into_iter().filter_map(|account| Some((account.id?, parent.clone()))));
    }
    Ok(found)
}

pub(super) async fn tags(api: &Api, account: String) -> Result<BTreeMap<String, String>, SourceError> {
    let tags = read_pages!(
        api,
        "organizations:ListTagsForResource",
        |clients, token| clients
            .organizations
            .list_tags_for_resource()
            .resource_id(&account)
            .set_next_token(token),
        |page| page.tags.into_iter().flatten()
    );
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Types of policies that are in force somewhere in the organization.
pub(super) fn enabled_policy_types(roots: &[Root]) -> BTreeSet<String> {
    let types = roots.iter().flat_map(|root| root.policy_types.iter().flatten());
    types
        .filter(|summary| summary.status == Some(PolicyTypeStatus::Enabled))
        .filter_map(|summary| Some(summary.r#type.as_ref()?.as_str().to_owned()))
        .collect()
}

/// The policies of one type, each with its content and its targets.
pub(super) async fn policies(api: &Api, policy_type: &str) -> Result<Vec<PolicyRead>, SourceError> {
    let policy_type = PolicyType::from(policy_type);
    let summaries: Vec<PolicySummary> = read_pages!(
        api,
        "organizations:ListPolicies",
        |clients, token| clients
            .organizations
            .list_policies()
            .filter(policy_type.clone())
            .set_next_token(token),
        |page| page.policies.into_iter().flatten()
    );
    let ids: Vec<String> = summaries.iter().map(|summary| summary.id.clone().unwrap_or_default()).collect();
    let contents = for_each(&ids, |id| content(api, id.clone())).await;
    let targets = for_each(&ids, |id| targets(api, id.clone())).await;
    let read = summaries.into_iter().zip(contents).zip(targets);
    Ok(read.map(|((summary, content), targets)| PolicyRead { summary, content, targets }).collect())
}

async fn content(api: &Api, id: String) -> Result<Option<String>, SourceError> {
    let send = |clients: &Clients| clients.organizations.describe_policy().policy_id(&id).send();
    let answer = api.call("organizations:DescribePolicy", send).await.map_err(explain)?;
    Ok(answer.policy.and_then(|policy| policy.content))
}

async fn targets(api: &Api, id: String) -> Result<Vec<PolicyTargetSummary>, SourceError> {
    Ok(read_pages!(
        api,
        "organizations:ListTargetsForPolicy",
        |clients, token| clients.organizations.list_targets_for_policy().policy_id(&id).set_next_token(token),
        |page| page.targets.into_iter().flatten()
    ))
}

/// Delegated administrators, each with the services it administers.
pub(super) async fn delegated_administrators(
    api: &Api,
) -> Result<Vec<(DelegatedAdministrator, Input<Vec<DelegatedService>>)>, SourceError> {
    let administrators: Vec<DelegatedAdministrator> = read_pages!(
        api,
        "organizations:ListDelegatedAdministrators",
        |clients, token| clients.organizations.list_delegated_administrators().set_next_token(token),
        |page| page.delegated_administrators.into_iter().flatten()
    );
    let ids: Vec<String> =
        administrators.iter().map(|administrator| administrator.id.clone().unwrap_or_default()).collect();
    let services = for_each(&ids, |id| delegated_services(api, id.clone())).await;
    Ok(administrators.into_iter().zip(services).collect())
}

async fn delegated_services(api: &Api, account: String) -> Result<Vec<DelegatedService>, SourceError> {
    Ok(read_pages!(
        api,
        "organizations:ListDelegatedServicesForAccount",
        |clients, token| clients
            .organizations
            .list_delegated_services_for_account()
            .account_id(&account)
            .set_next_token(token),
        |page| page.delegated_services.into_iter().flatten()
    ))
}
