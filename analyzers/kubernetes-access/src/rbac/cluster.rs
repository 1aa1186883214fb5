//! What is stored of one cluster.

use std::collections::{BTreeMap, BTreeSet, HashMap, btree_map::Entry};

use auditor_core::{
    analyzer::{Item, Knowledge, Listing, View},
    outcome::Outcome,
};

use super::{Binding, MASTERS, Principal, Role, RoleId, Subject};

const CLUSTER: &str = "kubernetes_cluster";
const SERVICE_ACCOUNT: &str = "kubernetes_service_account";
pub(crate) const AWS_AUTH_ENTRY: &str = "kubernetes_aws_auth_entry";
/// Every kind that is read.
pub(crate) const INPUTS: [&str; 7] =
    [AWS_AUTH_ENTRY, CLUSTER, CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING, SERVICE_ACCOUNT];
const ROLE: &str = "kubernetes_role";
const CLUSTER_ROLE: &str = "kubernetes_cluster_role";
const ROLE_BINDING: &str = "kubernetes_role_binding";
const CLUSTER_ROLE_BINDING: &str = "kubernetes_cluster_role_binding";
/// What decisions hang on.
const RBAC: [&str; 4] = [ROLE, CLUSTER_ROLE, ROLE_BINDING, CLUSTER_ROLE_BINDING];

/// The roles, bindings and service accounts that are stored of one cluster.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    /// The target it was read as: the uid of its namespace `kube-system`.
    pub id: String,
    /// The name people use. `None`: the cluster itself is not stored.
    pub name: Option<String>,
    /// ARN of the EKS cluster. `None`: not known.
    pub eks_arn: Option<String>,
    /// Host and port of its API server. `None`: not known.
    pub endpoint: Option<String>,
    /// What of it is not known, one sentence each: decisions may be wrong by as much.
    pub lacks: Vec<String>,
    pub(crate) roles: BTreeMap<RoleId, Role>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) service_accounts: BTreeMap<Principal, ServiceAccount>,
    /// Whether EKS runs it, as far as is known.
    pub(crate) is_eks: bool,
    /// Places in `bindings`, by whom they name.
    by_principal: HashMap<Principal, Vec<usize>>,
}

/// A service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceAccount {
    /// The IAM role that its pods may take on.
    pub(crate) iam_role_arn: Option<String>,
    /// Whether it refers to Secrets, which its tokens may be in.
    pub(crate) has_secrets: bool,
}

impl Cluster {
    /// Every cluster that a view holds a listing of, by id.
    pub fn all(view: &View<'_>) -> Vec<Self> {
        let mut targets = BTreeMap::<&str, Vec<&Listing>>::new();
        for listing in view.listings {
            if INPUTS.contains(&listing.kind.as_str()) {
                targets.entry(&listing.target).or_default().push(listing);
            }
        }
        // What ended has nobody who may do anything.
        targets.retain(|_, listings| listings.iter().any(|listing| listing.outcome != Outcome::Gone));
        targets.into_iter().map(|(id, listings)| Self::new(id, &listings)).collect()
    }

