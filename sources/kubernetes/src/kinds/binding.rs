//! `kubernetes_role_binding`, `kubernetes_cluster_role_binding`: subjects as written, also none, and roles that may not
//! be there.

use auditor_core::{
    model::{Column, Kind},
    source::Collector,
};
use k8s_openapi::api::rbac::v1::{ClusterRoleBinding, RoleBinding, RoleRef, Subject};
use serde_json::{Value, json};

use super::{Work, emit_list};
use crate::client::calls;

const ROLE_KIND: Column = Column::text("role_kind", "/role_kind", "`Role` or `ClusterRole` (`roleRef.kind`)");
const ROLE_NAME: Column =
    Column::text("role_name", "/role_name", "Name of the role (`roleRef.name`), which need not be there");
const SUBJECTS: Column = Column::json(
    "subjects",
    "/subjects",
    "Who gets the role (`subjects`), as written: each with `kind`, `name`, `namespace`, `api_group`. A service account \
     without namespace is of the binding's. Empty: nobody",
);

pub(crate) static ROLE_BINDING: Kind =
    Kind::new("kubernetes_role_binding", "A role given to somebody in one namespace")
        .native_id("Its uid")
        .columns(&[
            Column::text("namespace", "/namespace", "Its namespace, to which it is limited"),
            ROLE_KIND,
            ROLE_NAME,
            SUBJECTS,
            Column::json("labels", "/labels", "Labels on the list of those kept"),
        ])
        .permissions(&[calls::ROLE_BINDINGS.action]);

pub(crate) static CLUSTER_ROLE_BINDING: Kind =
    Kind::new("kubernetes_cluster_role_binding", "A role given to somebody in the whole cluster")
        .native_id("Its uid")
        .columns(&[
            ROLE_KIND,
            ROLE_NAME,
            SUBJECTS,
            Column::json("labels", "/labels", "Labels on the list of those kept"),
        ])
        .permissions(&[calls::CLUSTER_ROLE_BINDINGS.action]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&ROLE_BINDING], |emit| async move {
        let map = |binding: RoleBinding| {
            let fields = fields(&binding.role_ref, binding.subjects);
            vec![work.resource(&ROLE_BINDING, binding.metadata, fields)]
        };
        emit_list(&emit, work, &[&ROLE_BINDING], &calls::ROLE_BINDINGS, map).await
    })
    .await;
    out.scope(&[&CLUSTER_ROLE_BINDING], |emit| async move {
        let map = |binding: ClusterRoleBinding| {
            let fields = fields(&binding.role_ref, binding.subjects);
            vec![work.resource(&CLUSTER_ROLE_BINDING, binding.metadata, fields)]
        };
        emit_list(&emit, work, &[&CLUSTER_ROLE_BINDING], &calls::CLUSTER_ROLE_BINDINGS, map).await
    })
    .await;
}

fn fields(role: &RoleRef, subjects: Option<Vec<Subject>>) -> Value {
    let subjects: Vec<_> = subjects
        .into_iter()
        .flatten()
        .map(|subject| {
            json!({
                "kind": subject.kind,
                "name": subject.name,
                "namespace": subject.namespace,
                "api_group": subject.api_group,
            })
        })
        .collect();
    json!({
        "role_kind": role.kind,
        "role_name": role.name,
        "role_api_group": role.api_group,
        "subjects": subjects,
    })
}
