//! `auditor check`: one cheap call per permission.

use std::{error::Error, future::Future};

use auditor_aws_common::{check_item, code_of};
use auditor_core::sink::CheckItem;
use aws_sdk_eks::Client;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::client::{Eks, explain, is_absent};

/// Things that do not exist: AWS looks at permissions first, so that not finding them means permitted.
const NO_CLUSTER: &str = "auditor-check-of-permissions";
const NO_PRINCIPAL: &str = "arn:aws:iam::000000000000:role/auditor-check-of-permissions";

/// Tries every permission, in the order of the calls of a collection.
pub(crate) async fn permissions(eks: &Eks, on: &str) -> Vec<CheckItem> {
    vec![
        probe(eks, on, "eks:ListClusters", |client| client.list_clusters().max_results(1).send()).await,
        probe(eks, on, "eks:DescribeCluster", |client| client.describe_cluster().name(NO_CLUSTER).send())
            .await,
        probe(eks, on, "eks:ListAccessEntries", |client| {
            client.list_access_entries().cluster_name(NO_CLUSTER).max_results(1).send()
        })
        .await,
        probe(eks, on, "eks:DescribeAccessEntry", |client| {
            client.describe_access_entry().cluster_name(NO_CLUSTER).principal_arn(NO_PRINCIPAL).send()
        })
        .await,
        probe(eks, on, "eks:ListAssociatedAccessPolicies", |client| {
            let request = client.list_associated_access_policies().cluster_name(NO_CLUSTER);
            request.principal_arn(NO_PRINCIPAL).max_results(1).send()
        })
        .await,
    ]
}

async fn probe<T, E, F, Fut>(eks: &Eks, on: &str, action: &'static str, send: F) -> CheckItem
where
    F: Fn(&Client) -> Fut,
    Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let result = match eks.call(action, send).await {
        Err(error) if is_absent(&error) => Ok(()),
        // The permission is there, and the principal of another partition is no principal here.
        Err(error) if code_of(&error) == Some("InvalidParameterException") => Ok(()),
        result => result.map(drop).map_err(explain),
    };
    check_item(action, on, result)
}
