//! `aws_eks_access_entry`.

use auditor_aws_common::{Problems, name_of};
use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use aws_sdk_eks::types::{AccessEntry, AccessScopeType, AssociatedAccessPolicy};
use serde_json::{Value, json};

use super::{Work, emit_sorted, note_without_id, sorted, tags, time};
use crate::estate::ClusterRead;

pub(crate) static ACCESS_ENTRY: Kind = Kind::new(
    "aws_eks_access_entry",
    "An access entry: an IAM principal that gets into an EKS cluster, with its groups and access policies there",
)
.native_id("The entry's ARN, whose last part is never used again")
.columns(&[
    Column::text("cluster", "/cluster", "Name of the cluster"),
    Column::text("region", "/region", "Region of the cluster"),
    Column::text(
        "cluster_arn",
        "/cluster_arn",
        "ARN of the cluster, as `arn` of `aws_eks_cluster` (`DescribeCluster`, `arn`). Null: not known",
    ),
    Column::text(
        "principal_arn",
        "/principal_arn",
        "The user or role that gets in, of any account (`DescribeAccessEntry`, `principalArn`)",
    ),
    Column::text(
        "type",
        "/type",
        "`STANDARD` for people and programs, `EC2_LINUX`, `FARGATE_LINUX` … for nodes (`DescribeAccessEntry`, `type`)",
    ),
    Column::text(
        "username",
        "/username",
        "Its name in the cluster; `{{SessionName}}` stands for the session's (`DescribeAccessEntry`, `username`)",
    ),
    Column::json(
        "kubernetes_groups",
        "/kubernetes_groups",
        "Its groups in the cluster, to which bindings there give roles, sorted (`DescribeAccessEntry`, \
         `kubernetesGroups`)",
    ),
    Column::json(
        "access_policies",
        "/access_policies",
        "Access policies of EKS: ARN, name, scope `cluster` or `namespace`, and then the namespaces, in which `*` stands \
         for anything; sorted (`ListAssociatedAccessPolicies`). The cluster's roles and bindings do not show what they \
         allow. Null: not known",
    ),
    Column::timestamp("created_at", "/created_at", "When it was made (`DescribeAccessEntry`, `createdAt`)"),
])
.permissions(&[
    "eks:DescribeAccessEntry",
    "eks:DescribeCluster",
    "eks:ListAccessEntries",
    "eks:ListAssociatedAccessPolicies",
    "eks:ListClusters",
]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&ACCESS_ENTRY], |emit| async move {
        let Some(clusters) = work.estate.required(&emit, &ACCESS_ENTRY)? else { return Ok(()) };
        let mut problems = Problems::default();
        let (mut resources, mut without_id) = (Vec::new(), Vec::new());
        for cluster in clusters {
            // Without it the cluster's ARN is not known; a failure in passing must not look like a change.
            if problems.optional(&cluster.name, &cluster.cluster).is_err() {
                continue;
            }
            let Some(entries) = problems.required(&cluster.name, &cluster.entries) else { continue };
            for read in entries {
                let which = format!("{} in {}", read.principal_arn, cluster.name);
                let Some(Some(entry)) = problems.required(&which, &read.entry) else { continue };
                let Ok(policies) = problems.optional(&which, &read.policies) else { continue };
                match map(work, cluster, &read.principal_arn, entry, policies.map(Vec::as_slice)) {
                    Some(resource) => resources.push(resource),
                    None => without_id.push(read.principal_arn.as_str()),
                }
            }
        }
        note_without_id(&emit, &ACCESS_ENTRY, &without_id);
        let emitted = emit_sorted(&emit, resources).await?;
        problems.tell(&emit, &ACCESS_ENTRY, emitted)
    })
    .await;
}

fn map(
    work: &Work<'_>,
    cluster: &ClusterRead,
    principal_arn: &str,
    entry: &AccessEntry,
    policies: Option<&[AssociatedAccessPolicy]>,
) -> Option<Resource> {
    let arn = entry.access_entry_arn.as_deref()?;
    let (created_at, modified_at) = (time(entry.created_at.as_ref()), time(entry.modified_at.as_ref()));
    let known = cluster.cluster.known().and_then(Option::as_ref);
    let document = json!({
        "cluster": cluster.name,
        "region": work.region,
        "cluster_arn": known.and_then(|cluster| cluster.arn.as_deref()),
        "principal_arn": principal_arn,
        "type": entry.r#type,
        "username": entry.username,
        "kubernetes_groups": sorted(entry.kubernetes_groups.as_ref()).unwrap_or_default(),
        "access_policies": policies.map(access_policies),
        "tags": tags(entry.tags.as_ref()),
        "created_at": created_at,
    });
    Some(
        Resource::new(&ACCESS_ENTRY, work.account.clone(), arn, document)
            .named(format!("{}: {}", cluster.name, name_of(principal_arn)))
            .with_times(created_at, modified_at),
    )
}

fn access_policies(policies: &[AssociatedAccessPolicy]) -> Vec<Value> {
    let mut policies: Vec<_> = policies
        .iter()
        .map(|policy| {
            let scope = policy.access_scope.as_ref();
            let scope_type = scope.and_then(|scope| scope.r#type.as_ref()).map(AccessScopeType::as_str);
            let namespaces = sorted(scope.and_then(|scope| scope.namespaces.as_ref())).unwrap_or_default();
            (policy.policy_arn.as_deref(), scope_type, namespaces)
        })
        .collect();
    policies.sort();
    policies.dedup();
    policies
        .into_iter()
        .map(|(arn, scope, namespaces)| {
            json!({ "arn": arn, "name": arn.map(name_of), "scope": scope, "namespaces": namespaces })
        })
        .collect()
}
