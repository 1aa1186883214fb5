//! Records of one kind: filtered, sorted, paged, as they are or as they were.

mod columns;
mod cursor;
mod query;

use auditor_core::model::Kind;
use chrono::{DateTime, Utc};
pub(crate) use columns::is_common;
pub use columns::{ColumnInfo, common_columns};
use futures::stream::BoxStream;
use sea_orm::{ConnectionTrait as _, StreamTrait as _};
use serde::Serialize;
use serde_json::Value;

use super::{AccountScope, QueryError};
use crate::{Store, filter::Filter};

const ACTION: &str = "reading records";

/// A kind to show: one that the program knows, or the name of one that only the store knows.
#[derive(Debug, Clone)]
pub enum KindRef {
    /// Has typed columns.
    Known(&'static Kind),
    /// Has the common columns, and JSON pointers into the document.
    Unknown(String),
}

impl KindRef {
    /// The kind's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(kind) => kind.name,
            Self::Unknown(name) => name,
        }
    }
}

impl From<&'static Kind> for KindRef {
    fn from(kind: &'static Kind) -> Self {
        Self::Known(kind)
    }
}

/// What to show.
///
/// Without `as_of`: the present state. With it: the latest state observed until then; `last_audited_at` and
/// `scope_outcome` then come from the ledger, so that no audit is claimed that came later; columns from activity are
/// null, since only the latest activity is kept, and cannot be filtered or sorted by.
#[derive(Debug, Clone)]
pub struct Show {
    /// Records of which kind.
    pub kind: KindRef,
    /// Of which accounts.
    pub accounts: AccountScope,
    /// As of when. `None`: now.
    pub as_of: Option<DateTime<Utc>>,
    /// Which of them.
    pub filter: Option<Filter>,
    /// In which order. Empty: by account and name. Absent values come last; ties are broken by native id.
    pub sort: Vec<Sort>,
    /// Which columns: common ones, the kind's, or JSON pointers into the document. Empty: account, name, the kind's own,
    /// `last_audited_at`.
    pub columns: Vec<String>,
    /// Removed records too, in their last state before the removal, with `removed_at`.
    pub include_removed: bool,
    /// At most so many rows; at least one. Ignored by [`Store::show_all`].
    pub limit: u64,
    /// [`Page::next`] of the page before. Ignored by [`Store::show_all`].
    pub after: Option<String>,
}

impl Show {
    /// The first page of a kind's present records, of all accounts.
    pub fn new(kind: impl Into<KindRef>) -> Self {
        Self {
            kind: kind.into(),
            accounts: AccountScope::All,
            as_of: None,
            filter: None,
            sort: Vec::new(),
            columns: Vec::new(),
            include_removed: false,
            limit: 100,
            after: None,
        }
    }
}

/// One column of a sort order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// Its name, or a JSON pointer into the document.
    pub column: String,
    /// Whether the greatest come first.
    pub descending: bool,
}

/// One page of rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    /// What each value of a row is.
    pub columns: Vec<ColumnInfo>,
    /// The rows; null where a record has no such value or one of another type.
    pub rows: Vec<Vec<Value>>,
    /// Where the next page begins. `None`: this is the last.
    pub next: Option<String>,
}

/// All rows, one after the other.
pub struct Rows<'s> {
    /// What each value of a row is.
    pub columns: Vec<ColumnInfo>,
    /// The rows, read from the database as they are taken.
    pub rows: BoxStream<'s, Result<Vec<Value>, QueryError>>,
}

/// Whether a query asks for the present or for a time past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Era {
    Now,
    Then,
}

impl Store {
    /// One page of records.
    ///
    /// Pages follow each other by the sort keys of their last rows: rows that appear or vanish meanwhile neither repeat
    /// nor hide others.
    ///
    /// # Errors
    /// An unknown column, a filter that cannot be applied, a cursor of another query, or the database's refusal.
    pub async fn show(&self, show: &Show) -> Result<Page, QueryError> {
        let limit = show.limit.clamp(1, 1_000_000);
        let query = query::Query::new(show, self.backend())?;
        let scopes = self.candidate_scopes(show).await?;
        let statement = query.statement(show, scopes.as_deref(), Some(limit + 1))?;
        let mut found =
            self.connection().query_all_raw(statement).await.map_err(QueryError::database(ACTION))?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = match found.last() {
            Some(last) if more => Some(query.cursor(last)?),
            _ => None,
        };
        let rows = found.iter().map(|row| query.row(row)).collect::<Result<_, _>>()?;
        Ok(Page { columns: query.into_columns(), rows, next })
    }

    /// All records, streamed: memory does not grow with their number.
    ///
    /// # Errors
    /// As [`show`](Self::show); also in the stream, when the connection is lost on the way.
    pub async fn show_all(&self, show: &Show) -> Result<Rows<'_>, QueryError> {
        use futures::StreamExt as _;
        let query = query::Query::new(show, self.backend())?;
        let scopes = self.candidate_scopes(show).await?;
        let statement = query.statement(&Show { after: None, ..show.clone() }, scopes.as_deref(), None)?;
        let found = self.connection().stream_raw(statement).await.map_err(QueryError::database(ACTION))?;
        let columns = query.columns();
        let rows = found.map(move |row| query.row(&row.map_err(QueryError::database(ACTION))?)).boxed();
        Ok(Rows { columns, rows })
    }

    async fn candidate_scopes(&self, show: &Show) -> Result<Option<Vec<i64>>, QueryError> {
        let Some(statement) = query::candidate_scopes(show, self.backend()) else { return Ok(None) };
        let database = QueryError::database(ACTION);
        let rows = self.connection().query_all_raw(statement).await.map_err(&database)?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().map(Some).map_err(&database)
    }
}

#[cfg(test)]
mod tests;
