//! Who asks, and who is named.

use std::{collections::BTreeSet, fmt};

use serde::{Serialize, Serializer};

/// The group that the API server lets do everything before RBAC is asked, whatever roles and bindings there are.
pub const MASTERS: &str = "system:masters";
/// The group of everybody whose identity was checked.
pub const AUTHENTICATED: &str = "system:authenticated";
/// The group of everybody else.
pub const UNAUTHENTICATED: &str = "system:unauthenticated";
/// The group of every service account.
pub const SERVICE_ACCOUNTS: &str = "system:serviceaccounts";

const SERVICE_ACCOUNT_PREFIX: &str = "system:serviceaccount:";

/// Who makes a request, as the API server knows it after authentication: a name and groups.
///
/// The authorizer adds no groups: what a subject is not said to be in, it is not in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Subject {
    /// The user name.
    pub user: String,
    /// Its groups.
    pub groups: BTreeSet<String>,
}

impl Subject {
    /// A user with exactly these groups.
    pub fn new(user: impl Into<String>, groups: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { user: user.into(), groups: groups.into_iter().map(Into::into).collect() }
    }

    /// A user who signed in: in these groups and in `system:authenticated`.
    pub fn user(user: impl Into<String>, groups: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut subject = Self::new(user, groups);
        subject.groups.insert(AUTHENTICATED.to_owned());
        subject
    }

    /// A service account with the groups that the API server gives it.
    pub fn service_account(namespace: &str, name: &str) -> Self {
        let own = format!("{SERVICE_ACCOUNTS}:{namespace}");
        Self::user(format!("{SERVICE_ACCOUNT_PREFIX}{namespace}:{name}"), [SERVICE_ACCOUNTS.to_owned(), own])
    }

    /// Who does not sign in.
    pub fn anonymous() -> Self {
        Self::new("system:anonymous", [UNAUTHENTICATED])
    }

    /// Whether RBAC is not asked.
    pub fn bypasses(&self) -> bool {
        self.groups.contains(MASTERS)
    }

    /// The names that bindings may reach it by, the user's first.
    pub fn principals(&self) -> impl Iterator<Item = Principal> {
        let user = Principal::User(self.user.clone());
        std::iter::once(user).chain(self.groups.iter().cloned().map(Principal::Group))
    }
}

/// Somebody whom a binding names. A service account is the user of its full name, by whichever way it is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// A user, or a service account as `system:serviceaccount:NAMESPACE:NAME`.
    User(String),
    /// A group.
    Group(String),
}

impl Principal {
    /// A service account.
    pub fn service_account(namespace: &str, name: &str) -> Self {
        Self::User(format!("{SERVICE_ACCOUNT_PREFIX}{namespace}:{name}"))
    }

    /// Namespace and name, if it is a service account.
    pub fn as_service_account(&self) -> Option<(&str, &str)> {
        let Self::User(name) = self else { return None };
        let (namespace, name) = name.strip_prefix(SERVICE_ACCOUNT_PREFIX)?.split_once(':')?;
        (!namespace.is_empty() && !name.is_empty()).then_some((namespace, name))
    }

    /// It alone, as it asks: a service account with the groups it is always in but `system:authenticated`, a group as a
    /// nameless member. What everybody may do is not taken for what it may do.
    pub fn alone(&self) -> Subject {
        if let Some((namespace, name)) = self.as_service_account() {
            let mut subject = Subject::service_account(namespace, name);
            subject.groups.remove(AUTHENTICATED);
            return subject;
        }
        match self {
            Self::User(name) => Subject::new(name, None::<String>),
            Self::Group(name) => Subject::new("", [name]),
        }
    }

    /// Whether it is a part of Kubernetes, by its name.
    pub fn is_system(&self) -> bool {
        let (Self::User(name) | Self::Group(name)) = self;
        match self.as_service_account() {
            Some((namespace, _)) => namespace == "kube-system",
            None => name.starts_with("system:"),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.as_service_account(), self) {
            (Some((namespace, name)), _) => write!(formatter, "ServiceAccount:{namespace}:{name}"),
            (None, Self::User(name)) => write!(formatter, "User:{name}"),
            (None, Self::Group(name)) => write!(formatter, "Group:{name}"),
        }
    }
}

impl Serialize for Principal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
