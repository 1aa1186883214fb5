//! Lists of an identity store: users, groups, and who is in which.

use auditor_aws_common::{Input, for_each};
use auditor_core::error::SourceError;
use aws_sdk_identitystore::types::{Group, GroupMembership, MemberId, User};

use super::{Api, pages::read_pages};

/// What AWS gives at most on one page.
const PAGE: i32 = 100;

pub(super) async fn users(api: &Api, store: &str) -> Result<Vec<User>, SourceError> {
    Ok(read_pages!(
        api,
        "identitystore:ListUsers",
        |clients, token| clients
            .identity_store
            .list_users()
            .identity_store_id(store)
            .max_results(PAGE)
            .set_next_token(token),
        |page| page.users
    ))
}

/// Groups, each with the ids of its users.
pub(super) async fn groups(api: &Api, store: &str) -> Result<Vec<(Group, Input<Vec<String>>)>, SourceError> {
    let groups: Vec<Group> = read_pages!(
        api,
        "identitystore:ListGroups",
        |clients, token| clients
            .identity_store
            .list_groups()
            .identity_store_id(store)
            .max_results(PAGE)
            .set_next_token(token),
        |page| page.groups
    );
    let ids: Vec<String> = groups.iter().map(|group| group.group_id.clone()).collect();
    let members = for_each(&ids, |id| members(api, store, id.clone())).await;
    Ok(groups.into_iter().zip(members).collect())
}

async fn members(api: &Api, store: &str, group: String) -> Result<Vec<String>, SourceError> {
    let memberships: Vec<GroupMembership> = read_pages!(
        api,
        "identitystore:ListGroupMemberships",
        |clients, token| clients
            .identity_store
            .list_group_memberships()
            .identity_store_id(store)
            .group_id(&group)
            .max_results(PAGE)
            .set_next_token(token),
        |page| page.group_memberships
    );
    let ids = memberships.into_iter().filter_map(|membership| match membership.member_id? {
        MemberId::UserId(id) => Some(id),
        _ => None,
    });
    Ok(ids.collect())
}
