//! The analyzer contract: what is derived from stored records.
//!
//! An analyzer is pure: it gets a [`View`] of what is stored of one account (or of all of them) and emits resources. It
//! does no I/O, holds no state and never fails: what it cannot decide, it says in its output (`unknown`), with the
//! reason. Its outputs are scopes like any other, with versions, tombstones and digests.

mod reader;
mod view;

pub use reader::{ESTATE, Input, Reader};
pub use view::{Item, Knowledge, Listing, View};

use chrono::{DateTime, Utc};

use crate::model::{Kind, Resource};

/// A configured instance of an analyzer plugin.
pub trait Analyzer: Send + Sync + 'static {
    /// Names of the kinds it reads; other analyzers' kinds may be among them, and are then made first.
    fn inputs(&self) -> Vec<&'static str>;

    /// Those of its inputs that every view holds whole, whichever account it is of: what an organization imposes on its
    /// accounts. A change in one of them makes every account due. Few records, therefore.
    fn shared_inputs(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// The kinds it emits.
    fn outputs(&self) -> Vec<&'static Kind>;

    /// What one view holds.
    fn span(&self) -> Span {
        Span::Account
    }

    /// When the same records may give another result because time has passed (an age, an expiry date), reckoned in whole
    /// days; the account is then due again even where nothing changed. `None`: never.
    fn holds_until(&self, _: &View<'_>) -> Option<DateTime<Utc>> {
        None
    }

    /// Changes whenever the same inputs may give other outputs: raise it with every change of the rules.
    fn version(&self) -> u32;

    /// Derives. The same view gives the same resources in the same order; a resource's native id says what it is about
    /// (principal and service, check and resource), so that a change is told from a removal and a new one.
    ///
    /// Never panics on what a view holds, ends within a bounded time, and never takes an input that is not
    /// [`Knowledge::Complete`] for an empty one.
    fn analyze(&self, view: &View<'_>, emit: &mut dyn FnMut(Resource));
}

/// What one view of an analyzer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// One account: analyzed again when a record of it changed.
    Account,
    /// Every account: for what crosses accounts. Analyzed again when any record changed.
    Estate,
}
