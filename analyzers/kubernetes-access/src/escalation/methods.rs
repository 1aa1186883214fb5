//! Classic ways from some right to more rights, as a table.

/// One way.
pub(crate) struct Method {
    /// Its id.
    pub(crate) id: &'static str,
    /// What is done, in one line.
    pub(crate) summary: &'static str,
    /// Every one of these is needed.
    pub(crate) needs: &'static [Need],
    /// Where it leads.
    pub(crate) leads_to: LeadsTo,
    /// Whether it works whatever runs in the cluster. Admission policies may forbid it all the same.
    pub(crate) certain: bool,
    /// Whether a right that is limited to names makes it uncertain: what is named may be of no use.
    pub(crate) hangs_on_names: bool,
    /// The one namespace that it works in. `None`: any.
    pub(crate) only_in: Option<&'static str>,
}

/// One right of several that serve as well.
pub(crate) type Need = &'static [Right];

/// A right to some verbs on a type of object.
pub(crate) struct Right {
    /// Any of these.
    pub(crate) verbs: &'static [&'static str],
    /// API group.
    pub(crate) group: &'static str,
    /// `TYPE` or `TYPE/SUBRESOURCE`.
    pub(crate) resource: &'static str,
    /// Names of which one must be among those that the right is limited to. Empty: any name serves.
    pub(crate) names: &'static [&'static str],
    /// Whether the name of a cluster role that allows everything serves as well as those.
    pub(crate) or_mighty_role: bool,
    /// Whether the type is of the whole cluster, so that a binding of a namespace gives no right to it.
    pub(crate) of_cluster: bool,
}

/// Where a way leads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeadsTo {
    /// To everything in the cluster.
    ClusterAdmin,
    /// To everything in the namespaces where it works, their service accounts included.
    Namespace,
    /// To the rights of the service accounts of those namespaces.
    ServiceAccounts,
    /// To the rights of the service accounts that the right names.
    NamedServiceAccounts,
    /// To the rights of the groups that the right names.
    NamedGroups,
    /// To the rights of the users that the right names.
    NamedUsers,
    /// To the Secrets of those namespaces, and to service accounts that have a token in one.
    Secrets,
    /// To the nodes and what runs on them.
    Nodes,
}

const fn right(verbs: &'static [&'static str], group: &'static str, resource: &'static str) -> Right {
    Right { verbs, group, resource, names: &[], or_mighty_role: false, of_cluster: false }
}

const fn cluster_right(verbs: &'static [&'static str], group: &'static str, resource: &'static str) -> Right {
    let mut right = right(verbs, group, resource);
    right.of_cluster = true;
    right
}

const fn named(mut right: Right, names: &'static [&'static str]) -> Right {
    right.names = names;
    right
}

const fn naming_a_role(mut right: Right, names: &'static [&'static str]) -> Right {
    right.names = names;
    right.or_mighty_role = true;
    right
}

const CREATE: &[&str] = &["create"];
const CHANGE: &[&str] = &["update", "patch"];
const MAKE_OR_CHANGE: &[&str] = &["create", "update", "patch"];
const READ: &[&str] = &["get", "list", "watch"];
const CORE: &str = "";
const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";
const CERTIFICATES: &str = "certificates.k8s.io";

/// Whoever acts as a group must act as somebody.
const IMPERSONATE_SOMEBODY: Need =
    &[cluster_right(&["impersonate"], CORE, "users"), right(&["impersonate"], CORE, "serviceaccounts")];
const CREATE_PODS: Need = &[right(CREATE, CORE, "pods")];

const fn method(
    id: &'static str,
    summary: &'static str,
    needs: &'static [Need],
    leads_to: LeadsTo,
) -> Method {
    Method { id, summary, needs, leads_to, certain: true, hangs_on_names: false, only_in: None }
}

/// One that hangs on what runs in the cluster.
const fn hanging(mut method: Method) -> Method {
    method.certain = false;
    method
}

const fn hanging_on_names(mut method: Method) -> Method {
    method.hangs_on_names = true;
    method
}

