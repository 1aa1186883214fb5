//! What statements name in the catalogue of actions: worked out once for each document.

use std::{collections::HashMap, rc::Rc, sync::Arc};

use auditor_aws_policy::{Document, Pattern, Selector, Statement};

use crate::catalogue::{Bits, CATALOGUE};

/// The actions of one statement.
#[derive(Debug)]
pub(crate) struct Expansion {
    /// Actions of the catalogue.
    pub(crate) bits: Bits,
    /// Places of cells, each with the patterns that name something in it; none where a complement does.
    pub(crate) cells: Vec<(usize, Vec<usize>)>,
    /// Services, each with a pattern that names nothing the catalogue knows.
    pub(crate) unknown: Vec<(String, usize)>,
}

/// Expansions by document.
#[derive(Debug, Default)]
pub(crate) struct Expansions {
    known: HashMap<usize, (Arc<Document>, Rc<[Expansion]>)>,
}

impl Expansions {
    /// One expansion for each statement of a document.
    pub(crate) fn of(&mut self, document: &Arc<Document>) -> Rc<[Expansion]> {
        // The document is kept beside its address, so that no other one can take it.
        let entry = self.known.entry(Arc::as_ptr(document).addr());
        let (_, expansions) = entry.or_insert_with(|| {
            (document.clone(), document.statements.iter().map(expand).collect::<Vec<_>>().into())
        });
        expansions.clone()
    }
}

fn expand(statement: &Statement) -> Expansion {
    let Selector { patterns, negated } = &statement.actions;
    let mut cells: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut bits = Bits::none(CATALOGUE.len());
    let mut unknown = Vec::new();
    if *negated {
        bits = CATALOGUE.selected(&statement.actions);
        cells = CATALOGUE.cells_of(&bits).into_iter().map(|cell| (cell, Vec::new())).collect();
    } else {
        for (index, pattern) in patterns.iter().enumerate() {
            let matching = CATALOGUE.matching(pattern);
            for cell in CATALOGUE.cells_of(&matching) {
                cells.entry(cell).or_default().push(index);
            }
            if matching.is_empty() {
                unknown.push((service_of(pattern), index));
            }
            bits |= &matching;
        }
    }
    let mut cells: Vec<_> = cells.into_iter().collect();
    cells.sort_unstable();
    Expansion { bits, cells, unknown }
}

fn service_of(pattern: &Pattern) -> String {
    pattern.as_str().split(':').next().unwrap_or_default().to_ascii_lowercase()
}

/// The actions of a statement as they are written: those patterns, or its whole complement.
pub(crate) fn written(actions: &Selector, patterns: &[usize]) -> Vec<String> {
    if actions.negated {
        let all: Vec<_> = actions.patterns.iter().map(Pattern::as_str).collect();
        vec![format!("NotAction {}", all.join(" "))]
    } else {
        patterns.iter().map(|index| actions.patterns[*index].as_str().to_owned()).collect()
    }
}
