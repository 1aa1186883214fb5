//! Who may do everything, or can come to it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Way, methods::LeadsTo};
use crate::{
    kinds::ClusterAdmin,
    rbac::{Cluster, Principal},
};

/// Everybody who may do everything, or can come to it.
#[derive(Default)]
pub(super) struct Admins<'a> {
    of: BTreeMap<&'a Principal, ClusterAdmin>,
    /// The service accounts among them, by namespace.
    accounts: BTreeMap<&'a str, BTreeSet<&'a Principal>>,
}

impl<'a> Admins<'a> {
    pub(super) fn insert(&mut self, principal: &'a Principal, admin: ClusterAdmin) {
        self.of.insert(principal, admin);
        if let Some((namespace, _)) = principal.as_service_account() {
            self.accounts.entry(namespace).or_default().insert(principal);
        }
    }

    pub(super) fn get(&self, principal: &Principal) -> Option<ClusterAdmin> {
        self.of.get(principal).copied()
    }

    /// Adds whoever comes to the rights of those that are in, until nobody does.
    pub(super) fn close(
        &mut self,
        cluster: &Cluster,
        ways: &BTreeMap<&'a Principal, Vec<Way<'a>>>,
        admin: ClusterAdmin,
    ) {
        // Whom a new administrator may bring in: those who reach its namespace, and those who reach any.
        let mut reaching = BTreeMap::<&str, BTreeSet<&'a Principal>>::new();
        let mut reaching_all = BTreeSet::new();
        for (principal, ways) in ways {
            for way in ways {
                match way.reaches() {
                    Some(namespaces) => {
                        for namespace in namespaces {
                            reaching.entry(namespace).or_default().insert(principal);
                        }
                    }
                    None => _ = reaching_all.insert(*principal),
                }
            }
        }
        let mut candidates: BTreeSet<&'a Principal> = ways.keys().copied().collect();
        while !candidates.is_empty() {
            let leads = |way: &Way<'_>| {
                (way.certain || admin == ClusterAdmin::Possible)
                    && (way.method.leads_to == LeadsTo::ClusterAdmin
                        || self.targets(cluster, way).next().is_some())
            };
            candidates.retain(|one| !self.of.contains_key(one) && ways[one].iter().any(leads));
            let found = std::mem::take(&mut candidates);
            for principal in found {
                self.insert(principal, admin);
                let namespace = principal.as_service_account().map(|(namespace, _)| namespace);
                candidates
                    .extend(namespace.and_then(|namespace| reaching.get(namespace)).into_iter().flatten());
                candidates.extend(&reaching_all);
            }
        }
    }

    /// Those that a way leads to.
    pub(super) fn targets<'b>(
        &'b self,
        cluster: &'b Cluster,
        way: &'b Way<'_>,
    ) -> Box<dyn Iterator<Item = &'a Principal> + 'b> {
        match way.method.leads_to {
            LeadsTo::ClusterAdmin => Box::new(std::iter::empty()),
            LeadsTo::Namespace | LeadsTo::ServiceAccounts | LeadsTo::Nodes => self.accounts_of(way),
            LeadsTo::NamedServiceAccounts => Box::new(self.accounts_of(way).filter(|principal| {
                let account = principal.as_service_account();
                account.is_some_and(|(namespace, name)| way.names_in(namespace, name))
            })),
            LeadsTo::Secrets => Box::new(self.accounts_of(way).filter(|principal| {
                cluster.service_accounts.get(principal).is_some_and(|account| account.has_secrets)
            })),
            LeadsTo::NamedUsers => Box::new(self.of.keys().copied().filter(|principal| {
                // Service accounts are a right of their own.
                principal.as_service_account().is_none()
                    && matches!(principal, Principal::User(name) if way.names_in("", name))
            })),
            LeadsTo::NamedGroups => {
                Box::new(self.of.keys().copied().filter(
                    |principal| matches!(principal, Principal::Group(name) if way.names_in("", name)),
                ))
            }
        }
    }

    /// The service accounts of the namespaces that a way reaches.
    fn accounts_of<'b>(&'b self, way: &'b Way<'_>) -> Box<dyn Iterator<Item = &'a Principal> + 'b> {
        match way.reaches() {
            None => Box::new(self.accounts.values().flatten().copied()),
            Some(namespaces) => {
                let here = namespaces.iter().filter_map(|namespace| self.accounts.get(namespace.as_str()));
                Box::new(here.flatten().copied())
            }
        }
    }
}
