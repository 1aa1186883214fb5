//! How principals come by rights that they do not have: every use of every method, and where each leads.

pub(crate) mod methods;
mod takeovers;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
};

pub(crate) use self::methods::METHODS;
use self::{
    methods::{On, Shape, Tier},
    takeovers::{Finder, Goal, Takeover},
};
use crate::{
    assume::Assumable,
    estate::Member,
    judge::Judge,
    kinds::{Admin, CanEscalate, EscalationPath, TargetAdmin},
};

/// Targets that a record lists.
const MAX_TARGETS: usize = 25;

/// How sure a way is, surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Certainty {
    Sure,
    Conditional,
    Potential,
}

/// The best way of one member to every right.
#[derive(Debug, Clone, Copy)]
struct Route {
    certainty: Certainty,
    hops: usize,
    /// The first step's place among the member's takeovers. `None`: it has every right.
    takeover: Option<usize>,
}

/// What is known of every member's rights.
pub(crate) struct Analysis<'j, 'e> {
    judge: &'j Judge<'e>,
    /// The condition keys under which a member may do everything, and the policy that says so.
    everything: Vec<Option<(BTreeSet<String>, String)>>,
    takeovers: Vec<Vec<Takeover>>,
    routes: Vec<Option<Route>>,
}

impl<'j, 'e> Analysis<'j, 'e> {
    pub(crate) fn new(judge: &'j Judge<'e>, assumable: &Assumable) -> Self {
        let members = &judge.estate.members;
        let everything: Vec<_> = members.iter().map(Judge::everything).collect();
        let sure = |place: &usize| matches!(&everything[*place], Some((keys, _)) if keys.is_empty());
        let admins: BTreeSet<_> = (0..members.len()).filter(sure).collect();
        let takeovers: Vec<_> = members
            .iter()
            .enumerate()
            .map(|(place, member)| {
                if member.service_linked || admins.contains(&place) {
                    return Vec::new();
                }
                Finder::new(judge, place, &assumable.0[place], &admins).find()
            })
            .collect();
        let routes = routes(&everything, &takeovers);
        Self { judge, everything, takeovers, routes }
    }

    /// Whether a member is an administrator, and why.
    pub(crate) fn admin(&self, place: usize) -> (Admin, String) {
        let member = &self.judge.estate.members[place];
        if let Some((keys, policy)) = &self.everything[place] {
            return if keys.is_empty() {
                let but = if Judge::is_refused_something(member) { ", but for single refusals" } else { "" };
                (Admin::Admin, format!("{policy} grants every action on every resource{but}"))
            } else {
                (
                    Admin::ConditionalAdmin,
                    format!("{policy} grants every action under conditions: {}", list(keys)),
                )
            };
        }
        let own = |takeover: &&Takeover| {
            takeover.tier == Tier::Provable && matches!(takeover.goal, Goal::Itself | Goal::New)
        };
        let best = self.takeovers[place].iter().filter(own).min_by_key(|takeover| takeover.met.keys.len());
        match best {
            Some(takeover) if takeover.met.is_sure() => (
                Admin::AdminEquivalent,
                format!("it can give itself everything: {}", self.own_steps(place, takeover).join(", then ")),
            ),
            Some(takeover) => (
                Admin::ConditionalAdmin,
                format!("it can give itself everything under conditions: {}", list(&takeover.met.keys)),
            ),
            None if !member.doubts.is_empty() => (Admin::Unknown, member.doubts.join("; ")),
            None => (Admin::No, "no policy grants everything, or the right to take it".to_owned()),
        }
    }

    /// Whether a member can reach every right.
    pub(crate) fn can_escalate(&self, place: usize) -> CanEscalate {
        let member = &self.judge.estate.members[place];
        let estate = self.judge.estate;
        match &self.routes[place] {
            Some(Route { hops: 0, certainty: Certainty::Sure, .. }) => CanEscalate::No,
            Some(Route { certainty: Certainty::Sure, .. }) => CanEscalate::Yes,
            Some(Route { certainty: Certainty::Conditional, .. }) => CanEscalate::Conditional,
            Some(Route { certainty: Certainty::Potential, .. }) => CanEscalate::Potential,
            None if member.doubts.is_empty() && estate.lacks.is_empty() => CanEscalate::No,
            None => CanEscalate::Unknown,
        }
    }

