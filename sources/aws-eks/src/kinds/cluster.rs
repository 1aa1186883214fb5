//! `aws_eks_cluster`.

use auditor_aws_common::Problems;
use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use aws_sdk_eks::types::{
    AuthenticationMode, Cluster, ClusterStatus, EncryptionConfig, LogType, Logging, SupportType,
    VpcConfigResponse,
};
use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::{Work, emit_sorted, note_without_id, sorted, tags, time};

pub(crate) static CLUSTER: Kind = Kind::new("aws_eks_cluster", "A cluster of EKS, as AWS knows it")
    .native_id(
        "Its ARN and when it was created, `ARN#TIME`: a cluster that is deleted and made again has the same ARN",
    )
    .columns(&[
        Column::text("arn", "/arn", "ARN (`DescribeCluster`, `arn`)"),
        Column::text("region", "/region", "Region"),
        Column::text("version", "/version", "Version of Kubernetes (`DescribeCluster`, `version`)"),
        Column::text(
            "authentication_mode",
            "/authentication_mode",
            "`API` (access entries alone count), `API_AND_CONFIG_MAP` (`aws-auth` counts, too, where no entry names the \
             principal) or `CONFIG_MAP` (`aws-auth` alone counts) (`DescribeCluster`, `authenticationMode`)",
        ),
        Column::boolean(
            "creator_is_admin",
            "/creator_is_admin",
            "Whether who made the cluster was made its administrator (`bootstrapClusterCreatorAdminPermissions`). Null: \
             AWS does not say",
        ),
        Column::text(
            "endpoint",
            "/endpoint",
            "Host and port of the API server, in the form of `kubernetes_cluster`. Null: there is none yet",
        ),
        Column::boolean(
            "public_access",
            "/public_access",
            "Whether the API server is reached from the internet (`endpointPublicAccess`)",
        ),
        Column::json(
            "public_access_cidrs",
            "/public_access_cidrs",
            "Networks it is reached from, if so, sorted (`publicAccessCidrs`)",
        ),
        Column::boolean(
            "private_access",
            "/private_access",
            "Whether it is reached from within the VPC (`endpointPrivateAccess`)",
        ),
        Column::json(
            "logging",
            "/logging",
            "Logs of the control plane that are kept, sorted: `audit`, `authenticator` … (`clusterLogging`)",
        ),
        Column::json(
            "encryption",
            "/encryption",
            "Keys of the customer's that objects are encrypted with, and which objects, sorted (`encryptionConfig`). \
             Empty: a key of AWS's",
        ),
        Column::text("oidc_issuer", "/oidc_issuer", "Issuer of service accounts' tokens (`identity`, `issuer`)"),
        Column::text("role_arn", "/role_arn", "Role of the control plane (`roleArn`)"),
        Column::text("vpc_id", "/vpc_id", "VPC (`resourcesVpcConfig`, `vpcId`)"),
        Column::boolean(
            "deletion_protection",
            "/deletion_protection",
            "Whether it is kept from being deleted (`deletionProtection`). Null: AWS does not say",
        ),
        Column::timestamp("created_at", "/created_at", "When it was created (`createdAt`)"),
        Column::text(
            "status",
            "/status",
            "`ACTIVE`, `CREATING`, `UPDATING`, `FAILED` … (`DescribeCluster`, `status`)",
        )
        .activity(),
    ])
    .permissions(&["eks:DescribeCluster", "eks:ListClusters"]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&CLUSTER], |emit| async move {
        let Some(clusters) = work.estate.required(&emit, &CLUSTER)? else { return Ok(()) };
        let mut problems = Problems::default();
        let (mut resources, mut without_id) = (Vec::new(), Vec::new());
        for read in clusters {
            let Some(Some(cluster)) = problems.required(&read.name, &read.cluster) else { continue };
            match map(work, &read.name, cluster) {
                Some(resource) => resources.push(resource),
                None => without_id.push(read.name.as_str()),
            }
        }
        note_without_id(&emit, &CLUSTER, &without_id);
        let emitted = emit_sorted(&emit, resources).await?;
        problems.tell(&emit, &CLUSTER, emitted)
    })
    .await;
}

