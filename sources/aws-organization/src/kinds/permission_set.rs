//! `aws_sso_permission_set`.

use auditor_aws_common::{PolicyDocument, Problems, Skip, name_of};
use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use aws_sdk_ssoadmin::types::{CustomerManagedPolicyReference, PermissionsBoundary};
use serde_json::{Value, json};

use super::{Work, emit_sorted, instances, named, sso_instance::owner, text, time};
use crate::estate::PermissionSetRead;

pub(crate) static PERMISSION_SET: Kind = Kind::new(
    "aws_sso_permission_set",
    "A permission set of IAM Identity Center, which becomes a role `AWSReservedSSO_NAME_…` in each account it is assigned in",
)
.native_id("The permission set's ARN, whose last part (`ps-…`) is never used again")
.columns(&[
    Column::text("description", "/description", "Description (`DescribePermissionSet`, `Description`)"),
    Column::json(
        "managed_policies",
        "/managed_policies",
        "ARNs of AWS's policies in it, sorted (`ListManagedPoliciesInPermissionSet`). Null: not known",
    ),
    Column::json(
        "customer_managed_policies",
        "/customer_managed_policies",
        "Path and name of the policies it takes from each account, sorted (`ListCustomerManagedPolicyReferencesInPermissionSet`). \
         Null: not known",
    ),
    Column::json(
        "inline_policy",
        "/inline_policy/document",
        "Its own policy; text with a `parse_error` beside it where it is not JSON (`GetInlinePolicyForPermissionSet`). \
         Null: it has none, or not known",
    ),
    Column::text(
        "inline_policy_blake3",
        "/inline_policy/document_blake3",
        "BLAKE3 of the inline policy's text. Null: it has none, or not known",
    ),
    Column::json(
        "permissions_boundary",
        "/permissions_boundary",
        "What bounds it: `managed_policy_arn`, or `path` and `name` of a policy of each account \
         (`GetPermissionsBoundaryForPermissionSet`). Empty: nothing does. Null: not known",
    ),
    Column::text(
        "session_duration",
        "/session_duration",
        "How long sessions last, as an ISO 8601 duration (`DescribePermissionSet`, `SessionDuration`)",
    ),
    Column::text("relay_state", "/relay_state", "Where the console opens (`DescribePermissionSet`, `RelayState`)"),
    Column::timestamp("created_at", "/created_at", "When it was made (`DescribePermissionSet`, `CreatedDate`)"),
    Column::text("instance_arn", "/instance_arn", "ARN of its instance"),
])
.permissions(&[
    "organizations:DescribeOrganization",
    "sso:DescribePermissionSet",
    "sso:GetInlinePolicyForPermissionSet",
    "sso:GetPermissionsBoundaryForPermissionSet",
    "sso:ListCustomerManagedPolicyReferencesInPermissionSet",
    "sso:ListInstances",
    "sso:ListManagedPoliciesInPermissionSet",
    "sso:ListPermissionSets",
]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&PERMISSION_SET], |emit| async move {
        let mut problems = Problems::default();
        let mut resources = Vec::new();
        for read in instances(&emit, work, &PERMISSION_SET)? {
            let arn = read.instance.instance_arn.as_deref().unwrap_or_default();
            let account = owner(work, &read.instance);
            let sets = problems.required(arn, &read.permission_sets).into_iter().flatten();
            for set in sets {
                if let Ok(resource) = map(&account, arn, set, &mut problems) {
                    resources.push(resource);
                }
            }
        }
        let emitted = emit_sorted(&emit, resources).await?;
        problems.tell(&emit, &PERMISSION_SET, emitted)
    })
    .await;
}

fn map(
    account: &AccountId,
    instance: &str,
    set: &PermissionSetRead,
    problems: &mut Problems,
) -> Result<Resource, Skip> {
    let which = name_of(&set.arn);
    let described = problems.optional(which, &set.description)?;
    let managed = problems.optional(which, &set.managed_policies)?;
    let customer = problems.optional(which, &set.customer_managed_policies)?;
    let inline = problems.optional(which, &set.inline_policy)?;
    let boundary = problems.optional(which, &set.permissions_boundary)?;
    let created_at = described.and_then(|set| time(set.created_date.as_ref()));
    let managed = managed.map(|policies| {
        let mut arns: Vec<_> = policies.iter().filter_map(|policy| policy.arn.as_deref()).collect();
        arns.sort_unstable();
        arns
    });
    let customer = customer.map(|policies| {
        let mut paths: Vec<_> = policies.iter().map(path_and_name).collect();
        paths.sort_unstable();
        paths
    });
    let inline = inline
        .and_then(|policy| text(policy))
        .map(|policy| PolicyDocument::decode(Some(&Value::String(policy.to_owned()))).into_map());
    let document = json!({
        "instance_arn": instance,
        "description": described.and_then(|set| set.description.as_deref()),
        "session_duration": described.and_then(|set| set.session_duration.as_deref()),
        "relay_state": described.and_then(|set| set.relay_state.as_deref()),
        "created_at": created_at,
        "managed_policies": managed,
        "customer_managed_policies": customer,
        "inline_policy": inline,
        "permissions_boundary": boundary.map(|boundary| boundary.as_ref().map_or_else(|| json!({}), bounds)),
    });
    let resource =
        Resource::new(&PERMISSION_SET, account.clone(), &set.arn, document).with_times(created_at, None);
    Ok(named(resource, described.and_then(|set| set.name.as_deref())))
}

/// `/team/deploy`: AWS gives paths with both slashes.
fn path_and_name(policy: &CustomerManagedPolicyReference) -> String {
    format!("{}{}", policy.path.as_deref().unwrap_or("/"), policy.name)
}

fn bounds(boundary: &PermissionsBoundary) -> Value {
    match (&boundary.managed_policy_arn, &boundary.customer_managed_policy_reference) {
        (Some(arn), _) => json!({"managed_policy_arn": arn}),
        (None, Some(policy)) => json!({
            "path": policy.path.as_deref().unwrap_or("/"),
            "name": policy.name,
        }),
        (None, None) => json!({}),
    }
}
