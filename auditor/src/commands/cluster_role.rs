//! The least-privilege `ClusterRole` of Kubernetes kinds, made from the rights they declare.

use std::collections::{BTreeMap, BTreeSet};

use auditor_core::model::Kind;

use crate::{failure::Failure, output::count};

/// A right as kinds declare it and `kubectl auth can-i` takes it: `list deployments.apps`, `get configmaps/aws-auth`,
/// `get /version`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Right<'a> {
    Path { path: &'a str, verb: &'a str },
    Resource { group: &'a str, name: Option<&'a str>, verb: &'a str, resource: &'a str },
}

impl<'a> Right<'a> {
    /// `None`: it is a right of something else.
    fn parse(text: &'a str) -> Option<Self> {
        let (verb, what) = text.split_once(' ')?;
        if !["get", "list"].contains(&verb) || what.contains(char::is_whitespace) {
            return None;
        }
        if what.starts_with('/') {
            return Some(Self::Path { path: what, verb });
        }
        let (what, name) = what.split_once('/').map_or((what, None), |(what, name)| (what, Some(name)));
        let (resource, group) = what.split_once('.').unwrap_or((what, ""));
        let is_resource = !resource.is_empty() && resource.bytes().all(|byte| byte.is_ascii_lowercase());
        is_resource.then_some(Self::Resource { group, name, verb, resource })
    }
}

/// Allows exactly the reading calls that complete listings of these kinds make.
pub(super) fn cluster_role(kinds: &[&Kind]) -> Result<String, Failure> {
    let rights = kinds.iter().flat_map(|kind| kind.permissions).filter_map(|text| Right::parse(text));
    let rights: BTreeSet<_> = rights.collect();
    if rights.is_empty() {
        let kinds = count(kinds.len() as u64, "kind needs", "kinds need");
        return Err(Failure::usage(format!("the chosen {kinds} no Kubernetes right"))
            .with_hint("`auditor kinds KIND` shows what a kind needs"));
    }
    let mut resources = BTreeMap::<_, BTreeSet<_>>::new();
    let mut paths = BTreeMap::<_, BTreeSet<_>>::new();
    for right in &rights {
        match right {
            Right::Path { path, verb } => paths.entry(verb).or_default().insert(*path),
            Right::Resource { group, name, verb, resource } => {
                resources.entry((group, name, verb)).or_default().insert(*resource)
            }
        };
    }
    let mut text = "\
# What the auditor reads of a cluster, and no more. No Secrets: the right to list them is the right to read them.
# Made by `auditor kinds --cluster-role`; `auditor kinds --cluster-role KIND …` prints it for fewer kinds.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: auditor
rules:
"
    .to_owned();
    for ((group, name, verb), resources) in resources {
        text.push_str(&format!("  - apiGroups: [\"{group}\"]\n    resources: [{}]\n", quoted(&resources)));
        if let Some(name) = name {
            text.push_str(&format!("    resourceNames: [\"{name}\"]\n"));
        }
        text.push_str(&format!("    verbs: [\"{verb}\"]\n"));
    }
    for (verb, paths) in paths {
        text.push_str(&format!("  - nonResourceURLs: [{}]\n    verbs: [\"{verb}\"]\n", quoted(&paths)));
    }
    Ok(text)
}

fn quoted(names: &BTreeSet<&str>) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    static OBJECTS: Kind = Kind::new("test_objects", "Objects").permissions(&[
        "list pods",
        "list nodes",
        "list roles.rbac.authorization.k8s.io",
        "get configmaps/aws-auth",
        "get /version",
        "iam:ListUsers",
        "GET /v1/users",
        "read export",
        "list export files",
    ]);
    static NONE: Kind = Kind::new("test_none", "None").permissions(&["iam:ListUsers"]);

    #[test]
    fn the_role_allows_the_declared_rights_only() {
        let role = cluster_role(&[&OBJECTS, &NONE]).unwrap();
        let (_, rules) = role.split_once("rules:\n").unwrap();
        assert_eq!(
            rules,
            r#"  - apiGroups: [""]
    resources: ["nodes", "pods"]
    verbs: ["list"]
  - apiGroups: [""]
    resources: ["configmaps"]
    resourceNames: ["aws-auth"]
    verbs: ["get"]
  - apiGroups: ["rbac.authorization.k8s.io"]
    resources: ["roles"]
    verbs: ["list"]
  - nonResourceURLs: ["/version"]
    verbs: ["get"]
"#
        );
        assert!(cluster_role(&[&NONE]).is_err());
    }
}
