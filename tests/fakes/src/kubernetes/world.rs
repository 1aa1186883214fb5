//! An invented cluster, with something planted wherever secrets are found in real ones.

use serde_json::{Value, json};

/// Uid of its namespace `kube-system`.
pub const UID: &str = "5f2c0000-0000-4000-8000-000000000001";

fn meta(name: &str, namespace: &str) -> Value {
    let mut metadata = json!({
        "name": name,
        "uid": format!("uid-{namespace}-{name}"),
        "resourceVersion": "7",
        "creationTimestamp": "2026-01-02T03:04:05Z",
        "managedFields": [{ "manager": "planted-manager", "operation": "Apply" }],
        "labels": { "app.kubernetes.io/name": name, "example.com/secret": "planted-label" },
        "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": "{\"password\":\"planted-annotation\"}",
            "example.com/token": "planted-annotation"
        }
    });
    if !namespace.is_empty() {
        metadata["namespace"] = json!(namespace);
    }
    metadata
}

fn owned(name: &str, api_version: &str, kind: &str, owner: &str) -> Value {
    let mut metadata = meta(name, "app");
    metadata["ownerReferences"] =
        json!([{ "apiVersion": api_version, "kind": kind, "name": owner, "uid": "u", "controller": true }]);
    metadata
}

fn pod_spec() -> Value {
    json!({
        "serviceAccountName": "api",
        "containers": [{
            "name": "api",
            "image": "registry.example.com/api:1",
            "command": ["sh", "-c", "planted-command"],
            "args": ["--password=planted-argument"],
            "env": [
                { "name": "PASSWORD", "value": "planted-env" },
                { "name": "DB", "valueFrom": { "secretKeyRef": { "name": "db", "key": "password" } } }
            ]
        }]
    })
}

fn template() -> Value {
    json!({ "metadata": { "annotations": { "iam.amazonaws.com/role": "legacy" } }, "spec": pod_spec() })
}

fn list(kind: &str, items: Vec<Value>) -> Value {
    json!({ "kind": kind, "apiVersion": "v1", "metadata": { "resourceVersion": "7" }, "items": Value::Array(items) })
}

