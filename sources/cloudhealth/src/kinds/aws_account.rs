//! `cloudhealth_aws_account`.

use std::collections::BTreeSet;

use auditor_core::model::{AccountId, Column, Kind, Resource};
use serde_json::{Value, json};

use crate::{
    accounts::{CloudAccount, KnownBy},
    config::PerspectiveNames,
    item::Item,
};

/// The catch-all group of every perspective.
const NOBODY: &str = "Other";

pub(crate) static AWS_ACCOUNT: Kind = Kind::new(
    "cloudhealth_aws_account",
    "An AWS account as CloudHealth knows it: whether it can read it, in which groups it is, how it gets in",
)
.native_id("CloudHealth's own id of the account")
.columns(&[
    Column::text("account_id", "/account_id", "The AWS account id. Null: CloudHealth has not found it out"),
    Column::text(
        "account_id_source",
        "/account_id_source",
        "`owner_id`: found out by CloudHealth; `assume_role_arn`: inferred from the role it is told to assume",
    ),
    Column::text(
        "status",
        "/status",
        "Whether CloudHealth can read the account: `green`, `yellow`, `red`, `unknown` (`status.level`). No rating of \
         its security",
    ),
    Column::timestamp(
        "status_changed_at",
        "/status_changed_at",
        "Last change of the status (`status.last_update`). Null: never read",
    )
    .activity(),
    Column::text("owner", "/owner", "Group in the perspective of owners. Null: none, or only the catch-all"),
    Column::text("business_unit", "/business_unit", "Group in the perspective of business units. Null: none"),
    Column::text("support_team", "/support_team", "Group in the perspective of support teams. Null: none"),
    Column::text(
        "account_type",
        "/account_type",
        "`Consolidated` (payer), `Linked`, `Standalone` or `Unknown`, from the bill",
    ),
    Column::text("payer_name", "/payer_name", "Name of the payer's account (`cluster_name`)"),
    Column::text("amazon_name", "/amazon_name", "Name or alias in AWS. Null: not found out"),
    Column::text(
        "authentication",
        "/authentication/protocol",
        "`assume_role`, or `access_key`: a long-lived key in a third party's hands",
    ),
    Column::text(
        "assume_role_arn",
        "/authentication/assume_role_arn",
        "Role that CloudHealth assumes (`authentication.assume_role_arn`)",
    ),
    Column::text(
        "access_key_id",
        "/authentication/access_key_id",
        "Id of the access key that CloudHealth uses (`authentication.access_key`)",
    ),
    Column::boolean(
        "role_in_other_account",
        "/role_in_other_account",
        "Whether the role belongs to another account than this. Null: not known",
    ),
    Column::json("groups", "/groups", "Perspectives and the account's groups in them. Null: not said"),
    Column::json("tags", "/tags", "CloudHealth's own tags. Null: not said"),
    Column::json(
        "collects",
        "/collects",
        "What CloudHealth reads in the account, and from where; not whether AWS has it switched on",
    ),
    Column::boolean("hide_public_fields", "/hide_public_fields", "Setting of that name"),
    Column::text("region", "/region", "`global` or `govcloud`"),
    Column::boolean("vpc_only", "/vpc_only", "Whether the account has no EC2 Classic"),
])
.permissions(&["GET /v1/aws_accounts"]);

/// Who answers for an account, by the perspectives that say so.
pub(super) struct Owners<'a> {
    names: &'a PerspectiveNames,
}

impl<'a> Owners<'a> {
    pub(super) fn new(names: &'a PerspectiveNames) -> Self {
        Self { names }
    }

    pub(super) fn owner(&self, account: Item<'_>) -> Option<String> {
        group(account, self.names.owner.as_deref().unwrap_or("Owner"))
    }

    pub(super) fn business_unit(&self, account: Item<'_>) -> Option<String> {
        group(account, self.names.business_unit.as_deref().unwrap_or("Business Unit"))
    }

