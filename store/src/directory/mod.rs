//! The account directory: what every source says of an account, merged fact by fact.
//!
//! Everything here is a pure function of what [`Store::statements`](crate::Store::statements) and its like read. No
//! source is known by name but [`MANUAL`], the one that people write to.
//!
//! | module | holds |
//! |---|---|
//! | `timeline` | since when each fact of a record is as it is |
//! | `merge` | which of several statements counts |
//! | `blind` | accounts that one system knows and another does not |

mod blind;
mod merge;
mod timeline;

pub use auditor_core::model::common::MANUAL;
use auditor_core::model::{Part, common::ACCOUNT};
pub use blind::{BlindSpot, Coverage, Listing, Missing, blind_spots};
use chrono::{DateTime, Utc};
pub use merge::{Account, Knower, MergedFact, Precedence, Said, merge};
use serde_json::Value;
pub(crate) use timeline::Timeline;

/// The key of a document under which it keeps who set each fact. Absent where nobody in particular did.
pub const SET_BY: &str = "set_by";

/// The fact that every record has beside its columns: what people call the account.
pub const NAME: &str = "name";

/// The facts an account can have, in display order: its name and the columns of the kind `account`.
pub fn facts() -> impl Iterator<Item = &'static str> + Clone {
    let columns = ACCOUNT.columns.iter().filter(|column| column.part == Part::Document);
    std::iter::once(NAME).chain(columns.map(|column| column.name))
}

/// What one record of the kind `account` says.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The account it speaks of.
    pub account: String,
    /// Name of the source instance.
    pub source: String,
    /// Target of the source it was found in.
    pub target: String,
    /// What it says. A fact that is not known is not there.
    pub facts: Vec<Fact>,
    /// When it was last confirmed.
    pub seen_at: Option<DateTime<Utc>>,
    /// How the last listing it should be in ended: anything but `complete` means that it may have changed since.
    pub outcome: Option<String>,
}

/// One fact of a statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Which: one of [`facts`].
    pub name: &'static str,
    /// Its value.
    pub value: Value,
    /// Since when it has this value, as far as was seen.
    pub changed_at: DateTime<Utc>,
    /// Who set it. `None`: it was read from a system.
    pub set_by: Option<String>,
}
