//! A user or role.

use std::sync::Arc;

use auditor_aws_policy::{Context, Document, Known, Layers, Policy, Principal, PrincipalKind};
use auditor_core::{analyzer::Item, model::common::PrincipalType};
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::organization::Organization;

/// A user or role, with the policies that bear on it.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) principal: Principal,
    pub(crate) name: String,
    pub(crate) native_id: String,
    pub(crate) sort: Sort,
    /// Whether it is a role of an AWS service.
    pub(crate) service_linked: bool,
    /// Whether it has a password. `None`: not known.
    pub(crate) console_access: Option<bool>,
    /// How many access keys work. `None`: not known.
    pub(crate) access_keys: Option<usize>,
    /// How many instance profiles hold it. `None`: not known.
    pub(crate) instance_profiles: Option<usize>,
    /// Its own policies and its groups'.
    pub(crate) grants: Vec<Grant>,
    /// Names of its groups.
    pub(crate) groups: Vec<String>,
    /// ARNs of the managed policies it holds, by itself and by groups.
    pub(crate) attached: Vec<String>,
    /// ARN of its permissions boundary.
    pub(crate) boundary_arn: Option<String>,
    pub(crate) layers: Layers,
    /// Who may assume it. `None`: it is a user.
    pub(crate) trust: Option<Policy>,
    /// Policies of it that are not known, and why.
    pub(crate) doubts: Vec<String>,
    pub(crate) tags: Vec<(String, String)>,
}

/// User or role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    User,
    Role,
}

/// A policy, and how its holder came by it.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    /// Group, if any, and policy.
    pub(crate) path: Vec<String>,
    pub(crate) policy: Policy,
}

impl Grant {
    pub(crate) fn new(path: &[String], last: String, document: Arc<Document>) -> Self {
        let mut path = path.to_vec();
        path.push(last);
        let name = path.join(": ").into();
        Self { path, policy: Policy { name, document } }
    }
}

impl Member {
    pub(crate) fn arn(&self) -> &str {
        &self.principal.arn
    }

    pub(crate) fn principal_type(&self) -> PrincipalType {
        match self.sort {
            Sort::User if self.console_access == Some(false) => PrincipalType::Machine,
            Sort::User => PrincipalType::Human,
            Sort::Role if self.service_linked => PrincipalType::Service,
            Sort::Role => PrincipalType::Role,
        }
    }

    /// What requests about it know of it as a resource.
    pub(crate) fn as_resource(&self, account: &str) -> Context {
        let mut context = Context::new().with("aws:ResourceAccount", account);
        for (key, known) in self.tags.iter().map(|(key, value)| (key, Known::Is(vec![value.clone()]))) {
            context.set(&format!("aws:ResourceTag/{key}"), known.clone());
            context.set(&format!("iam:ResourceTag/{key}"), known);
        }
        context.close("aws:ResourceTag/");
        context.close("iam:ResourceTag/");
        context.set(
            "iam:PermissionsBoundary",
            match &self.boundary_arn {
                Some(arn) => Known::Is(vec![arn.clone()]),
                None => Known::Absent,
            },
        );
        context
    }
}

/// How many access keys work, as the stored record says.
pub(super) fn access_keys(document: &Value) -> Option<usize> {
    let active = |key: &str| document[key].as_bool();
    Some(
        [active("access_key_1_active")?, active("access_key_2_active")?]
            .into_iter()
            .filter(|key| *key)
            .count(),
    )
}

/// A user or role as the one who asks.
pub(super) fn principal(
    item: &Item,
    arn: String,
    sort: Sort,
    trust: Option<&Policy>,
    organization: &Organization,
    at: DateTime<Utc>,
) -> Principal {
    let account = item.account.as_str();
    let now = at.to_rfc3339();
    let mut context = Context::new()
        .with("aws:PrincipalArn", arn.as_str())
        .with("aws:PrincipalAccount", account)
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:SecureTransport", "true")
        .with("aws:CurrentTime", now.as_str())
        .with("aws:EpochTime", at.timestamp().to_string());
    if let Some(id) = &organization.id {
        context = context.with("aws:PrincipalOrgID", id.as_str());
    }
    for (key, value) in tags(&item.document) {
        context = context.with(&format!("aws:PrincipalTag/{key}"), value);
    }
    // Whoever assumes a role whose trust policy lets sessions be tagged may bring tags of their own.
    let tagged_by_session = trust.is_some_and(|trust| {
        trust.document.statements.iter().any(|statement| statement.actions.matches("sts:TagSession"))
    });
    if !tagged_by_session {
        context.close("aws:PrincipalTag/");
    }
    match sort {
        Sort::User => {
            context = context
                .with("aws:PrincipalType", "User")
                .with("aws:username", item.name.clone().unwrap_or_default())
                .with("aws:userid", item.native_id.as_str());
            // Only sessions have it, and a user can open one at any time.
            context.set("aws:TokenIssueTime", Known::Maybe(vec![now]));
        }
        Sort::Role => {
            context = context.with("aws:PrincipalType", "AssumedRole").with("aws:TokenIssueTime", now);
            context.set("aws:username", Known::Absent);
        }
    }
    Principal {
        arn,
        account: account.to_owned(),
        kind: if sort == Sort::User { PrincipalKind::User } else { PrincipalKind::Role },
        unique_id: Some(item.native_id.clone()),
        context,
    }
}

/// Tags of a stored record.
pub(super) fn tags(document: &Value) -> impl Iterator<Item = (&String, &str)> {
    document["tags"].as_object().into_iter().flatten().filter_map(|(key, value)| Some((key, value.as_str()?)))
}
