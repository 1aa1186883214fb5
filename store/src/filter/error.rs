//! What is wrong with a filter, and where.

use std::fmt;

/// What is wrong with a filter, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// What is wrong, as a clause.
    pub message: String,
    /// Where it is wrong: the number of the character, from 1.
    pub position: usize,
    /// A piece of the filter around that place.
    excerpt: String,
    /// How far into the excerpt the place is, in characters.
    caret: usize,
}

/// So many characters of the filter are shown on each side.
const EXCERPT: usize = 40;

impl FilterError {
    /// `at` is in bytes.
    pub(super) fn new(text: &str, at: usize, message: impl Into<String>) -> Self {
        let before = text.get(..at).unwrap_or(text).chars().count();
        let from = before.saturating_sub(EXCERPT);
        let excerpt =
            text.chars().skip(from).take(2 * EXCERPT).map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { message: message.into(), position: before + 1, excerpt, caret: before - from }
    }

    /// The piece of the filter around the place, with a mark below it: two lines for a terminal.
    pub fn marked(&self) -> String {
        format!("{}\n{}^", self.excerpt, " ".repeat(self.caret))
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "filter, character {}: {}", self.position, self.message)
    }
}

impl std::error::Error for FilterError {}
