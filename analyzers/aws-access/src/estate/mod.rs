//! The principals of one account with everything that bears on what they may do, read from stored records.

mod member;
mod organization;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use auditor_aws_policy::{Document, Layers, Policy};
use auditor_core::{
    analyzer::{Item, View},
    model::AccountId,
};
use chrono::{DateTime, Utc};
use serde_json::Value;

pub(crate) use self::member::{Grant, Member, Sort};
use self::organization::Organization;

/// The kinds an estate is read from.
pub(crate) const INPUTS: [&str; 9] = [
    "aws_iam_group",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_iam_user",
    "aws_organization",
    "aws_organization_account",
    "aws_organization_policy",
    "aws_organizational_unit",
    "principal",
];

/// The principals of one AWS account and the policies that bear on them.
#[derive(Debug)]
pub struct Estate {
    /// The account's id.
    pub(crate) account: AccountId,
    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub(crate) partition: String,
    /// Users and roles, by ARN.
    pub(crate) members: Vec<Member>,
    /// Places of members by ARN and by unique id.
    pub(crate) places: HashMap<String, usize>,
    /// Managed policies by ARN.
    pub(crate) policies: BTreeMap<String, ManagedPolicy>,
    /// Groups by name.
    pub(crate) groups: BTreeMap<String, Group>,
    /// ARN of the root user, where the account is known to have one.
    pub(crate) root: Option<String>,
    /// What is not completely known of who exists and what is attached to whom: one sentence each.
    pub(crate) lacks: Vec<String>,
    /// What limits every answer without making it unknown: one sentence each.
    pub(crate) notes: Vec<String>,
}

/// A managed policy.
#[derive(Debug)]
pub(crate) struct ManagedPolicy {
    pub(crate) document: Arc<Document>,
    pub(crate) aws_managed: bool,
    /// Versions that are not in force, by id.
    pub(crate) others: Vec<(String, Arc<Document>)>,
}

/// A group.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) arn: String,
    pub(crate) grants: Vec<Grant>,
    /// ARNs of attached managed policies.
    pub(crate) attached: Vec<String>,
    /// Places of the users in it.
    pub(crate) members: Vec<usize>,
}

impl Estate {
    /// Reads the stored records of one account: the view's, or, in a view of every account, the given one's.
    ///
    /// `None`: no account is given and the view is of none in particular.
    pub fn from_view(view: &View<'_>, account: Option<&AccountId>) -> Option<Self> {
        let account = account.or(view.account)?.clone();
        let organization = Organization::read(view, &account);
        let lacks = ["aws_iam_user", "aws_iam_group", "aws_iam_role", "aws_iam_policy"]
            .into_iter()
            .filter_map(|kind| view.knowledge(kind).lack(kind))
            .collect();
        let mut this = Self {
            partition: "aws".to_owned(),
            members: Vec::new(),
            places: HashMap::new(),
            policies: BTreeMap::new(),
            groups: BTreeMap::new(),
            root: None,
            lacks,
            notes: organization.notes.clone(),
            account: account.clone(),
        };
        let items = |kind| view.items(kind).filter(|item| item.account == account);
        // An account read by two sources has every record twice.
        for item in items("aws_iam_policy") {
            this.add_policy(item);
        }
        for item in items("aws_iam_group") {
            this.add_group(item);
        }
        let mut members = BTreeMap::new();
        for (kind, sort) in [("aws_iam_user", Sort::User), ("aws_iam_role", Sort::Role)] {
            for item in items(kind) {
                if let Some(member) = this.member(item, sort, &organization, view.at) {
                    members.insert(member.principal.arn.clone(), member);
                }
            }
        }
        this.members = members.into_values().collect();
        this.index();
        let root = items("principal").find(|item| item.document["type"] == "root");
        this.root = root.and_then(|item| text(&item.document["identifier"]));
        Some(this)
    }

    fn index(&mut self) {
        if let Some(partition) =
            self.members.first().and_then(|member| member.principal.arn.split(':').nth(1))
        {
            partition.clone_into(&mut self.partition);
        }
        for (place, member) in self.members.iter().enumerate() {
            self.places.insert(member.principal.arn.clone(), place);
            if let Some(id) = &member.principal.unique_id {
                self.places.insert(id.clone(), place);
            }
            for group in &member.groups {
                if let Some(group) = self.groups.get_mut(group) {
                    group.members.push(place);
                }
            }
        }
    }

    fn add_policy(&mut self, item: &Item) {
        let Some(arn) = text(&item.document["arn"]) else { return };
        let others = item.document["other_versions"].as_array().into_iter().flatten().map(|version| {
            let id = text(&version["version_id"]).unwrap_or_default();
            (id, document(version, "the version's document is not stored"))
        });
        let policy = ManagedPolicy {
            document: document(&item.document["default_version"], "its document is not stored"),
            aws_managed: item.document["aws_managed"].as_bool().unwrap_or_else(|| arn.contains(":iam::aws:")),
            others: others.collect(),
        };
        self.policies.insert(arn, policy);
    }

