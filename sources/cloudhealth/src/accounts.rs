//! The AWS accounts of a tenant, and how other replies are joined to them.

use std::collections::HashMap;

use auditor_core::{error::SourceError, model::AccountId};
use serde_json::Value;

use crate::{
    client::{Listing, Reader, calls},
    item::Item,
};

/// The AWS accounts of a tenant.
pub(crate) struct Accounts {
    /// In the order of their ids.
    pub(crate) all: Vec<CloudAccount>,
    /// Why there may be more.
    pub(crate) problem: Option<SourceError>,
    /// How many items had no id and so are not among `all`.
    pub(crate) without_id: usize,
    by_id: HashMap<String, usize>,
    by_owner_id: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
    by_amazon_name: HashMap<String, Vec<usize>>,
}

/// One account as CloudHealth lists it.
pub(crate) struct CloudAccount {
    /// CloudHealth's own id.
    pub(crate) id: String,
    /// The AWS account, and how it is known. `None`: CloudHealth has not found out yet, and no role says.
    pub(crate) aws: Option<(AccountId, KnownBy)>,
    /// The reply. Holds the external id: only named fields of it may go further.
    reply: Value,
}

/// How the AWS account is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KnownBy {
    /// CloudHealth found it out with the account's credentials.
    OwnerId,
    /// The account of the role that CloudHealth is told to assume: inferred.
    RoleArn,
}

impl KnownBy {
    /// As in records.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::OwnerId => "owner_id",
            Self::RoleArn => "assume_role_arn",
        }
    }
}

/// By which rule a report's member was joined to an account. CloudHealth does not document what identifies a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
    /// Its name is CloudHealth's id of the account.
    Id,
    /// Its name is the AWS account id.
    OwnerId,
    /// Its label is the name of exactly one account.
    Name,
    /// Its label is the name in AWS of exactly one account.
    AmazonName,
    /// None: the account was deleted, or the key may not see it.
    Unmatched,
}

impl Match {
    /// As in records.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::OwnerId => "owner_id",
            Self::Name => "name",
            Self::AmazonName => "amazon_name",
            Self::Unmatched => "unmatched",
        }
    }
}

impl CloudAccount {
    fn new(reply: Value) -> Option<Self> {
        let item = Item(&reply);
        let id = item.text("id")?;
        let owner = item.text("owner_id").and_then(|id| aws_account(&id)).map(|id| (id, KnownBy::OwnerId));
        let aws = owner.or_else(|| Some((role_account(item)?, KnownBy::RoleArn)));
        Some(Self { id, aws, reply })
    }

    /// The reply, to take named fields from.
    pub(crate) fn item(&self) -> Item<'_> {
        Item(&self.reply)
    }

    /// Whether CloudHealth is told to assume a role of another account. `None`: one of the two is not known.
    pub(crate) fn role_in_other_account(&self) -> Option<bool> {
        let (account, KnownBy::OwnerId) = self.aws.as_ref()? else { return None };
        Some(role_account(self.item())? != *account)
    }
}

impl Accounts {
    /// Reads them.
    ///
    /// # Errors
    /// If none could be read.
    pub(crate) async fn read(reader: &Reader<'_>) -> Result<Self, SourceError> {
        Ok(Self::new(reader.list(&calls::ACCOUNTS, &[]).await?))
    }

    fn new(listing: Listing) -> Self {
        let listed = listing.items.len();
        let mut all: Vec<_> = listing.items.into_iter().filter_map(CloudAccount::new).collect();
        all.sort_by(|a, b| (a.id.len(), &a.id).cmp(&(b.id.len(), &b.id)));
        let without_id = listed - all.len();
        let mut accounts = Self {
            by_id: all.iter().enumerate().map(|(i, account)| (account.id.clone(), i)).collect(),
            by_owner_id: HashMap::new(),
            by_name: HashMap::new(),
            by_amazon_name: HashMap::new(),
            all,
            problem: listing.problem,
            without_id,
        };
        for (i, account) in accounts.all.iter().enumerate() {
            if let Some((aws, KnownBy::OwnerId)) = &account.aws {
                accounts.by_owner_id.entry(aws.as_str().to_owned()).or_insert(i);
            }
            for (index, key) in [
                (&mut accounts.by_name, account.item().text("name")),
                (&mut accounts.by_amazon_name, account.item().text("amazon_name")),
            ] {
                if let Some(name) = key {
                    index.entry(name.trim().to_owned()).or_default().push(i);
                }
            }
        }
        accounts
    }

