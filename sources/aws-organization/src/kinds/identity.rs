//! `aws_identity_store_user` and `aws_identity_store_group`.

use std::collections::BTreeSet;

use auditor_aws_common::Problems;
use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use aws_sdk_identitystore::types::{ExternalId, Group, User, UserStatus};
use serde_json::{Value, json};

use super::{Work, emit_sorted, instances, named, note_without_id, sso_instance::owner, text, time};

pub(crate) static IDENTITY_STORE_USER: Kind =
    Kind::new("aws_identity_store_user", "A user of IAM Identity Center, as its identity store knows it")
        .native_id("The user's id in the identity store, never used again")
        .columns(&[
            Column::text("display_name", "/display_name", "Name people use (`ListUsers`, `DisplayName`)"),
            Column::text(
                "email",
                "/email",
                "Address, the primary one of several (`ListUsers`, `Emails`). Null: none given",
            ),
            Column::text(
                "status",
                "/status",
                "`ENABLED` or `DISABLED` (`ListUsers`, `UserStatus`). Null: AWS does not say",
            ),
            Column::text("user_type", "/user_type", "What sort of user, in the directory's word (`ListUsers`, `UserType`)"),
            Column::text("title", "/title", "Title (`ListUsers`, `Title`)"),
            Column::json(
                "external_ids",
                "/external_ids",
                "Ids in the directory it was provisioned from: `issuer` and `id`, sorted (`ListUsers`, `ExternalIds`)",
            ),
            Column::text("arn", "/arn", "ARN (`ListUsers`, `UserArn`). Null: AWS does not say"),
            Column::text("identity_store_id", "/identity_store_id", "Id of the identity store"),
        ])
        .permissions(&["identitystore:ListUsers", "sso:ListInstances"]);

pub(crate) static IDENTITY_STORE_GROUP: Kind =
    Kind::new("aws_identity_store_group", "A group of IAM Identity Center with its members")
        .native_id("The group's id in the identity store, never used again")
        .columns(&[
            Column::text("description", "/description", "Description (`ListGroups`, `Description`)"),
            Column::json(
                "member_ids",
                "/member_ids",
                "Ids of its users, sorted (`ListGroupMemberships`, `MemberId`). Null: not known",
            ),
            Column::json(
                "external_ids",
                "/external_ids",
                "Ids in the directory it was provisioned from: `issuer` and `id`, sorted (`ListGroups`, `ExternalIds`)",
            ),
            Column::text("arn", "/arn", "ARN (`ListGroups`, `GroupArn`). Null: AWS does not say"),
            Column::text("identity_store_id", "/identity_store_id", "Id of the identity store"),
        ])
        .permissions(&["identitystore:ListGroupMemberships", "identitystore:ListGroups", "sso:ListInstances"]);

pub(super) async fn emit_users(out: &Collector, work: &Work<'_>) {
    out.scope(&[&IDENTITY_STORE_USER], |emit| async move {
        let mut problems = Problems::default();
        let mut resources = Vec::new();
        let mut without_id = 0;
        for read in instances(&emit, work, &IDENTITY_STORE_USER)? {
            let account = owner(work, &read.instance);
            let store = read.instance.identity_store_id.as_deref().unwrap_or_default();
            for user in problems.required(store, &read.directory.users).into_iter().flatten() {
                match text(&user.user_id) {
                    Some(id) => resources.push(map_user(&account, store, id, user)),
                    None => without_id += 1,
                }
            }
        }
        note_without_id(&emit, &IDENTITY_STORE_USER, without_id);
        let emitted = emit_sorted(&emit, resources).await?;
        problems.tell(&emit, &IDENTITY_STORE_USER, emitted)
    })
    .await;
}

pub(super) async fn emit_groups(out: &Collector, work: &Work<'_>) {
    out.scope(&[&IDENTITY_STORE_GROUP], |emit| async move {
        let mut problems = Problems::default();
        let mut resources = Vec::new();
        let mut without_id = 0;
        for read in instances(&emit, work, &IDENTITY_STORE_GROUP)? {
            let account = owner(work, &read.instance);
            let store = read.instance.identity_store_id.as_deref().unwrap_or_default();
            for (group, members) in problems.required(store, &read.directory.groups).into_iter().flatten() {
                let Some(id) = text(&group.group_id) else {
                    without_id += 1;
                    continue;
                };
                let Ok(members) = problems.optional(id, members) else { continue };
                resources.push(map_group(&account, store, id, group, members.map(Vec::as_slice)));
            }
        }
        note_without_id(&emit, &IDENTITY_STORE_GROUP, without_id);
        let emitted = emit_sorted(&emit, resources).await?;
        problems.tell(&emit, &IDENTITY_STORE_GROUP, emitted)
    })
    .await;
}

fn map_user(account: &AccountId, store: &str, id: &str, user: &User) -> Resource {
    let document = json!({
        "arn": text(&user.user_arn),
        "identity_store_id": store,
        "display_name": user.display_name,
        "email": email(user),
        "status": user.user_status.as_ref().map(UserStatus::as_str),
        "user_type": user.user_type,
        "title": user.title,
        "external_ids": external_ids(user.external_ids.as_deref()),
    });
    let resource = Resource::new(&IDENTITY_STORE_USER, account.clone(), id, document)
        .with_times(time(user.created_at.as_ref()), time(user.updated_at.as_ref()));
    named(resource, user.user_name.as_deref())
}

/// The primary address, or the first of all by the alphabet: AWS promises no order.
fn email(user: &User) -> Option<&str> {
    let emails = || user.emails.iter().flatten();
    let primary = emails().find(|email| email.primary).and_then(|email| email.value.as_deref());
    primary.or_else(|| emails().filter_map(|email| email.value.as_deref()).min())
}

fn map_group(
    account: &AccountId,
    store: &str,
    id: &str,
    group: &Group,
    members: Option<&[String]>,
) -> Resource {
    let members = members.map(|members| {
        let mut ids: Vec<_> = members.iter().map(String::as_str).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    });
    let document = json!({
        "arn": text(&group.group_arn),
        "identity_store_id": store,
        "description": group.description,
        "member_ids": members,
        "external_ids": external_ids(group.external_ids.as_deref()),
    });
    let resource = Resource::new(&IDENTITY_STORE_GROUP, account.clone(), id, document)
        .with_times(time(group.created_at.as_ref()), time(group.updated_at.as_ref()));
    named(resource, group.display_name.as_deref())
}

fn external_ids(ids: Option<&[ExternalId]>) -> Vec<Value> {
    let sorted: BTreeSet<_> =
        ids.unwrap_or_default().iter().map(|id| (id.issuer.as_str(), id.id.as_str())).collect();
    sorted.into_iter().map(|(issuer, id)| json!({"issuer": issuer, "id": id})).collect()
}