    /// Steps of a member's best way to every right.
    pub(crate) fn path(&self, place: usize) -> Vec<String> {
        let mut steps = Vec::new();
        self.follow(place, &mut steps, &mut BTreeSet::new(), &mut BTreeSet::new());
        steps
    }

    /// Every method that a member can use, by id.
    pub(crate) fn paths(&self, place: usize) -> Vec<EscalationPath> {
        let mut by_method: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, takeover) in self.takeovers[place].iter().enumerate() {
            by_method.entry(takeover.method.id).or_default().push(index);
        }
        by_method.into_values().filter_map(|uses| self.record(place, &uses)).collect()
    }

    /// How far a use of a method leads.
    fn outcome(&self, takeover: &Takeover) -> Option<(Certainty, usize)> {
        let own = certainty(takeover);
        match takeover.goal {
            Goal::Itself | Goal::Made(_) | Goal::New | Goal::Other(_) => Some((own, 1)),
            Goal::Member(target) => {
                self.routes[target].map(|route| (route.certainty.max(own), route.hops + 1))
            }
        }
    }

    fn record(&self, place: usize, uses: &[usize]) -> Option<EscalationPath> {
        let members = &self.judge.estate.members;
        let takeovers = &self.takeovers[place];
        let rank = |index: &&usize| {
            let takeover = &takeovers[**index];
            let outcome = self.outcome(takeover);
            (outcome.is_none(), outcome, takeover.met.keys.len())
        };
        let best = &takeovers[*uses.iter().min_by_key(rank)?];
        let outcome = self.outcome(best);
        // Without a privileged role there is nothing to suspect behind a function that may not exist.
        if outcome.is_none() && best.tier == Tier::Potential {
            return None;
        }
        let target = |takeover: &Takeover| match takeover.goal {
            Goal::Itself => members[place].arn().to_owned(),
            Goal::New => takeover.by.clone().unwrap_or_default(),
            Goal::Member(target) | Goal::Made(target) | Goal::Other(target) => {
                members[target].arn().to_owned()
            }
        };
        let targets: BTreeSet<_> = uses.iter().map(|index| target(&takeovers[*index])).collect();
        let mut steps = self.own_steps(place, best);
        let (mut keys, mut policies) = (best.met.keys.clone(), best.met.policies.clone());
        if let Goal::Member(next) = best.goal
            && outcome.is_some()
        {
            self.follow(next, &mut steps, &mut keys, &mut policies);
        }
        let tier = match best.tier {
            Tier::Provable => "provable",
            Tier::PassRole => "pass_role",
            Tier::Potential => "potential",
        };
        Some(EscalationPath {
            principal: members[place].arn().to_owned(),
            method: best.method.id.to_owned(),
            summary: best.method.summary.to_owned(),
            tier: tier.to_owned(),
            target: target(best),
            target_admin: match outcome {
                None => TargetAdmin::No,
                Some((Certainty::Potential, _)) => TargetAdmin::Possible,
                Some(_) => TargetAdmin::Yes,
            },
            target_count: targets.len(),
            targets: targets.into_iter().take(MAX_TARGETS).collect(),
            steps,
            conditions: keys,
            policies,
        })
    }

    /// Follows best ways to their end. Ends: each is shorter than the one before.
    fn follow(
        &self,
        place: usize,
        steps: &mut Vec<String>,
        keys: &mut BTreeSet<String>,
        policies: &mut BTreeSet<String>,
    ) {
        let mut at = Some(place);
        while let Some(place) = at.take() {
            if let Some((more, policy)) = &self.everything[place] {
                keys.extend(more.iter().cloned());
                policies.insert(policy.clone());
                continue;
            }
            let Some(index) = self.routes[place].and_then(|route| route.takeover) else { continue };
            let takeover = &self.takeovers[place][index];
            let who = format!("as {}: ", short(&self.judge.estate.members[place]));
            steps.extend(self.own_steps(place, takeover).into_iter().map(|step| format!("{who}{step}")));
            keys.extend(takeover.met.keys.iter().cloned());
            policies.extend(takeover.met.policies.iter().cloned());
            if let Goal::Member(next) = takeover.goal {
                at = Some(next);
            }
        }
    }

    fn own_steps(&self, place: usize, takeover: &Takeover) -> Vec<String> {
        let members = &self.judge.estate.members;
        let by = takeover.by.as_deref().unwrap_or_default();
        let target = match takeover.goal {
            Goal::Itself | Goal::New => place,
            Goal::Member(target) | Goal::Made(target) | Goal::Other(target) => target,
        };
        let it = match takeover.method.shape {
            Shape::OwnUser
            | Shape::OwnRole
            | Shape::OtherUser
            | Shape::MadeUser
            | Shape::OtherRole
            | Shape::MadeRole
            | Shape::MadeRoleByPolicy => members[target].arn(),
            _ => by,
        };
        let mut steps: Vec<_> = takeover
            .method
            .needs
            .iter()
            .map(|(action, on)| match on {
                On::It => format!("{action} on {it}"),
                On::Policy | On::New => format!("{action} on {by}"),
                On::Passed => format!("{action} on {} to {by}", members[target].arn()),
                On::Trusted | On::OnceTrusted => format!("{action} on {}", members[target].arn()),
                On::Any => (*action).to_owned(),
            })
            .collect();
        if takeover.method.shape == Shape::Existing {
            steps.push(format!("if something has {}", members[target].arn()));
        }
        if matches!(takeover.goal, Goal::Other(_)) {
            steps.push(format!("with the help of whoever acts as {}", members[target].arn()));
        }
        steps
    }
}

