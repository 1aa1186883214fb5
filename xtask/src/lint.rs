//! `cargo xtask lint-workspace`: what the compiler does not check about the workspace as a whole.
//!
//! - Every crate inherits the lints and takes its dependencies from the one table of versions.
//! - The crates depend on one another only as the folders say: see [`ARROWS`].
//! - What `deny.toml` bans is not there, and what it lets only some crates use, only they use. The same file serves
//!   `cargo deny`, which also looks at licences and advisories; this check needs nothing installed.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context as _, bail};
use toml_edit::{DocumentMut, Item, TableLike};

use crate::{
    graph::{Graph, Package},
    process::root,
};

/// A folder, the paths whose crates its crates may depend on, and the packages (prefixes) they must not even reach through others.
/// Tests may use more.
struct Arrow {
    folder: &'static str,
    may_use: &'static [&'static str],
    never: &'static [&'static str],
}

const ARROWS: [Arrow; 9] = [
    Arrow {
        folder: "core",
        may_use: &[],
        never: &["aws-", "axum", "clap", "hyper", "kube", "reqwest", "sea-", "sqlx"],
    },
    Arrow { folder: "store", may_use: &["core"], never: &["aws-", "clap", "kube", "reqwest"] },
    Arrow { folder: "sinks", may_use: &["core", "store"], never: &["aws-", "clap", "kube", "reqwest"] },
    Arrow {
        folder: "sources",
        may_use: &["core", "sources/aws-common", "sources/http-common"],
        never: &["clap", "sea-", "sqlx"],
    },
    Arrow {
        folder: "analyzers",
        may_use: &["core", "analyzers/aws-policy"],
        never: &["aws-", "clap", "hyper", "kube", "reqwest", "sea-", "sqlx"],
    },
    Arrow { folder: "reports", may_use: &["core", "store"], never: &["aws-", "clap", "kube", "reqwest"] },
    Arrow {
        folder: "auditor",
        may_use: &["core", "store", "sinks", "sources", "analyzers", "reports"],
        never: &["axum", "auditor-fakes", "auditor-testbed"],
    },
    Arrow { folder: "tests", may_use: &["core", "store", "sinks"], never: &[] },
    Arrow { folder: "xtask", may_use: &[], never: &[] },
];

pub(crate) fn run() -> anyhow::Result<()> {
    let graph = Graph::load()?;
    let mut problems = Vec::new();
    for (_, package, manifest) in graph.members() {
        let text = fs::read_to_string(root().join(manifest))
            .with_context(|| format!("cannot read `{}`", manifest.display()))?;
        problems.extend(inheritance(package, &text)?);
    }
    problems.extend(arrows(&graph));
    let deny = fs::read_to_string(root().join("deny.toml")).context("cannot read `deny.toml`")?;
    problems.extend(bans(&graph, &deny)?);
    if !problems.is_empty() {
        bail!("the workspace breaks its rules:\n- {}", problems.join("\n- "));
    }
    Ok(())
}

/// Lints and versions that a manifest does not inherit.
fn inheritance(package: &Package, manifest: &str) -> anyhow::Result<Vec<String>> {
    let name = &package.name;
    let document: DocumentMut =
        manifest.parse().with_context(|| format!("cannot read the manifest of {name}"))?;
    let inherits = |item: &Item| item.get("workspace").and_then(Item::as_bool) == Some(true);
    let mut problems = Vec::new();
    if !document.get("lints").is_some_and(inherits) {
        problems.push(format!("{name} does not inherit the lints: add `[lints] workspace = true`"));
    }
    for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let dependencies = document.get(table).and_then(Item::as_table_like).map(TableLike::iter);
        for (dependency, item) in dependencies.into_iter().flatten().filter(|(_, item)| !inherits(item)) {
            let _: &Item = item;
            problems.push(format!(
                "{name} gives `{dependency}` a version of its own: use `{dependency}.workspace = true`"
            ));
        }
    }
    Ok(problems)
}

/// First folder of a manifest's path.
fn folder(manifest: &Path) -> &str {
    manifest.iter().next().and_then(|part| part.to_str()).unwrap_or_default()
}

/// Dependencies between crates that the folders forbid.
fn arrows(graph: &Graph) -> Vec<String> {
    let mut problems = Vec::new();
    for (id, package, manifest) in graph.members() {
        let Some(arrow) = ARROWS.iter().find(|arrow| arrow.folder == folder(manifest)) else {
            problems.push(format!(
                "{} lies in a folder without rules: add them to `xtask/src/lint.rs`",
                package.name
            ));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| !dependency.dev_only) {
            let other = &graph.packages[&dependency.id];
            let Some(manifest) = &other.manifest else { continue };
            if !arrow.may_use.iter().any(|path| manifest.starts_with(path)) {
                problems.push(format!("{} must not depend on {}", package.name, other.name));
            }
        }
        let mut reached = BTreeSet::new();
        for other in graph.reachable(id) {
            let name = &graph.packages[other].name;
            if arrow.never.iter().any(|prefix| name.starts_with(prefix)) {
                reached.insert(name.as_str());
            }
        }
        if !reached.is_empty() {
            let reached: Vec<_> = reached.into_iter().collect();
            problems.push(format!("{} must not need {}", package.name, reached.join(", ")));
        }
    }
    problems
}

