//! Who becomes what across accounts: the assume edges of all accounts, closed over roles.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use auditor_aws_policy::Pattern;
use auditor_core::analyzer::View;
use serde::de::DeserializeOwned;

use crate::kinds::{
    ASSUME_EDGE, Admin, AssumeEdge, CanEscalate, PRINCIPAL_ACCESS, PrincipalAccess, ReachRecord,
};

/// Roles that are followed from one start.
const MAX_ROLES: usize = 10_000;

/// One role that someone becomes.
#[derive(Debug, Clone)]
struct Step {
    to: String,
    keys: BTreeSet<String>,
    /// The edge, for what the first step asks for. `None`: an administrator takes over a role of its own account.
    edge: Option<usize>,
}

/// A role that a start reaches: the chain to it, the condition keys, and the first edge.
type Found<'a> = (Vec<&'a str>, BTreeSet<String>, Option<usize>);

/// Everyone's next steps.
#[derive(Debug, Default)]
struct Graph {
    edges: Vec<AssumeEdge>,
    access: HashMap<String, PrincipalAccess>,
    /// Principals of audited accounts, by account.
    accounts: BTreeMap<String, Vec<String>>,
    next: BTreeMap<String, Vec<Step>>,
    /// Type and account of those that are no principals of audited accounts.
    outside: BTreeMap<String, (String, Option<String>)>,
}

/// Who becomes what in another account, from the records of `aws_assume_edge` and `aws_principal_access`: outside accounts,
/// identity providers and anyone, with every role that they reach; principals of audited accounts, with the roles of other
/// accounts that they reach. By who and role. An account whose edges are not completely known has a record of its own, from
/// `not known`.
pub fn reach(view: &View<'_>) -> Vec<ReachRecord> {
    let graph = Graph::read(view);
    let mut records: Vec<_> = graph.next.keys().flat_map(|from| graph.from(from)).collect();
    records.extend(unlisted(view));
    records.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
    records
}

/// What may be reached in accounts whose edges are not completely known.
fn unlisted(view: &View<'_>) -> Vec<ReachRecord> {
    let incomplete = view.listings(ASSUME_EDGE.name).filter(|listing| !listing.outcome.retires());
    let accounts: BTreeSet<_> = incomplete
        .map(|listing| listing.items.first().map_or(listing.target.as_str(), |item| item.account.as_str()))
        .collect();
    accounts
        .into_iter()
        .map(|account| ReachRecord {
            from_type: "other".to_owned(),
            from: "not known".to_owned(),
            from_account: None,
            known: false,
            to: format!("arn:aws:iam::{account}:role/*"),
            to_account: account.to_owned(),
            to_admin: Some(Admin::Unknown),
            to_can_escalate: Some(CanEscalate::Unknown),
            chain: Vec::new(),
            hops: 0,
            conditions: BTreeSet::new(),
            has_external_id: false,
            organizations: BTreeSet::new(),
            subjects: BTreeSet::new(),
        })
        .collect()
}

fn read<T: DeserializeOwned>(view: &View<'_>, kind: &str) -> Vec<T> {
    view.items(kind).filter_map(|item| T::deserialize(&item.document).ok()).collect()
}

fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| account.len() == 12)
}

