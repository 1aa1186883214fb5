//! Entitlements: what each principal may do, by service and level of access.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    rc::Rc,
};

use auditor_aws_policy::{Effect, Policy, Request, Selector, Statement, Truth};
use auditor_core::model::common::{Entitlement, Grade, Level};

use crate::{
    catalogue::{Bits, CATALOGUE},
    estate::{Estate, Member},
    expand::{Expansion, Expansions, written},
};

/// The system that entitlements of this crate are in.
pub(crate) const PROVIDER: &str = "aws-iam";

/// Works out entitlements, remembering what documents say.
#[derive(Debug, Default)]
pub(crate) struct Entitlements {
    expansions: Expansions,
}

/// A statement that bears on a principal.
struct Bearing<'a> {
    statement: &'a Statement,
    expansions: Rc<[Expansion]>,
    /// Place of the statement among its document's readable ones.
    place: usize,
    resources: Selector,
    keys: BTreeSet<String>,
}

impl Bearing<'_> {
    fn expansion(&self) -> &Expansion {
        &self.expansions[self.place]
    }
}

/// What remains of a statement after every layer, by how far it goes.
struct Left {
    full: Bits,
    limited: Bits,
    conditional: Bits,
    keys: BTreeSet<String>,
}

#[derive(Default)]
struct Cell {
    grade: Option<Grade>,
    actions: BTreeSet<String>,
    resources: BTreeSet<String>,
    keys: BTreeSet<String>,
    paths: BTreeSet<Vec<String>>,
}

impl Entitlements {
    /// The entitlements of one principal, by service and level.
    pub(crate) fn of(&mut self, estate: &Estate, member: &Member) -> Vec<Entitlement> {
        let request = Request::new(&member.principal, "", "*");
        let mut own = Vec::new();
        for grant in &member.grants {
            for bearing in self.bearings(&grant.policy, &request) {
                own.push((&grant.path, bearing));
            }
        }
        let layers: Vec<Vec<Bearing<'_>>> = member
            .layers
            .boundary
            .iter()
            .map(std::slice::from_ref)
            .chain(member.layers.service_control.iter().map(Vec::as_slice))
            .chain(member.layers.resource_control.iter().map(Vec::as_slice))
            .map(|level| level.iter().flat_map(|policy| self.bearings(policy, &request)).collect())
            .collect();
        let (denies, own): (Vec<_>, Vec<_>) =
            own.into_iter().partition(|(_, bearing)| bearing.statement.effect == Effect::Deny);
        let mut denies: Vec<_> = denies.into_iter().map(|(_, bearing)| bearing).collect();
        // A policy that comes by several groups refuses once.
        let mut seen = HashSet::new();
        denies.retain(|deny| seen.insert((std::ptr::from_ref(deny.statement).addr(), deny.keys.len())));
        let mut bounds = Vec::new();
        for layer in layers {
            let (refused, granted): (Vec<_>, Vec<_>) =
                layer.into_iter().partition(|bearing| bearing.statement.effect == Effect::Deny);
            denies.extend(refused);
            bounds.push(granted);
        }
        let mut cells: BTreeMap<(String, Level), Cell> = BTreeMap::new();
        for (path, bearing) in &own {
            let left = left(bearing, &bounds, &denies);
            let mut path = (*path).clone();
            path.push(bearing.statement.label());
            if add_everything(&mut cells, bearing, &left, &bounds, &path) {
                continue;
            }
            for (cell, patterns) in &bearing.expansion().cells {
                let cell = &CATALOGUE.cells[*cell];
                let grades = [
                    (Grade::Full, &left.full),
                    (Grade::Limited, &left.limited),
                    (Grade::Conditional, &left.conditional),
                ];
                let Some((grade, _)) = grades.into_iter().find(|(_, bits)| bits.any_in(&cell.actions)) else {
                    continue;
                };
                let key = (cell.service.clone(), cell.level);
                cells.entry(key).or_default().add(grade, bearing, patterns, &left.keys, &path);
            }
            for (service, pattern) in &bearing.expansion().unknown {
                if let Some((grade, keys)) = left_of_unknown(bearing, *pattern, &bounds, &denies) {
                    let key = (service.clone(), Level::Unknown);
                    cells.entry(key).or_default().add(grade, bearing, &[*pattern], &keys, &path);
                }
            }
        }
        finish(estate, member, cells)
    }

