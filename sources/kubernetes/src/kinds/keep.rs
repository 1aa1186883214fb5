//! Labels and annotations that are kept. All others are dropped on arrival: tools put whole manifests there
//! (`kubectl.kubernetes.io/last-applied-configuration`), with whatever is in them.

use std::collections::BTreeMap;

/// What decides about access, isolation or origin.
const LABELS: &[&str] = &[
    "app.kubernetes.io/component",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/name",
    "app.kubernetes.io/part-of",
    "eks.amazonaws.com/nodegroup",
    "kubernetes.io/arch",
    "kubernetes.io/bootstrapping",
    "kubernetes.io/metadata.name",
    "kubernetes.io/os",
    "node-role.kubernetes.io/*",
    "node.kubernetes.io/instance-type",
    "pod-security.kubernetes.io/*",
    "rbac.authorization.k8s.io/aggregate-to-*",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
];
const ANNOTATIONS: &[&str] = &[
    "azure.workload.identity/client-id",
    "eks.amazonaws.com/audience",
    "eks.amazonaws.com/role-arn",
    "eks.amazonaws.com/sts-regional-endpoints",
    "eks.amazonaws.com/token-expiration",
    "iam.amazonaws.com/permitted",
    "iam.amazonaws.com/role",
    "iam.gke.io/gcp-service-account",
    "rbac.authorization.kubernetes.io/autoupdate",
];

/// The labels on the lists.
pub(super) fn labels(labels: Option<BTreeMap<String, String>>, more: &[String]) -> BTreeMap<String, String> {
    kept(labels, LABELS, more)
}

/// The annotations on the lists.
pub(super) fn annotations(
    annotations: Option<BTreeMap<String, String>>,
    more: &[String],
) -> BTreeMap<String, String> {
    kept(annotations, ANNOTATIONS, more)
}

fn kept(
    all: Option<BTreeMap<String, String>>,
    built_in: &[&str],
    more: &[String],
) -> BTreeMap<String, String> {
    let mut all = all.unwrap_or_default();
    all.retain(|key, _| {
        built_in.iter().any(|pattern| matches(pattern, key))
            || more.iter().any(|pattern| matches(pattern, key))
    });
    all
}

fn matches(pattern: &str, key: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => key.starts_with(prefix),
        None => key == pattern,
    }
}

/// Whether a pattern may be configured.
///
/// # Errors
/// What was expected.
pub(crate) fn check_pattern(pattern: &str) -> Result<(), &'static str> {
    let prefix = pattern.strip_suffix('*').unwrap_or(pattern);
    if prefix.is_empty() || prefix.contains('*') {
        return Err("expected a name, or the beginning of one and `*`");
    }
    if matches(pattern, "kubectl.kubernetes.io/last-applied-configuration") {
        return Err(
            "`kubectl.kubernetes.io/last-applied-configuration` holds whole manifests, secrets included, and \
                    is never kept",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_kept() {
        let all = [
            ("eks.amazonaws.com/role-arn", "arn"),
            ("kubectl.kubernetes.io/last-applied-configuration", "hunter2"),
            ("example.com/team", "payments"),
            ("example.com/token", "hunter2"),
        ];
        let all = || Some(all.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
        assert_eq!(annotations(all(), &[]).len(), 1);
        let more = annotations(all(), &["example.com/te*".to_owned()]);
        assert_eq!(more.keys().collect::<Vec<_>>(), ["eks.amazonaws.com/role-arn", "example.com/team"]);
        assert!(labels(None, &[]).is_empty());
    }

    #[test]
    fn patterns_are_not_everything() {
        for good in ["team", "example.com/*"] {
            assert_eq!(check_pattern(good), Ok(()), "{good}");
        }
        for bad in ["", "*", "a*b", "k*", "kubectl.kubernetes.io/last-applied-configuration"] {
            assert!(check_pattern(bad).is_err(), "{bad}");
        }
    }
}
