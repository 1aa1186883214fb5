//! The common kind `principal`: users, the root user, groups and roles.

use auditor_core::{
    model::{
        AccountId, Resource,
        common::{Credential, PRINCIPAL, Principal, PrincipalType},
    },
    source::Collector,
};
use chrono::{DateTime, Utc};
use serde_json::json;

use super::{emit_sorted, note_differences, note_unreported, role::is_service_linked, unique_id};
use crate::{
    credential_report::{CredentialReport, ReportRow},
    estate::Estate,
    wire::{Group, Role, User, chrono},
};

const PROVIDER: &str = "aws-iam";

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&PRINCIPAL], |emit| async move {
        let Some(details) = estate.details.required(&emit, &PRINCIPAL)? else { return Ok(()) };
        let report = estate.report.optional(&emit, &PRINCIPAL)?;
        note_differences(&emit, &PRINCIPAL, estate, &["Users", "Groups", "Roles"]);
        note_unreported(&emit, &PRINCIPAL, details, report);
        let account = estate.account();
        let root_id = format!("{account}:root");
        let users = details.users.iter().filter_map(|user| {
            let id = unique_id(&emit, &PRINCIPAL, user.user_id.as_deref(), user.arn.as_deref())?;
            Some((id, Entity::User(user)))
        });
        let groups = details.groups.iter().filter_map(|group| {
            let id = unique_id(&emit, &PRINCIPAL, group.group_id.as_deref(), group.arn.as_deref())?;
            Some((id, Entity::Group(group)))
        });
        let roles = details.roles.iter().filter_map(|role| {
            let id = unique_id(&emit, &PRINCIPAL, role.role_id.as_deref(), role.arn.as_deref())?;
            Some((id, Entity::Role(role)))
        });
        let root = std::iter::once((root_id.as_str(), Entity::Root));
        emit_sorted(&emit, root.chain(users).chain(groups).chain(roles), |id, entity| match entity {
            Entity::Root => from_root(estate, id, report.and_then(CredentialReport::root)),
            Entity::User(user) => {
                let name = user.user_name.as_deref().unwrap_or_default();
                let row = report.and_then(|report| report.user(name, chrono(user.create_date)));
                from_user(account, id, user, row)
            }
            Entity::Group(group) => from_group(account, id, group),
            Entity::Role(role) => from_role(account, id, role),
        })
        .await
    })
    .await;
}

/// What a principal is made of.
enum Entity<'a> {
    Root,
    User(&'a User),
    Group(&'a Group),
    Role(&'a Role),
}

/// The root user always exists, whether or not the report could be read.
fn from_root(estate: &Estate, id: &str, row: Option<&ReportRow>) -> Resource {
    let account = estate.account();
    let credentials = row.map(credentials);
    let can_act = credentials.as_ref().is_some_and(|all| all.iter().any(|credential| credential.active));
    let principal = Principal {
        principal_type: PrincipalType::Root,
        provider: PROVIDER.to_owned(),
        identifier: format!("arn:{}:iam::{account}:root", estate.profile.partition),
        // The report leaves the root password out where AWS does not support telling: then only a key proves anything.
        enabled: row.and_then(|row| can_act.then_some(true).or(row.password_enabled)),
        console_access: row.and_then(|row| row.password_enabled),
        mfa: row.and_then(|row| row.mfa_active),
        groups: Vec::new(),
        credentials,
    };
    resource(account, id, "root", &principal)
        .with_times(row.and_then(|row| row.user_created_at), None)
        .with_activity(json!({ "last_used_at": row.and_then(last_used) }))
}

fn from_user(account: &AccountId, id: &str, user: &User, row: Option<&ReportRow>) -> Resource {
    let console_access = row.and_then(|row| row.password_enabled);
    let credentials = row.map(credentials);
    let mut groups = user.group_list.to_vec();
    groups.sort_unstable();
    groups.dedup();
    let principal = Principal {
        principal_type: if console_access == Some(false) {
            PrincipalType::Machine
        } else {
            PrincipalType::Human
        },
        provider: PROVIDER.to_owned(),
        identifier: user.arn.clone().unwrap_or_default(),
        enabled: credentials.as_ref().map(|all| all.iter().any(|credential| credential.active)),
        console_access,
        mfa: row.filter(|_| console_access == Some(true)).and_then(|row| row.mfa_active),
        groups,
        credentials,
    };
    resource(account, id, user.user_name.as_deref().unwrap_or_default(), &principal)
        .with_times(chrono(user.create_date), None)
        .with_activity(json!({ "last_used_at": row.and_then(last_used) }))
}

fn from_group(account: &AccountId, id: &str, group: &Group) -> Resource {
    let principal = Principal {
        principal_type: PrincipalType::Group,
        provider: PROVIDER.to_owned(),
        identifier: group.arn.clone().unwrap_or_default(),
        enabled: Some(true),
        console_access: Some(false),
        mfa: None,
        groups: Vec::new(),
        credentials: Some(Vec::new()),
    };
    resource(account, id, group.group_name.as_deref().unwrap_or_default(), &principal)
        .with_times(chrono(group.create_date), None)
}

fn from_role(account: &AccountId, id: &str, role: &Role) -> Resource {
    let principal = Principal {
        principal_type: if is_service_linked(role) { PrincipalType::Service } else { PrincipalType::Role },
        provider: PROVIDER.to_owned(),
        identifier: role.arn.clone().unwrap_or_default(),
        enabled: Some(true),
        console_access: Some(false),
        mfa: None,
        groups: Vec::new(),
        credentials: Some(Vec::new()),
    };
    let last_used = role.role_last_used.as_ref().and_then(|used| chrono(used.last_used_date));
    resource(account, id, role.role_name.as_deref().unwrap_or_default(), &principal)
        .with_times(chrono(role.create_date), None)
        .with_activity(json!({ "last_used_at": last_used }))
}

fn resource(account: &AccountId, id: &str, name: &str, principal: &Principal) -> Resource {
    Resource::new(&PRINCIPAL, account.clone(), id, json!(principal)).named(name)
}

/// Passwords, keys and certificates by the report, which knows slots, not ids.
fn credentials(row: &ReportRow) -> Vec<Credential> {
    let mut all = Vec::new();
    let credential = |kind: &str, slot: Option<usize>, active, changed_at| Credential {
        credential_type: kind.to_owned(),
        id: slot.map(|slot| (slot + 1).to_string()),
        active,
        changed_at,
    };
    for (slot, key) in row.access_keys.iter().enumerate().filter(|(_, key)| key.exists()) {
        all.push(credential("access_key", Some(slot), key.active == Some(true), key.last_rotated_at));
    }
    for (slot, certificate) in
        row.certificates.iter().enumerate().filter(|(_, certificate)| certificate.exists())
    {
        let active = certificate.active == Some(true);
        all.push(credential("certificate", Some(slot), active, certificate.last_rotated_at));
    }
    if row.password_enabled == Some(true) {
        all.push(credential("password", None, true, row.password_last_changed_at));
    }
    all
}

fn last_used(row: &ReportRow) -> Option<DateTime<Utc>> {
    let keys = row.access_keys.iter().filter_map(|key| key.last_used_at);
    keys.chain(row.password_last_used_at).max()
}
