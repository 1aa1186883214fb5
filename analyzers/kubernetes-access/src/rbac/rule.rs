//! One rule of a role, and what it covers.

use serde::Serialize;
use serde_json::Value;

use super::{Attributes, On, ResourceAttributes};

/// One rule of a role, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Rule {
    /// Verbs. `*`: every one, made-up ones too.
    pub verbs: Vec<String>,
    /// API groups. Empty string: the core group. `*`: every one.
    pub api_groups: Vec<String>,
    /// `TYPE`, `TYPE/SUBRESOURCE`, `*/SUBRESOURCE`, or `*`: every type and subresource.
    pub resources: Vec<String>,
    /// Names it is limited to. Empty: every name, and requests without one.
    pub resource_names: Vec<String>,
    /// Paths; `*` at the end stands for anything.
    pub non_resource_urls: Vec<String>,
}

impl Rule {
    /// Reads a stored rule. `None`: it is not one, or a part of it is not.
    pub(crate) fn from_document(document: &Value) -> Option<Self> {
        let document = document.as_object()?;
        let strings = |field: &str| match document.get(field) {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::Array(values)) => {
                values.iter().map(|value| value.as_str().map(str::to_owned)).collect()
            }
            Some(_) => None,
        };
        Some(Self {
            verbs: strings("verbs")?,
            api_groups: strings("api_groups")?,
            resources: strings("resources")?,
            resource_names: strings("resource_names")?,
            non_resource_urls: strings("non_resource_urls")?,
        })
    }

    /// Whether it allows a request.
    pub fn allows(&self, request: &Attributes) -> bool {
        covers(&self.verbs, &request.verb)
            && match &request.on {
                On::Resource(on) => self.covers_type(on) && self.covers_name(&on.name),
                On::Url(path) => self.non_resource_urls.iter().any(|pattern| covers_path(pattern, path)),
            }
    }

    /// Whether it is about that type of object, whatever its name.
    pub(crate) fn covers_type(&self, on: &ResourceAttributes) -> bool {
        covers(&self.api_groups, &on.group)
            && self.resources.iter().any(|pattern| covers_resource(pattern, &on.resource, &on.subresource))
    }

    /// Whether it is about that name. A request without name is about all of them.
    pub(crate) fn covers_name(&self, name: &str) -> bool {
        self.resource_names.is_empty() || self.resource_names.iter().any(|allowed| allowed == name)
    }

    /// Whether it holds that verb.
    pub(crate) fn covers_verb(&self, verb: &str) -> bool {
        covers(&self.verbs, verb)
    }

    /// Whether it allows everything that there is.
    pub(crate) fn is_everything(&self) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| pattern == "*");
        any(&self.verbs) && any(&self.api_groups) && any(&self.resources) && self.resource_names.is_empty()
    }
}

fn covers(patterns: &[String], asked: &str) -> bool {
    patterns.iter().any(|pattern| pattern == "*" || pattern == asked)
}

/// `pods/*` covers nothing: only the type can be left open, and only before a subresource.
fn covers_resource(pattern: &str, resource: &str, subresource: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    if subresource.is_empty() {
        return pattern == resource;
    }
    let part_of = |of: &str| pattern.strip_prefix(of).and_then(|rest| rest.strip_prefix('/'));
    part_of("*") == Some(subresource) || part_of(resource) == Some(subresource)
}

/// All stars at the end of a pattern count as one.
fn covers_path(pattern: &str, path: &str) -> bool {
    pattern == path || (pattern.ends_with('*') && path.starts_with(pattern.trim_end_matches('*')))
}