fn map(work: &Work<'_>, name: &str, cluster: &Cluster) -> Option<Resource> {
    let (arn, created_at) = (cluster.arn.as_deref()?, time(cluster.created_at.as_ref())?);
    let access = cluster.access_config.as_ref();
    let vpc = cluster.resources_vpc_config.as_ref();
    let identity = cluster.identity.as_ref().and_then(|identity| identity.oidc.as_ref());
    let support = cluster.upgrade_policy.as_ref().and_then(|policy| policy.support_type.as_ref());
    let network = |value: fn(&VpcConfigResponse) -> Option<&Vec<String>>| sorted(vpc.and_then(value));
    let document = json!({
        "arn": arn,
        "region": work.region,
        "version": cluster.version,
        "platform_version": cluster.platform_version,
        "support_type": support.map(SupportType::as_str),
        "authentication_mode":
            access.and_then(|access| access.authentication_mode.as_ref()).map(AuthenticationMode::as_str),
        "creator_is_admin": access.and_then(|access| access.bootstrap_cluster_creator_admin_permissions),
        "endpoint": cluster.endpoint.as_deref().and_then(host_and_port),
        "public_access": vpc.map(|vpc| vpc.endpoint_public_access),
        "public_access_cidrs": network(|vpc| vpc.public_access_cidrs.as_ref()),
        "private_access": vpc.map(|vpc| vpc.endpoint_private_access),
        "logging": logging(cluster.logging.as_ref()),
        "encryption": encryption(cluster.encryption_config.as_deref().unwrap_or_default()),
        "oidc_issuer": identity.and_then(|identity| identity.issuer.as_deref()),
        "role_arn": cluster.role_arn,
        "vpc_id": vpc.and_then(|vpc| vpc.vpc_id.as_deref()),
        "subnet_ids": network(|vpc| vpc.subnet_ids.as_ref()),
        "security_group_ids": network(|vpc| vpc.security_group_ids.as_ref()),
        "cluster_security_group_id": vpc.and_then(|vpc| vpc.cluster_security_group_id.as_deref()),
        "deletion_protection": cluster.deletion_protection,
        "tags": tags(cluster.tags.as_ref()),
        "created_at": created_at,
    });
    let native_id = format!("{arn}#{}", created_at.to_rfc3339_opts(SecondsFormat::Secs, true));
    let status = cluster.status.as_ref().map(ClusterStatus::as_str);
    Some(
        Resource::new(&CLUSTER, work.account.clone(), native_id, document)
            .named(name)
            .with_times(Some(created_at), None)
            .with_activity(json!({ "status": status })),
    )
}

/// `https://ABC.gr7.eu-west-1.eks.amazonaws.com` as `abc.gr7.eu-west-1.eks.amazonaws.com:443`.
fn host_and_port(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://")?;
    let authority = rest.split(['/', '?']).next().filter(|authority| !authority.is_empty())?;
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let port = if has_port { "" } else { ":443" };
    Some(format!("{}{port}", authority.to_ascii_lowercase()))
}

/// The logs that are switched on.
fn logging(logging: Option<&Logging>) -> Vec<&str> {
    let setups = logging.and_then(|logging| logging.cluster_logging.as_deref()).unwrap_or_default();
    let on = setups.iter().filter(|setup| setup.enabled == Some(true));
    let mut types: Vec<_> = on.flat_map(|setup| setup.types.iter().flatten()).map(LogType::as_str).collect();
    types.sort_unstable();
    types.dedup();
    types
}

#[expect(deprecated, reason = "what is encrypted with the key is said by no other field")]
fn encryption(configured: &[EncryptionConfig]) -> Vec<Value> {
    let mut keys: Vec<_> = configured
        .iter()
        .map(|config| {
            let key = config.provider.as_ref().and_then(|provider| provider.key_arn.as_deref());
            (key, sorted(config.resources.as_ref()))
        })
        .collect();
    keys.sort();
    keys.into_iter().map(|(key, resources)| json!({ "key_arn": key, "resources": resources })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_has_the_form_of_the_kubernetes_source() {
        let expected = Some("abc1.gr7.eu-west-1.eks.amazonaws.com:443".to_owned());
        assert_eq!(host_and_port("https://ABC1.gr7.eu-west-1.eks.amazonaws.com"), expected);
        assert_eq!(host_and_port("https://abc1.gr7.eu-west-1.eks.amazonaws.com:443/"), expected);
        assert_eq!(host_and_port("ABC1.gr7.eu-west-1.eks.amazonaws.com"), None);
        assert_eq!(host_and_port("https://"), None);
    }
}