    fn new(id: &str, listings: &[&Listing]) -> Self {
        let mut cluster = Self { id: id.to_owned(), ..Self::default() };
        for kind in RBAC {
            cluster.lacks.extend(lack(kind, listings));
        }
        let mut unread = 0_usize;
        for item in items(CLUSTER, listings) {
            let text = |field: &str| item.document.get(field)?.as_str().map(str::to_owned);
            cluster.name.clone_from(&item.name);
            cluster.eks_arn = text("eks_arn");
            cluster.endpoint = text("endpoint");
        }
        let on_eks =
            cluster.endpoint.as_ref().is_some_and(|endpoint| endpoint.contains(".eks.amazonaws.com"));
        cluster.is_eks =
            on_eks || cluster.eks_arn.is_some() || items(AWS_AUTH_ENTRY, listings).next().is_some();
        for item in items(SERVICE_ACCOUNT, listings) {
            let namespace = item.document.get("namespace").and_then(|namespace| namespace.as_str());
            let (Some(namespace), Some(name)) = (namespace, &item.name) else { continue };
            let role_arn = item.document.get("iam_role_arn").and_then(|arn| arn.as_str());
            let secrets = item.document.get("secret_names").and_then(|names| names.as_array());
            let account = ServiceAccount {
                iam_role_arn: role_arn.map(str::to_owned),
                has_secrets: secrets.is_some_and(|names| !names.is_empty()),
            };
            cluster.service_accounts.insert(Principal::service_account(namespace, name), account);
        }
        for (kind, namespaced) in [(CLUSTER_ROLE, false), (ROLE, true)] {
            for item in items(kind, listings) {
                let read = Role::from_item(item, namespaced);
                unread += usize::from(read.as_ref().is_none_or(|(_, whole)| !whole));
                if let Some((role, _)) = read {
                    cluster.add(role);
                }
            }
        }
        for (kind, namespaced) in [(CLUSTER_ROLE_BINDING, false), (ROLE_BINDING, true)] {
            for item in items(kind, listings) {
                let read = Binding::from_item(item, namespaced);
                unread += usize::from(read.as_ref().is_none_or(|(_, whole)| !whole));
                cluster.bindings.extend(read.map(|(binding, _)| binding));
            }
        }
        if unread > 0 {
            cluster.lacks.push(format!("{unread} stored roles and bindings have parts that cannot be read"));
        }
        cluster.index();
        cluster
    }

    /// Where a listing was not complete, a role that is gone may lie beside the one made in its place: both count.
    fn add(&mut self, role: Role) {
        match self.roles.entry(role.id.clone()) {
            Entry::Vacant(entry) => _ = entry.insert(role),
            Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                if known.rules != role.rules {
                    known.rules.extend(role.rules);
                }
            }
        }
    }

    fn index(&mut self) {
        self.bindings.sort_by(|a, b| a.id.cmp(&b.id));
        // Two sources may read one cluster.
        self.bindings.dedup();
        self.by_principal.clear();
        for (place, binding) in self.bindings.iter().enumerate() {
            for subject in &binding.subjects {
                let places = self.by_principal.entry(subject.clone()).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
    }

    /// Everybody whom a binding names, and every service account, each once, in order.
    pub fn principals(&self) -> Vec<&Principal> {
        let all: BTreeSet<_> = self.by_principal.keys().chain(self.service_accounts.keys()).collect();
        all.into_iter().collect()
    }

    /// Everybody that may do something: [`principals`](Self::principals) and, whatever the bindings, `system:masters`.
    pub(crate) fn entitled(&self) -> BTreeSet<Principal> {
        let mut all: BTreeSet<_> = self.principals().into_iter().cloned().collect();
        all.insert(Principal::Group(MASTERS.to_owned()));
        all
    }

    /// The roles, in order.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }

    /// The bindings, those of the cluster first.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// What is not known, in one text. `None`: nothing.
    pub fn lack(&self) -> Option<String> {
        (!self.lacks.is_empty()).then(|| self.lacks.join("; "))
    }

    /// The bindings that reach a subject, in order.
    pub(crate) fn bindings_of(&self, subject: &Subject) -> Vec<&Binding> {
        let named = subject.principals().filter_map(|principal| self.by_principal.get(&principal));
        let places: BTreeSet<_> = named.flatten().copied().collect();
        places.into_iter().filter_map(|place| self.bindings.get(place)).collect()
    }
}

fn items<'a>(kind: &'a str, listings: &'a [&'a Listing]) -> impl Iterator<Item = &'a Item> {
    listings.iter().filter(move |listing| listing.kind == kind).flat_map(|listing| &listing.items)
}

/// Why a kind of one cluster is not wholly known.
fn lack(kind: &str, listings: &[&Listing]) -> Option<String> {
    let mut of_kind = listings.iter().filter(|listing| listing.kind == kind).peekable();
    if of_kind.peek().is_none() {
        return Knowledge::NotCollected.lack(kind);
    }
    let broken = of_kind.find(|listing| !listing.outcome.retires())?;
    Some(format!("the latest listing of {kind} from `{}` ended {}", broken.source, broken.outcome))
}