/// What the server holds at a path. `None`: it does not serve it.
pub(super) fn at(path: &str) -> Option<Value> {
    let namespaced = |name: &str, rest: Value| {
        let mut object = rest;
        object["metadata"] = meta(name, "app");
        object
    };
    Some(match path {
        "/version" => {
            json!({ "major": "1", "minor": "36", "gitVersion": "v1.36.2", "platform": "linux/amd64" })
        }
        "/api/v1/namespaces" => {
            let mut kube_system = meta("kube-system", "");
            kube_system["uid"] = json!(UID);
            let mut items = vec![json!({ "metadata": kube_system, "status": { "phase": "Active" } })];
            items.extend(["app", "default", "empty"].map(|name| json!({ "metadata": meta(name, "") })));
            list("NamespaceList", items)
        }
        "/api/v1/nodes" => list(
            "NodeList",
            vec![json!({
                "metadata": meta("node-1", ""),
                "spec": {
                    "providerID": "aws:///eu-west-1a/i-0abc",
                    "taints": [{ "key": "dedicated", "value": "db", "effect": "NoSchedule" }]
                },
                "status": {
                    "addresses": [{ "type": "InternalIP", "address": "192.0.2.7" }],
                    "conditions": [{ "type": "Ready", "status": "True", "lastHeartbeatTime": "2026-11-27T00:00:00Z" }],
                    "nodeInfo": {
                        "kubeletVersion": "v1.36.1", "osImage": "Example Linux", "kernelVersion": "6.1",
                        "containerRuntimeVersion": "containerd://2.1", "architecture": "amd64", "bootID": "",
                        "kubeProxyVersion": "", "machineID": "", "operatingSystem": "linux", "systemUUID": ""
                    }
                }
            })],
        ),
        "/api/v1/serviceaccounts" => {
            let mut api = meta("api", "app");
            api["annotations"]["eks.amazonaws.com/role-arn"] = json!("arn:aws:iam::111122223333:role/api");
            let mut items = vec![json!({
                "metadata": api,
                "automountServiceAccountToken": false,
                "secrets": [{ "name": "api-token-x" }],
                "imagePullSecrets": [{ "name": "registry" }]
            })];
            items.extend(["a", "b", "c", "d"].map(|name| json!({ "metadata": meta(name, "app") })));
            list("ServiceAccountList", items)
        }
        "/api/v1/pods" => list(
            "PodList",
            vec![
                json!({ "metadata": owned("api-1", "apps/v1", "ReplicaSet", "api-x"), "spec": pod_spec() }),
                json!({ "metadata": owned("api-2", "apps/v1", "ReplicaSet", "api-x"), "spec": pod_spec() }),
                json!({ "metadata": owned("static", "v1", "Node", "node-1"), "spec": pod_spec() }),
                json!({
                    "metadata": meta("bare", "app"), "spec": pod_spec(), "status": { "phase": "Running" }
                }),
            ],
        ),
        "/apis/rbac.authorization.k8s.io/v1/roles" => list(
            "RoleList",
            vec![namespaced(
                "reader",
                json!({
                    "rules": [
                        { "verbs": ["list", "get"], "apiGroups": [""], "resources": ["pods"] },
                        { "verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["db"] }
                    ]
                }),
            )],
        ),
        "/apis/rbac.authorization.k8s.io/v1/clusterroles" => {
            let mut items = vec![json!({
                "metadata": meta("admin", ""),
                "aggregationRule": { "clusterRoleSelectors": [{ "matchLabels": { "example.com/to-admin": "true" } }] },
                "rules": null
            })];
            items.extend(["one", "two", "three"].map(|name| {
                json!({ "metadata": meta(name, ""), "rules": [{ "verbs": ["get"], "nonResourceURLs": ["/logs/*"] }] })
            }));
            list("ClusterRoleList", items)
        }
        "/apis/rbac.authorization.k8s.io/v1/rolebindings" => {
            let role =
                |name| json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name });
            list(
                "RoleBindingList",
                vec![
                    namespaced(
                        "readers",
                        json!({
                            "roleRef": role("reader"), "subjects": [{ "kind": "ServiceAccount", "name": "api" }]
                        }),
                    ),
                    namespaced("dangling", json!({ "roleRef": role("gone") })),
                ],
            )
        }
        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings" => {
            let role =
                json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin" });
            let subjects = json!([
                { "kind": "User", "name": "z", "apiGroup": "rbac.authorization.k8s.io" },
                { "kind": "Group", "name": "system:masters", "apiGroup": "rbac.authorization.k8s.io" }
            ]);
            list(
                "ClusterRoleBindingList",
                vec![
                    json!({ "metadata": meta("admins", ""), "roleRef": role, "subjects": subjects }),
                    json!({ "metadata": meta("nobody", ""), "roleRef": role, "subjects": null }),
                ],
            )
        }
        "/apis/apps/v1/deployments" => list(
            "DeploymentList",
            vec![namespaced(
                "api",
                json!({
                    "spec": { "replicas": 3, "selector": {}, "template": template() }
                }),
            )],
        ),
        "/apis/apps/v1/daemonsets" => list("DaemonSetList", vec![]),
        "/apis/apps/v1/statefulsets" => {
            json!({ "kind": "StatefulSetList", "apiVersion": "apps/v1", "metadata": {}, "items": null })
        }
        "/apis/apps/v1/replicasets" => list(
            "ReplicaSetList",
            vec![
                json!({ "metadata": owned("api-x", "apps/v1", "Deployment", "api"), "spec": { "selector": {}, "template": template() } }),
                json!({ "metadata": owned("canary", "argoproj.io/v1alpha1", "Rollout", "canary"), "spec": { "selector": {}, "template": template() } }),
            ],
        ),
        "/apis/batch/v1/cronjobs" => list(
            "CronJobList",
            vec![namespaced(
                "nightly",
                json!({
                    "spec": { "schedule": "0 3 * * *", "jobTemplate": { "spec": { "template": template() } } }
                }),
            )],
        ),
        "/apis/batch/v1/jobs" => list(
            "JobList",
            vec![
                json!({ "metadata": owned("nightly-1", "batch/v1", "CronJob", "nightly"), "spec": { "template": template() } }),
                namespaced("once", json!({ "spec": { "template": template() } })),
            ],
        ),
        "/apis/networking.k8s.io/v1/networkpolicies" => list(
            "NetworkPolicyList",
            vec![namespaced(
                "deny",
                json!({
                    "spec": { "podSelector": {}, "policyTypes": ["Ingress", "Egress"], "egress": [] }
                }),
            )],
        ),
        "/api/v1/namespaces/kube-system/configmaps/aws-auth" => json!({
            "kind": "ConfigMap", "apiVersion": "v1", "metadata": meta("aws-auth", "kube-system"),
            "data": {
                "mapRoles": "- rolearn: arn:aws:iam::111122223333:role/nodes\n  username: system:node:{{EC2PrivateDNSName}}\n  groups: [system:nodes]\n- rolearn: [oops]\n",
                "mapAccounts": "- \"111122223333\"\n"
            }
        }),
        _ => return None,
    })
}