impl Graph {
    fn read(view: &View<'_>) -> Self {
        let mut this = Self { edges: read(view, ASSUME_EDGE.name), ..Self::default() };
        for access in read::<PrincipalAccess>(view, PRINCIPAL_ACCESS.name) {
            if let Some(account) = account_of(&access.principal) {
                this.accounts.entry(account.to_owned()).or_default().push(access.principal.clone());
            }
            this.access.insert(access.principal.clone(), access);
        }
        let mut grants: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, edge) in this.edges.iter().enumerate().filter(|(_, edge)| edge.direction == "grant") {
            grants.entry(edge.from.clone()).or_default().push(index);
        }
        let mut steps: BTreeMap<String, Vec<Step>> = BTreeMap::new();
        let mut outside = BTreeMap::new();
        for (index, edge) in this.edges.iter().enumerate().filter(|(_, edge)| edge.direction == "trust") {
            let Some(to) = &edge.to else { continue };
            let mut add = |from: &str, more: BTreeSet<String>| {
                let keys = edge.conditions.iter().cloned().chain(more).collect();
                steps.entry(from.to_owned()).or_default().push(Step {
                    to: to.clone(),
                    keys,
                    edge: Some(index),
                });
            };
            let same_account = edge.from_account.as_deref() == account_of(to);
            match edge.from_type.as_str() {
                // A service acts for an account, and what was deleted acts no more.
                "service" | "deleted" | "other" => {}
                "user" | "role" if same_account => add(&edge.from, BTreeSet::new()),
                "user" | "role" if this.access.contains_key(&edge.from) => {
                    if let Some(keys) = this.granted(&grants, &edge.from, to) {
                        add(&edge.from, keys);
                    }
                }
                // Its members have edges of their own.
                "account" if same_account => {}
                "account" if this.accounts.contains_key(&edge.from) => {
                    for from in this.accounts.get(&edge.from).into_iter().flatten() {
                        if let Some(keys) = this.granted(&grants, from, to) {
                            add(from, keys);
                        }
                    }
                }
                _ => {
                    add(&edge.from, BTreeSet::new());
                    outside.insert(edge.from.clone(), (edge.from_type.clone(), edge.from_account.clone()));
                }
            }
        }
        this.next = steps;
        this.outside = outside;
        this.add_administrators();
        this
    }

    /// The condition keys under which a principal's own account lets it assume a role elsewhere.
    fn granted(
        &self,
        grants: &HashMap<String, Vec<usize>>,
        from: &str,
        to: &str,
    ) -> Option<BTreeSet<String>> {
        let access = self.access.get(from)?;
        if access.principal_type == auditor_core::model::common::PrincipalType::Root {
            // Root users cannot assume roles.
            return None;
        }
        let matches =
            |patterns: &[String]| patterns.iter().any(|pattern| Pattern::resource(pattern).matches(to));
        let allowing = grants.get(from).into_iter().flatten().map(|index| &self.edges[*index]);
        allowing
            .filter(|edge| matches(&edge.to_patterns) && !matches(&edge.except_patterns))
            .map(|edge| edge.conditions.clone())
            .min_by_key(BTreeSet::len)
    }

    /// Administrators take over the roles of their account that lead out of it.
    fn add_administrators(&mut self) {
        let leads_out = |from: &String| {
            self.access.contains_key(from)
                && self
                    .next
                    .get(from)
                    .into_iter()
                    .flatten()
                    .any(|step| account_of(&step.to) != account_of(from))
        };
        let mut gates: HashMap<String, Vec<String>> = HashMap::new();
        for from in self.next.keys().filter(|from| from.contains(":role/") && leads_out(from)) {
            if let Some(account) = account_of(from) {
                gates.entry(account.to_owned()).or_default().push(from.clone());
            }
        }
        for (principal, access) in &self.access {
            let rich = matches!(access.admin, Admin::Admin | Admin::AdminEquivalent)
                && access.principal_type != auditor_core::model::common::PrincipalType::Root;
            for gate in account_of(principal).and_then(|account| gates.get(account)).into_iter().flatten() {
                if rich && gate != principal {
                    let step = Step { to: gate.clone(), keys: BTreeSet::new(), edge: None };
                    self.next.entry(principal.clone()).or_default().push(step);
                }
            }
        }
    }

    /// Everything that one start reaches, by the shortest way, certain ways first.
    fn from(&self, from: &str) -> Vec<ReachRecord> {
        let outside = self.outside.get(from);
        let own_account = account_of(from);
        let mut found: BTreeMap<&str, Found<'_>> = BTreeMap::new();
        let mut queue = VecDeque::from([(from, vec![from], BTreeSet::new(), None)]);
        while let Some((at, chain, keys, first)) = queue.pop_front() {
            let mut steps: Vec<_> = self.next.get(at).into_iter().flatten().collect();
            steps.sort_by(|a, b| (a.keys.len(), &a.to).cmp(&(b.keys.len(), &b.to)));
            for step in steps {
                if found.len() >= MAX_ROLES || step.to == from || found.contains_key(step.to.as_str()) {
                    continue;
                }
                let mut chain = chain.clone();
                chain.push(&step.to);
                let keys: BTreeSet<String> = keys.union(&step.keys).cloned().collect();
                let first = first.or(step.edge);
                found.insert(&step.to, (chain.clone(), keys.clone(), first));
                queue.push_back((&step.to, chain, keys, first));
            }
        }
        found
            .into_iter()
            .filter(|(to, _)| outside.is_some() || account_of(to) != own_account)
            .map(|(to, (chain, conditions, first))| {
                let first = first.map(|index| &self.edges[index]);
                let access = self.access.get(to);
                ReachRecord {
                    from_type: outside.map_or_else(
                        || if from.contains(":role/") { "role" } else { "user" }.to_owned(),
                        |(sort, _)| sort.clone(),
                    ),
                    from: from.to_owned(),
                    from_account: outside
                        .map_or(own_account.map(str::to_owned), |(_, account)| account.clone()),
                    known: own_account
                        .or(Some(from))
                        .is_some_and(|account| self.accounts.contains_key(account)),
                    to: to.to_owned(),
                    to_account: account_of(to).unwrap_or_default().to_owned(),
                    to_admin: access.map(|access| access.admin),
                    to_can_escalate: access.map(|access| access.can_escalate),
                    hops: chain.len() - 1,
                    chain: chain.into_iter().map(str::to_owned).collect(),
                    conditions,
                    has_external_id: first.is_some_and(|edge| edge.has_external_id),
                    organizations: first.map(|edge| edge.organizations.clone()).unwrap_or_default(),
                    subjects: first.map(|edge| edge.subjects.clone()).unwrap_or_default(),
                }
            })
            .collect()
    }
}
