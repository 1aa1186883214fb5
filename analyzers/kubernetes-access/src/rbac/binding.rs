//! Roles and bindings as stored.

use std::collections::BTreeMap;

use auditor_core::analyzer::Item;
use serde::Serialize;
use serde_json::Value;

use super::{Principal, Rule};

/// A role, or a cluster role.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Role {
    /// Which.
    pub id: RoleId,
    /// Its rules, in their order.
    pub rules: Vec<Rule>,
    /// Labels of the roles that the cluster copies into this one. `None`: its rules are its own.
    #[serde(skip)]
    pub(crate) aggregation: Option<Value>,
    /// Those of its labels that are stored.
    #[serde(skip)]
    pub(crate) labels: BTreeMap<String, String>,
}

/// Which role: its kind and name, and a namespace unless it is of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RoleId {
    /// Namespace. `None`: a `ClusterRole`.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

/// A role binding, or a cluster role binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Binding {
    /// Which.
    pub id: BindingId,
    /// The role it gives, which need not be there. `None`: it names something that is no role.
    pub role: Option<RoleId>,
    /// Whom it names. Empty: nobody.
    pub subjects: Vec<Principal>,
    /// Whether Kubernetes itself made it.
    pub built_in: bool,
}

/// Which binding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct BindingId {
    /// Namespace. `None`: a `ClusterRoleBinding`.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl std::fmt::Display for RoleId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(formatter, "Role:{namespace}:{}", self.name),
            None => write!(formatter, "ClusterRole:{}", self.name),
        }
    }
}

impl std::fmt::Display for BindingId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(formatter, "RoleBinding:{namespace}:{}", self.name),
            None => write!(formatter, "ClusterRoleBinding:{}", self.name),
        }
    }
}

impl Role {
    /// Reads a stored role and says whether all of it could be read. `None`: nothing could.
    pub(crate) fn from_item(item: &Item, namespaced: bool) -> Option<(Self, bool)> {
        let id = RoleId { namespace: namespace(item, namespaced)?, name: item.name.clone()? };
        let mut whole = true;
        let mut rules = Vec::new();
        match item.document.get("rules") {
            Some(Value::Array(documents)) => {
                for document in documents {
                    let rule = Rule::from_document(document);
                    whole &= rule.is_some();
                    // What cannot be read allows nothing, and keeps its place.
                    rules.push(rule.unwrap_or_default());
                }
            }
            _ => whole = false,
        }
        let aggregation = item.document.get("aggregation_rule").filter(|rule| !rule.is_null()).cloned();
        Some((Self { id, rules, aggregation, labels: labels(item) }, whole))
    }
}

impl Binding {
    /// Reads a stored binding and says whether all of it could be read. `None`: nothing could.
    pub(crate) fn from_item(item: &Item, namespaced: bool) -> Option<(Self, bool)> {
        let id = BindingId { namespace: namespace(item, namespaced)?, name: item.name.clone()? };
        let role_name = text(&item.document, "role_name")?.to_owned();
        let role = match text(&item.document, "role_kind")? {
            "ClusterRole" => Some(RoleId { namespace: None, name: role_name }),
            // Only a binding of a namespace can give a role of one, its own.
            "Role" => id.namespace.clone().map(|own| RoleId { namespace: Some(own), name: role_name }),
            _ => None,
        };
        let mut whole = true;
        let mut subjects = Vec::new();
        match item.document.get("subjects") {
            Some(Value::Array(documents)) => {
                for document in documents {
                    match principal(document, id.namespace.as_deref()) {
                        Some(principal) => subjects.extend(principal),
                        None => whole = false,
                    }
                }
            }
            _ => whole = false,
        }
        let built_in = labels(item).contains_key("kubernetes.io/bootstrapping");
        Some((Self { id, role, subjects, built_in }, whole))
    }
}

/// Whom a binding's subject names. `Some(None)`: nobody that could ever ask. `None`: it cannot be read.
#[expect(clippy::option_option, reason = "nobody is not somebody that cannot be read")]
fn principal(subject: &Value, own: Option<&str>) -> Option<Option<Principal>> {
    let name = text(subject, "name")?;
    Some(match text(subject, "kind")? {
        "User" => Some(Principal::User(name.to_owned())),
        "Group" => Some(Principal::Group(name.to_owned())),
        "ServiceAccount" => {
            let namespace = text(subject, "namespace").filter(|namespace| !namespace.is_empty()).or(own);
            namespace.map(|namespace| Principal::service_account(namespace, name))
        }
        _ => None,
    })
}

#[expect(clippy::option_option, reason = "a namespace that is missing is not one that is not due")]
fn namespace(item: &Item, namespaced: bool) -> Option<Option<String>> {
    if !namespaced {
        return Some(None);
    }
    let namespace = text(&item.document, "namespace").filter(|namespace| !namespace.is_empty())?;
    Some(Some(namespace.to_owned()))
}

fn labels(item: &Item) -> BTreeMap<String, String> {
    let labels = item.document.get("labels").and_then(Value::as_object).into_iter().flatten();
    labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn text<'a>(document: &'a Value, field: &str) -> Option<&'a str> {
    document.get(field)?.as_str()
}
