//! Invented accounts for the tests of checks.

use auditor_core::{
    analyzer::{Analyzer, Item, Listing, View},
    model::{AccountId, common::Finding},
    outcome::Outcome,
};
use chrono::{DateTime, Utc};
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::{check::Verdict, checks, config::ChecksConfig, context::Context, plugin::Checks};

pub(crate) const ACCOUNT: &str = "111122223333";

/// The day of every test.
fn today() -> DateTime<Utc> {
    "2026-06-15T00:00:00Z".parse().unwrap()
}

/// An ARN of IAM in the account.
pub(crate) fn arn(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{resource}")
}

pub(crate) fn statement(effect: &str, actions: &[&str], resource: &str) -> Value {
    json!({"Effect": effect, "Action": actions, "Resource": resource})
}

pub(crate) fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

pub(crate) fn allow(actions: &[&str]) -> Value {
    document(&[statement("Allow", actions, "*")])
}

/// What is stored of one account: at first a complete, empty listing of every kind that checks read.
#[derive(Debug, Clone)]
pub(crate) struct Fixture {
    account: AccountId,
    pub(crate) listings: Vec<Listing>,
    pub(crate) settings: ChecksConfig,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let kinds = Checks::new(ChecksConfig::default()).inputs();
        // These are stored where there is something to tell of the account, and not otherwise.
        let sparse = ["aws_delegated_administrator", "aws_organization"];
        kinds.into_iter().filter(|kind| !sparse.contains(kind)).fold(Self::bare(), |mut fixture, kind| {
            fixture.listing(kind);
            fixture
        })
    }

    /// Nothing was ever read.
    pub(crate) fn bare() -> Self {
        let settings = ChecksConfig {
            known_accounts: vec!["999988887777".to_owned()],
            own_accounts: vec!["222222222222".to_owned()],
            ..ChecksConfig::default()
        };
        Self { account: ACCOUNT.parse().unwrap(), listings: Vec::new(), settings }
    }

    pub(crate) fn of(mut self, account: &str) -> Self {
        self.account = account.parse().unwrap();
        self
    }

    fn listing(&mut self, kind: &str) -> &mut Listing {
        let place = self.listings.iter().position(|listing| listing.kind == kind).unwrap_or_else(|| {
            self.listings.push(Listing {
                kind: kind.to_owned(),
                source: "test".to_owned(),
                target: ACCOUNT.to_owned(),
                outcome: Outcome::Complete,
                items: Vec::new(),
            });
            self.listings.len() - 1
        });
        &mut self.listings[place]
    }

    pub(crate) fn without(mut self, kind: &str) -> Self {
        self.listings.retain(|listing| listing.kind != kind);
        self
    }

    pub(crate) fn outcome(mut self, kind: &str, outcome: Outcome) -> Self {
        self.listing(kind).outcome = outcome;
        self
    }

    pub(crate) fn outcome_of_all(mut self, outcome: Outcome) -> Self {
        for listing in &mut self.listings {
            listing.outcome = outcome;
        }
        self
    }

    fn push(
        mut self,
        kind: &str,
        id: &str,
        name: &str,
        document: Value,
        activity: Option<Value>,
        created: Option<&str>,
    ) -> Self {
        let account = self.account.clone();
        self.listing(kind).items.push(Item {
            account,
            native_id: id.to_owned(),
            name: Some(name.to_owned()),
            document,
            activity,
            provider_created_at: created.map(|time| time.parse().unwrap()),
            provider_updated_at: None,
        });
        self
    }

    pub(crate) fn item(self, kind: &str, id: &str, document: Value) -> Self {
        self.push(kind, id, id, document, None, None)
    }

    pub(crate) fn named(self, kind: &str, id: &str, name: &str, document: Value) -> Self {
        self.push(kind, id, name, document, None, None)
    }

    pub(crate) fn with_activity(self, kind: &str, id: &str, document: Value, activity: Value) -> Self {
        self.push(kind, id, id, document, Some(activity), None)
    }

    pub(crate) fn settings(self, document: Value) -> Self {
        self.item("aws_iam_account_settings", ACCOUNT, document)
    }

    fn holder(
        self,
        sort: &str,
        name: &str,
        more: &Value,
        activity: Option<Value>,
        created: Option<&str>,
    ) -> Self {
        let mut document = json!({"arn": arn(&format!("{sort}/{name}"))});
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let last = name.rsplit('/').next().unwrap();
        self.push(&format!("aws_iam_{sort}"), &format!("{sort}-{name}"), last, document, activity, created)
    }

    /// A user, made with the year 2020.
    pub(crate) fn user_with(self, name: &str, document: &Value, activity: Value) -> Self {
        self.holder("user", name, document, Some(activity), Some("2020-01-01T00:00:00Z"))
    }

    pub(crate) fn user(self, name: &str, document: &Value) -> Self {
        self.user_with(name, document, json!({}))
    }

    pub(crate) fn group(self, name: &str, document: &Value) -> Self {
        self.holder("group", name, document, None, None)
    }

    /// A role that the account trusts itself with, unless the document says otherwise.
    pub(crate) fn role(self, name: &str, document: &Value) -> Self {
        let mut whole = json!({"trust_policy": {"document": {"Statement": {"Effect": "Allow",
            "Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}}}}});
        whole.as_object_mut().unwrap().extend(document.as_object().unwrap().clone());
        self.holder("role", name, &whole, Some(json!({})), Some("2020-01-01T00:00:00Z"))
    }

    pub(crate) fn role_used(self, name: &str, activity: Value, created: Option<&str>) -> Self {
        self.holder("role", name, &json!({}), Some(activity), created)
    }

    /// A role with an inline policy.
    pub(crate) fn role_with(self, name: &str, policy: &Value) -> Self {
        self.role(name, &json!({"inline_policy_documents": [{"name": "own", "document": policy}]}))
    }

    fn managed(self, name: &str, now: &Value, old: &[Value], attached_to: &Value) -> Self {
        let old: Vec<_> = old
            .iter()
            .enumerate()
            .map(|(place, document)| json!({"version_id": format!("v{}", place + 1), "document": document}))
            .collect();
        let document = json!({"arn": arn(&format!("policy/{name}")), "aws_managed": false, "boundary_of": [],
            "attached_to": attached_to, "default_version": {"document": now}, "other_versions": old});
        self.named("aws_iam_policy", &format!("ANPA{name}"), name, document)
    }

    /// A policy that is attached to nothing, with versions that are not in force.
    pub(crate) fn policy(self, name: &str, now: &Value, old: &[Value]) -> Self {
        self.managed(name, now, old, &json!([]))
    }

    pub(crate) fn attached(self, name: &str, now: &Value) -> Self {
        self.managed(name, now, &[], &json!([{"type": "role", "name": "r", "id": "AROAR"}]))
    }

    /// The account in an organization.
    pub(crate) fn member_of(self, organization: &str, management: &str) -> Self {
        let arn = format!("arn:aws:organizations::{management}:account/{organization}/{ACCOUNT}");
        self.item("aws_organization_account", ACCOUNT, json!({"arn": arn, "tags": {}}))
    }

    pub(crate) fn tool(self, tool: &str, status: &str, reasons: &[&str]) -> Self {
        let report = json!({"tool": tool, "status": status, "reasons": reasons, "levels": [], "instances": [],
            "since_at": null});
        self.item("tool_coverage", tool, report)
    }

    /// An account of half users and half roles, with policies of many sorts.
    pub(crate) fn large(principals: usize) -> Self {
        let mut fixture = Self::new()
            .settings(json!({"root_mfa": true, "root_password": true, "root_access_keys": false,
                "password_policy_set": true, "password_policy": {"minimum_length": 14}}))
            .group("devs", &json!({"members": ["user0"]}))
            .member_of("o-1", "333333333333")
            .tool("alert-logic", "green", &[]);
        let statements = [
            statement("Allow", &["s3:Get*", "s3:List*", "ec2:Describe*"], "*"),
            statement("Allow", &["iam:PassRole"], &arn("role/app-*")),
            statement("Deny", &["iam:*"], "*"),
        ];
        for place in 0..principals / 2 {
            let inline = json!([{"name": "own", "document": document(&statements)}]);
            let user = json!({"console_access": true, "mfa": place % 2 == 0, "access_key_1_active": true,
                "access_key_2_active": false, "access_key_1_rotated_at": "2026-01-01T00:00:00Z",
                "groups": ["devs"], "inline_policy_documents": inline});
            fixture = fixture
                .user(&format!("user{place}"), &user)
                .role_with(&format!("role{place}"), &document(&statements))
                .policy(&format!("policy{place}"), &document(&statements), &[allow(&["ec2:*"])]);
            let access = json!({"principal": arn(&format!("role/role{place}")), "principal_type": "role",
                "admin": "no", "can_escalate": "no", "path": []});
            fixture = fixture.item("aws_principal_access", &format!("access{place}"), access);
        }
        fixture
    }

    fn view(&self) -> View<'_> {
        View { account: Some(&self.account), at: today(), listings: &self.listings, shared: &[] }
    }

    /// What one check concludes, its inputs' completeness reckoned in, by subject.
    pub(crate) fn verdicts(&self, id: &str) -> Vec<Verdict> {
        let view = self.view();
        let context = Context::new(&view, self.account.as_str(), &self.settings);
        let mut verdicts = checks::find(id).unwrap_or_else(|| panic!("no check {id}")).verdicts(&context);
        verdicts.sort_by(|a, b| a.subject.cmp(&b.subject));
        verdicts
    }

    /// Asserts subjects and statuses of one check, by subject.
    #[track_caller]
    pub(crate) fn expect(&self, id: &str, expected: &[(&str, &str)]) {
        let verdicts = self.verdicts(id);
        let found: Vec<_> = verdicts
            .iter()
            .map(|verdict| (verdict.subject.clone(), json!(verdict.status).as_str().unwrap().to_owned()))
            .collect();
        let mut expected: Vec<_> =
            expected.iter().map(|(subject, status)| ((*subject).to_owned(), (*status).to_owned())).collect();
        expected.sort();
        let reasons: Vec<_> = verdicts.iter().map(|verdict| &verdict.reason).collect();
        assert_eq!(found, expected, "{id}: {reasons:?}");
    }

    /// How many findings there are.
    pub(crate) fn count(&self, checks: &Checks) -> usize {
        let mut count = 0;
        checks.analyze(&self.view(), &mut |_| count += 1);
        count
    }

    /// Every finding.
    pub(crate) fn findings(&self, checks: &Checks) -> Vec<Finding> {
        let mut findings = Vec::new();
        checks.analyze(&self.view(), &mut |resource| {
            let finding = Finding::deserialize(&resource.document).unwrap();
            assert_eq!(finding.native_id(), resource.native_id);
            findings.push(finding);
        });
        findings
    }
}