    /// The accounts, if these are all.
    ///
    /// # Errors
    /// Why there may be more. What is joined to accounts would otherwise be filed under the wrong one.
    pub(crate) fn whole(&self) -> Result<&Self, SourceError> {
        match &self.problem {
            Some(error) => Err(error.again()),
            None => Ok(self),
        }
    }

    /// The account of CloudHealth's id.
    pub(crate) fn by_id(&self, id: &str) -> Option<&CloudAccount> {
        self.by_id.get(id).map(|i| &self.all[*i])
    }

    /// The account that a report's member stands for.
    pub(crate) fn member(&self, name: &str, label: &str) -> (Option<&CloudAccount>, Match) {
        let one = |index: &HashMap<String, Vec<usize>>| match index.get(label.trim()).map(Vec::as_slice) {
            Some([i]) => Some(*i),
            _ => None,
        };
        let found = [
            (self.by_id.get(name).copied(), Match::Id),
            (self.by_owner_id.get(name).copied(), Match::OwnerId),
            (one(&self.by_name), Match::Name),
            (one(&self.by_amazon_name), Match::AmazonName),
        ];
        let found = found.into_iter().find_map(|(i, rule)| Some((i?, rule)));
        found.map_or((None, Match::Unmatched), |(i, rule)| (Some(&self.all[i]), rule))
    }
}

/// A 12-digit AWS account id.
fn aws_account(text: &str) -> Option<AccountId> {
    text.trim().parse().ok().filter(AccountId::is_aws)
}

/// The account of the role that CloudHealth is told to assume.
fn role_account(item: Item<'_>) -> Option<AccountId> {
    arn_account_at(item, "authentication/assume_role_arn")
}

/// The account of the ARN that a field holds.
pub(crate) fn arn_account_at(item: Item<'_>, path: &str) -> Option<AccountId> {
    aws_account(item.text(path)?.split(':').nth(4)?)
}

/// The AWS account id that a field holds.
pub(crate) fn aws_account_at(item: Item<'_>, path: &str) -> Option<AccountId> {
    aws_account(&item.text(path)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn accounts() -> Accounts {
        let items = vec![
            json!({"id": 11, "owner_id": "012345678901", "name": "Twin", "amazon_name": "a"}),
            json!({"id": "9", "name": "Twin", "amazon_name": "b",
                "authentication": {"assume_role_arn": "arn:aws:iam::333333333333:role/x"}}),
            json!({"id": 10, "owner_id": "111111111111", "name": "Only ",
                "authentication": {"assume_role_arn": "arn:aws:iam::222222222222:role/x"}}),
            json!({"id": 12, "owner_id": "12345", "name": "Unknown"}),
            json!({"name": "no id"}),
        ];
        Accounts::new(Listing { items, problem: None })
    }

    #[test]
    fn an_account_without_owner_id_is_known_by_its_role_or_not_at_all() {
        let accounts = accounts();
        let known: Vec<_> = accounts
            .all
            .iter()
            .map(|account| (account.id.as_str(), account.aws.as_ref().map(|(id, by)| (id.as_str(), *by))))
            .collect();
        assert_eq!(
            known,
            [
                ("9", Some(("333333333333", KnownBy::RoleArn))),
                ("10", Some(("111111111111", KnownBy::OwnerId))),
                ("11", Some(("012345678901", KnownBy::OwnerId))),
                ("12", None),
            ]
        );
        assert_eq!(accounts.without_id, 1);
        let differs: Vec<_> = accounts.all.iter().map(CloudAccount::role_in_other_account).collect();
        assert_eq!(differs, [None, Some(true), None, None]);
    }

    #[test]
    fn members_are_joined_by_the_first_rule_that_fits() {
        let accounts = accounts();
        let check = |name: &str, label: &str| {
            let (account, rule) = accounts.member(name, label);
            (account.map(|account| account.id.clone()), rule)
        };
        let some = |id: &str| Some(id.to_owned());
        assert_eq!(check("10", "Twin"), (some("10"), Match::Id));
        assert_eq!(check("012345678901", "Only"), (some("11"), Match::OwnerId));
        assert_eq!(check("x", "Only"), (some("10"), Match::Name));
        assert_eq!(check("x", "b"), (some("9"), Match::AmazonName));
        assert_eq!(check("x", "Twin"), (None, Match::Unmatched));
        assert_eq!(check("999999999999", "gone"), (None, Match::Unmatched));
    }
}
