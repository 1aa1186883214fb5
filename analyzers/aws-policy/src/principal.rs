//! `Principal` and `NotPrincipal` of resource and trust policies.

use serde_json::Value;

use crate::request::{Principal, PrincipalKind};

/// One principal that a statement names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalPattern {
    /// `*`: anyone.
    Everyone,
    /// A whole account, by its id: who in it, its own policies say.
    Account(String),
    /// A user, a role, or a session of a role.
    Arn(String),
    /// The unique id that AWS puts in place of a principal that was deleted.
    UniqueId(String),
    /// A service of AWS.
    Service(String),
    /// An identity provider: the ARN of a SAML or OIDC provider, or a well-known name.
    Federated(String),
    /// Something else (`CanonicalUser`), as type and value.
    Other(String, String),
}

/// The principals of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principals {
    /// The ones that are named.
    pub patterns: Vec<PrincipalPattern>,
    /// `NotPrincipal`: everyone but those.
    pub negated: bool,
}

/// How a statement names a principal, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hit {
    /// Not at all.
    No,
    /// Only some sessions of it.
    Maybe,
    /// By its account, which delegates to the account's own policies.
    Account,
    /// As anyone.
    Everyone,
    /// A session by its role.
    Role,
    /// Itself.
    Direct,
}

impl Principals {
    /// Reads `Principal` or `NotPrincipal`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(value: &Value, negated: bool) -> Result<Self, String> {
        let mut patterns = Vec::new();
        match value {
            Value::String(text) if text == "*" => patterns.push(PrincipalPattern::Everyone),
            Value::String(text) => patterns.push(aws(text)),
            Value::Object(map) => {
                for (kind, values) in map {
                    for text in
                        crate::document::strings(values).ok_or("`Principal` has a value that is no text")?
                    {
                        patterns.push(match kind.as_str() {
                            _ if text == "*" => PrincipalPattern::Everyone,
                            "AWS" => aws(&text),
                            "Service" => PrincipalPattern::Service(text),
                            "Federated" => PrincipalPattern::Federated(text),
                            other => PrincipalPattern::Other(other.to_owned(), text),
                        });
                    }
                }
            }
            _ => return Err("`Principal` is neither text nor an object".to_owned()),
        }
        Ok(Self { patterns, negated })
    }

    /// How they name a principal.
    pub fn hit(&self, principal: &Principal) -> Hit {
        let hit = self.patterns.iter().map(|pattern| pattern.hit(principal)).max().unwrap_or(Hit::No);
        match (self.negated, hit) {
            (false, hit) => hit,
            (true, Hit::No | Hit::Account) => Hit::Everyone,
            (true, Hit::Maybe) => Hit::Maybe,
            (true, _) => Hit::No,
        }
    }
}

impl PrincipalPattern {
    fn hit(&self, principal: &Principal) -> Hit {
        let service = principal.kind == PrincipalKind::Service;
        let federated = principal.kind == PrincipalKind::Federated;
        match self {
            Self::Everyone => Hit::Everyone,
            Self::Account(account) => {
                if !service && !federated && *account == principal.account {
                    if principal.kind == PrincipalKind::Root { Hit::Direct } else { Hit::Account }
                } else {
                    Hit::No
                }
            }
            Self::Arn(arn) if service || federated => {
                if federated && *arn == principal.arn {
                    Hit::Direct
                } else {
                    Hit::No
                }
            }
            Self::Arn(arn) if *arn == principal.arn => {
                if principal.kind == PrincipalKind::Role {
                    Hit::Role
                } else {
                    Hit::Direct
                }
            }
            Self::Arn(arn) => match &principal.kind {
                PrincipalKind::Session { role } if role == arn => Hit::Role,
                PrincipalKind::Role if is_session_of(arn, principal) => Hit::Maybe,
                _ => Hit::No,
            },
            Self::UniqueId(id) => match &principal.unique_id {
                Some(own) if own == id && principal.kind == PrincipalKind::User => Hit::Direct,
                Some(own) if own == id => Hit::Role,
                _ => Hit::No,
            },
            Self::Service(name) if service && *name == principal.arn => Hit::Direct,
            Self::Federated(name) if federated && *name == principal.arn => Hit::Direct,
            Self::Service(_) | Self::Federated(_) | Self::Other(..) => Hit::No,
        }
    }

    /// As a policy would name it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Everyone => "*",
            Self::Account(text)
            | Self::Arn(text)
            | Self::UniqueId(text)
            | Self::Service(text)
            | Self::Federated(text)
            | Self::Other(_, text) => text,
        }
    }

    /// The account it belongs to, where its form says so.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Account(account) => Some(account),
            Self::Arn(arn) | Self::Federated(arn) => {
                arn.split(':').nth(4).filter(|account| is_account_id(account))
            }
            _ => None,
        }
    }
}

fn aws(text: &str) -> PrincipalPattern {
    if is_account_id(text) {
        return PrincipalPattern::Account(text.to_owned());
    }
    let parts: Vec<_> = text.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", _, account, "root"] => PrincipalPattern::Account((*account).to_owned()),
        ["arn", ..] => PrincipalPattern::Arn(text.to_owned()),
        _ => PrincipalPattern::UniqueId(text.to_owned()),
    }
}

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether an ARN names a session (`…:assumed-role/name/session`) of a role, whose ARN may have a path before its name.
fn is_session_of(session: &str, role: &Principal) -> bool {
    let mut parts = session.splitn(6, ':');
    let (service, account, rest) = (parts.nth(2), parts.nth(1), parts.next());
    let name =
        rest.and_then(|rest| rest.strip_prefix("assumed-role/")).and_then(|rest| rest.split('/').next());
    service == Some("sts") && account == Some(role.account.as_str()) && name == role.arn.rsplit('/').next()
}
