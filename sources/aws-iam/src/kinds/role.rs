//! `aws_iam_role`.

use std::collections::HashMap;

use auditor_aws_common::PolicyDocument;
use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::{attached, emit_sorted, inline, note_differences, sorted, tags, unique_id};
use crate::{
    estate::Estate,
    wire::{ListedRole, Role, chrono},
};

pub(crate) static ROLE: Kind =
    Kind::new("aws_iam_role", "An IAM role: who may assume it, and what it may then do")
        .native_id("`RoleId` (`AROA…`)")
        .columns(&[
            Column::json(
                "trust_policy",
                "/trust_policy/document",
                "Who may assume it (`GetAccountAuthorizationDetails`, `AssumeRolePolicyDocument`, decoded)",
            ),
            Column::json(
                "policies",
                "/policies",
                "Names of attached managed policies (`GetAccountAuthorizationDetails`, `AttachedManagedPolicies`)",
            ),
            Column::json(
                "inline_policies",
                "/inline_policies",
                "Names of inline policies (`GetAccountAuthorizationDetails`, `RolePolicyList`)",
            ),
            Column::text(
                "permissions_boundary",
                "/permissions_boundary",
                "ARN of the policy that bounds its permissions. Null: none (`GetAccountAuthorizationDetails`, \
                 `PermissionsBoundary`)",
            ),
            Column::boolean(
                "service_linked",
                "/service_linked",
                "Whether it belongs to an AWS service: its path begins with `/aws-service-role/`",
            ),
            Column::timestamp(
                "last_used_at",
                "/last_used_at",
                "Last use within AWS's tracking period (400 days). Null: no record of one \
                 (`GetAccountAuthorizationDetails`, `RoleLastUsed`)",
            )
            .activity(),
            Column::text("last_used_region", "/last_used_region", "Region of the last use. Null: no record of one")
                .activity(),
            Column::text(
                "description",
                "/description",
                "Description. Null: none, or not known (`ListRoles`, `Description`)",
            ),
            Column::integer(
                "max_session_duration_secs",
                "/max_session_duration_secs",
                "Longest session, in seconds. Null: not known (`ListRoles`, `MaxSessionDuration`)",
            ),
            Column::json(
                "instance_profiles",
                "/instance_profiles",
                "ARNs of the instance profiles that hold it (`GetAccountAuthorizationDetails`, `InstanceProfileList`)",
            ),
            Column::text("path", "/path", "Path (`GetAccountAuthorizationDetails`, `Path`)"),
            Column::text("arn", "/arn", "ARN (`GetAccountAuthorizationDetails`, `Arn`)"),
            Column::json("policy_arns", "/policy_arns", "ARNs of attached managed policies"),
            Column::json(
                "inline_policy_documents",
                "/inline_policy_documents",
                "Inline policies with their documents and the BLAKE3 hash of each document's text. A document that is \
                 not JSON is kept as text with a `parse_error`",
            ),
            Column::json("tags", "/tags", "Tags as an object (`GetAccountAuthorizationDetails`, `Tags`)"),
        ])
        .permissions(&["iam:GetAccountAuthorizationDetails", "iam:GetAccountSummary", "iam:ListRoles"]);

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&ROLE], |emit| async move {
        let Some(details) = estate.details.required(&emit, &ROLE)? else { return Ok(()) };
        let listed: HashMap<_, _> = estate
            .listed_roles
            .optional(&emit, &ROLE)?
            .into_iter()
            .flatten()
            .filter_map(|role| Some((role.role_id.as_deref()?, role)))
            .collect();
        note_differences(&emit, &ROLE, estate, &["Roles"]);
        let roles = details.roles.iter().filter_map(|role| {
            Some((unique_id(&emit, &ROLE, role.role_id.as_deref(), role.arn.as_deref())?, role))
        });
        emit_sorted(&emit, roles, |id, role| map(estate.account(), id, role, listed.get(id).copied())).await
    })
    .await;
}

/// Whether a role belongs to an AWS service.
pub(super) fn is_service_linked(role: &Role) -> bool {
    role.path.as_deref().is_some_and(|path| path.starts_with("/aws-service-role/"))
}

fn map(account: &AccountId, id: &str, role: &Role, listed: Option<&ListedRole>) -> Resource {
    let (policies, policy_arns) = attached(&role.attached_managed_policies);
    let (inline_policies, inline_policy_documents) = inline(&role.role_policy_list);
    let profiles = role.instance_profile_list.iter().filter_map(|profile| profile.arn.as_deref());
    let document = json!({
        "arn": role.arn,
        "path": role.path,
        "service_linked": is_service_linked(role),
        "trust_policy": PolicyDocument::decode(role.assume_role_policy_document.as_ref()).into_map(),
        "policies": policies,
        "policy_arns": policy_arns,
        "inline_policies": inline_policies,
        "inline_policy_documents": inline_policy_documents,
        "permissions_boundary": role.permissions_boundary.as_ref().map(|boundary| &boundary.permissions_boundary_arn),
        "instance_profiles": sorted(profiles),
        "description": listed.and_then(|role| role.description.as_deref()).filter(|text| !text.is_empty()),
        "max_session_duration_secs": listed.and_then(|role| role.max_session_duration),
        "tags": tags(&role.tags),
    });
    let last_used = role.role_last_used.as_ref();
    Resource::new(&ROLE, account.clone(), id, document)
        .named(role.role_name.as_deref().unwrap_or_default())
        .with_times(chrono(role.create_date), None)
        .with_activity(json!({
            "last_used_at": last_used.and_then(|used| chrono(used.last_used_date)),
            "last_used_region": last_used.and_then(|used| used.region.as_deref()),
        }))
}
