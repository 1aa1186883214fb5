//! What is asked for.

use serde::Serialize;

/// A request, as the authorizer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attributes {
    /// The verb: `get`, `list`, `create`, `impersonate`, `bind`, … for resources; an HTTP method in small letters for URLs.
    pub verb: String,
    /// What it is about.
    pub on: On,
}

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// An object, or all of one type.
    Resource(ResourceAttributes),
    /// A path that is no resource, e.g. `/metrics`.
    Url(String),
}

/// An object, or all of one type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ResourceAttributes {
    /// API group. Empty: the core group.
    pub group: String,
    /// Type, in the plural: `pods`.
    pub resource: String,
    /// Part of it: `log`. Empty: the object itself.
    pub subresource: String,
    /// Namespace. Empty: an object of the whole cluster, or those of every namespace.
    pub namespace: String,
    /// Name. Empty: all of them, or one that has none yet. `list` and `watch` have one only where a field selector on
    /// `metadata.name` gives it.
    pub name: String,
}

impl Attributes {
    /// A request about a resource, which is written as for `kubectl`: `pods`, `pods/log`, `deployments.apps`,
    /// `deployments.apps/scale`. Empty namespace: every one, or none. Empty name: all.
    pub fn resource(verb: &str, resource: &str, namespace: &str, name: &str) -> Self {
        let (of, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let (resource, group) = of.split_once('.').unwrap_or((of, ""));
        let on = ResourceAttributes {
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        };
        Self { verb: verb.to_owned(), on: On::Resource(on) }
    }

    /// A request about a path that is no resource.
    pub fn url(verb: &str, path: &str) -> Self {
        Self { verb: verb.to_owned(), on: On::Url(path.to_owned()) }
    }

    /// Everything in the whole cluster: allowed to administrators alone.
    pub fn everything() -> Self {
        let on = ResourceAttributes {
            group: "*".to_owned(),
            resource: "*".to_owned(),
            ..ResourceAttributes::default()
        };
        Self { verb: "*".to_owned(), on: On::Resource(on) }
    }

    /// The namespace whose bindings count beside those of the cluster. `None`: no others count.
    pub(crate) fn namespace(&self) -> Option<&str> {
        match &self.on {
            On::Resource(on) if !on.namespace.is_empty() => Some(&on.namespace),
            On::Resource(_) | On::Url(_) => None,
        }
    }
}
