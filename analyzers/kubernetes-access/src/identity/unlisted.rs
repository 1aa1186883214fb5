//! What is said where those who are let in were not listed: nobody is known, which is not nobody.

use auditor_core::analyzer::{Knowledge, View};

use super::{ACCESS_ENTRY, Known, Mapping};
use crate::{
    kinds::{ClusterAdmin, Direction, IdentityMapping, Via},
    rbac::{AWS_AUTH_ENTRY, Cluster},
};

/// A record of a cluster whose `aws-auth` was not read whole. `None`: it was, or the cluster is not of EKS.
pub(super) fn aws_auth(view: &View<'_>, cluster: &Cluster) -> Option<Mapping> {
    let mut listings =
        view.listings(AWS_AUTH_ENTRY).filter(|listing| listing.target == cluster.id).peekable();
    let why = if listings.peek().is_none() {
        Knowledge::NotCollected.lack(AWS_AUTH_ENTRY).filter(|_| cluster.is_eks)?
    } else {
        let broken = listings.find(|listing| !listing.outcome.retires())?;
        format!("the latest listing of {AWS_AUTH_ENTRY} from `{}` ended {}", broken.source, broken.outcome)
    };
    let native_id = format!("{}/aws-auth not listed", cluster.id);
    Some(mapping(native_id, Via::AwsAuth, Some(cluster), why))
}

/// A record of an account whose access entries were not read whole. `None`: they were, or no cluster of it is of EKS.
pub(super) fn access_entries(view: &View<'_>, clusters: &[Known<'_>]) -> Option<Mapping> {
    let knowledge = view.knowledge(ACCESS_ENTRY);
    let why = knowledge.lack(ACCESS_ENTRY)?;
    let on_eks = clusters.iter().any(|(cluster, _)| cluster.is_eks);
    let due = on_eks || knowledge != Knowledge::NotCollected;
    due.then(|| mapping("access entries not listed".to_owned(), Via::AccessEntry, None, why))
}

fn mapping(native_id: String, via: Via, cluster: Option<&Cluster>, why: String) -> Mapping {
    let document = IdentityMapping {
        cluster: cluster.map(|cluster| cluster.id.clone()),
        cluster_name: cluster.and_then(|cluster| cluster.name.clone()),
        cluster_arn: cluster.and_then(|cluster| cluster.eks_arn.clone()),
        direction: Direction::ToCluster,
        via,
        iam_principal: None,
        username: None,
        groups: Vec::new(),
        access_policies: None,
        effective: None,
        admin: ClusterAdmin::Unknown,
        reason: "not everybody who is let in is known".to_owned(),
        note: Some(why),
    };
    Mapping { native_id, name: "not listed".to_owned(), document }
}
