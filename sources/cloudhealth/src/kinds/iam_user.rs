//! `cloudhealth_iam_user`: a cross-check of what AWS itself says.

use std::collections::BTreeSet;

use auditor_core::{
    error::SourceError,
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::{Map, Value, json};

use super::{Work, emit_listing};
use crate::{
    accounts::{Accounts, arn_account_at},
    client::{calls, no_result},
    item::Item,
};

/// Attributes that are asked for where CloudHealth has them. It does not document which it has, so each is a guess;
/// none can hold a secret.
const ATTRIBUTES: [&str; 16] = [
    "access_key_1_active",
    "access_key_2_active",
    "arn",
    "created_at",
    "create_date",
    "is_active",
    "mfa_active",
    "mfa_enabled",
    "name",
    "password_enabled",
    "password_last_used",
    "path",
    "unique_id",
    "user_id",
    "user_name",
    "last_used",
];

pub(crate) static IAM_USER: Kind = Kind::new(
    "cloudhealth_iam_user",
    "An IAM user as CloudHealth sees it, which may lag: a cross-check of `aws_iam_user`, not a source of its own",
)
.native_id("CloudHealth's own id of the user")
.columns(&[
    Column::text("arn", "/attributes/arn", "ARN. Null: CloudHealth does not have it"),
    Column::text("user_id", "/attributes/user_id", "AWS's unique id. Null: CloudHealth does not have it"),
    Column::text("cloudhealth_account", "/cloudhealth_account", "CloudHealth's id of the account. Null: not said"),
    Column::text("account_name", "/account_name", "Name of the account in CloudHealth. Null: not said"),
    Column::json(
        "attributes",
        "/attributes",
        "What CloudHealth has of the user, in its own words and forms; what it lacks is left out",
    ),
    Column::json("last_used", "/last_used", "Times of last use, as far as CloudHealth has any").activity(),
])
.permissions(&["GET /api/AwsUser", "GET /api/search", "GET /v1/aws_accounts"]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>, accounts: &Result<Accounts, SourceError>) {
    out.scope(&[&IAM_USER], |emit| async move {
        let accounts = accounts.as_ref().map_err(SourceError::again)?.whole()?;
        let fields = fields(work).await?.join(",");
        let parameters = [
            ("api_version", "2"),
            ("name", "AwsUser"),
            ("query", "is_active=1"),
            ("fields", fields.as_str()),
        ];
        let listing = work.reader.list(&calls::SEARCH, &parameters).await?;
        emit_listing(&emit, &IAM_USER, listing, |id, item| map(work.account, accounts, id, item)).await
    })
    .await;
}

/// Those of the attributes that CloudHealth has, and the account.
async fn fields(work: &Work<'_>) -> Result<Vec<&'static str>, SourceError> {
    let action = calls::USER_ATTRIBUTES.action;
    let request = work.reader.request(&calls::USER_ATTRIBUTES, &[]);
    let body = work.reader.get(&request, action).await.map_err(|error| match &error {
        SourceError::Rejected { .. } => error
            .with_hint("this tenant may not hold IAM users: leave `cloudhealth_iam_user` out with `kinds`"),
        _ => error,
    })?;
    let item = Item(&body);
    if item.at("attributes").and_then(Value::as_array).is_none() {
        return Err(no_result(action, &request, &body, "the reply holds no `attributes`"));
    }
    let known: BTreeSet<_> =
        item.items("attributes").filter_map(|attribute| attribute.text("name")).collect();
    let mut fields: Vec<_> = ATTRIBUTES.into_iter().filter(|name| known.contains(*name)).collect();
    let has_account =
        item.items("relations").any(|relation| relation.text("name").as_deref() == Some("account"));
    if has_account {
        fields.push("account.name");
    }
    Ok(fields)
}

fn map(tenant: &AccountId, accounts: &Accounts, id: &str, item: Item<'_>) -> Resource {
    let cloudhealth_account = item.text("account/id");
    let joined = cloudhealth_account.as_deref().and_then(|id| accounts.by_id(id));
    let aws = joined
        .and_then(|account| account.aws.as_ref())
        .map(|(aws, _)| aws.clone())
        .or_else(|| arn_account_at(item, "arn"))
        .unwrap_or_else(|| tenant.clone());
    let (mut attributes, mut last_used) = (Map::new(), Map::new());
    for name in ATTRIBUTES {
        // Objects and lists are none of the forms an attribute has.
        let Some(value) = item.at(name).filter(|value| !value.is_object() && !value.is_array()) else {
            continue;
        };
        let part = if name.contains("last_used") { &mut last_used } else { &mut attributes };
        part.insert(name.to_owned(), value.clone());
    }
    let document = json!({
        "cloudhealth_account": cloudhealth_account,
        "account_name": item.text("account/name"),
        "attributes": attributes,
    });
    let resource = Resource::new(&IAM_USER, aws, id, document).with_activity(json!({"last_used": last_used}));
    match item.text("name").or_else(|| item.text("user_name")) {
        Some(name) => resource.named(name),
        None => resource,
    }
}
