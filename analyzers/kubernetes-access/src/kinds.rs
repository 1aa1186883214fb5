//! The kinds that this crate emits beside the common ones, and their documents.

use auditor_core::model::{Column, Kind};
use serde::Serialize;

const CLUSTER: Column = Column::text(
    "cluster",
    "/cluster",
    "The cluster: native id of `kubernetes_cluster`. Null: it is not audited",
);
const CLUSTER_NAME: Column = Column::text("cluster_name", "/cluster_name", "Its name. Null: not known");
const NOTE: Column = Column::text("note", "/note", "What is not known, or limits the answer. Null: nothing");

/// A way to more rights.
pub static ESCALATION: Kind = Kind::new(
    "kubernetes_escalation",
    "A way in which a user, group or service account of a cluster comes by more rights than bindings give it. None is kept \
     of those that may do everything already",
)
.native_id("The cluster, the subject and the method's id: `CLUSTER/SUBJECT METHOD`")
.columns(&[
    CLUSTER,
    CLUSTER_NAME,
    Column::text("subject", "/subject", "`User:NAME`, `Group:NAME` or `ServiceAccount:NAMESPACE:NAME`"),
    Column::text("method", "/method", "Id of the method, e.g. `create-pods`"),
    Column::text("summary", "/summary", "The method in one line"),
    Column::text(
        "reach",
        "/reach",
        "Where it leads at once: `cluster_admin`, `namespace` (everything in the namespaces), `service_accounts` (the rights \
         of those in the namespaces), `users` (or groups), `secrets` or `nodes`",
    ),
    Column::text(
        "admin",
        "/admin",
        "Whether it leads to everything in the cluster, at once or by further steps: `can_become`, `possible` (hangs on what \
         runs or lies there), `no`, or `unknown` (not all roles and bindings are known)",
    ),
    Column::json("namespaces", "/namespaces", "Namespaces it works in, sorted. `*`: every one"),
    Column::json("names", "/names", "Names that the right is limited to, sorted. Empty: none"),
    Column::json(
        "targets",
        "/targets",
        "Up to 25 of those by whose rights it comes to everything, sorted. Empty: it needs none, or there are none",
    ),
    Column::json("paths", "/paths", "Bindings, roles and rules that give the rights it needs: up to 25 lists, sorted"),
    Column::boolean("built_in", "/built_in", "Whether all of these bindings were made by Kubernetes itself"),
    NOTE,
]);

/// Who is who in IAM and in a cluster.
pub static IDENTITY_MAPPING: Kind = Kind::new(
    "kubernetes_identity_mapping",
    "An IAM principal that is somebody in an EKS cluster, or a service account whose pods are an IAM role",
)
.native_id(
    "`CLUSTER/` and the entry of `aws-auth` or the service account; for access entries, their ARN. `not listed` at its end: \
     not all of them are known",
)
.columns(&[
    CLUSTER,
    CLUSTER_NAME,
    Column::text("cluster_arn", "/cluster_arn", "ARN of the EKS cluster. Null: not known"),
    Column::text("direction", "/direction", "`to_cluster` (IAM principal becomes subject) or `to_iam` (the other way)"),
    Column::text("via", "/via", "`aws-auth`, `access-entry` or `service-account` (annotation `eks.amazonaws.com/role-arn`)"),
    Column::text(
        "iam_principal",
        "/iam_principal",
        "ARN, as written; an account id stands for every user and role of it. Null: it cannot be read, or was not",
    ),
    Column::text(
        "username",
        "/username",
        "User name in the cluster; `{{SessionName}}` and the like stand for what a session brings. Null: not known",
    ),
    Column::json("groups", "/groups", "Groups in the cluster, sorted, without those that everybody is in"),
    Column::json(
        "access_policies",
        "/access_policies",
        "Access policies of EKS that count beside roles and bindings, sorted: `NAME` in the whole cluster or `NAME in \
         NAMESPACES`. Null: not known",
    ),
    Column::boolean("effective", "/effective", "Whether it has an effect. Null: cannot be told, see `note`"),
    Column::text(
        "admin",
        "/admin",
        "Whether it amounts to everything in the cluster: `yes`, `can_become`, `possible`, `no` or `unknown`",
    ),
    Column::text("reason", "/reason", "Why, in one sentence"),
    NOTE,
]);

/// Whether somebody may do everything in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClusterAdmin {
    /// No, neither now nor by a way that is known.
    No,
    /// Not all is known that it hangs on.
    Unknown,
    /// It may come to that, by way of what runs or lies in the cluster.
    Possible,
    /// It can give itself everything.
    CanBecome,
    /// It may.
    Yes,
}

/// Where a way to more rights leads at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// To everything in the cluster.
    ClusterAdmin,
    /// To everything in the namespaces.
    Namespace,
    /// To the rights of service accounts of the namespaces.
    ServiceAccounts,
    /// To the rights of users and groups.
    Users,
    /// To the Secrets of the namespaces.
    Secrets,
    /// To the nodes.
    Nodes,
}

/// The document of a `kubernetes_escalation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Escalation {
    /// The cluster.
    pub cluster: String,
    /// Its name. `None`: not known.
    pub cluster_name: Option<String>,
    /// Who.
    pub subject: String,
    /// Id of the method.
    pub method: &'static str,
    /// The method in one line.
    pub summary: &'static str,
    /// Where it leads at once.
    pub reach: Reach,
    /// Whether that leads to everything.
    pub admin: ClusterAdmin,
    /// Namespaces it works in, sorted; `*` for every one.
    pub namespaces: Vec<String>,
    /// Names that the right is limited to, sorted. Empty: none.
    pub names: Vec<String>,
    /// By whose rights it comes to everything.
    pub targets: Vec<String>,
    /// What gives the rights it needs.
    pub paths: Vec<Vec<String>>,
    /// Whether Kubernetes itself made all of these bindings.
    pub built_in: bool,
    /// What is not known. `None`: nothing.
    pub note: Option<String>,
}

/// The document of a `kubernetes_identity_mapping`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdentityMapping {
    /// The cluster. `None`: it is not audited.
    pub cluster: Option<String>,
    /// Its name. `None`: not known.
    pub cluster_name: Option<String>,
    /// ARN of the EKS cluster. `None`: not known.
    pub cluster_arn: Option<String>,
    /// Which becomes which.
    pub direction: Direction,
    /// By what.
    pub via: Via,
    /// ARN, or account id. `None`: it cannot be read.
    pub iam_principal: Option<String>,
    /// User name in the cluster. `None`: not known.
    pub username: Option<String>,
    /// Groups in the cluster, sorted.
    pub groups: Vec<String>,
    /// Access policies that count, sorted. `None`: not known.
    pub access_policies: Option<Vec<String>>,
    /// Whether it has an effect. `None`: cannot be told.
    pub effective: Option<bool>,
    /// Whether it amounts to everything in the cluster.
    pub admin: ClusterAdmin,
    /// Why.
    pub reason: String,
    /// What is not known. `None`: nothing.
    pub note: Option<String>,
}

/// Which becomes which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// An IAM principal becomes a subject of the cluster.
    ToCluster,
    /// A subject of the cluster becomes an IAM role.
    ToIam,
}

/// What maps identities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// The config map `kube-system/aws-auth`.
    AwsAuth,
    /// An access entry of EKS.
    AccessEntry,
    /// The annotation of a service account.
    ServiceAccount,
}
