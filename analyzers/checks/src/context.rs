//! What checks see: the stored records of one account, with every policy document read once.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use auditor_aws_policy::{Document, Pattern};
use auditor_core::analyzer::{Item, View};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use crate::{check::Subject, config::ChecksConfig};

/// The stored records of one account.
#[derive(Debug)]
pub struct Context<'v> {
    pub(crate) view: &'v View<'v>,
    pub(crate) settings: &'v ChecksConfig,
    pub(crate) account: &'v str,
    pub(crate) at: DateTime<Utc>,
    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub(crate) partition: &'v str,
    pub(crate) users: Vec<Holder<'v>>,
    pub(crate) groups: Vec<Holder<'v>>,
    pub(crate) roles: Vec<Holder<'v>>,
    pub(crate) policies: Vec<Managed<'v>>,
    /// Every user, role, group and policy of the account, one pattern each.
    pub(crate) iam_resources: Vec<Pattern>,
}

/// A user, group or role.
#[derive(Debug)]
pub(crate) struct Holder<'v> {
    kind: &'static str,
    pub(crate) item: &'v Item,
    pub(crate) arn: &'v str,
    pub(crate) name: &'v str,
    /// Inline policies by name.
    pub(crate) inline: Vec<(&'v str, Document)>,
    /// Who may assume it. `None`: no role.
    pub(crate) trust: Option<Document>,
}

/// A managed policy.
#[derive(Debug)]
pub(crate) struct Managed<'v> {
    pub(crate) item: &'v Item,
    pub(crate) arn: &'v str,
    pub(crate) of_aws: bool,
    /// The version in force.
    pub(crate) document: Document,
    /// The others, by version id.
    pub(crate) others: Vec<(&'v str, Document)>,
}

impl<'v> Context<'v> {
    pub(crate) fn new(view: &'v View<'v>, account: &'v str, settings: &'v ChecksConfig) -> Self {
        let (users, groups, roles) =
            (holders(view, "aws_iam_user"), holders(view, "aws_iam_group"), holders(view, "aws_iam_role"));
        let mut policies = BTreeMap::new();
        for item in view.items("aws_iam_policy") {
            if let Some(arn) = item.document["arn"].as_str() {
                policies.entry(arn).or_insert_with(|| Managed::new(item, arn));
            }
        }
        let arns = roles.iter().chain(&users).map(|holder| holder.arn).chain(policies.keys().copied());
        let partition = arns.map(|arn| arn.split(':').nth(1).unwrap_or("aws")).next().unwrap_or("aws");
        let iam_resources = ["group", "policy", "role", "user"]
            .map(|sort| Pattern::resource(&format!("arn:{partition}:iam::{account}:{sort}/*")));
        Self {
            view,
            settings,
            account,
            at: view.at,
            partition,
            users,
            groups,
            roles,
            policies: policies.into_values().collect(),
            iam_resources: iam_resources.into(),
        }
    }

    /// The account as what a verdict is about.
    pub(crate) fn subject(&self) -> Subject<'v> {
        Subject { kind: "account", id: Cow::Borrowed(self.account), name: self.account }
    }

    /// The first record of a kind that holds one for each account.
    pub(crate) fn only(&self, kind: &str) -> Option<&'v Item> {
        self.view.items(kind).next()
    }

    /// ARN of a managed policy of AWS.
    pub(crate) fn aws_policy(&self, name: &str) -> String {
        format!("arn:{}:iam::aws:policy/{name}", self.partition)
    }

    /// The last day that lies so many days back: what happened before it, is older.
    pub(crate) fn days_ago(&self, days: u32) -> DateTime<Utc> {
        self.at - chrono::Duration::days(days.into())
    }

    /// The account's place in its organization: the organization's id and its management account.
    pub(crate) fn organization(&self) -> Option<(&'v str, &'v str)> {
        // `arn:aws:organizations::MANAGEMENT:account/o-…/ACCOUNT`
        let arn = self.only("aws_organization_account")?.document["arn"].as_str()?;
        Some((arn.split('/').nth(1)?, arn.split(':').nth(4)?))
    }

    /// Other accounts of the same owner: those that the settings name, the organization's management, and those that
    /// this program audits as well.
    pub(crate) fn own_accounts(&self) -> BTreeSet<&'v str> {
        let set = self.settings.own_accounts.iter().map(String::as_str);
        let audited = self.view.items("aws_reach").map(|item| &item.document);
        let audited = audited.filter(|reach| reach["known"] == true);
        let audited = audited.filter_map(|reach| reach["from_account"].as_str());
        set.chain(audited).chain(self.organization().map(|(_, management)| management)).collect()
    }

    /// Those, and others that the settings name as trusted.
    pub(crate) fn known_accounts(&self) -> BTreeSet<&'v str> {
        let set = self.settings.known_accounts.iter().map(String::as_str);
        set.chain(self.own_accounts()).collect()
    }
}

