//! `aws_iam_user`.

use std::collections::HashMap;

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::{attached, emit_sorted, inline, note_differences, note_unreported, sorted, tags, unique_id};
use crate::{
    credential_report::ReportRow,
    estate::Estate,
    wire::{ListedUser, User, chrono},
};

pub(crate) static USER: Kind = Kind::new(
    "aws_iam_user",
    "An IAM user with its groups, policies and credentials. Facts of the credential report are up to four hours old",
)
.native_id("`UserId` (`AIDA…`)")
.columns(&[
    Column::boolean(
        "console_access",
        "/console_access",
        "Whether it has a password. Null: not known, or younger than the report (credential report, `password_enabled`)",
    ),
    Column::boolean(
        "mfa",
        "/mfa",
        "Whether it has an MFA device. Null: not known, or younger than the report (credential report, `mfa_active`)",
    ),
    Column::boolean(
        "access_key_1_active",
        "/access_key_1_active",
        "Whether the first access key works. False also if there is none; null: not known (credential report)",
    ),
    Column::boolean(
        "access_key_2_active",
        "/access_key_2_active",
        "Whether the second access key works. False also if there is none; null: not known (credential report)",
    ),
    Column::json("groups", "/groups", "Names of its groups (`GetAccountAuthorizationDetails`, `GroupList`)"),
    Column::json(
        "policies",
        "/policies",
        "Names of attached managed policies (`GetAccountAuthorizationDetails`, `AttachedManagedPolicies`)",
    ),
    Column::json(
        "inline_policies",
        "/inline_policies",
        "Names of inline policies (`GetAccountAuthorizationDetails`, `UserPolicyList`)",
    ),
    Column::text(
        "permissions_boundary",
        "/permissions_boundary",
        "ARN of the policy that bounds its permissions. Null: none (`GetAccountAuthorizationDetails`, `PermissionsBoundary`)",
    ),
    Column::timestamp(
        "password_last_used_at",
        "/password_last_used_at",
        "Last sign-in with the password. Null: no record of one (`ListUsers`, `PasswordLastUsed`, else the credential report)",
    )
    .activity(),
    Column::timestamp(
        "access_key_1_last_used_at",
        "/access_key_1_last_used_at",
        "Last use of the first access key. Null: no record of one (credential report)",
    )
    .activity(),
    Column::timestamp(
        "access_key_2_last_used_at",
        "/access_key_2_last_used_at",
        "Last use of the second access key. Null: no record of one (credential report)",
    )
    .activity(),
    Column::timestamp(
        "password_changed_at",
        "/password_changed_at",
        "Last change of the password. Null: none, or not known (credential report, `password_last_changed`)",
    ),
    Column::timestamp(
        "access_key_1_rotated_at",
        "/access_key_1_rotated_at",
        "When the first access key was made or last changed. Null: none, or not known (credential report)",
    ),
    Column::timestamp(
        "access_key_2_rotated_at",
        "/access_key_2_rotated_at",
        "When the second access key was made or last changed. Null: none, or not known (credential report)",
    ),
    Column::text("path", "/path", "Path (`GetAccountAuthorizationDetails`, `Path`)"),
    Column::text("arn", "/arn", "ARN (`GetAccountAuthorizationDetails`, `Arn`)"),
    Column::json("policy_arns", "/policy_arns", "ARNs of attached managed policies"),
    Column::json(
        "inline_policy_documents",
        "/inline_policy_documents",
        "Inline policies with their documents and the BLAKE3 hash of each document's text. A document that is not JSON \
         is kept as text with a `parse_error`",
    ),
    Column::json("tags", "/tags", "Tags as an object (`GetAccountAuthorizationDetails`, `Tags`)"),
])
.permissions(&[
    "iam:GenerateCredentialReport",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetAccountSummary",
    "iam:GetCredentialReport",
    "iam:ListUsers",
]);

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&USER], |emit| async move {
        let Some(details) = estate.details.required(&emit, &USER)? else { return Ok(()) };
        let report = estate.report.optional(&emit, &USER)?;
        let listed: Option<HashMap<_, _>> = estate
            .listed_users
            .optional(&emit, &USER)?
            .map(|users| users.iter().filter_map(|user| Some((user.user_id.as_deref()?, user))).collect());
        note_differences(&emit, &USER, estate, &["Users"]);
        note_unreported(&emit, &USER, details, report);
        let users = details.users.iter().filter_map(|user| {
            Some((unique_id(&emit, &USER, user.user_id.as_deref(), user.arn.as_deref())?, user))
        });
        emit_sorted(&emit, users, |id, user| {
            let name = user.user_name.as_deref().unwrap_or_default();
            let row = report.and_then(|report| report.user(name, chrono(user.create_date)));
            let listed = listed.as_ref().and_then(|listed| listed.get(id).copied());
            map(estate.account(), id, user, row, listed)
        })
        .await
    })
    .await;
}

fn map(
    account: &AccountId,
    id: &str,
    user: &User,
    row: Option<&ReportRow>,
    listed: Option<&ListedUser>,
) -> Resource {
    let (policies, policy_arns) = attached(&user.attached_managed_policies);
    let (inline_policies, inline_policy_documents) = inline(&user.user_policy_list);
    let key = |slot: usize| row.map(|row| &row.access_keys[slot]);
    let active = |slot: usize| key(slot).map(|key| key.active.unwrap_or(false));
    let rotated = |slot: usize| key(slot).and_then(|key| key.last_rotated_at);
    let last_used = |slot: usize| key(slot).and_then(|key| key.last_used_at);
    let password_last_used_at = match listed {
        Some(listed) => chrono(listed.password_last_used),
        None => row.and_then(|row| row.password_last_used_at),
    };
    let document = json!({
        "arn": user.arn,
        "path": user.path,
        "groups": sorted(user.group_list.iter().map(String::as_str)),
        "policies": policies,
        "policy_arns": policy_arns,
        "inline_policies": inline_policies,
        "inline_policy_documents": inline_policy_documents,
        "permissions_boundary": user.permissions_boundary.as_ref().map(|boundary| &boundary.permissions_boundary_arn),
        "tags": tags(&user.tags),
        "console_access": row.and_then(|row| row.password_enabled),
        "mfa": row.and_then(|row| row.mfa_active),
        "password_changed_at": row.filter(|row| row.password_enabled == Some(true)).and_then(|row| row.password_last_changed_at),
        "access_key_1_active": active(0),
        "access_key_1_rotated_at": rotated(0),
        "access_key_2_active": active(1),
        "access_key_2_rotated_at": rotated(1),
    });
    Resource::new(&USER, account.clone(), id, document)
        .named(user.user_name.as_deref().unwrap_or_default())
        .with_times(chrono(user.create_date), None)
        .with_activity(json!({
            "password_last_used_at": password_last_used_at,
            "access_key_1_last_used_at": last_used(0),
            "access_key_2_last_used_at": last_used(1),
        }))
}
