//! Sets of patterns, and their complements (`NotAction`, `NotResource`).

use crate::pattern::Pattern;

/// What a statement names: everything that a pattern matches, or everything that none matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// The patterns.
    pub patterns: Vec<Pattern>,
    /// Whether it is the complement: over everything, also over what does not exist yet.
    pub negated: bool,
}

impl Selector {
    /// What the patterns match.
    pub fn of(patterns: Vec<Pattern>) -> Self {
        Self { patterns, negated: false }
    }

    /// Everything.
    pub fn everything() -> Self {
        Self { patterns: Vec::new(), negated: true }
    }

    /// Whether it selects a text.
    pub fn matches(&self, text: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(text)) != self.negated
    }

    /// Whether it selects everything.
    pub fn is_everything(&self) -> bool {
        if self.negated { self.patterns.is_empty() } else { self.patterns.iter().any(Pattern::is_everything) }
    }

    /// Whether it selects everything that a pattern matches; `false` where that cannot be told.
    pub fn covers_pattern(&self, other: &Pattern) -> bool {
        if self.negated {
            !self.patterns.iter().any(|pattern| pattern.intersects(other))
        } else {
            self.patterns.iter().any(|pattern| pattern.covers(other))
        }
    }

    /// Whether it selects something that a pattern matches; `true` where that cannot be told.
    pub fn intersects_pattern(&self, other: &Pattern) -> bool {
        if self.negated {
            !self.patterns.iter().any(|pattern| pattern.covers(other))
        } else {
            self.patterns.iter().any(|pattern| pattern.intersects(other))
        }
    }

    /// Whether it selects everything that the other one selects; `false` where that cannot be told.
    pub fn covers(&self, other: &Self) -> bool {
        if self.is_everything() {
            return true;
        }
        match (self.negated, other.negated) {
            (_, false) => other.patterns.iter().all(|pattern| self.covers_pattern(pattern)),
            (true, true) => {
                self.patterns.iter().all(|mine| other.patterns.iter().any(|theirs| theirs.covers(mine)))
            }
            (false, true) => false,
        }
    }

    /// Whether something is selected by both; `true` where that cannot be told.
    pub fn intersects(&self, other: &Self) -> bool {
        match (self.negated, other.negated) {
            (_, false) => other.patterns.iter().any(|pattern| self.intersects_pattern(pattern)),
            (false, true) => self.patterns.iter().any(|pattern| other.intersects_pattern(pattern)),
            (true, true) => {
                let nothing = |selector: &Self| selector.patterns.iter().any(Pattern::is_everything);
                !nothing(self) && !nothing(other)
            }
        }
    }
}
