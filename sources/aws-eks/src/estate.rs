//! Everything read in one account and region, with what could not be read, before any record is made of it.

use auditor_aws_common::Input;
use aws_sdk_eks::types::{AccessEntry, AssociatedAccessPolicy, Cluster};

/// The clusters there.
pub(crate) type Estate = Input<Vec<ClusterRead>>;

/// A cluster with who gets into it.
#[derive(Debug)]
pub(crate) struct ClusterRead {
    pub(crate) name: String,
    /// `None` inside: it was deleted meanwhile.
    pub(crate) cluster: Input<Option<Cluster>>,
    pub(crate) entries: Input<Vec<EntryRead>>,
}

/// An access entry with its policies.
#[derive(Debug)]
pub(crate) struct EntryRead {
    pub(crate) principal_arn: String,
    /// `None` inside: it was deleted meanwhile.
    pub(crate) entry: Input<Option<AccessEntry>>,
    pub(crate) policies: Input<Vec<AssociatedAccessPolicy>>,
}
