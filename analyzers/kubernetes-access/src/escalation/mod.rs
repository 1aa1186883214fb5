//! Who can come by more rights than bindings give it.

mod admins;
mod find;
mod methods;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::find::Way;
use self::{admins::Admins, methods::LeadsTo};
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
        // What is certain first, so that nobody is said to come to it by chance who surely does.
        for admin in [ClusterAdmin::CanBecome, ClusterAdmin::Possible] {
            admins.close(cluster, &ways, admin);
        }
        Self { cluster, ways, admins }
    }

    /// What a subject amounts to, all its names and groups taken together.
    pub(crate) fn admin(&self, subject: &Subject) -> ClusterAdmin {
        if self.cluster.is_admin(subject) {
            return ClusterAdmin::Yes;
        }
        let ways = find::ways(self.cluster, subject);
        let by_ways = ways.iter().map(|way| self.lead(way, &[]).0);
        // A group that is an administrator in a way of its own makes one of its members.
        let by_name = subject.principals().filter_map(|principal| self.admins.get(&principal));
        self.unless_unknown(by_ways.chain(by_name).max().unwrap_or(ClusterAdmin::No))
    }

    /// Nothing is ruled out where something is not known.
    fn unless_unknown(&self, admin: ClusterAdmin) -> ClusterAdmin {
        if admin == ClusterAdmin::No && !self.cluster.lacks.is_empty() {
            ClusterAdmin::Unknown
        } else {
            admin
        }
    }

    /// Whether a way leads to everything, and by whose rights; nobody comes to what it is itself.
    fn lead(&self, way: &Way<'_>, own: &[&Principal]) -> (ClusterAdmin, Vec<&'a Principal>) {
        let at_most = if way.certain { ClusterAdmin::CanBecome } else { ClusterAdmin::Possible };
        if way.method.leads_to == LeadsTo::ClusterAdmin {
            return (at_most, Vec::new());
        }
        let (mut best, mut targets) = (ClusterAdmin::No, Vec::new());
        for target in self.admins.targets(self.cluster, way).filter(|target| !own.contains(target)) {
            best = best.max(self.admins.get(target).unwrap_or(ClusterAdmin::No));
            if targets.len() < AT_MOST {
                targets.push(target);
            } else if best >= at_most {
                break;
            }
        }
        targets.sort();
        (best.min(at_most), targets)
    }

    /// A record for each way of everybody, in order.
    pub(crate) fn records(&self) -> impl Iterator<Item = (&'a Principal, Escalation)> {
        self.ways.iter().flat_map(move |(principal, ways)| {
            ways.iter().map(move |way| (*principal, self.record(principal, way)))
        })
    }

    fn record(&self, principal: &Principal, way: &Way<'_>) -> Escalation {
        let (admin, targets) = self.lead(way, &[principal]);
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
            targets: targets.into_iter().map(ToString::to_string).collect(),
            paths: paths.into_iter().take(AT_MOST).collect(),
            built_in: way.held.iter().all(|held| held.binding.built_in),
            note: self.cluster.lack(),
        }
    }
}
