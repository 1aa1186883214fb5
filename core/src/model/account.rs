//! The tenant a record belongs to.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// The tenant every record belongs to; access control hangs on it, so it is never absent.
///
/// Either a 12-digit AWS account id (`111122223333`) or `provider:id` where no AWS account applies
/// (`cloudhealth:42`). Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Arc<str>);

/// A string that names no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an account: expected 12 digits, or `provider:id`")]
pub struct InvalidAccountId(String);

impl AccountId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a 12-digit AWS account id.
    pub fn is_aws(&self) -> bool {
        !self.0.contains(':')
    }
}

impl FromStr for AccountId {
    type Err = InvalidAccountId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_aws = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        let is_other = text.len() <= 200
            && text.split_once(':').is_some_and(|(provider, id)| {
                !provider.is_empty()
                    && provider.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                    && !id.is_empty()
                    && !id.contains(char::is_control)
            });
        if is_aws || is_other { Ok(Self(text.into())) } else { Err(InvalidAccountId(text.to_owned())) }
    }
}

impl TryFrom<String> for AccountId {
    type Error = InvalidAccountId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountId({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_aws_ids_and_prefixed_ids_only() {
        for good in ["111122223333", "cloudhealth:42", "alert-logic:ABC/def"] {
            assert_eq!(good.parse::<AccountId>().unwrap().as_str(), good);
        }
        for bad in ["", "11112222333", "1111222233334", "11112222333x", ":1", "aws:", "AWS:1", "a:\n"] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad:?}");
        }
    }
}
