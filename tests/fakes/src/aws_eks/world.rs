//! The clusters: three in eu-west-1, one of each authentication mode, and one in us-east-1.

use serde_json::{Value, json};

use super::Reply;

/// A cluster of eu-west-1 with three access entries.
pub const PROD: &str = "prod";
/// The cluster of us-east-1, with one.
pub const BATCH: &str = "batch";

/// Name, region, authentication mode.
const CLUSTERS: [(&str, &str, &str); 4] = [
    (PROD, "eu-west-1", "API_AND_CONFIG_MAP"),
    ("api-only", "eu-west-1", "API"),
    ("legacy", "eu-west-1", "CONFIG_MAP"),
    (BATCH, "us-east-1", "API"),
];

/// Cluster, what follows the account in the principal's ARN, type, groups, access policies.
type Entry = (&'static str, &'static str, &'static str, &'static [&'static str], fn() -> Value);

const ENTRIES: [Entry; 4] = [
    (PROD, "role/security/admin", "STANDARD", &[], || {
        json!([{
            "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            "accessScope": { "type": "cluster", "namespaces": [] },
            "associatedAt": 1_700_000_000.0, "modifiedAt": 1_700_000_000.0,
        }])
    }),
    (PROD, "role/developers", "STANDARD", &["viewers", "developers"], || {
        json!([
            {
                "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
                "accessScope": { "type": "cluster" },
            },
            {
                "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy",
                "accessScope": { "type": "namespace", "namespaces": ["shop", "dev-*"] },
            },
        ])
    }),
    (PROD, "role/nodes", "EC2_LINUX", &["system:nodes"], || json!([])),
    (BATCH, "user/ada", "STANDARD", &["operators"], || json!([])),
];

/// Pages of one item, with an empty page between.
fn paged(items: &[Value], name: &str, token: Option<&str>) -> Reply {
    let Ok(page) = token.unwrap_or("0").parse::<usize>() else {
        return Reply::Error(400, "InvalidParameterException", "nextToken is not valid");
    };
    let shown = if page.is_multiple_of(2) { items.get(page / 2).cloned() } else { None };
    let mut answer = json!({ name: shown.into_iter().collect::<Vec<_>>() });
    if page / 2 + 1 < items.len() {
        answer["nextToken"] = json!((page + 1).to_string());
    }
    Reply::Json(answer)
}

/// What a call of an account in a region gets.
pub(super) fn reply(account: &str, region: &str, path: &[String], token: Option<&str>) -> Reply {
    let here = || CLUSTERS.iter().filter(|(_, at, _)| *at == region);
    let Some(name) = path.get(1) else {
        let names: Vec<_> = here().map(|(name, ..)| json!(name)).collect();
        return paged(&names, "clusters", token);
    };
    let Some((_, _, mode)) = here().find(|(cluster, ..)| cluster == name) else { return Reply::absent() };
    if path.len() == 2 {
        return Reply::Json(json!({ "cluster": cluster(account, region, name, mode) }));
    }
    if *mode == "CONFIG_MAP" {
        return Reply::Error(
            400,
            "InvalidRequestException",
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.",
        );
    }
    let principal = |entry: &Entry| format!("arn:aws:iam::{account}:{}", entry.1);
    let mut entries = ENTRIES.iter().filter(|entry| entry.0 == name);
    let Some(wanted) = path.get(3) else {
        let principals: Vec<_> = entries.map(|entry| json!(principal(entry))).collect();
        return paged(&principals, "accessEntries", token);
    };
    let Some(entry) = entries.find(|entry| principal(entry) == *wanted) else { return Reply::absent() };
    if path.len() == 4 {
        return Reply::Json(json!({ "accessEntry": access_entry(account, region, entry) }));
    }
    let policies = entry.4();
    paged(policies.as_array().map(Vec::as_slice).unwrap_or_default(), "associatedAccessPolicies", token)
}

/// Where a cluster's API server is, as AWS writes it.
fn endpoint(region: &str, name: &str) -> String {
    format!("https://{:0>32X}.gr7.{region}.eks.amazonaws.com", name.len())
}

fn cluster(account: &str, region: &str, name: &str, mode: &str) -> Value {
    json!({
        "name": name,
        "arn": format!("arn:aws:eks:{region}:{account}:cluster/{name}"),
        "createdAt": 1_650_000_000.5,
        "version": "1.36",
        "platformVersion": "eks.7",
        "endpoint": endpoint(region, name),
        "roleArn": format!("arn:aws:iam::{account}:role/eks"),
        "resourcesVpcConfig": {
            "subnetIds": ["subnet-b", "subnet-a"], "securityGroupIds": [], "vpcId": "vpc-1",
            "clusterSecurityGroupId": "sg-1", "endpointPublicAccess": true, "endpointPrivateAccess": false,
            "publicAccessCidrs": ["198.51.100.0/24", "192.0.2.0/24"],
        },
        "logging": { "clusterLogging": [
            { "types": ["scheduler", "audit", "authenticator"], "enabled": true },
            { "types": ["api", "controllerManager"], "enabled": false },
        ] },
        "identity": { "oidc": { "issuer": format!("https://oidc.eks.{region}.amazonaws.com/id/{name}") } },
        "status": "ACTIVE",
        "certificateAuthority": { "data": "aW52ZW50ZWQ=" },
        "encryptionConfig": [{
            "resources": ["secrets"], "provider": { "keyArn": format!("arn:aws:kms:{region}:{account}:key/1") },
        }],
        "accessConfig": { "authenticationMode": mode, "bootstrapClusterCreatorAdminPermissions": mode != "API" },
        "upgradePolicy": { "supportType": "STANDARD" },
        "deletionProtection": true,
        "tags": { "team": "shop", "env": "production" },
        "novelty": { "unknown": true },
    })
}

fn access_entry(account: &str, region: &str, entry: &Entry) -> Value {
    let (cluster, principal, entry_type, groups, _) = entry;
    let (sort, name) = principal.split_once('/').unwrap();
    let name = name.rsplit('/').next().unwrap();
    json!({
        "clusterName": cluster,
        "principalArn": format!("arn:aws:iam::{account}:{principal}"),
        "kubernetesGroups": groups,
        "accessEntryArn": format!("arn:aws:eks:{region}:{account}:access-entry/{cluster}/{sort}/{account}/{name}/id-{name}"),
        "createdAt": 1_660_000_000.0,
        "modifiedAt": 1_670_000_000.0,
        "tags": {},
        "username": format!("arn:aws:sts::{account}:assumed-role/{name}/{{{{SessionName}}}}"),
        "type": entry_type,
    })
}
