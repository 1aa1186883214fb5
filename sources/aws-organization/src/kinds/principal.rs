//! The common kind `principal`: users and groups of Identity Center.

use std::collections::{BTreeMap, BTreeSet};

use auditor_aws_common::{Input, Problems};
use auditor_core::{
    model::{
        AccountId, Resource,
        common::{PRINCIPAL, Principal, PrincipalType},
    },
    source::Collector,
};
use aws_sdk_identitystore::types::{Group, User, UserStatus};
use serde_json::json;

use super::{Work, emit_sorted, instances, named, note_without_id, sso_instance::owner, text, time};
use crate::estate::Directory;

const PROVIDER: &str = "aws-identity-center";

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&PRINCIPAL], |emit| async move {
        let mut problems = Problems::default();
        let mut resources = Vec::new();
        let mut without_id = 0;
        for read in instances(&emit, work, &PRINCIPAL)? {
            let account = owner(work, &read.instance);
            let store = read.instance.identity_store_id.as_deref().unwrap_or_default();
            let partition = work.config.partition.as_str();
            let groups = problems.required(store, &read.directory.groups);
            for (group, _) in groups.into_iter().flatten() {
                match text(&group.group_id) {
                    Some(id) => resources.push(from_group(&account, partition, id, group)),
                    None => without_id += 1,
                }
            }
            let memberships = Memberships::new(store, &read.directory, &mut problems);
            if memberships.failed {
                // A user would look as if it had left a group that could not be read.
                continue;
            }
            for user in problems.required(store, &read.directory.users).into_iter().flatten() {
                match text(&user.user_id) {
                    Some(id) => {
                        resources.push(from_user(
                            &account,
                            partition,
                            id,
                            user,
                            memberships.of(id).as_deref(),
                        ));
                    }
                    None => without_id += 1,
                }
            }
        }
        note_without_id(&emit, &PRINCIPAL, without_id);
        let emitted = emit_sorted(&emit, resources).await?;
        problems.tell(&emit, &PRINCIPAL, emitted)
    })
    .await;
}

/// Which groups each user is in.
struct Memberships<'a> {
    /// `None`: denied.
    groups: Option<BTreeMap<&'a str, BTreeSet<&'a str>>>,
    /// Whether something failed in passing.
    failed: bool,
}

impl<'a> Memberships<'a> {
    fn new(store: &str, directory: &'a Directory, problems: &mut Problems) -> Self {
        let mut known = Self { groups: Some(BTreeMap::new()), failed: false };
        let groups = match &directory.groups {
            Input::Known(groups) => groups,
            // Noted where the groups themselves were asked for.
            Input::Denied(_) | Input::NotProvided(_) => return Self { groups: None, failed: false },
            Input::Failed(_) => return Self { groups: None, failed: true },
        };
        for (group, members) in groups {
            match problems.optional(text(&group.group_id).unwrap_or(store), members) {
                Err(_) => known.failed = true,
                Ok(None) => known.groups = None,
                Ok(Some(members)) => {
                    let name = group.display_name.as_deref().unwrap_or(&group.group_id);
                    if let Some(groups) = &mut known.groups {
                        for member in members {
                            groups.entry(member.as_str()).or_default().insert(name);
                        }
                    }
                }
            }
        }
        known
    }

    /// Names of a user's groups, sorted. `None`: not known.
    fn of(&self, user: &str) -> Option<Vec<String>> {
        let groups = self.groups.as_ref()?;
        Some(groups.get(user).into_iter().flatten().map(|&name| name.to_owned()).collect())
    }
}

fn from_user(
    account: &AccountId,
    partition: &str,
    id: &str,
    user: &User,
    groups: Option<&[String]>,
) -> Resource {
    let arn = text(&user.user_arn).map(str::to_owned);
    let principal = Principal {
        principal_type: PrincipalType::Human,
        provider: PROVIDER.to_owned(),
        identifier: arn.unwrap_or_else(|| format!("arn:{partition}:identitystore:::user/{id}")),
        enabled: user.user_status.as_ref().map(|status| *status == UserStatus::Enabled),
        // Whoever checks passwords and second factors, Identity Center or another directory, does not say.
        console_access: None,
        mfa: None,
        groups: Vec::new(),
        credentials: None,
    };
    let mut document = json!(principal);
    // Null where it is not known: an empty list would say that there are none.
    document["groups"] = json!(groups);
    let resource = Resource::new(&PRINCIPAL, account.clone(), id, document)
        .with_times(time(user.created_at.as_ref()), time(user.updated_at.as_ref()));
    named(resource, user.user_name.as_deref())
}

fn from_group(account: &AccountId, partition: &str, id: &str, group: &Group) -> Resource {
    let arn = text(&group.group_arn).map(str::to_owned);
    let principal = Principal {
        principal_type: PrincipalType::Group,
        provider: PROVIDER.to_owned(),
        identifier: arn.unwrap_or_else(|| format!("arn:{partition}:identitystore:::group/{id}")),
        enabled: Some(true),
        console_access: Some(false),
        mfa: None,
        groups: Vec::new(),
        credentials: Some(Vec::new()),
    };
    let resource = Resource::new(&PRINCIPAL, account.clone(), id, json!(principal))
        .with_times(time(group.created_at.as_ref()), time(group.updated_at.as_ref()));
    named(resource, group.display_name.as_deref())
}
