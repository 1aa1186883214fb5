//! Whether a statement applies to a request.

use std::collections::BTreeSet;

use crate::{
    condition::Truth, document::Statement, request::Request, selector::Selector, variables::Resolved,
};

/// A truth with the keys it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it holds.
    pub truth: Truth,
    /// Condition keys it depends on, where it is unknown.
    pub keys: BTreeSet<String>,
}

/// What a statement selects: what is certain, and what may be selected depending on variables' keys.
pub type Scope = (Selector, Option<(Selector, BTreeSet<String>)>);

impl Answer {
    pub(crate) fn known(truth: bool) -> Self {
        Self { truth: truth.into(), keys: BTreeSet::new() }
    }

    /// Unknown for the lack of a policy.
    pub(crate) fn open(self, open: bool) -> Self {
        if open && self.truth == Truth::False {
            Self { truth: Truth::Unknown, keys: self.keys }
        } else {
            self
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        match self.truth.cmp(&other.truth) {
            std::cmp::Ordering::Less => Self { keys: joined(self.truth, self.keys, other.keys), ..self },
            _ => Self { keys: joined(other.truth, other.keys, self.keys), truth: other.truth },
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        match (self.truth, other.truth) {
            (Truth::True, _) | (_, Truth::False) => self,
            (_, Truth::True) | (Truth::False, _) => other,
            (Truth::Unknown, Truth::Unknown) => {
                Self { truth: Truth::Unknown, keys: self.keys.into_iter().chain(other.keys).collect() }
            }
        }
    }
}

fn joined(truth: Truth, keys: BTreeSet<String>, more: BTreeSet<String>) -> BTreeSet<String> {
    if truth == Truth::Unknown { keys.into_iter().chain(more).collect() } else { BTreeSet::new() }
}

impl Statement {
    /// The resources it selects for a request. `None`: a variable has no value, and the statement does not apply.
    pub fn scope(&self, request: &Request<'_>) -> Option<Scope> {
        let mut certain = self.resources.fixed.clone();
        let mut possible = certain.clone();
        let mut keys = BTreeSet::new();
        for template in &self.resources.variable {
            match template.resolve(|key| request.lookup(key)) {
                Resolved::Pattern(pattern) => {
                    certain.patterns.push(pattern.clone());
                    possible.patterns.push(pattern);
                }
                Resolved::Possible(pattern, more) => {
                    // What is excluded for certain is the whole of what may be; what may be selected, everything else.
                    if certain.negated {
                        certain.patterns.push(pattern);
                    } else {
                        possible.patterns.push(pattern);
                    }
                    keys.extend(more);
                }
                // One pattern among others that match nothing: the others still count, as AWS's own engine has it.
                Resolved::Never if certain.negated => return None,
                Resolved::Never => {}
            }
        }
        Some((certain, (!keys.is_empty()).then_some((possible, keys))))
    }

    /// Whether its conditions hold.
    pub fn conditions_hold(&self, request: &Request<'_>) -> Answer {
        let mut answer = Answer::known(true);
        for condition in &self.conditions {
            match condition.holds(request) {
                Truth::True => {}
                Truth::False => return Answer::known(false),
                Truth::Unknown => {
                    answer.truth = Truth::Unknown;
                    answer.keys.insert(condition.key.clone());
                }
            }
        }
        answer
    }

    /// Whether it applies to a request, its principals aside.
    pub(crate) fn applies(&self, request: &Request<'_>) -> Answer {
        if !self.actions.matches(request.action) {
            return Answer::known(false);
        }
        let on_resource = if self.resources.variable.is_empty() {
            Answer::known(self.resources.fixed.matches(request.resource))
        } else {
            match self.scope(request) {
                Some((certain, _)) if certain.matches(request.resource) => Answer::known(true),
                Some((_, Some((possible, keys)))) if possible.matches(request.resource) => {
                    Answer { truth: Truth::Unknown, keys }
                }
                _ => Answer::known(false),
            }
        };
        if on_resource.truth == Truth::False {
            on_resource
        } else {
            on_resource.and(self.conditions_hold(request))
        }
    }
}
