//! Who can come by more rights than bindings give it.

mod find;
mod methods;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::find::Way;
use self::methods::LeadsTo;
use crate::{
    kinds::{ClusterAdmin, Escalation, Reach},
    rbac::{Cluster, Principal, Subject},
};

/// Targets and paths that one record holds at most.
const AT_MOST: usize = 25;

/// What everybody in a cluster can come to.
pub(crate) struct Escalations<'a> {
    cluster: &'a Cluster,
    /// The ways of everybody that has one, administrators left out.
    ways: BTreeMap<&'a Principal, Vec<Way<'a>>>,
    admins: Admins<'a>,
}

/// Who may do everything, or can come to it.
#[derive(Default)]
struct Admins<'a> {
    of: BTreeMap<&'a Principal, ClusterAdmin>,
    /// The service accounts among them, by namespace and name.
    accounts: BTreeMap<&'a str, BTreeSet<&'a Principal>>,
}

impl<'a> Admins<'a> {
    fn insert(&mut self, principal: &'a Principal, admin: ClusterAdmin) {
        self.of.insert(principal, admin);
        if let Some((namespace, _)) = principal.as_service_account() {
            self.accounts.entry(namespace).or_default().insert(principal);
        }
    }
}

impl<'a> Escalations<'a> {
    pub(crate) fn new(cluster: &'a Cluster) -> Self {
        let mut admins = Admins::default();
        let mut ways = BTreeMap::new();
        for principal in cluster.principals() {
            let subject = principal.alone();
            if cluster.is_admin(&subject) {
                admins.insert(principal, ClusterAdmin::Yes);
                continue;
            }
            let found = find::ways(cluster, &subject);
            if !found.is_empty() {
                ways.insert(principal, found);
            }
        }
        let mut escalations = Self { cluster, ways, admins };
        // What is certain first, so that nobody is said to come to it by chance who surely does.
        escalations.close(ClusterAdmin::CanBecome);
        escalations.close(ClusterAdmin::Possible);
        escalations
    }

    /// Adds whoever comes to the rights of those that are in, until nobody does.
    fn close(&mut self, admin: ClusterAdmin) {
        loop {
            let mut found = Vec::new();
            for (principal, ways) in &self.ways {
                let leads = |way: &Way<'_>| {
                    (way.certain || admin == ClusterAdmin::Possible)
                        && (way.method.leads_to == LeadsTo::ClusterAdmin
                            || self.targets(way).next().is_some())
                };
                if !self.admins.of.contains_key(principal) && ways.iter().any(leads) {
                    found.push(*principal);
                }
            }
            if found.is_empty() {
                return;
            }
            for principal in found {
                self.admins.insert(principal, admin);
            }
        }
    }

    /// Who may do everything, or can come to it, and by whose rights a way gets there.
    fn targets<'b>(&'b self, way: &'b Way<'a>) -> Box<dyn Iterator<Item = &'a Principal> + 'b> {
        let accounts = self.admins.accounts.iter();
        let here = accounts.filter(|(namespace, _)| way.works_in(namespace));
        let here = here.flat_map(|(_, accounts)| accounts).copied();
        match way.method.leads_to {
            LeadsTo::ClusterAdmin => Box::new(std::iter::empty()),
            LeadsTo::Namespace | LeadsTo::ServiceAccounts | LeadsTo::Nodes => Box::new(here),
            LeadsTo::NamedServiceAccounts => Box::new(here.filter(|principal| {
                let account = principal.as_service_account();
                account.is_some_and(|(namespace, name)| way.names_in(namespace, name))
            })),
            LeadsTo::Secrets => Box::new(here.filter(|principal| {
                self.cluster.service_accounts.get(principal).is_some_and(|account| account.has_secrets)
            })),
            LeadsTo::NamedUsers => Box::new(self.admins.of.keys().copied().filter(|principal| {
                // Service accounts are a right of their own.
                principal.as_service_account().is_none()
                    && matches!(principal, Principal::User(name) if way.names_in("", name))
            })),
            LeadsTo::NamedGroups => {
                Box::new(self.admins.of.keys().copied().filter(
                    |principal| matches!(principal, Principal::Group(name) if way.names_in("", name)),
                ))
            }
        }
    }

    /// What a subject amounts to, by any name that bindings reach it by.
    pub(crate) fn admin(&self, subject: &Subject) -> ClusterAdmin {
        let by_name = subject.principals().filter_map(|principal| self.admins.of.get(&principal).copied());
        let most = by_name.max().unwrap_or(ClusterAdmin::No);
        let most = if subject.bypasses() { ClusterAdmin::Yes } else { most };
        self.unless_unknown(most)
    }

    /// Nothing is ruled out where something is not known.
    fn unless_unknown(&self, admin: ClusterAdmin) -> ClusterAdmin {
        if admin == ClusterAdmin::No && !self.cluster.lacks.is_empty() {
            ClusterAdmin::Unknown
        } else {
            admin
        }
    }

    /// A record for each way of everybody, in order.
    pub(crate) fn records(&self) -> impl Iterator<Item = (&'a Principal, Escalation)> {
        self.ways.iter().flat_map(move |(principal, ways)| {
            ways.iter().map(move |way| (*principal, self.record(principal, way)))
        })
    }

    fn record(&self, principal: &Principal, way: &Way<'_>) -> Escalation {
        // It does not come to its own rights.
        let mut targets: Vec<_> = self.targets(way).filter(|target| *target != principal).collect();
        targets.sort_by_key(|target| (self.admins.of[target] != ClusterAdmin::Yes, *target));
        let best = targets.iter().map(|target| self.admins.of[*target]).max();
        let admin = match (way.method.leads_to, best) {
            (LeadsTo::ClusterAdmin, _) | (_, Some(ClusterAdmin::Yes | ClusterAdmin::CanBecome)) => {
                if way.certain { ClusterAdmin::CanBecome } else { ClusterAdmin::Possible }
            }
            (_, Some(ClusterAdmin::Possible)) => ClusterAdmin::Possible,
            (_, None | Some(ClusterAdmin::No | ClusterAdmin::Unknown)) => ClusterAdmin::No,
        };
        let mut targets: Vec<_> = targets.into_iter().take(AT_MOST).map(ToString::to_string).collect();
        targets.sort();
        let paths: BTreeSet<_> = way.held.iter().map(|held| held.grant().path()).collect();
        Escalation {
            cluster: self.cluster.id.clone(),
            cluster_name: self.cluster.name.clone(),
            subject: principal.to_string(),
            method: way.method.id,
            summary: way.method.summary,
            reach: match way.method.leads_to {
                LeadsTo::ClusterAdmin => Reach::ClusterAdmin,
                LeadsTo::Namespace => Reach::Namespace,
                LeadsTo::ServiceAccounts | LeadsTo::NamedServiceAccounts => Reach::ServiceAccounts,
                LeadsTo::NamedUsers | LeadsTo::NamedGroups => Reach::Users,
                LeadsTo::Secrets => Reach::Secrets,
                LeadsTo::Nodes => Reach::Nodes,
            },
            admin: self.unless_unknown(admin),
            namespaces: way.namespaces(),
            names: way.names(),
            targets,
            paths: paths.into_iter().take(AT_MOST).collect(),
            built_in: way.held.iter().all(|held| held.binding.built_in),
            note: self.cluster.lack(),
        }
    }
}
