//! What an account's organization imposes on it.

use std::collections::HashMap;

use auditor_aws_policy::Policy;
use auditor_core::{
    analyzer::{Item, Knowledge, View},
    model::AccountId,
};

/// Deeper than AWS nests organizational units; ends the walk where records form a ring.
const MAX_DEPTH: usize = 12;

/// The organization of an account, as far as the view has it.
#[derive(Debug, Default)]
pub(super) struct Organization {
    /// `o-…`. `None`: not known.
    pub(super) id: Option<String>,
    /// Service control policies that bind the account, level by level from the root down.
    pub(super) service_control: Vec<Vec<Policy>>,
    /// Resource control policies that bind the account's resources, likewise.
    pub(super) resource_control: Vec<Vec<Policy>>,
    /// What is not known of it.
    pub(super) notes: Vec<String>,
}

impl Organization {
    pub(super) fn read(view: &View<'_>, account: &AccountId) -> Self {
        let mut this = Self::default();
        let organization = view.items("aws_organization").next();
        this.id = organization.map(|item| item.native_id.clone()).filter(|id| id.starts_with("o-"));
        let kind = "aws_organization_policy";
        if view.knowledge(kind) == Knowledge::NotCollected {
            this.notes.push("service control policies are not known here: rights may be narrower".to_owned());
            return this;
        }
        for kind in [kind, "aws_organizational_unit", "aws_organization_account"] {
            if let Some(lack) = view.knowledge(kind).lack(kind) {
                this.notes.push(format!("service control policies may be missing: {lack}"));
            }
        }
        // They do not bind the management account.
        if organization.is_some_and(|item| item.document["management_account_id"] == account.as_str()) {
            return this;
        }
        let units: HashMap<_, _> =
            view.items("aws_organizational_unit").map(|item| (item.native_id.as_str(), item)).collect();
        let own = view.items("aws_organization_account").find(|item| item.native_id == account.as_str());
        let mut levels = vec![account.as_str().to_owned()];
        let mut parent = own.and_then(|item| item.document["parent_id"].as_str());
        while let Some(id) = parent.filter(|_| levels.len() < MAX_DEPTH) {
            levels.push(id.to_owned());
            parent = units.get(id).and_then(|unit| unit.document["parent_id"].as_str());
        }
        if levels.len() == 1 {
            this.notes.push(
                "where the account lies in its organization is not known: rights may be narrower".to_owned(),
            );
        }
        for level in levels.iter().rev() {
            for (sort, found) in [
                ("SERVICE_CONTROL_POLICY", &mut this.service_control),
                ("RESOURCE_CONTROL_POLICY", &mut this.resource_control),
            ] {
                let bound =
                    view.items(kind).filter(|item| item.document["type"] == sort && is_at(item, level));
                let policies: Vec<_> = bound.map(policy).collect();
                // Every level has at least one, so that none means that they are switched off, or not collected.
                if !policies.is_empty() {
                    found.push(policies);
                }
            }
        }
        this
    }
}

/// Whether a policy is attached to a root, unit or account.
fn is_at(item: &Item, target: &str) -> bool {
    item.document["targets"].as_array().into_iter().flatten().any(|other| other["id"] == target)
}

fn policy(item: &Item) -> Policy {
    let name = item.name.as_deref().unwrap_or(&item.native_id);
    Policy {
        name: format!("organization policy {name}").into(),
        document: super::document(&item.document["content"], "its document is not stored"),
    }
}
