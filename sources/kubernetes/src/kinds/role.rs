//! `kubernetes_role`, `kubernetes_cluster_role`: rules whole and in their order, never merged.

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use k8s_openapi::api::rbac::v1::{ClusterRole, PolicyRule, Role};
use serde_json::{Value, json};

use super::{Work, emit_list};
use crate::client::calls;

const RULES: Column = Column::json(
    "rules",
    "/rules",
    "What it allows (`rules`), in its order: each with `verbs`, `api_groups`, `resources`, `resource_names`, \
     `non_resource_urls`. An empty list of `resource_names` stands for all",
);

pub(crate) static ROLE: Kind = Kind::new("kubernetes_role", "A role of one namespace")
    .native_id("Its uid")
    .columns(&[
        Column::text("namespace", "/namespace", "Its namespace"),
        RULES,
        Column::json("labels", "/labels", "Labels on the list of those kept"),
    ])
    .permissions(&[calls::ROLES.action]);

pub(crate) static CLUSTER_ROLE: Kind = Kind::new("kubernetes_cluster_role", "A role of the whole cluster")
    .native_id("Its uid")
    .columns(&[
        RULES,
        Column::json(
            "aggregation_rule",
            "/aggregation_rule",
            "Labels of the roles whose rules the cluster copies into this one (`aggregationRule`). Null: its rules are \
             its own",
        ),
        Column::json("labels", "/labels", "Labels on the list of those kept"),
    ])
    .permissions(&[calls::CLUSTER_ROLES.action]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&ROLE], |emit| async move {
        let map = |role: Role| {
            let fields = json!({ "rules": rules(role.rules) });
            vec![work.resource(&ROLE, role.metadata, fields)]
        };
        emit_list(&emit, work, &[&ROLE], &calls::ROLES, map).await
    })
    .await;
    out.scope(&[&CLUSTER_ROLE], |emit| async move {
        let map = |role| vec![cluster_role(work, role)];
        emit_list(&emit, work, &[&CLUSTER_ROLE], &calls::CLUSTER_ROLES, map).await
    })
    .await;
}

fn cluster_role(work: &Work<'_>, role: ClusterRole) -> Resource {
    // Which labels are asked for is a fact about the role: it must not fall to the list of labels kept.
    let fields = json!({ "rules": rules(role.rules), "aggregation_rule": role.aggregation_rule });
    work.resource(&CLUSTER_ROLE, role.metadata, fields)
}

fn rules(rules: Option<Vec<PolicyRule>>) -> Vec<Value> {
    rules
        .into_iter()
        .flatten()
        .map(|rule| {
            json!({
                "verbs": rule.verbs,
                "api_groups": rule.api_groups.unwrap_or_default(),
                "resources": rule.resources.unwrap_or_default(),
                "resource_names": rule.resource_names.unwrap_or_default(),
                "non_resource_urls": rule.non_resource_urls.unwrap_or_default(),
            })
        })
        .collect()
}
