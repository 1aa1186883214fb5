//! `aws_organizational_unit`, and where in the tree something lies.

use std::collections::HashMap;

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use aws_sdk_organizations::types::{PolicyTypeStatus, Root};
use serde_json::{Value, json};

use super::{Work, emit_sorted, named, note_without_id, owner_of};
use crate::estate::Tree;

pub(crate) static ORGANIZATIONAL_UNIT: Kind =
    Kind::new("aws_organizational_unit", "A root or an organizational unit of an AWS organization")
        .native_id("The id of the root (`r-…`) or unit (`ou-…`)")
        .columns(&[
            Column::text("type", "/type", "`ROOT` or `ORGANIZATIONAL_UNIT`"),
            Column::text(
                "path",
                "/path",
                "Names from the root down, as in `Root/Production` (`ListRoots`, `ListOrganizationalUnitsForParent`, `Name`)",
            ),
            Column::text(
                "parent_id",
                "/parent_id",
                "Id of what it lies in (`ListOrganizationalUnitsForParent`, `ParentId`). Null: a root",
            ),
            Column::json(
                "policy_types",
                "/policy_types",
                "Types of policies that are enabled, sorted (`ListRoots`, `PolicyTypes`). Null: not a root",
            ),
            Column::text("arn", "/arn", "ARN (`ListRoots`, `ListOrganizationalUnitsForParent`, `Arn`)"),
        ])
        .permissions(&["organizations:ListOrganizationalUnitsForParent", "organizations:ListRoots"]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&ORGANIZATIONAL_UNIT], |emit| async move {
        let Some(tree) = work.estate.tree.required(&emit, &ORGANIZATIONAL_UNIT)? else { return Ok(()) };
        let resources = map(tree, work);
        note_without_id(&emit, &ORGANIZATIONAL_UNIT, tree.roots.len() + tree.units.len() - resources.len());
        emit_sorted(&emit, resources).await.map(drop)
    })
    .await;
}

fn map(tree: &Tree, work: &Work<'_>) -> Vec<Resource> {
    let places = Places::new(tree);
    let resource = |id: &str, name: Option<&str>, arn: Option<&str>, document: Value| {
        let account = owner_of(arn).unwrap_or_else(|| work.account.clone());
        named(Resource::new(&ORGANIZATIONAL_UNIT, account, id, document), name)
    };
    let roots = tree.roots.iter().filter_map(|root| {
        let id = root.id.as_deref()?;
        let document = json!({
            "type": "ROOT",
            "arn": root.arn,
            "path": places.path(id),
            "parent_id": null,
            "policy_types": enabled(root),
        });
        Some(resource(id, root.name.as_deref(), root.arn.as_deref(), document))
    });
    let units = tree.units.iter().filter_map(|(parent, unit)| {
        let id = unit.id.as_deref()?;
        let document = json!({
            "type": "ORGANIZATIONAL_UNIT",
            "arn": unit.arn,
            "path": places.path(id),
            "parent_id": parent,
            "policy_types": null,
        });
        Some(resource(id, unit.name.as_deref(), unit.arn.as_deref(), document))
    });
    roots.chain(units).collect()
}

fn enabled(root: &Root) -> Vec<&str> {
    let types = root.policy_types.iter().flatten();
    let mut enabled: Vec<_> = types
        .filter(|summary| summary.status == Some(PolicyTypeStatus::Enabled))
        .filter_map(|summary| summary.r#type.as_ref().map(aws_sdk_organizations::types::PolicyType::as_str))
        .collect();
    enabled.sort_unstable();
    enabled
}

/// The names that lead to each root and unit.
pub(super) struct Places(HashMap<String, String>);

impl Places {
    /// Units come after what they lie in, so that its path is known when theirs is made.
    pub(super) fn new(tree: &Tree) -> Self {
        let mut paths = HashMap::new();
        for root in &tree.roots {
            if let Some(id) = &root.id {
                paths.insert(id.clone(), root.name.clone().unwrap_or_else(|| id.clone()));
            }
        }
        for (parent, unit) in &tree.units {
            if let (Some(id), Some(above)) = (&unit.id, paths.get(parent)) {
                let path = format!("{above}/{}", unit.name.as_ref().unwrap_or(id));
                paths.insert(id.clone(), path);
            }
        }
        Self(paths)
    }

    /// `None`: not among what was listed.
    pub(super) fn path(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }
}
