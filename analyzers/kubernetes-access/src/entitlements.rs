//! What each principal may do, as records of the common kind.

use std::collections::{BTreeMap, BTreeSet};

use auditor_core::model::common::{Entitlement, Grade, Level, PrincipalType};

use crate::{
    PROVIDER,
    rbac::{Cluster, Held, Principal},
};

/// Paths, actions and resources that one record holds at most; its note says that there are more.
const AT_MOST: usize = 200;
/// The service of rules about URLs.
const URLS: &str = "nonResourceURLs";

/// What the records of one service and level are made from.
#[derive(Default)]
struct Granted {
    whole_cluster: bool,
    actions: BTreeSet<String>,
    resources: BTreeSet<String>,
    paths: BTreeSet<Vec<String>>,
}

/// How a principal of a cluster is addressed in records.
pub(crate) fn identifier(cluster: &Cluster, principal: &Principal) -> String {
    format!("{}/{principal}", cluster.id)
}

/// The entitlements of one principal: what bindings give it and, if it is a service account, to the groups of service
/// accounts.
pub(crate) fn of(cluster: &Cluster, principal: &Principal) -> Vec<Entitlement> {
    let subject = principal.alone();
    let mut granted = BTreeMap::<(String, Level), Granted>::new();
    if subject.bypasses() {
        let everything = granted.entry(("*".to_owned(), Level::All)).or_default();
        everything.whole_cluster = true;
        everything.actions.insert("* *".to_owned());
        everything.resources.insert("*".to_owned());
        everything.paths.insert(vec!["allowed before RBAC is asked".to_owned()]);
        return records(cluster, principal, granted);
    }
    let whole = |held: &Held<'_>| held.namespace().is_none() && held.rule.is_everything();
    let administers = cluster.held(&subject).any(|held| whole(&held));
    for held in cluster.held(&subject) {
        // Who may do everything has one record.
        if !administers || whole(&held) {
            add(&mut granted, principal, &held);
        }
    }
    records(cluster, principal, granted)
}

/// What is said of a cluster of which something is not known: others may have rights, and these may have more.
pub(crate) fn unlisted(cluster: &Cluster) -> Option<Entitlement> {
    let note = cluster.lack()?;
    Some(Entitlement {
        provider: PROVIDER.to_owned(),
        principal: format!("{}/*", cluster.id),
        principal_type: PrincipalType::Group,
        service: "*".to_owned(),
        services: Vec::new(),
        level: Level::Unknown,
        grade: Grade::Unknown,
        actions: Vec::new(),
        resources: Vec::new(),
        conditions: Vec::new(),
        paths: Vec::new(),
        note: Some(note),
    })
}

/// What sort of principal it is. Kubernetes does not tell people from programs: users that are no part of it are taken for
/// people.
pub(crate) fn principal_type(principal: &Principal) -> PrincipalType {
    match principal {
        Principal::Group(_) => PrincipalType::Group,
        Principal::User(_) if principal.as_service_account().is_some() => PrincipalType::Machine,
        Principal::User(_) if principal.is_system() => PrincipalType::Service,
        Principal::User(_) => PrincipalType::Human,
    }
}

/// Native id of an entitlement's record.
pub(crate) fn native_id(entitlement: &Entitlement) -> String {
    let level = match entitlement.level {
        Level::List => "list",
        Level::Read => "read",
        Level::Tagging => "tagging",
        Level::Unknown => "unknown",
        Level::Write => "write",
        Level::Permissions => "permissions",
        Level::All => "all",
    };
    format!("{}:{}:{level}", entitlement.principal, entitlement.service)
}