/// The ways that are looked for, the shortest to everything first.
pub(crate) static METHODS: &[Method] = &[
    method(
        "impersonate-masters",
        "Acts as a user in the group `system:masters`, which is refused nothing",
        &[
            &[named(cluster_right(&["impersonate"], CORE, "groups"), &["system:masters"])],
            IMPERSONATE_SOMEBODY,
        ],
        LeadsTo::ClusterAdmin,
    ),
    method(
        "bind-cluster-roles",
        "Binds itself a role of the whole cluster that it does not have",
        &[
            &[naming_a_role(cluster_right(&["bind"], RBAC, "clusterroles"), &["cluster-admin"])],
            &[cluster_right(MAKE_OR_CHANGE, RBAC, "clusterrolebindings")],
        ],
        LeadsTo::ClusterAdmin,
    ),
    hanging_on_names(method(
        "escalate-cluster-roles",
        "Writes rules that it does not have into a cluster role, one that it holds or that it may bind",
        &[
            &[cluster_right(&["escalate"], RBAC, "clusterroles")],
            &[cluster_right(CHANGE, RBAC, "clusterroles")],
        ],
        LeadsTo::ClusterAdmin,
    )),
    method(
        "sign-in-certificates",
        "Asks for a client certificate in another's name and approves it",
        &[
            &[cluster_right(CREATE, CERTIFICATES, "certificatesigningrequests")],
            &[cluster_right(CHANGE, CERTIFICATES, "certificatesigningrequests/approval")],
            &[named(
                cluster_right(&["approve"], CERTIFICATES, "signers"),
                &["kubernetes.io/kube-apiserver-client", "kubernetes.io/*"],
            )],
        ],
        LeadsTo::ClusterAdmin,
    ),
    method(
        "mutating-webhooks",
        "Has the API server send it every object that is written, and changes them on their way",
        &[&[
            cluster_right(MAKE_OR_CHANGE, ADMISSION, "mutatingwebhookconfigurations"),
            cluster_right(MAKE_OR_CHANGE, ADMISSION, "mutatingadmissionpolicies"),
        ]],
        LeadsTo::ClusterAdmin,
    ),
    hanging(method(
        "validating-webhooks",
        "Has the API server send it every object that is written, Secrets with the tokens in them included",
        &[&[cluster_right(MAKE_OR_CHANGE, ADMISSION, "validatingwebhookconfigurations")]],
        LeadsTo::Secrets,
    )),
    Method {
        id: "write-aws-auth",
        summary: "Lets an IAM principal of its own into the cluster as `system:masters`, where EKS reads `aws-auth`",
        needs: &[&[named(right(CHANGE, CORE, "configmaps"), &["aws-auth"])]],
        leads_to: LeadsTo::ClusterAdmin,
        certain: false,
        hangs_on_names: false,
        only_in: Some("kube-system"),
    },
    method(
        "bind-roles",
        "Binds itself a role in a namespace that it does not have there",
        &[
            &[
                naming_a_role(right(&["bind"], RBAC, "clusterroles"), &["cluster-admin", "admin", "edit"]),
                right(&["bind"], RBAC, "roles"),
            ],
            &[right(MAKE_OR_CHANGE, RBAC, "rolebindings")],
        ],
        LeadsTo::Namespace,
    ),
    hanging_on_names(method(
        "escalate-roles",
        "Writes rules that it does not have into a role of a namespace, one that it holds or that it may bind",
        &[&[right(&["escalate"], RBAC, "roles")], &[right(CHANGE, RBAC, "roles")]],
        LeadsTo::Namespace,
    )),
    method(
        "impersonate-groups",
        "Acts as a user in a group",
        &[&[cluster_right(&["impersonate"], CORE, "groups")], IMPERSONATE_SOMEBODY],
        LeadsTo::NamedGroups,
    ),
    method(
        "impersonate-users",
        "Acts as another user",
        &[&[cluster_right(&["impersonate"], CORE, "users")]],
        LeadsTo::NamedUsers,
    ),
    method(
        "impersonate-service-accounts",
        "Acts as a service account",
        &[&[right(&["impersonate"], CORE, "serviceaccounts")]],
        LeadsTo::NamedServiceAccounts,
    ),
    method(
        "create-tokens",
        "Has a token made for a service account",
        &[&[right(CREATE, CORE, "serviceaccounts/token")]],
        LeadsTo::NamedServiceAccounts,
    ),
    method(
        "create-token-secrets",
        "Makes a Secret that a token of a service account is put into, and reads it",
        &[&[right(CREATE, CORE, "secrets")], &[right(READ, CORE, "secrets")]],
        LeadsTo::ServiceAccounts,
    ),
    hanging(method(
        "read-secrets",
        "Reads Secrets, with the tokens of service accounts and the passwords that are in them",
        &[&[right(READ, CORE, "secrets")]],
        LeadsTo::Secrets,
    )),
    method(
        "create-pods",
        "Runs a pod as a service account of the namespace, on a node's files and network where nothing forbids it",
        &[CREATE_PODS],
        LeadsTo::ServiceAccounts,
    ),
    method(
        "write-workloads",
        "Has a controller run pods as a service account of the namespace",
        &[&[
            right(MAKE_OR_CHANGE, "apps", "deployments"),
            right(MAKE_OR_CHANGE, "apps", "daemonsets"),
            right(MAKE_OR_CHANGE, "apps", "replicasets"),
            right(MAKE_OR_CHANGE, "apps", "statefulsets"),
            right(MAKE_OR_CHANGE, "batch", "cronjobs"),
            right(CREATE, "batch", "jobs"),
            right(MAKE_OR_CHANGE, CORE, "replicationcontrollers"),
        ]],
        LeadsTo::ServiceAccounts,
    ),
    hanging(method(
        "exec-in-pods",
        "Runs commands in pods, as the service accounts that they run as",
        &[&[
            right(&["create", "get"], CORE, "pods/exec"),
            right(&["create", "get"], CORE, "pods/attach"),
            right(CHANGE, CORE, "pods/ephemeralcontainers"),
        ]],
        LeadsTo::ServiceAccounts,
    )),
    hanging(method(
        "change-pods",
        "Has pods run another image, as the service accounts that they run as",
        &[&[right(CHANGE, CORE, "pods")]],
        LeadsTo::ServiceAccounts,
    )),
    hanging(method(
        "nodes-proxy",
        "Calls the kubelets through the API server, and runs commands in any pod, past admission and audit logs",
        &[&[cluster_right(&["create", "get"], CORE, "nodes/proxy")]],
        LeadsTo::Nodes,
    )),
    hanging(method(
        "persistent-volumes",
        "Makes a volume of a node's files and runs a pod with it, past the checks that pods fall under",
        &[&[cluster_right(CREATE, CORE, "persistentvolumes")], CREATE_PODS],
        LeadsTo::Nodes,
    )),
    hanging(method(
        "change-nodes",
        "Changes labels, taints or the state of nodes, and so draws the pods of others to a node that it holds",
        &[&[cluster_right(CHANGE, CORE, "nodes"), cluster_right(CHANGE, CORE, "nodes/status")]],
        LeadsTo::Nodes,
    )),
];
