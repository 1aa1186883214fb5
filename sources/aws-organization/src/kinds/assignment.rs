//! `aws_sso_assignment`: who has which permission set in which account. All three are kept together: two of them alone
//! would give everyone every account that a permission set reaches.

use auditor_aws_common::{Problems, name_of};
use auditor_core::{
    model::{Column, Kind, Resource},
    outcome::{Gap, GapReason},
    source::Collector,
};
use aws_sdk_ssoadmin::types::{AccountAssignment, PrincipalType};
use serde_json::json;

use super::{Work, account_id, emit_sorted, instances, named};
use crate::estate::PermissionSetRead;

pub(crate) static ASSIGNMENT: Kind = Kind::new(
    "aws_sso_assignment",
    "A user or group of IAM Identity Center that has a permission set in an account",
)
.native_id("Permission set, account, type and id of the principal: `ps-…/111122223333/GROUP/…`")
.columns(&[
    Column::text("account_id", "/account_id", "The account (`ListAccountAssignments`, `AccountId`)"),
    Column::text(
        "permission_set",
        "/permission_set",
        "Name of the permission set, which never changes (`DescribePermissionSet`, `Name`). Null: not known",
    ),
    Column::text(
        "principal_type",
        "/principal_type",
        "`USER` or `GROUP` (`ListAccountAssignments`, `PrincipalType`)",
    ),
    Column::text(
        "principal_id",
        "/principal_id",
        "Id of the user or group in the identity store: native id of `aws_identity_store_user`, \
         `aws_identity_store_group` and `principal` (`ListAccountAssignments`, `PrincipalId`)",
    ),
    Column::text("permission_set_arn", "/permission_set_arn", "ARN of the permission set"),
    Column::text("instance_arn", "/instance_arn", "ARN of the instance"),
])
.permissions(&[
    "organizations:DescribeOrganization",
    "sso:DescribePermissionSet",
    "sso:ListAccountAssignments",
    "sso:ListAccountsForProvisionedPermissionSet",
    "sso:ListInstances",
    "sso:ListPermissionSets",
]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&ASSIGNMENT], |emit| async move {
        let mut problems = Problems::default();
        let mut resources = Vec::new();
        let mut incomplete = 0;
        for read in instances(&emit, work, &ASSIGNMENT)? {
            let instance = read.instance.instance_arn.as_deref().unwrap_or_default();
            let sets = problems.required(instance, &read.permission_sets).into_iter().flatten();
            for set in sets {
                let which = name_of(&set.arn);
                let Ok(described) = problems.optional(which, &set.description) else { continue };
                let name = described.and_then(|set| set.name.as_deref());
                let accounts = problems.required(which, &set.assignments).into_iter().flatten();
                for (account, assigned) in accounts {
                    let which = format!("{which} in {account}");
                    for assignment in problems.required(&which, assigned).into_iter().flatten() {
                        match map(instance, set, name, account, assignment) {
                            Some(resource) => resources.push(resource),
                            None => incomplete += 1,
                        }
                    }
                }
            }
        }
        if incomplete > 0 {
            let detail = format!(
                "AWS listed {incomplete} assignments without account or principal, which were left out"
            );
            emit.gap(&ASSIGNMENT, Gap::new(GapReason::Malformed, detail));
        }
        let emitted = emit_sorted(&emit, resources).await?;
        problems.tell(&emit, &ASSIGNMENT, emitted)
    })
    .await;
}

fn map(
    instance: &str,
    set: &PermissionSetRead,
    name: Option<&str>,
    asked: &str,
    assignment: &AccountAssignment,
) -> Option<Resource> {
    let account = account_id(assignment.account_id.as_deref().unwrap_or(asked))?;
    let principal_id = assignment.principal_id.as_deref()?;
    let principal_type = assignment.principal_type.as_ref().map(PrincipalType::as_str)?;
    let native_id = format!("{}/{account}/{principal_type}/{principal_id}", name_of(&set.arn));
    let document = json!({
        "account_id": account,
        "permission_set": name,
        "permission_set_arn": set.arn,
        "principal_type": principal_type,
        "principal_id": principal_id,
        "instance_arn": instance,
    });
    Some(named(Resource::new(&ASSIGNMENT, account, native_id, document), name))
}
