//! `kubernetes_node`.

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use k8s_openapi::api::core::v1::Node;
use serde_json::json;

use super::{Work, emit_list, sorted};
use crate::client::calls;

pub(crate) static NODE: Kind = Kind::new("kubernetes_node", "A machine of a cluster")
    .native_id("Its uid")
    .columns(&[
        Column::text(
            "provider_id",
            "/provider_id",
            "The machine at its provider (`spec.providerID`), e.g. `aws:///eu-west-1a/i-0abc`. Null: none is said",
        ),
        Column::text("kubelet_version", "/kubelet_version", "Version of its kubelet (`status.nodeInfo`)"),
        Column::text("os_image", "/os_image", "Operating system (`status.nodeInfo.osImage`)"),
        Column::text("kernel_version", "/kernel_version", "Kernel (`status.nodeInfo.kernelVersion`)"),
        Column::text("container_runtime", "/container_runtime", "Container runtime and version (`status.nodeInfo`)"),
        Column::text("architecture", "/architecture", "Processor (`status.nodeInfo.architecture`)"),
        Column::json("addresses", "/addresses", "Addresses with their types (`status.addresses`), sorted"),
        Column::boolean("unschedulable", "/unschedulable", "Whether new pods are kept away (`spec.unschedulable`)"),
        Column::json("taints", "/taints", "Taints (`spec.taints`), sorted"),
        Column::json("labels", "/labels", "Labels on the list of those kept"),
        Column::boolean("ready", "/ready", "Whether it is ready (`status.conditions`). Null: not known").activity(),
    ])
    .permissions(&[calls::NODES.action]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&NODE], |emit| async move {
        emit_list(&emit, work, &[&NODE], &calls::NODES, |node| vec![map(work, node)]).await
    })
    .await;
}

fn map(work: &Work<'_>, node: Node) -> Resource {
    let spec = node.spec.unwrap_or_default();
    let status = node.status.unwrap_or_default();
    let info = status.node_info;
    let info = info.as_ref();
    let addresses = status.addresses.into_iter().flatten().map(|address| (address.type_, address.address));
    let addresses: Vec<_> = sorted(addresses)
        .into_iter()
        .map(|(kind, address)| json!({ "type": kind, "address": address }))
        .collect();
    // Taints that come and go with the node's state (`node.kubernetes.io/not-ready`) are nobody's decision.
    let taints =
        spec.taints.into_iter().flatten().filter(|taint| !taint.key.starts_with("node.kubernetes.io/"));
    let taints = sorted(taints.map(|taint| (taint.key, taint.value, taint.effect)));
    let taints: Vec<_> = taints
        .into_iter()
        .map(|(key, value, effect)| json!({ "key": key, "value": value, "effect": effect }))
        .collect();
    let conditions = status.conditions.into_iter().flatten();
    let ready =
        conditions.filter(|condition| condition.type_ == "Ready").find_map(|condition| {
            match condition.status.as_str() {
                "True" => Some(true),
                "False" => Some(false),
                _ => None,
            }
        });
    let fields = json!({
        "provider_id": spec.provider_id,
        "kubelet_version": info.map(|info| &info.kubelet_version),
        "os_image": info.map(|info| &info.os_image),
        "kernel_version": info.map(|info| &info.kernel_version),
        "container_runtime": info.map(|info| &info.container_runtime_version),
        "architecture": info.map(|info| &info.architecture),
        "addresses": addresses,
        "unschedulable": spec.unschedulable.unwrap_or(false),
        "taints": taints,
    });
    work.resource(&NODE, node.metadata, fields).with_activity(json!({ "ready": ready }))
}
