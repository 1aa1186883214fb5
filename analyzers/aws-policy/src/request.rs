//! Who asks for what, and what is known of the circumstances.

use std::collections::BTreeMap;

/// What is known of the condition keys of a request. A key that is not mentioned is unknown.
///
/// Keys are ASCII case-insensitive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    keys: BTreeMap<String, Known>,
    /// Prefixes of keys of which all values are in `keys`.
    closed: Vec<String>,
}

/// What is known of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It has these values.
    Is(Vec<String>),
    /// It has these values, if it is there at all.
    Maybe(Vec<String>),
    /// It is not there.
    Absent,
    /// Not known, although something wider says otherwise.
    Unknown,
}

/// The answer for one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// It has these values.
    Is(&'a [String]),
    /// It has these values, if it is there at all.
    Maybe(&'a [String]),
    /// It is not there.
    Absent,
    /// Not known.
    Unknown,
}

impl Context {
    /// Nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that a key has one value.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.set(key, Known::Is(vec![value.into()]));
        self
    }

    /// Says what is known of a key.
    pub fn set(&mut self, key: &str, known: Known) {
        self.keys.insert(key.to_ascii_lowercase(), known);
    }

    /// Says that keys with a prefix (`aws:PrincipalTag/`) that are not set are absent.
    pub fn close(&mut self, prefix: &str) {
        self.closed.push(prefix.to_ascii_lowercase());
    }

    /// What is known of a key, given in lower case. `None`: not mentioned.
    fn find(&self, key: &str) -> Option<Lookup<'_>> {
        match self.keys.get(key) {
            Some(Known::Is(values)) => Some(Lookup::Is(values)),
            Some(Known::Maybe(values)) => Some(Lookup::Maybe(values)),
            Some(Known::Absent) => Some(Lookup::Absent),
            Some(Known::Unknown) => Some(Lookup::Unknown),
            None => {
                self.closed.iter().any(|prefix| key.starts_with(prefix.as_str())).then_some(Lookup::Absent)
            }
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Its ARN; the name of a service; the ARN of an identity provider; `*` for anyone.
    pub arn: String,
    /// Its account's id. Empty where there is none.
    pub account: String,
    /// What sort it is.
    pub kind: PrincipalKind,
    /// AWS's own id of it (`AIDA…`, `AROA…`). `None`: not known.
    pub unique_id: Option<String>,
    /// What is known of keys that depend on it alone.
    pub context: Context,
}

/// What sort of principal asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalKind {
    /// An IAM user.
    User,
    /// A role: any session of it.
    Role,
    /// One session of a role.
    Session {
        /// The role's ARN.
        role: String,
    },
    /// The account itself.
    Root,
    /// A service of AWS.
    Service,
    /// Someone whom an identity provider vouches for.
    Federated,
    /// Anyone.
    Anyone,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// For what, as `service:Action`.
    pub action: &'a str,
    /// On what: an ARN, or `*` where the action has no resource.
    pub resource: &'a str,
    /// Account of the resource. `None`: the principal's.
    pub resource_account: Option<&'a str>,
    /// What is known of keys that depend on the request. Goes before what is known of the principal.
    pub context: Context,
}

impl<'a> Request<'a> {
    /// A request of which nothing else is known.
    pub fn new(principal: &'a Principal, action: &'a str, resource: &'a str) -> Self {
        Self { principal, action, resource, resource_account: None, context: Context::new() }
    }

    /// What is known of a key, given in lower case.
    pub fn lookup(&self, key: &str) -> Lookup<'_> {
        self.context.find(key).or_else(|| self.principal.context.find(key)).unwrap_or(Lookup::Unknown)
    }

    /// Whether the resource belongs to another account than the principal.
    pub fn is_cross_account(&self) -> bool {
        self.resource_account.is_some_and(|account| account != self.principal.account)
    }
}