    fn bearings<'a>(&mut self, policy: &'a Policy, request: &Request<'_>) -> Vec<Bearing<'a>> {
        let expansions = self.expansions.of(&policy.document);
        let mut bearings = Vec::new();
        for (place, statement) in policy.document.statements.iter().enumerate() {
            let holds = statement.conditions_hold(request);
            if holds.truth == Truth::False {
                continue;
            }
            let Some((certain, possible)) = statement.scope(request) else { continue };
            for (resources, keys) in std::iter::once((certain, BTreeSet::new())).chain(possible) {
                if !resources.negated && resources.patterns.is_empty() {
                    continue;
                }
                let keys = keys.into_iter().chain(holds.keys.iter().cloned()).collect();
                bearings.push(Bearing { statement, expansions: expansions.clone(), place, resources, keys });
            }
        }
        bearings
    }
}

/// Applies every layer and every refusal to a statement that grants.
fn left(bearing: &Bearing<'_>, bounds: &[Vec<Bearing<'_>>], denies: &[Bearing<'_>]) -> Left {
    let none = || Bits::none(CATALOGUE.len());
    let mut left = Left { full: none(), limited: none(), conditional: none(), keys: bearing.keys.clone() };
    let all = bearing.expansion().bits.clone();
    match (bearing.keys.is_empty(), bearing.resources.is_everything()) {
        (true, true) => left.full = all,
        (true, false) => left.limited = all,
        (false, _) => left.conditional = all,
    }
    for layer in bounds {
        let (mut everywhere, mut somewhere, mut perhaps) = (none(), none(), none());
        let mut keys = BTreeSet::new();
        let both = |bound: &&Bearing<'_>| {
            bearing.expansion().bits.intersects(&bound.expansion().bits)
                && bound.resources.intersects(&bearing.resources)
        };
        for bound in layer.iter().filter(both) {
            let bits = &bound.expansion().bits;
            if !bound.keys.is_empty() {
                perhaps |= bits;
                keys.extend(bound.keys.iter().cloned());
            } else if bound.resources.covers(&bearing.resources) {
                everywhere |= bits;
            } else {
                somewhere |= bits;
            }
        }
        let mut certain = everywhere.clone();
        certain |= &somewhere;
        let mut only_perhaps = perhaps;
        only_perhaps.remove_all(&certain);
        let mut conditional = &left.conditional & &certain;
        let mut sure = left.full.clone();
        sure |= &left.limited;
        sure |= &left.conditional;
        let under_keys = &sure & &only_perhaps;
        if !under_keys.is_empty() {
            left.keys.extend(keys);
        }
        conditional |= &under_keys;
        left.conditional = conditional;
        left.limited = &left.limited & &certain;
        let mut cut = &left.full & &somewhere;
        cut.remove_all(&everywhere);
        left.limited |= &cut;
        left.full = &left.full & &everywhere;
    }
    for deny in denies {
        let bits = &deny.expansion().bits;
        if !bearing.expansion().bits.intersects(bits) || !deny.resources.intersects(&bearing.resources) {
            continue;
        }
        let covers = deny.resources.covers(&bearing.resources);
        if covers && deny.keys.is_empty() {
            for set in [&mut left.full, &mut left.limited, &mut left.conditional] {
                set.remove_all(bits);
            }
        } else if covers {
            let mut hit = &left.full & bits;
            hit |= &(&left.limited & bits);
            if !hit.is_empty() || left.conditional.intersects(bits) {
                left.keys.extend(deny.keys.iter().cloned());
            }
            left.full.remove_all(bits);
            left.limited.remove_all(bits);
            left.conditional |= &hit;
        } else {
            let hit = &left.full & bits;
            left.limited |= &hit;
            left.full.remove_all(bits);
        }
    }
    left
}

