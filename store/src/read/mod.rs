//! Queries: what the store holds, held, and can prove.
//!
//! Every query of records takes an [`AccountScope`]. Nothing here writes.

mod access;
mod error;
mod ledger;
pub(crate) mod pointer;
mod show;
pub(crate) mod sql;
pub(crate) mod when;

pub use access::AccountScope;
pub use error::QueryError;
pub(crate) use show::is_common;
pub use show::{ColumnInfo, KindRef, Page, Rows, Show, Sort, common_columns};
pub use when::parse_as_of;
