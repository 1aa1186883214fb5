//! The dependency graph, as `cargo metadata` knows it: every feature, every platform.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::Value;

use crate::process::{cargo, output, root};

/// Packages by cargo's id.
pub(crate) struct Graph {
    pub(crate) packages: BTreeMap<String, Package>,
}

/// One package.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// `Some` for crates of the workspace: the manifest, relative to the root.
    pub(crate) manifest: Option<PathBuf>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One arrow.
pub(crate) struct Dependency {
    pub(crate) id: String,
    /// Only for tests, examples and benchmarks.
    pub(crate) dev_only: bool,
}

impl Graph {
    pub(crate) fn load() -> anyhow::Result<Self> {
        let metadata =
            output(cargo().args(["metadata", "--format-version=1", "--all-features", "--locked"]))?;
        Self::parse(&serde_json::from_slice(&metadata).context("cannot read `cargo metadata`")?, &root())
    }

    fn parse(metadata: &Value, root: &Path) -> anyhow::Result<Self> {
        let members: BTreeSet<&str> = metadata["workspace_members"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let text =
            |value: &Value| value.as_str().map(str::to_owned).context("`cargo metadata` has another form");
        let mut packages = BTreeMap::new();
        for package in metadata["packages"].as_array().context("`cargo metadata` lists no packages")? {
            let id = text(&package["id"])?;
            let manifest = PathBuf::from(text(&package["manifest_path"])?);
            let manifest = manifest.strip_prefix(root).unwrap_or(&manifest).to_owned();
            let package = Package {
                name: text(&package["name"])?,
                version: text(&package["version"])?,
                manifest: members.contains(id.as_str()).then_some(manifest),
                dependencies: Vec::new(),
            };
            packages.insert(id, package);
        }
        for node in metadata["resolve"]["nodes"].as_array().context("`cargo metadata` has no graph")? {
            let Some(package) = node["id"].as_str().and_then(|id| packages.get_mut(id)) else { continue };
            for dependency in node["deps"].as_array().into_iter().flatten() {
                let mut kinds = dependency["dep_kinds"].as_array().into_iter().flatten();
                package.dependencies.push(Dependency {
                    id: text(&dependency["pkg"])?,
                    dev_only: kinds.all(|kind| kind["kind"] == "dev"),
                });
            }
        }
        Ok(Self { packages })
    }

    /// The workspace's own crates, with their manifests.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Package, &Path)> {
        let members = self.packages.iter();
        members.filter_map(|(id, package)| Some((id.as_str(), package, package.manifest.as_deref()?)))
    }

    /// Packages that a package needs outside its tests, directly or not.
    pub(crate) fn reachable(&self, id: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut todo = vec![id];
        while let Some(package) = todo.pop().and_then(|id| self.packages.get(id)) {
            for dependency in package.dependencies.iter().filter(|dependency| !dependency.dev_only) {
                if found.insert(dependency.id.as_str()) {
                    todo.push(&dependency.id);
                }
            }
        }
        found
    }

    /// Names of the packages that depend on a package directly, tests included.
    pub(crate) fn dependents(&self, id: &str) -> BTreeSet<&str> {
        let depends = |package: &&Package| package.dependencies.iter().any(|dependency| dependency.id == id);
        self.packages.values().filter(depends).map(|package| package.name.as_str()).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// A graph of crates `(name, manifest, dependencies)`; a name ending in `!` is a dependency for tests only.
    pub(crate) fn graph(crates: &[(&str, Option<&str>, &[&str])]) -> Graph {
        let packages: Vec<_> = crates
            .iter()
            .map(|(name, manifest, _)| {
                let manifest = manifest.unwrap_or("/elsewhere/Cargo.toml");
                json!({"id": name, "name": name, "version": "1.0.0", "manifest_path": format!("/root/{manifest}")})
            })
            .collect();
        let nodes: Vec<_> = crates
            .iter()
            .map(|(name, _, dependencies)| {
                let deps: Vec<_> = dependencies
                    .iter()
                    .map(|other| match other.strip_suffix('!') {
                        Some(other) => json!({"pkg": other, "dep_kinds": [{"kind": "dev"}]}),
                        None => json!({"pkg": other, "dep_kinds": [{"kind": null}]}),
                    })
                    .collect();
                json!({"id": name, "deps": deps})
            })
            .collect();
        let members: Vec<_> =
            crates.iter().filter(|(_, manifest, _)| manifest.is_some()).map(|(name, ..)| name).collect();
        let metadata = json!({
            "packages": packages, "resolve": {"nodes": nodes}, "workspace_members": members
        });
        Graph::parse(&metadata, Path::new("/root")).unwrap()
    }

    #[test]
    fn what_only_tests_need_is_not_reachable() {
        let graph = graph(&[
            ("a", Some("a/Cargo.toml"), &["b", "c!"]),
            ("b", None, &["d"]),
            ("c", None, &[]),
            ("d", None, &[]),
        ]);
        assert_eq!(graph.reachable("a"), BTreeSet::from(["b", "d"]));
        assert_eq!(graph.dependents("c"), BTreeSet::from(["a"]));
    }
}
