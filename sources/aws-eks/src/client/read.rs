//! Reads the clusters of an account and region: each call only if a wanted kind needs it.

use auditor_aws_common::{Input, Pages, for_each};
use auditor_core::{error::SourceError, model::Kind};
use aws_sdk_eks::{
    Client,
    types::{AccessEntry, AssociatedAccessPolicy, AuthenticationMode, Cluster},
};

use super::{Eks, explain, is_absent};
use crate::{
    estate::{ClusterRead, EntryRead, Estate},
    kinds,
};

/// What AWS gives at most on one page.
const PAGE: i32 = 100;

/// Reads a list to its end: `send` makes the request for a token, `take` takes a page's items.
macro_rules! read_pages {
    ($eks:expr, $action:expr, |$client:ident, $token:ident| $send:expr, |$page:ident| $take:expr) => {{
        let mut items = Vec::new();
        let mut pages = Pages::new($action);
        while let Some(token) = pages.next() {
            let send = |$client: &Client| {
                let $token = token.clone();
                $send.max_results(PAGE).send()
            };
            let $page = $eks.call($action, send).await.map_err(explain)?;
            pages.turn_to($page.next_token.clone())?;
            items.extend($take);
        }
        items
    }};
}

/// Reads what the wanted kinds need. What cannot be read is part of the result.
pub(crate) async fn read(eks: &Eks, wants: impl Fn(&'static Kind) -> bool) -> Estate {
    let entries = wants(&kinds::ACCESS_ENTRY);
    if !entries && !wants(&kinds::CLUSTER) {
        return Estate::default();
    }
    let mut names = match clusters(eks).await {
        Ok(names) => names,
        Err(error) => return Err(error).into(),
    };
    names.sort();
    names.dedup();
    let described = for_each(&names, |name| describe(eks, name.clone())).await;
    let mut read: Vec<_> = names
        .into_iter()
        .zip(described)
        .map(|(name, cluster)| ClusterRead { name, cluster, entries: Input::default() })
        .collect();
    if entries {
        let asked: Vec<usize> = (0..read.len()).filter(|i| may_have_entries(&read[*i])).collect();
        let names: Vec<String> = asked.iter().map(|i| read[*i].name.clone()).collect();
        let found = for_each(&names, |name| access_entries(eks, name.clone())).await;
        for cluster in &mut read {
            cluster.entries = Input::Known(Vec::new());
        }
        for (i, entries) in asked.into_iter().zip(found) {
            read[i].entries = entries;
        }
    }
    Input::Known(read)
}

/// Where `aws-auth` alone counts there are no entries, and AWS refuses to list them.
fn may_have_entries(read: &ClusterRead) -> bool {
    let Some(cluster) = read.cluster.known() else { return true };
    let access = cluster.as_ref().and_then(|cluster| cluster.access_config.as_ref());
    access.and_then(|access| access.authentication_mode.as_ref()) != Some(&AuthenticationMode::ConfigMap)
}

async fn clusters(eks: &Eks) -> Result<Vec<String>, SourceError> {
    Ok(read_pages!(
        eks,
        "eks:ListClusters",
        |client, token| client.list_clusters().set_next_token(token),
        |page| page.clusters.into_iter().flatten()
    ))
}

async fn describe(eks: &Eks, name: String) -> Result<Option<Cluster>, SourceError> {
    const ACTION: &str = "eks:DescribeCluster";
    match eks.call(ACTION, |client: &Client| client.describe_cluster().name(&name).send()).await {
        Ok(answer) => answer
            .cluster
            .map(Some)
            .ok_or_else(|| SourceError::malformed(ACTION, "the answer holds no cluster")),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(explain(error)),
    }
}

/// The access entries of a cluster, each with its policies.
async fn access_entries(eks: &Eks, cluster: String) -> Result<Vec<EntryRead>, SourceError> {
    let listed = match principals(eks, &cluster).await {
        // The cluster was deleted meanwhile.
        Err(error) if is_absent(&error) => Vec::new(),
        listed => listed?,
    };
    let entries = for_each(&listed, |principal| describe_entry(eks, &cluster, principal.clone())).await;
    let policies = for_each(&listed, |principal| policies(eks, &cluster, principal.clone())).await;
    let read = listed.into_iter().zip(entries).zip(policies);
    Ok(read.map(|((principal_arn, entry), policies)| EntryRead { principal_arn, entry, policies }).collect())
}

async fn principals(eks: &Eks, cluster: &str) -> Result<Vec<String>, SourceError> {
    let mut principals: Vec<String> = read_pages!(
        eks,
        "eks:ListAccessEntries",
        |client, token| client.list_access_entries().cluster_name(cluster).set_next_token(token),
        |page| page.access_entries.into_iter().flatten()
    );
    principals.sort();
    principals.dedup();
    Ok(principals)
}

async fn describe_entry(
    eks: &Eks,
    cluster: &str,
    principal: String,
) -> Result<Option<AccessEntry>, SourceError> {
    const ACTION: &str = "eks:DescribeAccessEntry";
    let send = |client: &Client| {
        client.describe_access_entry().cluster_name(cluster).principal_arn(&principal).send()
    };
    match eks.call(ACTION, send).await {
        Ok(answer) => answer
            .access_entry
            .map(Some)
            .ok_or_else(|| SourceError::malformed(ACTION, "the answer holds no access entry")),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(explain(error)),
    }
}

async fn policies(
    eks: &Eks,
    cluster: &str,
    principal: String,
) -> Result<Vec<AssociatedAccessPolicy>, SourceError> {
    match associated(eks, cluster, &principal).await {
        // The entry was deleted meanwhile.
        Err(error) if is_absent(&error) => Ok(Vec::new()),
        policies => policies,
    }
}

async fn associated(
    eks: &Eks,
    cluster: &str,
    principal: &str,
) -> Result<Vec<AssociatedAccessPolicy>, SourceError> {
    Ok(read_pages!(
        eks,
        "eks:ListAssociatedAccessPolicies",
        |client, token| client
            .list_associated_access_policies()
            .cluster_name(cluster)
            .principal_arn(principal)
            .set_next_token(token),
        |page| page.associated_access_policies.into_iter().flatten()
    ))
}