    fn add_group(&mut self, item: &Item) {
        let name = item.name.clone().unwrap_or_default();
        let Some(arn) = text(&item.document["arn"]) else { return };
        let grants = self.grants(&item.document, &[format!("group {name}")]);
        let attached = texts(&item.document["policy_arns"]);
        self.groups.insert(name, Group { arn, grants, attached, members: Vec::new() });
    }

    /// The policies attached to and within a user, group or role.
    fn grants(&self, holder: &Value, path: &[String]) -> Vec<Grant> {
        let mut grants = Vec::new();
        for arn in texts(&holder["policy_arns"]) {
            let name = arn.rsplit('/').next().unwrap_or(&arn).to_owned();
            grants.push(Grant::new(path, format!("policy {name}"), self.managed(&arn)));
        }
        for inline in holder["inline_policy_documents"].as_array().into_iter().flatten() {
            let name = text(&inline["name"]).unwrap_or_default();
            grants.push(Grant::new(
                path,
                format!("inline policy {name}"),
                document(inline, "its document is not stored"),
            ));
        }
        // Names without documents: the record is of a source that keeps none.
        if holder["inline_policy_documents"].is_null() {
            for name in texts(&holder["inline_policies"]) {
                let missing = Document::missing("its document is not stored");
                grants.push(Grant::new(path, format!("inline policy {name}"), Arc::new(missing)));
            }
        }
        grants
    }

    /// The document in force of a managed policy.
    fn managed(&self, arn: &str) -> Arc<Document> {
        match self.policies.get(arn) {
            Some(policy) => policy.document.clone(),
            None => Arc::new(Document::missing("the policy is not among what is stored")),
        }
    }

    fn member(
        &self,
        item: &Item,
        sort: Sort,
        organization: &Organization,
        at: DateTime<Utc>,
    ) -> Option<Member> {
        let document = &item.document;
        let arn = text(&document["arn"])?;
        let mut grants = self.grants(document, &[]);
        let groups = texts(&document["groups"]);
        let mut attached = texts(&document["policy_arns"]);
        for name in &groups {
            if let Some(group) = self.groups.get(name) {
                grants.extend(group.grants.iter().cloned());
                attached.extend(group.attached.iter().cloned());
            } else {
                let missing = Arc::new(Document::missing("the group is not among what is stored"));
                grants.push(Grant::new(&[format!("group {name}")], "its policies".to_owned(), missing));
            }
        }
        let boundary_arn = text(&document["permissions_boundary"]);
        let boundary = boundary_arn.as_ref().map(|arn| Policy {
            name: format!("permissions boundary {}", arn.rsplit('/').next().unwrap_or(arn)).into(),
            document: self.managed(arn),
        });
        let service_linked = document["service_linked"].as_bool() == Some(true);
        let layers = Layers {
            identity: grants.iter().map(|grant| grant.policy.clone()).collect(),
            boundary,
            service_control: if service_linked { Vec::new() } else { organization.service_control.clone() },
            resource_control: if service_linked { Vec::new() } else { organization.resource_control.clone() },
            ..Layers::default()
        };
        let trust = (sort == Sort::Role).then(|| Policy {
            name: "trust policy".into(),
            document: self::document(&document["trust_policy"], "the trust policy is not stored"),
        });
        let principal = member::principal(item, arn, sort, trust.as_ref(), organization, at);
        let doubts = std::iter::once(&layers.identity)
            .chain(&layers.service_control)
            .chain(&layers.resource_control)
            .flatten()
            .chain(&layers.boundary)
            .filter_map(|policy| {
                policy.document.unreadable.as_ref().map(|why| format!("{}: {why}", policy.name))
            })
            .collect();
        Some(Member {
            principal,
            name: item.name.clone().unwrap_or_default(),
            native_id: item.native_id.clone(),
            sort,
            service_linked,
            console_access: document["console_access"].as_bool(),
            access_keys: member::access_keys(document),
            instance_profiles: document["instance_profiles"].as_array().map(Vec::len),
            grants,
            groups,
            attached,
            boundary_arn,
            layers,
            trust,
            doubts,
            tags: member::tags(document).map(|(key, value)| (key.clone(), value.to_owned())).collect(),
        })
    }

    /// The member of an ARN, a unique id or a name (`user/ana`, `ana`).
    pub(crate) fn find(&self, who: &str) -> Option<&Member> {
        let by_place = self.places.get(who).map(|place| &self.members[*place]);
        let full =
            |member: &&Member| {
                member.principal.arn.split_once("::").is_some_and(|(_, rest)| {
                    rest.split_once(':').is_some_and(|(_, resource)| resource == who)
                })
            };
        by_place
            .or_else(|| self.members.iter().find(full))
            .or_else(|| self.members.iter().find(|member| member.name == who))
    }
}

/// The document in a stored `{document, parse_error}`.
fn document(stored: &Value, missing: &str) -> Arc<Document> {
    Arc::new(match (&stored["document"], stored["parse_error"].as_str()) {
        (_, Some(error)) => Document::missing(format!("it is no JSON: {error}")),
        (Value::Null, None) => Document::missing(missing),
        (json, None) => Document::parse(json),
    })
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(text).collect()
}
