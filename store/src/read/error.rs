//! Why a query could not be answered.

use sea_orm::DbErr;

use crate::filter::FilterError;

/// Why a query could not be answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The database refused or could not be reached.
    #[error("{action} failed")]
    Database {
        /// What was attempted.
        action: &'static str,
        /// The database's answer.
        #[source]
        source: DbErr,
    },
    /// The filter cannot be understood.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A column that the kind does not have.
    #[error("`{kind}` has no column `{name}`{suggestion}")]
    UnknownColumn {
        /// The kind.
        kind: String,
        /// What was asked for.
        name: String,
        /// The nearest column, as a clause; empty if none is near.
        suggestion: String,
    },
    /// A volatile fact was asked for as of a time.
    #[error("`{name}` cannot be used as of a time: it comes from activity, of which only the latest is kept")]
    LatestOnly {
        /// The column.
        name: String,
    },
    /// A page was asked for with a cursor that does not belong to the query.
    #[error(
        "the page cursor does not belong to this query: it was made for another kind or sort order, or was cut"
    )]
    Cursor,
    /// A time that cannot be understood.
    #[error(
        "`{0}` is not a time: expected a date (`2026-09-30`), RFC 3339 (`2026-09-30T12:00:00Z`), or a time relative to now (`now-90d`)"
    )]
    Time(String),
    /// Something in the store is not in the form the program writes.
    #[error("{what} cannot be read")]
    Malformed {
        /// What, with its key.
        what: String,
        /// What is wrong with it.
        #[source]
        source: auditor_core::error::BoxError,
    },
}

impl QueryError {
    /// One sentence that an operator can act on.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::UnknownColumn { .. } => {
                Some("`auditor kinds` lists the columns of a kind; `/a/b` reads any field of the document")
            }
            Self::LatestOnly { .. } => Some("leave the column out, or ask for the present state"),
            Self::Cursor => Some("start from the first page"),
            Self::Malformed { .. } => Some("run `auditor verify` to see what else disagrees"),
            Self::Filter(_) | Self::Database { .. } | Self::Time(_) => None,
        }
    }

    /// For `map_err`: names what was attempted.
    pub(crate) fn database(action: &'static str) -> impl Fn(DbErr) -> Self {
        move |source| Self::Database { action, source }
    }

    pub(crate) fn malformed(
        what: impl Into<String>,
        source: impl Into<auditor_core::error::BoxError>,
    ) -> Self {
        Self::Malformed { what: what.into(), source: source.into() }
    }
}
