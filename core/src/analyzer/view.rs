//! What an analyzer sees.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{model::AccountId, outcome::Outcome};

/// What is stored of one account, or of every account, of the kinds that an analyzer reads.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// The account. `None`: every account.
    pub account: Option<&'a AccountId>,
    /// The time of the analysis: ages and dates in conditions are reckoned from it. Midnight UTC of the run's day, so
    /// that two runs of one day agree.
    pub at: DateTime<Utc>,
    /// The listings of its input kinds, by kind, source and target. A kind that no source lists has none.
    pub listings: &'a [Listing],
    /// The listings of the kinds that every view holds whole, likewise.
    pub shared: &'a [Listing],
}

/// What is stored of one listing: the records of one kind from one target of one source.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The kind.
    pub kind: String,
    /// Name of the source (or analyzer) instance.
    pub source: String,
    /// Id of its target.
    pub target: String,
    /// How the latest attempt ended. Records of earlier attempts are still among `items` unless it was complete.
    pub outcome: Outcome,
    /// The records present, by native id.
    pub items: Vec<Item>,
}

/// One stored record.
#[derive(Debug, Clone)]
pub struct Item {
    /// The account it belongs to.
    pub account: AccountId,
    /// Id within its listing.
    pub native_id: String,
    /// The name people use.
    pub name: Option<String>,
    /// Configuration.
    pub document: Value,
    /// Volatile facts.
    pub activity: Option<Value>,
    /// When the provider says it was created.
    pub provider_created_at: Option<DateTime<Utc>>,
    /// When the provider says it was last changed.
    pub provider_updated_at: Option<DateTime<Utc>>,
}

/// How much is known of a kind in a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knowledge {
    /// Every listing of it was complete: what is not there does not exist.
    Complete,
    /// A listing was not complete: what is there may be old, what is not there may exist. One sentence says why.
    Incomplete(String),
    /// No source lists it.
    NotCollected,
}

impl<'a> View<'a> {
    /// The records of a kind, over all listings.
    pub fn items(&self, kind: &str) -> impl Iterator<Item = &'a Item> {
        self.listings(kind).flat_map(|listing| &listing.items)
    }

    /// The listings of a kind.
    pub fn listings(&self, kind: &str) -> impl Iterator<Item = &'a Listing> {
        self.listings.iter().chain(self.shared).filter(move |listing| listing.kind == kind)
    }

    /// How much is known of a kind.
    pub fn knowledge(&self, kind: &str) -> Knowledge {
        let mut known = Knowledge::NotCollected;
        for listing in self.listings(kind) {
            if listing.outcome.retires() {
                if known == Knowledge::NotCollected {
                    known = Knowledge::Complete;
                }
            } else {
                return Knowledge::Incomplete(format!(
                    "the latest listing of {kind} from `{}` ended {}",
                    listing.source, listing.outcome
                ));
            }
        }
        known
    }
}

impl Knowledge {
    /// Why it is not complete: one sentence for a reader of the output. `None` if it is.
    pub fn lack(&self, kind: &str) -> Option<String> {
        match self {
            Self::Complete => None,
            Self::Incomplete(why) => Some(why.clone()),
            Self::NotCollected => Some(format!("no source collects {kind} here")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(kind: &str, outcome: Outcome) -> Listing {
        Listing {
            kind: kind.to_owned(),
            source: "aws".to_owned(),
            target: "111122223333".to_owned(),
            outcome,
            items: Vec::new(),
        }
    }

    #[test]
    fn an_incomplete_listing_is_never_an_empty_one() {
        let listings = [
            listing("user", Outcome::Complete),
            listing("role", Outcome::Complete),
            listing("role", Outcome::Denied),
        ];
        let view = View { account: None, at: DateTime::UNIX_EPOCH, listings: &listings, shared: &[] };
        assert_eq!(view.knowledge("user"), Knowledge::Complete);
        assert_eq!(view.knowledge("group"), Knowledge::NotCollected);
        let lack = view.knowledge("role").lack("role").unwrap();
        assert_eq!(lack, "the latest listing of role from `aws` ended denied");
    }
}
