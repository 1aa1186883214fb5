//! The access policies of EKS: what they allow is not to be read from any API.

use crate::kinds::ClusterAdmin;

/// What a policy amounts to in the whole cluster, as documented by AWS in 2025. `None`: it is not known here.
///
/// What `AmazonEKSAdminPolicy` and `AmazonEKSEditPolicy` allow in every namespace includes running pods as service accounts
/// of `kube-system`.
pub(super) fn in_whole_cluster(name: &str) -> Option<ClusterAdmin> {
    TABLE.iter().find(|(known, _)| *known == name).map(|(_, admin)| *admin)
}

static TABLE: &[(&str, ClusterAdmin)] = &[
    ("AmazonEKSClusterAdminPolicy", ClusterAdmin::Yes),
    ("AmazonEKSAdminPolicy", ClusterAdmin::Possible),
    ("AmazonEKSEditPolicy", ClusterAdmin::Possible),
    ("AmazonEKSAdminViewPolicy", ClusterAdmin::Possible),
    ("AmazonEKSViewPolicy", ClusterAdmin::No),
];
