//! `kubernetes_network_policy`.

use auditor_core::{
    model::{Column, Kind},
    source::Collector,
};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use serde_json::json;

use super::{Work, emit_list, sorted};
use crate::client::calls;

pub(crate) static NETWORK_POLICY: Kind =
    Kind::new("kubernetes_network_policy", "Which traffic the pods of a namespace may have")
        .native_id("Its uid")
        .columns(&[
            Column::text("namespace", "/namespace", "Its namespace"),
            Column::json(
                "pod_selector",
                "/pod_selector",
                "Pods it applies to (`spec.podSelector`). Empty: all",
            ),
            Column::json("policy_types", "/policy_types", "`Egress`, `Ingress` (`spec.policyTypes`), sorted"),
            Column::json(
                "ingress",
                "/ingress",
                "What may come in (`spec.ingress`), in its order. Null: nothing is said",
            ),
            Column::json(
                "egress",
                "/egress",
                "What may go out (`spec.egress`), in its order. Null: nothing is said",
            ),
            Column::json("labels", "/labels", "Labels on the list of those kept"),
        ])
        .permissions(&[calls::NETWORK_POLICIES.action]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&NETWORK_POLICY], |emit| async move {
        let map = |policy: NetworkPolicy| {
            let spec = policy.spec.unwrap_or_default();
            let fields = json!({
                "pod_selector": spec.pod_selector,
                "policy_types": sorted(spec.policy_types.into_iter().flatten()),
                "ingress": spec.ingress,
                "egress": spec.egress,
            });
            vec![work.resource(&NETWORK_POLICY, policy.metadata, fields)]
        };
        emit_list(&emit, work, &[&NETWORK_POLICY], &calls::NETWORK_POLICIES, map).await
    })
    .await;
}
