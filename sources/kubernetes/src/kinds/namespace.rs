//! `kubernetes_namespace`.

use auditor_core::{
    model::{Column, Kind},
    source::Collector,
};
use k8s_openapi::api::core::v1::Namespace;
use serde_json::json;

use super::{Work, emit_list};
use crate::client::calls;

pub(crate) static NAMESPACE: Kind = Kind::new("kubernetes_namespace", "A namespace of a cluster")
    .native_id("Its uid")
    .columns(&[
        Column::text("phase", "/phase", "`Active` or `Terminating` (`status.phase`). Null: not said"),
        Column::text(
            "enforced_level",
            "/labels/pod-security.kubernetes.io~1enforce",
            "Pod security level that is enforced (its label): `privileged`, `baseline`, `restricted`. Null: none of its own",
        ),
        Column::json("labels", "/labels", "Labels on the list of those kept"),
        Column::json("annotations", "/annotations", "Annotations on the list of those kept"),
    ])
    .permissions(&[calls::NAMESPACES.action]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&NAMESPACE], |emit| async move {
        let map = |namespace: Namespace| {
            let phase = namespace.status.and_then(|status| status.phase);
            vec![work.resource(&NAMESPACE, namespace.metadata, json!({ "phase": phase }))]
        };
        emit_list(&emit, work, &[&NAMESPACE], &calls::NAMESPACES, map).await
    })
    .await;
}
