//! On which resources a principal may do something.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    condition::Truth,
    document::Effect,
    evaluate::{Layers, Policy},
    request::Request,
    selector::Selector,
};

/// More terms than this are not told apart.
const MAX_TERMS: usize = 1024;

/// How far a right goes, farthest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// On every resource, without condition.
    Full,
    /// On some resources, without condition.
    Limited,
    /// Under conditions that a snapshot does not decide.
    Conditional,
    /// Policies are not known that may grant it.
    Unknown,
}

/// The resources on which a principal may do something: what any term names, less what is excepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// How far it goes. `None`: nowhere.
    pub grade: Option<Grade>,
    /// What is granted.
    pub terms: Vec<Term>,
    /// What is refused of it, by statements that do not refuse all of a term.
    pub except: Vec<Selector>,
    /// Policies that are not known, and why: the answer is as far as the others go.
    pub unknown: Vec<String>,
}

/// Resources that are granted together.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Each of these selects them: one for each layer that does not grant everything.
    pub all_of: Vec<Selector>,
    /// Condition keys that the grant depends on.
    pub keys: BTreeSet<String>,
    /// The policy and statement of the principal's own that grants.
    pub granted_by: (String, String),
}

impl Reach {
    /// Whether something is granted, at least under conditions.
    pub fn is_possible(&self) -> bool {
        !self.terms.is_empty()
    }
}

impl Term {
    fn intersects(&self, selector: &Selector) -> bool {
        self.all_of.iter().all(|mine| mine.intersects(selector))
    }

    fn covered_by(&self, selector: &Selector) -> bool {
        selector.is_everything() || self.all_of.iter().any(|mine| selector.covers(mine))
    }
}

/// On which resources the request's principal may do the request's action. The request's resource does not matter, nor
/// do policies of resources.
pub fn reach(request: &Request<'_>, layers: &Layers) -> Reach {
    let mut reach = Reach { grade: None, terms: Vec::new(), except: Vec::new(), unknown: Vec::new() };
    let mut denies = Vec::new();
    // A layer that is known and grants nothing decides, whatever is not known of others.
    let mut closed = false;
    let mut layer = |policies: &[Policy]| -> Vec<Term> {
        let mut terms = Vec::new();
        let known = policies.iter().all(|policy| policy.document.unreadable.is_none());
        for policy in policies {
            if let Some(why) = &policy.document.unreadable {
                reach.unknown.push(format!("{}: {why}", policy.name));
            }
            for statement in &policy.document.statements {
                if !statement.actions.matches(request.action) {
                    continue;
                }
                let holds = statement.conditions_hold(request);
                if holds.truth == Truth::False {
                    continue;
                }
                let Some((certain, possible)) = statement.scope(request) else { continue };
                let all = [Some((certain, BTreeSet::new())), possible];
                for (selector, mut keys) in all.into_iter().flatten() {
                    if !selector.negated && selector.patterns.is_empty() {
                        continue;
                    }
                    keys.extend(holds.keys.iter().cloned());
                    if statement.effect == Effect::Deny {
                        denies.push((selector, keys));
                    } else {
                        let granted_by = (policy.name.to_string(), statement.label());
                        terms.push(Term { all_of: vec![selector], keys, granted_by });
                    }
                }
            }
        }
        closed |= known && terms.is_empty();
        // Where one statement grants everything, the others of its layer add nothing.
        let full = |term: &Term| term.keys.is_empty() && term.all_of.iter().all(Selector::is_everything);
        if let Some(index) = terms.iter().position(full) { vec![terms.swap_remove(index)] } else { terms }
    };
    let mut terms = layer(&layers.identity);
    let single = layers.boundary.iter().map(std::slice::from_ref);
    let others = single
        .chain(layers.session.iter().map(Vec::as_slice))
        .chain(layers.service_control.iter().map(Vec::as_slice))
        .chain(layers.resource_control.iter().map(Vec::as_slice));
    let others: Vec<Vec<Term>> = others.map(&mut layer).collect();
    for other in others {
        if terms.len() * other.len() > MAX_TERMS {
            reach.unknown.push("too many combinations of statements".to_owned());
            terms.truncate(MAX_TERMS / other.len().max(1));
        }
        terms = terms.iter().flat_map(|term| other.iter().filter_map(|bound| term.within(bound))).collect();
    }
    for (selector, keys) in &denies {
        if keys.is_empty() {
            terms.retain(|term| !term.covered_by(selector));
        } else {
            for term in terms.iter_mut().filter(|term| term.covered_by(selector)) {
                term.keys.extend(keys.iter().cloned());
            }
        }
        if terms.iter().any(|term| term.intersects(selector) && !term.covered_by(selector)) {
            reach.except.push(selector.clone());
        }
    }
    let grade = |term: &Term| {
        let cut = || reach.except.iter().any(|selector| term.intersects(selector));
        match term.keys.is_empty() {
            false => Grade::Conditional,
            true if term.all_of.iter().all(Selector::is_everything) && !cut() => Grade::Full,
            true => Grade::Limited,
        }
    };
    reach.grade = terms.iter().map(grade).min();
    closed |= denies.iter().any(|(selector, keys)| selector.is_everything() && keys.is_empty());
    if reach.grade.is_none() && !reach.unknown.is_empty() && !closed {
        reach.grade = Some(Grade::Unknown);
    }
    reach.terms = terms;
    reach
}

impl Term {
    /// The part of a term that another layer's term lets through.
    fn within(&self, bound: &Self) -> Option<Self> {
        let mut term = self.clone();
        for selector in &bound.all_of {
            if !term.intersects(selector) {
                return None;
            }
            if term.covered_by(selector) {
                continue;
            }
            term.all_of.retain(|mine| !mine.covers(selector));
            term.all_of.push(selector.clone());
        }
        term.keys.extend(bound.keys.iter().cloned());
        Some(term)
    }
}
