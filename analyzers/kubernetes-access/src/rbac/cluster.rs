//! What is stored of one cluster.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use auditor_core::analyzer::{Item, Knowledge, Listing, View};

use super::{Binding, Principal, Role, RoleId, Subject};

const CLUSTER: &str = "kubernetes_cluster";
const SERVICE_ACCOUNT: &str = "kubernetes_service_account";
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
    pub(crate) service_accounts: BTreeMap<Principal, Option<String>>,
    /// Places in `bindings`, by whom they name.
    by_principal: HashMap<Principal, Vec<usize>>,
}

impl Cluster {
    /// Every cluster that a view holds a listing of, by id.
    pub fn all(view: &View<'_>) -> Vec<Self> {
        let mut targets = BTreeMap::<&str, Vec<&Listing>>::new();
        for listing in view.listings {
            let kind = listing.kind.as_str();
            if RBAC.contains(&kind) || kind == CLUSTER || kind == SERVICE_ACCOUNT {
                targets.entry(&listing.target).or_default().push(listing);
            }
        }
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
            cluster.name = item.name.clone();
            cluster.eks_arn = text("eks_arn");
            cluster.endpoint = text("endpoint");
        }
        for item in items(SERVICE_ACCOUNT, listings) {
            let namespace = item.document.get("namespace").and_then(|namespace| namespace.as_str());
            let (Some(namespace), Some(name)) = (namespace, &item.name) else { continue };
            let role_arn = item.document.get("iam_role_arn").and_then(|arn| arn.as_str());
            let principal = Principal::service_account(namespace, name);
            cluster.service_accounts.insert(principal, role_arn.map(str::to_owned));
        }
        for (kind, namespaced) in [(CLUSTER_ROLE, false), (ROLE, true)] {
            for item in items(kind, listings) {
                let read = Role::from_item(item, namespaced);
                unread += usize::from(read.as_ref().is_none_or(|(_, whole)| !whole));
                cluster.roles.extend(read.map(|(role, _)| (role.id.clone(), role)));
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

    fn index(&mut self) {
        self.bindings.sort_by(|a, b| a.id.cmp(&b.id));
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
