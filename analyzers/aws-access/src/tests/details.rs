//! The reply of `iam:GetAccountAuthorizationDetails` as the records that the source `aws-iam` keeps of it.

use auditor_core::{
    analyzer::{Item, Listing},
    outcome::Outcome,
};
use serde_json::{Value, json};

/// Listings of users, groups, roles and policies, complete.
pub(crate) fn listings(details: &Value) -> Vec<Listing> {
    let list = |key: &str| details[key].as_array().cloned().unwrap_or_default();
    let arns = ["UserDetailList", "RoleDetailList"].map(list).concat();
    let account =
        arns.iter().find_map(|entity| entity["Arn"].as_str()?.split(':').nth(4)).unwrap_or_default();
    let listing = |kind: &str, items: Vec<Item>| Listing {
        kind: kind.to_owned(),
        source: "aws".to_owned(),
        target: account.to_owned(),
        outcome: Outcome::Complete,
        items,
    };
    let items = |key: &str, id: &str, name: &str, document: fn(&Value) -> Value| -> Vec<Item> {
        let item = |entity: &Value| Item {
            account: account.parse().expect("an account id"),
            native_id: entity[id].as_str().or(entity["Arn"].as_str()).unwrap_or_default().to_owned(),
            name: entity[name].as_str().map(str::to_owned),
            document: document(entity),
            activity: None,
            provider_created_at: None,
            provider_updated_at: None,
        };
        list(key).iter().map(item).collect()
    };
    vec![
        listing(
            "aws_iam_user",
            items("UserDetailList", "UserId", "UserName", |user| holder(user, "UserPolicyList")),
        ),
        listing(
            "aws_iam_group",
            items("GroupDetailList", "GroupId", "GroupName", |group| holder(group, "GroupPolicyList")),
        ),
        listing(
            "aws_iam_role",
            items("RoleDetailList", "RoleId", "RoleName", |role| holder(role, "RolePolicyList")),
        ),
        listing("aws_iam_policy", items("Policies", "PolicyId", "PolicyName", policy)),
    ]
}

/// Documents arrive decoded, or URL-encoded as the API gives them.
fn decoded(document: &Value) -> Value {
    let Some(text) = document.as_str() else { return document.clone() };
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).unwrap_or(0);
        let code = if byte == b'%' { hex(rest.next()) * 16 + hex(rest.next()) } else { byte.into() };
        bytes.push(u8::try_from(code).unwrap_or_default());
    }
    serde_json::from_slice(&bytes).unwrap_or_else(|_| document.clone())
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn holder(entity: &Value, inline: &str) -> Value {
    let arns: Vec<_> = array(&entity["AttachedManagedPolicies"]).map(|policy| &policy["PolicyArn"]).collect();
    let inline: Vec<_> = array(&entity[inline])
        .map(|policy| json!({"name": policy["PolicyName"], "document": decoded(&policy["PolicyDocument"])}))
        .collect();
    let tags: serde_json::Map<_, _> = array(&entity["Tags"])
        .filter_map(|tag| Some((tag["Key"].as_str()?.to_owned(), tag["Value"].clone())))
        .collect();
    let profiles: Vec<_> = array(&entity["InstanceProfileList"]).map(|profile| &profile["Arn"]).collect();
    json!({
        "arn": entity["Arn"],
        "groups": entity["GroupList"],
        "policy_arns": arns,
        "inline_policy_documents": inline,
        "permissions_boundary": entity["PermissionsBoundary"]["PermissionsBoundaryArn"],
        "trust_policy": {"document": decoded(&entity["AssumeRolePolicyDocument"])},
        "service_linked": entity["Path"].as_str().is_some_and(|path| path.starts_with("/aws-service-role/")),
        "instance_profiles": profiles,
        "tags": tags,
    })
}

fn policy(policy: &Value) -> Value {
    let version = |version: &Value| json!({"version_id": version["VersionId"], "document": decoded(&version["Document"])});
    let (default, others): (Vec<_>, Vec<_>) = array(&policy["PolicyVersionList"]).partition(|version| {
        version["IsDefaultVersion"] == true || version["VersionId"] == policy["DefaultVersionId"]
    });
    json!({
        "arn": policy["Arn"],
        "aws_managed": policy["Arn"].as_str().is_some_and(|arn| arn.contains(":iam::aws:")),
        "default_version": default.first().map(|default| version(default)),
        "other_versions": others.into_iter().map(version).collect::<Vec<_>>(),
    })
}