fn certainty(takeover: &Takeover) -> Certainty {
    match (takeover.tier, takeover.met.is_sure()) {
        (Tier::Potential, _) => Certainty::Potential,
        (_, false) => Certainty::Conditional,
        (_, true) => Certainty::Sure,
    }
}

/// The best way of every member, by certainty and then by length: from those that have every right backwards.
fn routes(
    everything: &[Option<(BTreeSet<String>, String)>],
    takeovers: &[Vec<Takeover>],
) -> Vec<Option<Route>> {
    let mut into: Vec<Vec<(usize, usize)>> = vec![Vec::new(); takeovers.len()];
    let mut heap = BinaryHeap::new();
    for (place, everything) in everything.iter().enumerate() {
        if let Some((keys, _)) = everything {
            let certainty = if keys.is_empty() { Certainty::Sure } else { Certainty::Conditional };
            heap.push(Reverse((certainty, 0, place, None)));
        }
    }
    for (place, uses) in takeovers.iter().enumerate() {
        for (index, takeover) in uses.iter().enumerate() {
            match takeover.goal {
                Goal::Member(target) => into[target].push((place, index)),
                _ => heap.push(Reverse((certainty(takeover), 1, place, Some(index)))),
            }
        }
    }
    let mut routes: Vec<Option<Route>> = vec![None; takeovers.len()];
    while let Some(Reverse((reached, hops, place, takeover))) = heap.pop() {
        if routes[place].is_some() {
            continue;
        }
        routes[place] = Some(Route { certainty: reached, hops, takeover });
        for (from, index) in &into[place] {
            if routes[*from].is_none() {
                let whole = certainty(&takeovers[*from][*index]).max(reached);
                heap.push(Reverse((whole, hops + 1, *from, Some(*index))));
            }
        }
    }
    routes
}

fn short(member: &Member) -> &str {
    member.arn().splitn(6, ':').last().unwrap_or_default()
}

fn list(keys: &BTreeSet<String>) -> String {
    keys.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