    pub(super) fn support_team(&self, account: Item<'_>) -> Option<String> {
        group(account, self.names.support_team.as_deref().unwrap_or("Support Team"))
    }

    /// Perspectives that the settings name, with their keys.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let names = [
            ("owner", &self.names.owner),
            ("business_unit", &self.names.business_unit),
            ("support_team", &self.names.support_team),
        ];
        names.into_iter().filter_map(|(key, name)| Some((key, name.as_deref()?)))
    }

    /// Whether two names are those of the same perspective: some have blanks at the end.
    pub(super) fn is_same(a: &str, b: &str) -> bool {
        a.trim().to_lowercase() == b.trim().to_lowercase()
    }
}

/// The account's group in a perspective; groups, should there be several. `None`: none but the catch-all.
fn group(account: Item<'_>, perspective: &str) -> Option<String> {
    let groups: BTreeSet<_> = account
        .items("groups")
        .filter(|group| group.text("name").is_some_and(|name| Owners::is_same(&name, perspective)))
        .filter_map(|group| Some(group.text("group")?.trim().to_owned()))
        .filter(|group| group != NOBODY)
        .collect();
    (!groups.is_empty()).then(|| groups.into_iter().collect::<Vec<_>>().join(", "))
}

pub(super) fn map(tenant: &AccountId, account: &CloudAccount, owners: &Owners<'_>) -> Resource {
    let item = account.item();
    let (aws, known_by) = account.aws.as_ref().map(|(id, by)| (id, *by)).unzip();
    let mut groups: Vec<_> = item
        .items("groups")
        .map(|group| json!({"perspective": group.text("name"), "group": group.text("group")}))
        .collect();
    groups.sort_by_key(Value::to_string);
    // Named fields alone: what is not named here, the external id above all, goes no further.
    let document = json!({
        "account_id": aws,
        "account_id_source": known_by.map(KnownBy::as_str),
        "amazon_name": item.text("amazon_name"),
        "status": item.text("status/level").or_else(|| item.text("status")),
        "owner": owners.owner(item),
        "business_unit": owners.business_unit(item),
        "support_team": owners.support_team(item),
        "account_type": item.text("account_type"),
        "payer_name": item.text("cluster_name"),
        "authentication": {
            "protocol": item.text("authentication/protocol"),
            "assume_role_arn": item.text("authentication/assume_role_arn"),
            "access_key_id": item.text("authentication/access_key"),
        },
        "role_in_other_account": account.role_in_other_account(),
        "groups": item.at("groups").is_some().then_some(groups),
        "tags": item.tags("tags"),
        "collects": {
            "billing": {"consolidated": item.flag("billing/is_consolidated"), "bucket": item.text("billing/bucket")},
            "cost_and_usage_report": {
                "bucket": item.text("cost_and_usage_report/bucket"),
                "path": item.text("cost_and_usage_report/path"),
            },
            "cloudtrail": collected(item, "cloudtrail"),
            "aws_config": collected(item, "aws_config"),
            "cloudwatch": {"enabled": item.flag("cloudwatch/enabled")},
            "ecs": {"enabled": item.flag("ecs/enabled")},
        },
        "hide_public_fields": item.flag("hide_public_fields"),
        "region": item.text("region"),
        "primary_aws_region": item.text("primary_aws_region"),
        "vpc_only": item.flag("vpc_only"),
    });
    let account_id = aws.unwrap_or(tenant).clone();
    let resource = Resource::new(&AWS_ACCOUNT, account_id, &account.id, document)
        .with_times(item.time("created_at"), item.time("updated_at"))
        .with_activity(json!({"status_changed_at": item.time("status/last_update")}));
    match item.text("name") {
        Some(name) => resource.named(name),
        None => resource,
    }
}

fn collected(item: Item<'_>, service: &str) -> Value {
    let text = |key: &str| item.text(&format!("{service}/{key}"));
    json!({"enabled": item.flag(&format!("{service}/enabled")), "bucket": text("bucket"), "prefix": text("prefix")})
}