/// What `[bans]` of `deny.toml` forbids: a crate without `wrappers` altogether, one with them to everyone else.
fn bans(graph: &Graph, deny: &str) -> anyhow::Result<Vec<String>> {
    let document: DocumentMut = deny.parse().context("cannot read `deny.toml`")?;
    let entries = document.get("bans").and_then(|bans| bans.get("deny")).and_then(Item::as_array);
    let mut problems = Vec::new();
    for entry in entries.context("`deny.toml` has no list `bans.deny`")? {
        let entry = entry.as_inline_table().context("an entry of `bans.deny` is no table")?;
        let banned = entry
            .get("crate")
            .and_then(|name| name.as_str())
            .context("an entry of `bans.deny` names no crate")?;
        let wrappers: BTreeSet<_> = entry
            .get("wrappers")
            .and_then(|wrappers| wrappers.as_array())
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str())
            .collect();
        for (id, package) in graph.packages.iter().filter(|(_, package)| package.name == banned) {
            let users = graph.dependents(id);
            let offenders: Vec<_> = users.difference(&wrappers).copied().collect();
            if !offenders.is_empty() {
                let (version, offenders) = (&package.version, offenders.join(", "));
                problems.push(format!("`{banned}` {version} must not be used by {offenders} (deny.toml)"));
            }
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;

    #[test]
    fn arrows_point_one_way() {
        let good = graph(&[
            ("auditor-core", Some("core/Cargo.toml"), &["serde"]),
            ("auditor-store", Some("store/Cargo.toml"), &["auditor-core", "sqlx"]),
            ("auditor-source-x", Some("sources/x/Cargo.toml"), &["auditor-core", "shared", "auditor-store!"]),
            ("shared", Some("sources/aws-common/Cargo.toml"), &["auditor-core"]),
            ("auditor", Some("auditor/Cargo.toml"), &["auditor-source-x", "auditor-store"]),
            ("serde", None, &[]),
            ("sqlx", None, &[]),
        ]);
        assert_eq!(arrows(&good), Vec::<String>::new());

        let bad = graph(&[
            ("auditor-core", Some("core/Cargo.toml"), &["helper"]),
            ("auditor-source-x", Some("sources/x/Cargo.toml"), &["auditor-source-y"]),
            ("auditor-source-y", Some("sources/y/Cargo.toml"), &["auditor"]),
            ("auditor", Some("auditor/Cargo.toml"), &[]),
            ("helper", None, &["sqlx-core"]),
            ("sqlx-core", None, &[]),
            ("stray", Some("stray/Cargo.toml"), &[]),
        ]);
        assert_eq!(
            arrows(&bad),
            [
                "auditor-core must not need sqlx-core",
                "auditor-source-x must not depend on auditor-source-y",
                "auditor-source-y must not depend on auditor",
                "stray lies in a folder without rules: add them to `xtask/src/lint.rs`",
            ]
        );
    }

    #[test]
    fn bans_know_their_exceptions() {
        let graph = graph(&[
            ("auditor-store", Some("store/Cargo.toml"), &["sea-orm", "openssl!"]),
            ("auditor-core", Some("core/Cargo.toml"), &["sea-orm"]),
            ("sea-orm", None, &[]),
            ("openssl", None, &[]),
        ]);
        let deny = r#"
            [bans]
            deny = [{ crate = "openssl" }, { crate = "sea-orm", wrappers = ["auditor-store"] }]
        "#;
        assert_eq!(
            bans(&graph, deny).unwrap(),
            [
                "`openssl` 1.0.0 must not be used by auditor-store (deny.toml)",
                "`sea-orm` 1.0.0 must not be used by auditor-core (deny.toml)",
            ]
        );
    }

    #[test]
    fn manifests_inherit() {
        let graph = graph(&[("a", Some("core/Cargo.toml"), &[])]);
        let package = &graph.packages["a"];
        let good = "[dependencies]\nserde.workspace = true\nx = { workspace = true, optional = true }\n[lints]\nworkspace = true\n";
        assert_eq!(inheritance(package, good).unwrap(), Vec::<String>::new());
        let problems = inheritance(package, "[dev-dependencies]\nserde = \"1\"\n").unwrap();
        assert_eq!(problems.len(), 2, "{problems:?}");
    }
}
