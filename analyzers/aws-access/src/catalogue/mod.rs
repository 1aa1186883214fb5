//! The actions of AWS, by service and level of access.
//!
//! Only a help for display and grouping: access is decided by patterns, so that an action the catalogue does not have is
//! neither granted nor lost by its absence.

mod bits;

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use auditor_aws_policy::{Pattern, Selector};
use auditor_core::model::common::Level;

pub(crate) use bits::Bits;

/// The catalogue that this crate carries.
pub(crate) static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::parse(include_str!("actions.txt")));

/// Actions in the order of services and levels, so that each service and level is one run of them.
#[derive(Debug)]
pub(crate) struct Catalogue {
    /// `s3:GetObject`.
    names: Vec<String>,
    /// Places by name in lower case.
    places: HashMap<String, usize>,
    /// One for each service and level, in order.
    pub(crate) cells: Vec<Cell>,
    /// Runs of actions by service in lower case.
    services: HashMap<String, Range<usize>>,
}

/// One service at one level.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) service: String,
    pub(crate) level: Level,
    pub(crate) actions: Range<usize>,
}

impl Catalogue {
    fn parse(text: &str) -> Self {
        let mut this =
            Self { names: Vec::new(), places: HashMap::new(), cells: Vec::new(), services: HashMap::new() };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let (Some(service), Some(level)) = (words.next(), words.next()) else { continue };
            let level = match level {
                "list" => Level::List,
                "read" => Level::Read,
                "tagging" => Level::Tagging,
                "write" => Level::Write,
                "permissions" => Level::Permissions,
                _ => Level::Unknown,
            };
            let start = this.names.len();
            for action in words {
                let name = format!("{service}:{action}");
                this.places.insert(name.to_ascii_lowercase(), this.names.len());
                this.names.push(name);
            }
            let end = this.names.len();
            this.services
                .entry(service.to_ascii_lowercase())
                .and_modify(|run| run.end = end)
                .or_insert(start..end);
            this.cells.push(Cell { service: service.to_owned(), level, actions: start..end });
        }
        this
    }

    /// How many actions it has.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The actions that a pattern matches.
    pub(crate) fn matching(&self, pattern: &Pattern) -> Bits {
        if pattern.is_everything() || pattern.as_str() == "*:*" {
            return Bits::all(self.len());
        }
        let mut bits = Bits::none(self.len());
        if pattern.is_literal() {
            if let Some(place) = self.places.get(&pattern.prefix()) {
                bits.insert(*place);
            }
            return bits;
        }
        let prefix = pattern.prefix();
        let run = match prefix.split_once(':') {
            Some((service, _)) => self.services.get(service).cloned().unwrap_or(0..0),
            None => 0..self.len(),
        };
        for place in run {
            if pattern.matches(&self.names[place]) {
                bits.insert(place);
            }
        }
        bits
    }

    /// Places of the cells that hold some actions of a set.
    pub(crate) fn cells_of(&self, bits: &Bits) -> Vec<usize> {
        let mut cells = Vec::new();
        let mut next = 0;
        while let Some(place) = bits.first_from(next) {
            let cell = self.cells.partition_point(|cell| cell.actions.end <= place);
            cells.push(cell);
            next = self.cells[cell].actions.end;
        }
        cells
    }

    /// The actions that a selector selects.
    pub(crate) fn selected(&self, selector: &Selector) -> Bits {
        let mut bits = Bits::none(self.len());
        for pattern in &selector.patterns {
            bits |= &self.matching(pattern);
        }
        if selector.negated { bits.complement() } else { bits }
    }

    /// The level of an action; [`Level::Unknown`] if it is not in the catalogue.
    pub(crate) fn level(&self, action: &str) -> Level {
        let place = self.places.get(&action.to_ascii_lowercase());
        let cell = place.and_then(|place| self.cells.iter().find(|cell| cell.actions.contains(place)));
        cell.map_or(Level::Unknown, |cell| cell.level)
    }

    /// Whether a set has no action at all of some service.
    pub(crate) fn lost_service(&self, left: &Bits) -> bool {
        self.services.values().any(|run| !left.any_in(run))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_find_actions() {
        let count = |pattern: &str| CATALOGUE.matching(&Pattern::action(pattern)).count();
        assert!(CATALOGUE.len() > 20_000);
        assert_eq!(count("*"), CATALOGUE.len());
        assert_eq!(count("s3:getobject"), 1);
        assert_eq!(count("s3:NoSuchAction"), 0);
        assert_eq!(count("nosuchservice:*"), 0);
        assert!(count("S3:Get*") > 20 && count("S3:Get*") < count("s3:*"));
        assert_eq!(count("*:*"), CATALOGUE.len());
        assert!(count("s3*:Get*") >= count("s3:Get*"));
        assert_eq!(CATALOGUE.level("iam:passrole"), Level::Permissions);
        assert_eq!(CATALOGUE.level("s3:GetObject"), Level::Read);
        assert_eq!(CATALOGUE.level("iam:PutRolePolicy"), Level::Permissions);
        assert_eq!(CATALOGUE.level("a:b"), Level::Unknown);
        let not = Selector { patterns: vec![Pattern::action("iam:*")], negated: true };
        assert_eq!(CATALOGUE.selected(&not).count() + count("iam:*"), CATALOGUE.len());
    }
}
