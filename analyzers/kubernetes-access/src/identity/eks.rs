//! What EKS says about a cluster: how it lets people in, and whom.

use std::fmt;

use auditor_core::analyzer::{Item, View};
use serde_json::Value;

use super::{policies, strings, text};
use crate::{kinds::ClusterAdmin, rbac::Cluster};

pub(crate) const EKS_CLUSTER: &str = "aws_eks_cluster";
pub(crate) const ACCESS_ENTRY: &str = "aws_eks_access_entry";

/// How a cluster lets IAM principals in.
pub(super) struct Mode {
    /// ARN of the cluster. `None`: EKS was not asked about it.
    pub(super) cluster_arn: Option<String>,
    /// `API`, `API_AND_CONFIG_MAP` or `CONFIG_MAP`. `None`: not known.
    authentication: Option<String>,
    /// Principals of its access entries, in small letters.
    entries: Vec<String>,
    /// Why these may not be all of them. `None`: they are.
    entries_lack: Option<String>,
}

impl Mode {
    pub(super) fn of(view: &View<'_>, cluster: &Cluster) -> Self {
        let eks = view.items(EKS_CLUSTER).find(|item| is_the_same(item, cluster));
        let cluster_arn = eks.and_then(|item| text(item, "arn"));
        let entries = view.items(ACCESS_ENTRY).filter(|entry| {
            let of = text(entry, "cluster_arn");
            of.is_some() && (of == cluster_arn || of == cluster.eks_arn)
        });
        let entries = entries.filter_map(|entry| Some(text(entry, "principal_arn")?.to_ascii_lowercase()));
        Self {
            entries: entries.collect(),
            entries_lack: view.knowledge(ACCESS_ENTRY).lack(ACCESS_ENTRY),
            authentication: eks.and_then(|item| text(item, "authentication_mode")),
            cluster_arn,
        }
    }

    /// Whether `aws-auth` counts for a principal, and why not, or why that is not known.
    pub(super) fn aws_auth(&self, matches: Option<&str>) -> (Option<bool>, Option<String>) {
        let has_entry = matches.is_some_and(|arn| self.entries.iter().any(|entry| entry == arn));
        match self.authentication.as_deref() {
            Some("API") => (Some(false), Some("the cluster's authentication mode is `API`".to_owned())),
            Some("API_AND_CONFIG_MAP") if has_entry => {
                (Some(false), Some("an access entry of the principal counts in its place".to_owned()))
            }
            // An entry that is not known would count in its place.
            Some("API_AND_CONFIG_MAP") => (Some(true), self.entries_lack.clone()),
            Some("CONFIG_MAP") => (Some(true), None),
            _ => (None, Some("the cluster's authentication mode is not known".to_owned())),
        }
    }
}

/// Whether access entries count in a cluster, and why that is not known.
pub(super) fn entries_count(view: &View<'_>, cluster_arn: Option<&str>) -> (Option<bool>, Option<String>) {
    let cluster = view.items(EKS_CLUSTER).find(|item| {
        cluster_arn.is_some() && item.document.get("arn").and_then(Value::as_str) == cluster_arn
    });
    match cluster.and_then(|item| text(item, "authentication_mode")).as_deref() {
        Some("CONFIG_MAP") => {
            (Some(false), Some("the cluster's authentication mode is `CONFIG_MAP`".to_owned()))
        }
        Some("API" | "API_AND_CONFIG_MAP") => (Some(true), None),
        _ => (None, Some("the cluster's authentication mode is not known".to_owned())),
    }
}

/// Whether an audited cluster is the EKS cluster of that ARN.
pub(super) fn is_of(view: &View<'_>, cluster: &Cluster, arn: Option<&str>) -> bool {
    let Some(arn) = arn else { return false };
    cluster.eks_arn.as_deref() == Some(arn)
        || view.items(EKS_CLUSTER).any(|item| {
            item.document.get("arn").and_then(Value::as_str) == Some(arn) && is_the_same(item, cluster)
        })
}

/// By ARN, or by where the API server is reached.
fn is_the_same(item: &Item, cluster: &Cluster) -> bool {
    let same = |field: &str, known: Option<&String>| known.is_some() && text(item, field).as_ref() == known;
    same("arn", cluster.eks_arn.as_ref()) || same("endpoint", cluster.endpoint.as_ref())
}

/// An access policy that an entry is associated with.
pub(super) struct Policy {
    name: String,
    /// Namespaces it is limited to, with `*` for anything in them. `None`: the whole cluster.
    namespaces: Option<Vec<String>>,
}

impl Policy {
    /// The policies of an entry, in order. `None`: not known.
    pub(super) fn all(policies: Option<&Value>) -> Option<Vec<Self>> {
        let policies = policies?.as_array()?;
        policies.iter().map(Self::of).collect()
    }

    fn of(policy: &Value) -> Option<Self> {
        let name = policy.get("name").and_then(Value::as_str)?.to_owned();
        let namespaces = match policy.get("scope").and_then(Value::as_str)? {
            "cluster" => None,
            _ => Some(strings(policy.get("namespaces"))),
        };
        Some(Self { name, namespaces })
    }

    /// Whether it amounts to everything in the cluster.
    pub(super) fn admin(&self) -> ClusterAdmin {
        let whole = policies::in_whole_cluster(&self.name).unwrap_or(ClusterAdmin::Unknown);
        match &self.namespaces {
            None => whole,
            // Everything in the namespace where the cluster's own controllers are is a way to the rest.
            Some(namespaces) if namespaces.iter().any(|pattern| covers_kube_system(pattern)) => {
                whole.min(ClusterAdmin::Possible)
            }
            Some(_) => whole.min(ClusterAdmin::Unknown),
        }
    }
}

fn covers_kube_system(pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == "kube-system",
        Some((before, after)) => "kube-system".starts_with(before) && "kube-system".ends_with(after),
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespaces {
            None => formatter.write_str(&self.name),
            Some(namespaces) => write!(formatter, "{} in {}", self.name, namespaces.join(", ")),
        }
    }
}
