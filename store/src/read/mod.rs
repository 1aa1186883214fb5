//! Queries: what the store holds, held, and can prove.
//!
//! Every query of records takes an [`AccountScope`]. Nothing here writes.
//!
//! | module | answers |
//! |---|---|
//! | [`show`](Store::show) | records of one kind, as they are or as they were |
//! | [`history`](Store::history), [`diff`](Store::diff) | what changed: one record over time, all records between two times |
//! | [`runs`](Store::runs), [`scopes`](Store::scopes), [`gaps`](Store::gaps) | what was looked at, and what could not be |
//! | [`statements`](Store::statements), [`coverage`](Store::coverage) | what the [account directory](crate::directory) is made of |
//! | [`listings_of`](Store::listings_of) | what analyzers read |
//! | [`verify`](Store::verify) | whether what is stored agrees with what the runs left as evidence |

mod access;
mod diff;
pub mod difference;
mod directory;
mod error;
mod history;
mod inputs;
mod ledger;
pub(crate) mod pointer;
mod runs;
mod scopes;
mod show;
pub(crate) mod sql;
mod verify;
mod version;
pub(crate) mod when;

pub use access::AccountScope;
pub use diff::{Diff, DiffEvent, Difference};
pub use difference::{Change, What};
pub use error::QueryError;
pub use history::{Event, Histories, History, HistoryOf, State};
pub use runs::{Run, Task};
pub use scopes::{Scope, ScopeGaps};
pub(crate) use show::is_common;
pub use show::{ColumnInfo, KindRef, Page, Rows, Show, Sort, common_columns};
pub use verify::{Check, Finding, Place, Verification, Verify};
pub use when::parse_as_of;

#[cfg(doc)]
use crate::Store;

#[cfg(test)]
mod tests;
