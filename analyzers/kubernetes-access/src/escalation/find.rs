//! Which methods a subject's rules allow, and where.

use std::collections::BTreeSet;

use super::methods::{LeadsTo, METHODS, Method, Need, Right};
use crate::rbac::{Cluster, Held, ResourceAttributes, RoleId, Rule, Subject};

/// A method that a subject has the rights for.
pub(crate) struct Way<'a> {
    pub(crate) method: &'static Method,
    pub(crate) certain: bool,
    /// Rules that give the rights it needs.
    pub(crate) held: Vec<Held<'a>>,
    /// Those of them that give the first: the names in them are whom it leads to.
    first: Vec<Held<'a>>,
    /// Where it works.
    places: Places,
}

/// Namespaces.
#[derive(Clone, PartialEq, Eq)]
enum Places {
    Everywhere,
    In(BTreeSet<String>),
}

impl Places {
    fn both(self, other: Self) -> Self {
        match (self, other) {
            (Self::Everywhere, places) | (places, Self::Everywhere) => places,
            (Self::In(a), Self::In(b)) => Self::In(a.intersection(&b).cloned().collect()),
        }
    }
}

impl Way<'_> {
    /// The namespaces whose service accounts it leads to. `None`: all.
    pub(crate) fn reaches(&self) -> Option<&BTreeSet<String>> {
        match &self.places {
            // What runs on nodes is of every namespace.
            Places::In(namespaces) if self.method.leads_to != LeadsTo::Nodes => Some(namespaces),
            Places::In(_) | Places::Everywhere => None,
        }
    }

    /// Whether one of the rules reaches that name in that namespace.
    pub(crate) fn names_in(&self, namespace: &str, name: &str) -> bool {
        self.first
            .iter()
            .any(|held| held.namespace().is_none_or(|own| own == namespace) && held.rule.covers_name(name))
    }

    /// For its record: `*` stands for every one.
    pub(crate) fn namespaces(&self) -> Vec<String> {
        match &self.places {
            Places::Everywhere => vec!["*".to_owned()],
            Places::In(namespaces) => namespaces.iter().cloned().collect(),
        }
    }

    /// Names that it is limited to.
    pub(crate) fn names(&self) -> Vec<String> {
        if self.first.iter().any(|held| held.rule.resource_names.is_empty()) {
            return Vec::new();
        }
        let names: BTreeSet<_> = self.first.iter().flat_map(|held| &held.rule.resource_names).collect();
        names.into_iter().cloned().collect()
    }
}

/// Every way that a subject's rules allow.
pub(crate) fn ways<'a>(cluster: &'a Cluster, subject: &Subject) -> Vec<Way<'a>> {
    let held: Vec<_> = cluster.held(subject).collect();
    if held.is_empty() {
        return Vec::new();
    }
    METHODS.iter().filter_map(|method| way(cluster, method, &held)).collect()
}

fn way<'a>(cluster: &Cluster, method: &'static Method, held: &[Held<'a>]) -> Option<Way<'a>> {
    let mut places = Places::Everywhere;
    let (mut first, mut giving) = (Vec::<Held<'a>>::new(), Vec::<Held<'a>>::new());
    for need in method.needs {
        let (here, rules) = have(cluster, need, held, method.only_in)?;
        places = places.both(here);
        if giving.is_empty() {
            first.clone_from(&rules);
        }
        giving.extend(rules);
    }
    if let Places::In(namespaces) = &places {
        if namespaces.is_empty() {
            return None;
        }
        for rules in [&mut first, &mut giving] {
            rules.retain(|held| held.namespace().is_none_or(|own| namespaces.contains(own)));
        }
    }
    if let Some(only) = method.only_in {
        places = Places::In(BTreeSet::from([only.to_owned()]));
    }
    let named = first.iter().all(|held| !held.rule.resource_names.is_empty());
    let certain =
        (method.certain && !(named && method.hangs_on_names)) || (method.only_in.is_some() && cluster.is_eks);
    Some(Way { method, certain, held: giving, first, places })
}

/// Where a need is met, and by which rules. `None`: nowhere.
fn have<'a>(
    cluster: &Cluster,
    need: Need,
    held: &[Held<'a>],
    only_in: Option<&str>,
) -> Option<(Places, Vec<Held<'a>>)> {
    let meets = |held: &&Held<'a>| {
        need.iter().any(|right| gives(cluster, held, right))
            && only_in.is_none_or(|only| held.namespace().is_none_or(|own| own == only))
    };
    let rules: Vec<_> = held.iter().filter(meets).copied().collect();
    if rules.is_empty() {
        return None;
    }
    let namespaces: Option<BTreeSet<_>> =
        rules.iter().map(|held| held.namespace().map(str::to_owned)).collect();
    Some((namespaces.map_or(Places::Everywhere, Places::In), rules))
}

fn gives(cluster: &Cluster, held: &Held<'_>, right: &Right) -> bool {
    if right.of_cluster && held.namespace().is_some() {
        return false;
    }
    let (resource, subresource) = right.resource.split_once('/').unwrap_or((right.resource, ""));
    let on = ResourceAttributes {
        group: right.group.to_owned(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        ..ResourceAttributes::default()
    };
    if !held.rule.covers_type(&on) {
        return false;
    }
    let named = !held.rule.resource_names.is_empty();
    // What is yet to be made has no name, so that no rule with names allows it; a part of something has its name.
    let makes_nameless = |verb: &str| verb == "create" && subresource.is_empty();
    let verb = right.verbs.iter().any(|verb| held.rule.covers_verb(verb) && !(named && makes_nameless(verb)));
    let mighty = |name: &String| {
        let id = RoleId { namespace: None, name: name.clone() };
        cluster.roles.get(&id).is_some_and(|role| role.rules.iter().any(Rule::is_everything))
    };
    verb && (right.names.is_empty()
        || right.names.iter().any(|name| held.rule.covers_name(name))
        || (right.or_mighty_role && held.rule.resource_names.iter().any(mighty)))
}
