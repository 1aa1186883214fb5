//! Invented accounts.

mod crossing;
pub(crate) mod details;
mod escalating;
mod granting;
mod measure;
mod unknowing;

use auditor_core::{
    analyzer::{Analyzer, Listing, View},
    model::{AccountId, Resource},
};
use chrono::DateTime;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::{
    ASSUME_EDGE, AssumeEdge, AwsAccess, ESCALATION_PATH, EscalationPath, Estate, PRINCIPAL_ACCESS,
    PrincipalAccess,
};

const ACCOUNT: &str = "111122223333";

/// An account under construction, in the form of the authorization details.
#[derive(Debug, Clone)]
struct Account {
    id: String,
    details: Map<String, Value>,
}

fn statement(effect: &str, action: &Value, resource: &Value) -> Value {
    json!({"Effect": effect, "Action": action, "Resource": resource})
}

fn allow(actions: &[&str]) -> Value {
    document(&[statement("Allow", &json!(actions), &json!("*"))])
}

fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn trusting(principal: &Value) -> Value {
    document(&[
        json!({"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"]}),
    ])
}

impl Account {
    fn new() -> Self {
        Self::of(ACCOUNT)
    }

    fn of(id: &str) -> Self {
        Self { id: id.to_owned(), details: Map::new() }
    }

    fn arn(&self, resource: &str) -> String {
        format!("arn:aws:iam::{}:{resource}", self.id)
    }

    fn push(mut self, list: &str, entity: Value) -> Self {
        let list = self.details.entry(list.to_owned()).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(entity);
        self
    }

    fn holder(&self, sort: &str, name: &str, policies: &[Value], more: &Value) -> Value {
        let inline: Vec<_> = policies
            .iter()
            .filter(|policy| policy.is_object())
            .enumerate()
            .map(|(n, document)| json!({"PolicyName": format!("inline{n}"), "PolicyDocument": document}))
            .collect();
        let attached: Vec<_> =
            policies.iter().filter_map(Value::as_str).map(|arn| json!({"PolicyArn": arn})).collect();
        let mut entity = json!({"Path": "/", "Arn": self.arn(&format!("{sort}/{name}")), "AttachedManagedPolicies": attached});
        let entity_map = entity.as_object_mut().unwrap();
        let title = match sort {
            "user" => "User",
            "role" => "Role",
            _ => "Group",
        };
        entity_map.insert(format!("{title}Name"), name.into());
        entity_map.insert(format!("{title}Id"), format!("{}{name}", title.to_uppercase()).into());
        entity_map.insert(format!("{title}PolicyList"), inline.into());
        entity_map.extend(more.as_object().unwrap().clone());
        entity
    }

    /// A user with inline policies (objects) and attached ones (ARNs).
    #[expect(clippy::needless_pass_by_value, reason = "literals read better in the tables of cases")]
    fn user(self, name: &str, policies: &[Value], more: Value) -> Self {
        let entity = self.holder("user", name, policies, &more);
        self.push("UserDetailList", entity)
    }

    fn group(self, name: &str, policies: &[Value]) -> Self {
        let entity = self.holder("group", name, policies, &json!({}));
        self.push("GroupDetailList", entity)
    }

    fn role(self, name: &str, trust: &Value, policies: &[Value]) -> Self {
        let more = json!({"AssumeRolePolicyDocument": trust, "InstanceProfileList": [{"Arn": "arn:aws:iam::1:instance-profile/p"}]});
        let entity = self.holder("role", name, policies, &more);
        self.push("RoleDetailList", entity)
    }

    /// A managed policy: the version in force first.
    fn policy(self, name: &str, versions: &[Value]) -> Self {
        let versions: Vec<_> = versions
            .iter()
            .enumerate()
            .map(|(n, document)| json!({"VersionId": format!("v{}", n + 1), "IsDefaultVersion": n == 0, "Document": document}))
            .collect();
        let policy = json!({"PolicyName": name, "PolicyId": format!("ANPA{name}"), "Arn": self.arn(&format!("policy/{name}")),
            "PolicyVersionList": versions});
        self.push("Policies", policy)
    }

    fn listings(&self) -> Vec<Listing> {
        let mut details = self.details.clone();
        // The helper takes the account from the first ARN.
        details.entry("UserDetailList").or_insert_with(|| json!([]));
        let mut listings = details::listings(&details.into());
        for item in listings.iter_mut().flat_map(|listing| &mut listing.items) {
            item.account = self.id.parse().unwrap();
        }
        listings
    }

    fn run(&self) -> Run {
        run(&self.id, &self.listings())
    }

    fn estate(&self) -> Estate {
        let listings = self.listings();
        let account: AccountId = self.id.parse().unwrap();
        Estate::from_view(&View { account: Some(&account), at: at(), listings: &listings }, None).unwrap()
    }
}

fn at() -> DateTime<chrono::Utc> {
    "2026-01-15T00:00:00Z".parse().unwrap()
}

/// What the analyzer emits.
#[derive(Debug)]
struct Run(Vec<Resource>);

fn run(account: &str, listings: &[Listing]) -> Run {
    let account: AccountId = account.parse().unwrap();
    let mut resources = Vec::new();
    let view = View { account: Some(&account), at: at(), listings };
    AwsAccess.analyze(&view, &mut |resource| resources.push(resource));
    Run(resources)
}

impl Run {
    fn all<T: DeserializeOwned>(&self, kind: &str) -> Vec<T> {
        let of_kind = self.0.iter().filter(|resource| resource.kind.name == kind);
        of_kind.map(|resource| serde_json::from_value(resource.document.clone()).unwrap()).collect()
    }

    fn access(&self, end: &str) -> PrincipalAccess {
        let mut all = self.all::<PrincipalAccess>(PRINCIPAL_ACCESS.name);
        all.retain(|access| access.principal.ends_with(end));
        all.pop().unwrap()
    }

    fn paths(&self, end: &str) -> Vec<EscalationPath> {
        let mut all = self.all::<EscalationPath>(ESCALATION_PATH.name);
        all.retain(|path| path.principal.ends_with(end));
        all
    }

    fn edges(&self) -> Vec<AssumeEdge> {
        self.all(ASSUME_EDGE.name)
    }

    /// `service level grade` of each entitlement of a principal.
    fn entitlements(&self, end: &str) -> Vec<String> {
        let all = self.all::<auditor_core::model::common::Entitlement>("entitlement");
        let words = |value: Value| value.as_str().unwrap().to_owned();
        all.into_iter()
            .filter(|entitlement| entitlement.principal.ends_with(end))
            .map(|entitlement| {
                format!(
                    "{} {} {}",
                    entitlement.service,
                    words(json!(entitlement.level)),
                    words(json!(entitlement.grade))
                )
            })
            .collect()
    }
}