fn add(granted: &mut BTreeMap<(String, Level), Granted>, principal: &Principal, held: &Held<'_>) {
    let mut path = held.grant().path();
    // Through a group that it is always in.
    if !held.binding.subjects.contains(principal) {
        let mut through = principal.alone().groups.into_iter().map(Principal::Group);
        if let Some(group) = through.find(|group| held.binding.subjects.contains(group)) {
            path.insert(0, group.to_string());
        }
    }
    let administers = held.namespace().is_none() && held.rule.is_everything();
    let services: BTreeSet<_> = held.rule.api_groups.iter().map(String::as_str).collect();
    for verb in &held.rule.verbs {
        for group in services.iter().filter(|group| !administers || **group == "*") {
            for resource in &held.rule.resources {
                let level = if administers { Level::All } else { level(verb, group, resource) };
                let service = if group.is_empty() { "core" } else { group };
                let entry = granted.entry((service.to_owned(), level)).or_default();
                entry.whole_cluster |= held.namespace().is_none() && held.rule.resource_names.is_empty();
                entry.actions.insert(format!("{verb} {resource}"));
                entry.resources.extend(places(held));
                entry.paths.insert(path.clone());
            }
        }
        // A binding of a namespace gives no right to URLs.
        let urls = (held.namespace().is_none() && !administers).then_some(&held.rule.non_resource_urls);
        for url in urls.into_iter().flatten() {
            let entry = granted.entry((URLS.to_owned(), level_of_url(verb))).or_default();
            entry.whole_cluster |= url == "*";
            entry.actions.insert(format!("{verb} {url}"));
            entry.resources.insert(url.clone());
            entry.paths.insert(path.clone());
        }
    }
}

/// `NAMESPACE/NAME`, either `*`; `*` alone for the whole cluster.
fn places(held: &Held<'_>) -> Vec<String> {
    let namespace = held.namespace().unwrap_or("*");
    match (held.namespace(), held.rule.resource_names.as_slice()) {
        (None, []) => vec!["*".to_owned()],
        (Some(namespace), []) => vec![format!("{namespace}/*")],
        (_, names) => names.iter().map(|name| format!("{namespace}/{name}")).collect(),
    }
}

/// The level of access that a verb stands for. `list` reads: the API server answers it with whole objects.
fn level(verb: &str, group: &str, resource: &str) -> Level {
    let changes_rights = (group == "rbac.authorization.k8s.io")
        || (group.is_empty() && resource == "serviceaccounts/token")
        || (group == "certificates.k8s.io" && resource == "certificatesigningrequests/approval");
    match verb {
        "*" => Level::All,
        "get" | "list" | "watch" => Level::Read,
        "create" | "update" | "patch" | "delete" | "deletecollection" if !changes_rights => Level::Write,
        "create" | "update" | "patch" | "delete" | "deletecollection" | "approve" | "bind" | "escalate"
        | "impersonate" | "sign" => Level::Permissions,
        // Only for policies that pods fall under.
        "use" => Level::Write,
        verb if verb.starts_with("impersonate:") || verb.starts_with("impersonate-on:") => Level::Permissions,
        _ => Level::Unknown,
    }
}

fn level_of_url(verb: &str) -> Level {
    match verb {
        "*" => Level::All,
        "get" | "head" | "options" => Level::Read,
        "delete" | "patch" | "post" | "put" => Level::Write,
        _ => Level::Unknown,
    }
}

fn records(
    cluster: &Cluster,
    principal: &Principal,
    granted: BTreeMap<(String, Level), Granted>,
) -> Vec<Entitlement> {
    let lack = cluster.lack();
    let record = |((service, level), granted): ((String, Level), Granted)| {
        let mut notes: Vec<String> = lack.iter().cloned().collect();
        let mut left_out = 0;
        let actions = first(granted.actions, &mut left_out);
        let resources = first(granted.resources, &mut left_out);
        let paths = first(granted.paths, &mut left_out);
        if left_out > 0 {
            notes.push(format!("{left_out} more actions, resources and paths are left out"));
        }
        Entitlement {
            provider: PROVIDER.to_owned(),
            principal: identifier(cluster, principal),
            principal_type: principal_type(principal),
            service,
            services: Vec::new(),
            level,
            grade: if granted.whole_cluster { Grade::Full } else { Grade::Limited },
            actions,
            resources,
            conditions: Vec::new(),
            paths,
            note: (!notes.is_empty()).then(|| notes.join("; ")),
        }
    };
    granted.into_iter().map(record).collect()
}

fn first<T: Ord>(all: BTreeSet<T>, left_out: &mut usize) -> Vec<T> {
    *left_out += all.len().saturating_sub(AT_MOST);
    all.into_iter().take(AT_MOST).collect()
}
