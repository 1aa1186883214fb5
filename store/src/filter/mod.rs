//! The filter language of `show`.
//!
//! ```text
//! name ~ admin and mfa_enabled = false
//! not (status = Active or status is null)
//! last_used_at < now-90d and account in (111122223333, 444455556666)
//! /tags/Owner = 'x' and created_at >= 2026-01-01
//! ```
//!
//! - A column is a common or typed column of the kind, or a JSON pointer into the document (in double quotes if it holds
//!   spaces or operators: `"/tags/cost centre"`).
//! - `~` looks for a text inside, whatever its case. `and` binds closer than `or`; `not` closest.
//! - Values need quotes only for spaces and punctuation; a quote inside is doubled (`'it''s'`).
//! - Times are dates (a whole day, UTC), RFC 3339, or `now` with `-` or `+` and a number of `s`, `m`, `h`, `d` or `w`. In
//!   a query as of a time, `now` is that time.
//! - Every record either matches or does not: a comparison with an absent value does not, so `x != 1` and `not x = 1` hold
//!   where `x` is absent. Add `and x is not null` to leave those out.
//! - In a JSON column, `=` holds for the value or any element of a list, `~` for any text inside, at any depth.
//!
//! This module turns text into a tree; what columns mean and how they are compared is in `compile`.

mod compile;
mod error;
mod lexer;
mod parser;

pub use error::FilterError;

pub(crate) use compile::{Context, Operand, compile};

/// A filter, well-formed but not yet matched against a kind's columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    text: String,
    root: Node,
}

impl Filter {
    /// Parses a filter.
    ///
    /// # Errors
    /// Where and how it is not well-formed. Whether its columns exist is checked by the query.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self { text: text.to_owned(), root: parser::parse(text)? })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl std::str::FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// A part of a filter.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Test(Predicate),
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
struct Predicate {
    column: String,
    /// Where the column's name begins, in bytes.
    at: usize,
    test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Compare(Comparison, Literal),
    In(Vec<Literal>),
    IsNull,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Contains,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A value as written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Literal {
    text: String,
    quoted: bool,
    /// Where it begins, in bytes.
    at: usize,
}

#[cfg(test)]
mod tests;
