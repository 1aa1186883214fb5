//! Reads one organization: each call only if a wanted kind needs it.

use std::collections::BTreeMap;

use auditor_aws_common::{Input, for_each};
use auditor_core::{
    error::SourceError,
    model::{Kind, common},
};
use aws_sdk_account::types::AlternateContactType;
use aws_sdk_organizations::types::{Account, Organization, Root};
use aws_sdk_ssoadmin::types::InstanceMetadata;
use chrono::Utc;

use super::{Api, contacts, cost, identity_center, identity_store, organizations, root_access};
use crate::{
    config::AwsOrganizationConfig,
    estate::{AccountRead, Contacts, Directory, Estate, InstanceRead, PolicyRead, Tree},
    kinds,
};

/// What the wanted kinds need, where the parts they belong to are switched on.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
struct Wanted {
    root_features: bool,
    organization: bool,
    accounts: bool,
    tags: bool,
    all_contacts: bool,
    security_contact: bool,
    tree: bool,
    policies: bool,
    delegated_administrators: bool,
    permission_sets: bool,
    assignments: bool,
    instances: bool,
    directory: bool,
    cost: bool,
}

impl Wanted {
    fn new(config: &AwsOrganizationConfig, wants: impl Fn(&'static Kind) -> bool) -> Self {
        let parts = &config.parts;
        let (account, facts) = (wants(&kinds::ORGANIZATION_ACCOUNT), wants(&common::ACCOUNT));
        let all_contacts = wants(&kinds::ACCOUNT_CONTACT);
        let units = wants(&kinds::ORGANIZATIONAL_UNIT);
        let permission_sets = wants(&kinds::PERMISSION_SET);
        let assignments = wants(&kinds::ASSIGNMENT);
        let people = [&kinds::IDENTITY_STORE_USER, &kinds::IDENTITY_STORE_GROUP, &common::PRINCIPAL];
        Self {
            root_features: wants(&kinds::ORGANIZATION),
            organization: wants(&kinds::ORGANIZATION) || permission_sets || assignments,
            accounts: account || facts || all_contacts,
            tags: parts.tags && (account || facts),
            all_contacts,
            security_contact: config.contacts() && (facts || all_contacts),
            tree: units || (parts.organizational_units && account),
            policies: wants(&kinds::POLICY),
            delegated_administrators: wants(&kinds::DELEGATED_ADMINISTRATOR),
            instances: wants(&kinds::SSO_INSTANCE),
            permission_sets,
            assignments,
            directory: people.into_iter().any(&wants),
            cost: wants(&common::ACCOUNT_COST),
        }
    }
}

/// Reads what the wanted kinds need. What cannot be read is part of the result.
pub(crate) async fn read_organization(
    api: &Api,
    config: &AwsOrganizationConfig,
    own_account: &str,
    wants: impl Fn(&'static Kind) -> bool,
) -> Estate {
    let wanted = Wanted::new(config, wants);
    let organization = input(wanted.organization, organizations::organization(api)).await;
    // Independent of each other; the caller bounds how many calls are under way.
    let (mut estate, instances, cost, root_features) = tokio::join!(
        Box::pin(read_accounts(api, own_account, &wanted)),
        Box::pin(read_identity_center(api, &organization, &wanted)),
        input(wanted.cost, cost::monthly(api, config.cost_months, config.cost_metric, Utc::now())),
        input(wanted.root_features, root_access::features(api)),
    );
    estate.organization = organization;
    estate.instances = instances;
    estate.cost = cost;
    estate.root_features = root_features;
    estate
}

async fn input<T>(wanted: bool, read: impl Future<Output = Result<T, SourceError>>) -> Input<T> {
    if wanted { Box::pin(read).await.into() } else { Input::default() }
}

/// What Organizations and Account Management know.
async fn read_accounts(api: &Api, own_account: &str, wanted: &Wanted) -> Estate {
    let mut estate = Estate::default();
    let (accounts, roots) = tokio::join!(
        input(wanted.accounts, organizations::accounts(api)),
        input(wanted.tree || wanted.policies, organizations::roots(api)),
    );
    if wanted.policies {
        (estate.policies, estate.policy_problems) = policies(api, &roots).await;
    }
    estate.delegated_administrators =
        input(wanted.delegated_administrators, organizations::delegated_administrators(api)).await;
    estate.tree = match roots {
        _ if !wanted.tree => Input::default(),
        Input::Known(roots) => {
            let listed = accounts.known().map_or(&[][..], Vec::as_slice);
            organizations::tree(api, roots, listed).await.into()
        }
        Input::Denied(error) | Input::Failed(error) => Input::<Tree>::from(Err(error)),
        Input::NotProvided(gap) => Input::NotProvided(gap),
    };
    estate.accounts = match accounts {
        Input::Known(accounts) => Input::Known(complete(api, own_account, accounts, wanted).await),
        Input::Denied(error) => Input::Denied(error),
        Input::Failed(error) => Input::Failed(error),
        Input::NotProvided(gap) => Input::NotProvided(gap),
    };
    estate
}

/// Tags and contacts of each account.
async fn complete(
    api: &Api,
    own_account: &str,
    mut accounts: Vec<Account>,
    wanted: &Wanted,
) -> Vec<AccountRead> {
    accounts.sort_by(|a, b| a.id.cmp(&b.id));
    accounts.dedup_by(|a, b| a.id.is_some() && a.id == b.id);
    let ids: Vec<String> = accounts.iter().map(|account| account.id.clone().unwrap_or_default()).collect();
    let tags = if wanted.tags {
        for_each(&ids, |id| organizations::tags(api, id.clone())).await
    } else {
        none(ids.len())
    };
    // Account Management answers for accounts that are in use.
    let active: Vec<usize> = (0..accounts.len()).filter(|i| kinds::is_active(&accounts[*i])).collect();
    let asked: Vec<Option<String>> =
        active.iter().map(|i| Some(ids[*i].clone()).filter(|id| id != own_account)).collect();
    let alternate = async |contact_type: AlternateContactType, wanted: bool| {
        let call = |account: &Option<String>| contacts::alternate(api, contact_type.clone(), account.clone());
        if wanted { for_each(&asked, call).await } else { none(asked.len()) }
    };
    let security = alternate(AlternateContactType::Security, wanted.security_contact).await;
    let billing = alternate(AlternateContactType::Billing, wanted.all_contacts).await;
    let operations = alternate(AlternateContactType::Operations, wanted.all_contacts).await;
    let primary = if wanted.all_contacts {
        for_each(&asked, |account| contacts::primary(api, account.clone())).await
    } else {
        none(asked.len())
    };
    let contacts = primary.into_iter().zip(billing).zip(operations).zip(security);
    let mut contacts: BTreeMap<usize, Contacts> = active
        .into_iter()
        .zip(contacts)
        .map(|(i, (((primary, billing), operations), security))| {
            (i, Contacts { primary, billing, operations, security })
        })
        .collect();
    let read = accounts.into_iter().zip(tags).enumerate();
    read.map(|(i, (account, tags))| AccountRead {
        account,
        tags,
        contacts: contacts.remove(&i).unwrap_or_default(),
    })
    .collect()
}

fn none<T>(count: usize) -> Vec<Input<T>> {
    (0..count).map(|_| Input::default()).collect()
}

/// Policies of every enabled type. One type that cannot be listed leaves the others.
async fn policies(
    api: &Api,
    roots: &Input<Vec<Root>>,
) -> (Input<Vec<PolicyRead>>, Vec<(String, SourceError)>) {
    let types = match roots {
        Input::Known(roots) => organizations::enabled_policy_types(roots),
        Input::Denied(error) | Input::Failed(error) => return (Err(error.again()).into(), Vec::new()),
        Input::NotProvided(_) => return (Input::default(), Vec::new()),
    };
    let (mut read, mut problems) = (Vec::new(), Vec::new());
    for policy_type in types {
        match organizations::policies(api, &policy_type).await {
            Ok(policies) => read.extend(policies),
            Err(error) => problems.push((policy_type, error)),
        }
    }
    (Input::Known(read), problems)
}

async fn read_identity_center(
    api: &Api,
    organization: &Input<Organization>,
    wanted: &Wanted,
) -> Input<Vec<InstanceRead>> {
    let sets = identity_center::Wanted { policies: wanted.permission_sets, assignments: wanted.assignments };
    let any_sets = sets.policies || sets.assignments;
    if !(wanted.instances || any_sets || wanted.directory) {
        return Input::default();
    }
    let mut instances = match identity_center::instances(api).await {
        Ok(instances) => instances,
        Err(error) => return Err(error).into(),
    };
    instances.sort_by(|a, b| a.instance_arn.cmp(&b.instance_arn));
    let management = organization.known().and_then(|organization| organization.master_account_id.as_deref());
    let mut read = Vec::new();
    for instance in instances {
        let permission_sets = match &instance.instance_arn {
            Some(arn) if any_sets => {
                let is_members_own = is_members_own(&instance, management);
                Box::pin(identity_center::permission_sets(api, arn, is_members_own, sets)).await.into()
            }
            _ => Input::default(),
        };
        let directory = match &instance.identity_store_id {
            Some(store) if wanted.directory => Directory {
                users: identity_store::users(api, store).await.into(),
                groups: identity_store::groups(api, store).await.into(),
            },
            _ => Directory::default(),
        };
        read.push(InstanceRead { instance, permission_sets, directory });
    }
    Input::Known(read)
}

/// Whether an instance is known not to be the organization's.
fn is_members_own(instance: &InstanceMetadata, management: Option<&str>) -> bool {
    instance
        .owner_account_id
        .as_deref()
        .zip(management)
        .is_some_and(|(owner, management)| owner != management)
}