/// The same for a pattern that names nothing in the catalogue.
fn left_of_unknown(
    bearing: &Bearing<'_>,
    pattern: usize,
    bounds: &[Vec<Bearing<'_>>],
    denies: &[Bearing<'_>],
) -> Option<(Grade, BTreeSet<String>)> {
    let pattern = &bearing.statement.actions.patterns[pattern];
    let mut keys = bearing.keys.clone();
    let mut limited = !bearing.resources.is_everything();
    for layer in bounds {
        let named = |bound: &&Bearing<'_>| {
            bound.statement.actions.intersects_pattern(pattern)
                && bound.resources.intersects(&bearing.resources)
        };
        let granting: Vec<_> = layer.iter().filter(named).collect();
        if granting.is_empty() {
            return None;
        }
        if granting.iter().all(|bound| !bound.keys.is_empty()) {
            keys.extend(granting.iter().flat_map(|bound| bound.keys.iter().cloned()));
        }
        limited |= !granting.iter().any(|bound| bound.resources.covers(&bearing.resources));
    }
    for deny in denies.iter().filter(|deny| deny.statement.actions.intersects_pattern(pattern)) {
        let covers =
            deny.statement.actions.covers_pattern(pattern) && deny.resources.covers(&bearing.resources);
        match (covers, deny.keys.is_empty()) {
            (true, true) => return None,
            (true, false) => keys.extend(deny.keys.iter().cloned()),
            (false, _) => limited |= deny.resources.intersects(&bearing.resources),
        }
    }
    let grade = match (keys.is_empty(), limited) {
        (false, _) => Grade::Conditional,
        (true, true) => Grade::Limited,
        (true, false) => Grade::Full,
    };
    Some((grade, keys))
}

/// One record for a statement that grants every action, as long as no service is refused as a whole.
fn add_everything(
    cells: &mut BTreeMap<(String, Level), Cell>,
    bearing: &Bearing<'_>,
    left: &Left,
    bounds: &[Vec<Bearing<'_>>],
    path: &[String],
) -> bool {
    let unlimited = |bearing: &Bearing<'_>| bearing.statement.actions.covers_pattern(&crate::any_action());
    if !unlimited(bearing) || !bounds.iter().all(|layer| layer.iter().any(unlimited)) {
        return false;
    }
    let mut all = left.full.clone();
    all |= &left.limited;
    all |= &left.conditional;
    if CATALOGUE.lost_service(&all) {
        return false;
    }
    let everything = left.full.count() == CATALOGUE.len();
    let grade = match (everything, left.full.is_empty() && left.limited.is_empty()) {
        (true, _) => Grade::Full,
        (false, true) => Grade::Conditional,
        (false, false) => Grade::Limited,
    };
    let patterns: Vec<_> = (0..bearing.statement.actions.patterns.len()).collect();
    let key = ("*".to_owned(), Level::All);
    cells.entry(key).or_default().add(grade, bearing, &patterns, &left.keys, path);
    true
}

impl Cell {
    fn add(
        &mut self,
        grade: Grade,
        bearing: &Bearing<'_>,
        patterns: &[usize],
        keys: &BTreeSet<String>,
        path: &[String],
    ) {
        self.grade = Some(self.grade.map_or(grade, |other| other.min(grade)));
        self.actions.extend(written(&bearing.statement.actions, patterns));
        let resources = &bearing.statement.resources;
        let not = if resources.fixed.negated { "NotResource " } else { "" };
        if resources.fixed.is_everything() {
            self.resources.insert("*".to_owned());
        } else {
            self.resources.extend(resources.written().map(|text| format!("{not}{text}")));
        }
        if grade == Grade::Conditional {
            self.keys.extend(keys.iter().cloned());
        }
        self.paths.insert(path.to_vec());
    }
}

/// The records. Who may do everything has no other one.
fn finish(estate: &Estate, member: &Member, mut cells: BTreeMap<(String, Level), Cell>) -> Vec<Entitlement> {
    let all = ("*".to_owned(), Level::All);
    if cells.get(&all).is_some_and(|cell| cell.grade == Some(Grade::Full)) {
        cells.retain(|key, _| *key == all);
    }
    let doubt = (!member.doubts.is_empty()).then(|| member.doubts.join("; "));
    let note = doubt.clone().or_else(|| estate.lacks.first().cloned());
    let record = |service: String, level, cell: Cell, note| Entitlement {
        provider: PROVIDER.to_owned(),
        principal: member.arn().to_owned(),
        principal_type: member.principal_type(),
        service,
        level,
        grade: cell.grade.unwrap_or(Grade::Unknown),
        actions: cell.actions.into_iter().collect(),
        resources: cell.resources.into_iter().collect(),
        conditions: if cell.grade == Some(Grade::Conditional) {
            cell.keys.into_iter().collect()
        } else {
            Vec::new()
        },
        paths: cell.paths.into_iter().collect(),
        note,
    };
    let mut records: Vec<_> = cells
        .into_iter()
        .map(|((service, level), cell)| {
            let cut = (service == "*" && cell.grade != Some(Grade::Full))
                .then(|| "some actions or resources are refused or out of bounds".to_owned());
            record(service, level, cell, note.clone().or(cut))
        })
        .collect();
    if let Some(doubt) = doubt {
        // More may be granted than what is known.
        records.push(record("*".to_owned(), Level::Unknown, Cell::default(), Some(doubt)));
    }
    records
}
