//! The listings that are made, and no others. Actions are spelled as `kubectl auth can-i` takes them.

/// One listing over all namespaces.
#[derive(Debug)]
pub(crate) struct Listing {
    /// The right it needs, e.g. `list roles.rbac.authorization.k8s.io`.
    pub(crate) action: &'static str,
    /// What the reply calls itself, e.g. `RoleList`.
    pub(crate) reply: &'static str,
    /// Where it is found: in the API's present version, then in older ones with the same form.
    pub(crate) paths: &'static [&'static str],
}

const fn listing(action: &'static str, reply: &'static str, paths: &'static [&'static str]) -> Listing {
    Listing { action, reply, paths }
}

/// The namespace whose uid a cluster is known by.
pub(crate) static KUBE_SYSTEM: Listing = listing(
    "list namespaces",
    "NamespaceList",
    &["/api/v1/namespaces?fieldSelector=metadata.name%3Dkube-system"],
);
pub(crate) static NAMESPACES: Listing = listing("list namespaces", "NamespaceList", &["/api/v1/namespaces"]);
pub(crate) static NODES: Listing = listing("list nodes", "NodeList", &["/api/v1/nodes"]);
pub(crate) static SERVICE_ACCOUNTS: Listing =
    listing("list serviceaccounts", "ServiceAccountList", &["/api/v1/serviceaccounts"]);
pub(crate) static PODS: Listing = listing("list pods", "PodList", &["/api/v1/pods"]);
pub(crate) static ROLES: Listing = listing(
    "list roles.rbac.authorization.k8s.io",
    "RoleList",
    &["/apis/rbac.authorization.k8s.io/v1/roles"],
);
pub(crate) static CLUSTER_ROLES: Listing = listing(
    "list clusterroles.rbac.authorization.k8s.io",
    "ClusterRoleList",
    &["/apis/rbac.authorization.k8s.io/v1/clusterroles"],
);
pub(crate) static ROLE_BINDINGS: Listing = listing(
    "list rolebindings.rbac.authorization.k8s.io",
    "RoleBindingList",
    &["/apis/rbac.authorization.k8s.io/v1/rolebindings"],
);
pub(crate) static CLUSTER_ROLE_BINDINGS: Listing = listing(
    "list clusterrolebindings.rbac.authorization.k8s.io",
    "ClusterRoleBindingList",
    &["/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"],
);
pub(crate) static DEPLOYMENTS: Listing =
    listing("list deployments.apps", "DeploymentList", &["/apis/apps/v1/deployments"]);
pub(crate) static DAEMON_SETS: Listing =
    listing("list daemonsets.apps", "DaemonSetList", &["/apis/apps/v1/daemonsets"]);
pub(crate) static STATEFUL_SETS: Listing =
    listing("list statefulsets.apps", "StatefulSetList", &["/apis/apps/v1/statefulsets"]);
pub(crate) static REPLICA_SETS: Listing =
    listing("list replicasets.apps", "ReplicaSetList", &["/apis/apps/v1/replicasets"]);
pub(crate) static JOBS: Listing = listing("list jobs.batch", "JobList", &["/apis/batch/v1/jobs"]);
/// `v1beta1` for clusters before 1.21, which have no other.
pub(crate) static CRON_JOBS: Listing = listing(
    "list cronjobs.batch",
    "CronJobList",
    &["/apis/batch/v1/cronjobs", "/apis/batch/v1beta1/cronjobs"],
);
pub(crate) static NETWORK_POLICIES: Listing = listing(
    "list networkpolicies.networking.k8s.io",
    "NetworkPolicyList",
    &["/apis/networking.k8s.io/v1/networkpolicies"],
);

/// Every listing, for `auditor check`.
pub(crate) static ALL: [&Listing; 15] = [
    &NAMESPACES,
    &NODES,
    &SERVICE_ACCOUNTS,
    &PODS,
    &ROLES,
    &CLUSTER_ROLES,
    &ROLE_BINDINGS,
    &CLUSTER_ROLE_BINDINGS,
    &DEPLOYMENTS,
    &DAEMON_SETS,
    &STATEFUL_SETS,
    &REPLICA_SETS,
    &JOBS,
    &CRON_JOBS,
    &NETWORK_POLICIES,
];

/// The version, which every cluster tells anyone unless that was taken away.
pub(crate) const VERSION: &str = "get /version";
/// Where it is found.
pub(crate) const VERSION_PATH: &str = "/version";
/// The one `ConfigMap` that is read.
pub(crate) const AWS_AUTH: &str = "get configmaps/aws-auth";
/// Where it is found.
pub(crate) const AWS_AUTH_PATH: &str = "/api/v1/namespaces/kube-system/configmaps/aws-auth";
