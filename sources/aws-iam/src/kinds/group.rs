//! `aws_iam_group`.

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::{attached, emit_sorted, inline, note_differences, sorted, unique_id};
use crate::{
    estate::Estate,
    wire::{AccountDetails, Group, chrono},
};

pub(crate) static GROUP: Kind = Kind::new("aws_iam_group", "An IAM group with its members and policies")
    .native_id("`GroupId` (`AGPA…`)")
    .columns(&[
        Column::json(
            "members",
            "/members",
            "Names of the users in it (`GetAccountAuthorizationDetails`, each user's `GroupList`)",
        ),
        Column::json(
            "policies",
            "/policies",
            "Names of attached managed policies (`GetAccountAuthorizationDetails`, `AttachedManagedPolicies`)",
        ),
        Column::json(
            "inline_policies",
            "/inline_policies",
            "Names of inline policies (`GetAccountAuthorizationDetails`, `GroupPolicyList`)",
        ),
        Column::text("path", "/path", "Path (`GetAccountAuthorizationDetails`, `Path`)"),
        Column::text("arn", "/arn", "ARN (`GetAccountAuthorizationDetails`, `Arn`)"),
        Column::json("policy_arns", "/policy_arns", "ARNs of attached managed policies"),
        Column::json(
            "inline_policy_documents",
            "/inline_policy_documents",
            "Inline policies with their documents and the BLAKE3 hash of each document's text. A document that is not \
             JSON is kept as text with a `parse_error`",
        ),
    ])
    .permissions(&["iam:GetAccountAuthorizationDetails", "iam:GetAccountSummary"]);

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&GROUP], |emit| async move {
        let Some(details) = estate.details.required(&emit, &GROUP)? else { return Ok(()) };
        note_differences(&emit, &GROUP, estate, &["Groups"]);
        let groups = details.groups.iter().filter_map(|group| {
            Some((unique_id(&emit, &GROUP, group.group_id.as_deref(), group.arn.as_deref())?, group))
        });
        emit_sorted(&emit, groups, |id, group| map(estate, details, id, group)).await
    })
    .await;
}

fn map(estate: &Estate, details: &AccountDetails, id: &str, group: &Group) -> Resource {
    let name = group.group_name.as_deref().unwrap_or_default();
    let (policies, policy_arns) = attached(&group.attached_managed_policies);
    let (inline_policies, inline_policy_documents) = inline(&group.group_policy_list);
    let members = details
        .users
        .iter()
        .filter(|user| user.group_list.iter().any(|member_of| member_of == name))
        .filter_map(|user| user.user_name.as_deref());
    let document = json!({
        "arn": group.arn,
        "path": group.path,
        "members": sorted(members),
        "policies": policies,
        "policy_arns": policy_arns,
        "inline_policies": inline_policies,
        "inline_policy_documents": inline_policy_documents,
    });
    Resource::new(&GROUP, estate.account().clone(), id, document)
        .named(name)
        .with_times(chrono(group.create_date), None)
}