fn holders<'v>(view: &'v View<'v>, kind: &'static str) -> Vec<Holder<'v>> {
    // An account read by two sources has every record twice.
    let mut holders = BTreeMap::new();
    for item in view.items(kind) {
        let Some(arn) = item.document["arn"].as_str() else { continue };
        holders.entry(arn).or_insert_with(|| Holder::new(kind, item, arn));
    }
    holders.into_values().collect()
}

/// A stored document; one that is not stored is not known.
fn document(stored: &Value) -> Document {
    match stored.get("document") {
        Some(document) => Document::parse(document),
        None => Document::missing("its document is not stored"),
    }
}

impl<'v> Holder<'v> {
    fn new(kind: &'static str, item: &'v Item, arn: &'v str) -> Self {
        let inline = item.document["inline_policy_documents"].as_array().into_iter().flatten();
        Self {
            kind,
            item,
            arn,
            name: item.name.as_deref().unwrap_or_else(|| arn.rsplit('/').next().unwrap_or(arn)),
            inline: inline
                .map(|stored| (stored["name"].as_str().unwrap_or_default(), document(stored)))
                .collect(),
            trust: (kind == "aws_iam_role").then(|| document(&item.document["trust_policy"])),
        }
    }

    pub(crate) fn subject(&self) -> Subject<'v> {
        Subject { kind: self.kind, id: Cow::Borrowed(self.arn), name: self.name }
    }

    /// A flag of the record. `None`: not known.
    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        self.item.document[key].as_bool()
    }

    /// A time of the record or of its activity. `None`: none, or not known.
    pub(crate) fn time(&self, key: &str) -> Option<DateTime<Utc>> {
        time(&self.item.document[key]).or_else(|| time(&self.item.activity.as_ref()?[key]))
    }

    /// ARNs of attached managed policies.
    pub(crate) fn attached(&self) -> impl Iterator<Item = &'v str> {
        texts(&self.item.document["policy_arns"])
    }

    pub(crate) fn has_attached(&self, arn: &str) -> bool {
        self.attached().any(|attached| attached == arn)
    }

    /// Why a role is not reviewed as one of the account's own. `None`: it is.
    pub(crate) fn foreign(&self) -> Option<&'static str> {
        if self.flag("service_linked") == Some(true) || self.arn.contains(":role/aws-service-role/") {
            Some("the role belongs to an AWS service, which alone can use and change it")
        } else if self.is_reserved() {
            Some(
                "the role belongs to IAM Identity Center: the assignment of its permission set is what is reviewed",
            )
        } else {
            None
        }
    }

    /// Whether it stands for a permission set of Identity Center.
    pub(crate) fn is_reserved(&self) -> bool {
        is_reserved(self.arn)
    }
}

impl<'v> Managed<'v> {
    fn new(item: &'v Item, arn: &'v str) -> Self {
        let others = item.document["other_versions"].as_array().into_iter().flatten();
        Self {
            item,
            arn,
            of_aws: item.document["aws_managed"].as_bool().unwrap_or_else(|| arn.contains(":iam::aws:")),
            document: document(&item.document["default_version"]),
            others: others
                .map(|stored| (stored["version_id"].as_str().unwrap_or_default(), document(stored)))
                .collect(),
        }
    }

    pub(crate) fn subject(&self) -> Subject<'v> {
        let name = self.item.name.as_deref().unwrap_or(self.arn);
        Subject { kind: "aws_iam_policy", id: Cow::Borrowed(self.arn), name }
    }

    /// Types and names of those it is attached to, as `role deploy`.
    pub(crate) fn attached_to(&self) -> Vec<String> {
        let holders = self.item.document["attached_to"].as_array().into_iter().flatten();
        let word = |value: &Value| value.as_str().unwrap_or("?").to_owned();
        holders.map(|holder| format!("{} {}", word(&holder["type"]), word(&holder["name"]))).collect()
    }

    /// Whether it bounds somebody's permissions.
    pub(crate) fn is_boundary(&self) -> bool {
        self.item.document["boundary_of"].as_array().is_some_and(|holders| !holders.is_empty())
    }
}

/// Whether a role stands for a permission set of Identity Center: by its path, which AWS keeps to itself. Its name alone
/// (`AWSReservedSSO_…`) would let any role escape review.
pub(crate) fn is_reserved(arn: &str) -> bool {
    arn.contains(":role/aws-reserved/sso.amazonaws.com/")
}

/// A stored time.
pub(crate) fn time(value: &Value) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(value.as_str()?).ok()?.to_utc())
}

/// The texts of a stored list.
pub(crate) fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The day, as reasons have it: an age would move by itself.
pub(crate) fn day(time: DateTime<Utc>) -> NaiveDate {
    time.date_naive()
}
