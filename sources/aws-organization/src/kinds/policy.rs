//! `aws_organization_policy`.

use auditor_aws_common::{PolicyDocument, Problems};
use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use aws_sdk_organizations::types::PolicyTargetSummary;
use serde_json::{Value, json};

use super::{Work, emit_sorted, named, note_without_id, owner_of};
use crate::estate::PolicyRead;

pub(crate) static POLICY: Kind = Kind::new(
    "aws_organization_policy",
    "A policy of an AWS organization, of a type that is enabled: service control policy, resource control policy …",
)
.native_id("The policy's id (`p-…`)")
.columns(&[
    Column::text(
        "type",
        "/type",
        "`SERVICE_CONTROL_POLICY`, `RESOURCE_CONTROL_POLICY`, `TAG_POLICY` … (`ListPolicies`, `Type`)",
    ),
    Column::text("description", "/description", "Description (`ListPolicies`, `Description`)"),
    Column::boolean("aws_managed", "/aws_managed", "Whether AWS keeps it (`ListPolicies`, `AwsManaged`)"),
    Column::json(
        "targets",
        "/targets",
        "Roots, units and accounts it is attached to: type, id, name, sorted by id (`ListTargetsForPolicy`). A policy of a \
         root or unit holds for all that lies in it; service control policies bind neither the management account nor \
         service-linked roles. Null: not known",
    ),
    Column::json(
        "document",
        "/content/document",
        "The policy; text with a `parse_error` beside it where it is not JSON (`DescribePolicy`, `Content`). Null: not known",
    ),
    Column::text(
        "document_blake3",
        "/content/document_blake3",
        "BLAKE3 of the policy's text as it was written. Null: not known",
    ),
    Column::text("arn", "/arn", "ARN (`ListPolicies`, `Arn`)"),
])
.permissions(&[
    "organizations:DescribePolicy",
    "organizations:ListPolicies",
    "organizations:ListRoots",
    "organizations:ListTargetsForPolicy",
]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&POLICY], |emit| async move {
        let Some(policies) = work.estate.policies.required(&emit, &POLICY)? else { return Ok(()) };
        let mut problems = Problems::default();
        let mut resources = Vec::with_capacity(policies.len());
        let mut without_id = 0;
        for read in policies {
            let Some(id) = read.summary.id.as_deref() else {
                without_id += 1;
                continue;
            };
            let (content, targets) =
                (problems.optional(id, &read.content), problems.optional(id, &read.targets));
            let (Ok(content), Ok(targets)) = (content, targets) else { continue };
            resources.push(map(work, id, read, content, targets));
        }
        note_without_id(&emit, &POLICY, without_id);
        for (policy_type, error) in &work.estate.policy_problems {
            problems.note(policy_type, error);
        }
        let emitted = emit_sorted(&emit, resources).await?;
        problems.tell(&emit, &POLICY, emitted)
    })
    .await;
}

fn map(
    work: &Work<'_>,
    id: &str,
    read: &PolicyRead,
    content: Option<&Option<String>>,
    targets: Option<&Vec<PolicyTargetSummary>>,
) -> Resource {
    let summary = &read.summary;
    let content =
        content.map(|text| PolicyDocument::decode(text.clone().map(Value::String).as_ref()).into_map());
    let document = json!({
        "arn": summary.arn,
        "type": summary.r#type.as_ref().map(aws_sdk_organizations::types::PolicyType::as_str),
        "description": summary.description,
        "aws_managed": summary.aws_managed,
        "targets": targets.map(|targets| sorted(targets)),
        "content": content,
    });
    // AWS's own policies name no account.
    let account = owner_of(summary.arn.as_deref()).unwrap_or_else(|| work.account.clone());
    named(Resource::new(&POLICY, account, id, document), summary.name.as_deref())
}

fn sorted(targets: &[PolicyTargetSummary]) -> Vec<Value> {
    let mut targets: Vec<_> = targets.iter().collect();
    targets.sort_by(|a, b| a.target_id.cmp(&b.target_id));
    targets.dedup_by(|a, b| a.target_id == b.target_id);
    targets
        .into_iter()
        .map(|target| {
            json!({
                "type": target.r#type.as_ref().map(aws_sdk_organizations::types::TargetType::as_str),
                "id": target.target_id,
                "name": target.name,
            })
        })
        .collect()
}
