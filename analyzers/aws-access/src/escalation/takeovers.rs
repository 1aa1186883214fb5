//! What each method gives each principal.

use std::collections::{BTreeSet, HashMap};

use auditor_aws_policy::Context;

use super::methods::{METHODS, Method, On, Shape, Tier};
use crate::{
    estate::{Member, Sort},
    judge::{Judge, Met, is_strong},
};

/// One use of a method by a principal.
#[derive(Debug, Clone)]
pub(crate) struct Takeover {
    pub(crate) method: &'static Method,
    pub(crate) goal: Goal,
    /// The group, policy or new principal in between.
    pub(crate) by: Option<String>,
    pub(crate) met: Met,
    /// What policies prove of this use: less than the method's own tier where another has to help.
    pub(crate) tier: Tier,
}

/// What a use of a method leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// Every right, for the actor itself.
    Itself,
    /// The rights that a member has.
    Member(usize),
    /// Every right, by a member that was given them.
    Made(usize),
    /// Every right, by a principal that is made for it.
    New,
    /// Every right for somebody else, who would have to help.
    Other(usize),
}

/// Finds the uses of every method by one member.
pub(crate) struct Finder<'j, 'e> {
    judge: &'j Judge<'e>,
    actor: usize,
    /// Roles that it may assume as they are.
    assumable: &'j [(usize, Met)],
    /// Members that may do everything.
    admins: &'j BTreeSet<usize>,
    anywhere: HashMap<&'static str, Option<Met>>,
    passable: HashMap<(usize, String), Option<Met>>,
    found: Vec<Takeover>,
}

impl<'j, 'e> Finder<'j, 'e> {
    pub(crate) fn new(
        judge: &'j Judge<'e>,
        actor: usize,
        assumable: &'j [(usize, Met)],
        admins: &'j BTreeSet<usize>,
    ) -> Self {
        Self {
            judge,
            actor,
            assumable,
            admins,
            anywhere: HashMap::new(),
            passable: HashMap::new(),
            found: Vec::new(),
        }
    }

    /// Every use. Those that need another's help are left out where there are surer ones.
    pub(crate) fn find(mut self) -> Vec<Takeover> {
        // First what the actor can give itself: after that, only administrators are worth looking for.
        let own = |method: &&Method| {
            matches!(method.shape, Shape::OwnUser | Shape::OwnRole | Shape::OwnGroup | Shape::OwnPolicy)
        };
        let (first, then): (Vec<_>, Vec<_>) = METHODS.iter().partition(own);
        for method in first.into_iter().chain(then) {
            let mentioned = method.needs.iter().all(|(action, on)| {
                matches!(on, On::Trusted | On::OnceTrusted) || self.judge.mentions(self.actor, action)
            });
            if mentioned {
                self.uses(method);
            }
        }
        let sure = |found: &Takeover| found.tier == Tier::Provable && found.met.is_sure();
        if self
            .found
            .iter()
            .any(|found| sure(found) && matches!(found.goal, Goal::Itself | Goal::Made(_) | Goal::New))
        {
            self.found.retain(|found| !matches!(found.goal, Goal::Other(_)));
        }
        self.found
    }

    fn me(&self) -> &'e Member {
        &self.judge.estate.members[self.actor]
    }

    fn uses(&mut self, method: &'static Method) {
        let sort = self.me().sort;
        match method.shape {
            Shape::OwnUser => self.own_principal(method, Sort::User),
            Shape::OwnRole => self.own_principal(method, Sort::Role),
            Shape::OwnGroup => self.own_group(method),
            Shape::OwnPolicy | Shape::OlderVersion => self.own_policy(method),
            Shape::JoinGroup | Shape::MadeGroup => self.group(method, sort),
            Shape::OtherUser | Shape::MadeUser => self.users(method),
            Shape::OtherRole | Shape::MadeRole | Shape::MadeRoleByPolicy => self.roles(method),
            Shape::NewPrincipal => self.new_principal(method),
            Shape::PassRole | Shape::Existing => self.by_service(method),
        }
    }

    fn add(&mut self, method: &'static Method, goal: Goal, by: Option<&str>, met: Met) {
        let tier = if matches!(goal, Goal::Other(_)) { Tier::Potential } else { method.tier };
        self.found.push(Takeover { method, goal, by: by.map(str::to_owned), met, tier });
    }

    /// Whether the actor can take everything by itself.
    fn is_rich(&self) -> bool {
        let sure = |found: &Takeover| found.tier == Tier::Provable && found.met.is_sure();
        self.found.iter().any(|found| found.goal == Goal::Itself && sure(found))
    }

    /// Members other than the actor whose rights may be looked at: all, or only administrators where the actor can take
    /// everything by itself already.
    fn others(&self, sort: Sort) -> Vec<usize> {
        let rich = self.is_rich();
        let members = &self.judge.estate.members;
        (0..members.len())
            .filter(|place| {
                *place != self.actor && members[*place].sort == sort && !members[*place].service_linked
            })
            .filter(|place| !rich || self.admins.contains(place))
            .collect()
    }

    fn own_principal(&mut self, method: &'static Method, sort: Sort) {
        let me = self.me();
        if me.sort == sort && self.may_change(self.actor) && self.judge.may_unbind(self.actor) {
            let context = me.as_resource(self.judge.estate.account.as_str());
            if let Some(met) = self.on(method.needs, me.arn(), &context) {
                return self.add(method, Goal::Itself, None, met);
            }
        }
        // Another's help is of no use to who can do without it.
        let others = if self.is_rich() { Vec::new() } else { self.others(sort) };
        for place in others {
            if !self.may_change(place) {
                continue;
            }
            let other = &self.judge.estate.members[place];
            let context = other.as_resource(self.judge.estate.account.as_str());
            if let Some(met) = self.on(method.needs, other.arn(), &context) {
                self.add(method, Goal::Other(place), None, met);
            }
        }
    }

    fn own_group(&mut self, method: &'static Method) {
        let estate = self.judge.estate;
        let unbound = self.judge.may_unbind(self.actor);
        for (name, group) in &estate.groups {
            let Some(met) = self.on(method.needs, &group.arn, &Context::new()) else { continue };
            if self.me().groups.contains(name) {
                if unbound {
                    self.add(method, Goal::Itself, Some(&group.arn), met);
                }
            } else if let Some(other) = group.members.iter().find(|place| **place != self.actor) {
                self.add(method, Goal::Other(*other), Some(&group.arn), met);
            }
        }
    }

    fn own_policy(&mut self, method: &'static Method) {
        let (estate, me) = (self.judge.estate, self.me());
        let older = method.shape == Shape::OlderVersion;
        let unbound = self.judge.may_unbind(self.actor);
        for (arn, policy) in estate.policies.iter().filter(|(_, policy)| !policy.aws_managed) {
            let mine = me.attached.contains(arn);
            let other = || {
                let holds =
                    |place: &usize| *place != self.actor && estate.members[*place].attached.contains(arn);
                (0..estate.members.len()).find(holds)
            };
            let Some(met) = self.on(method.needs, arn, &Context::new()) else { continue };
            let enough = !older || policy.others.iter().any(|(_, document)| is_strong(document, me.sort));
            if mine && enough && unbound {
                self.add(method, Goal::Itself, Some(arn), met);
            } else if mine && unbound {
                // No wider version is stored: there may be one later, or one that is not stored.
                self.found.push(Takeover {
                    method,
                    goal: Goal::Itself,
                    by: Some(arn.clone()),
                    met,
                    tier: Tier::Potential,
                });
            } else if let Some(other) = other() {
                self.add(method, Goal::Other(other), Some(arn), met);
            }
        }
    }

    fn group(&mut self, method: &'static Method, sort: Sort) {
        let estate = self.judge.estate;
        let unbound = self.judge.may_unbind(self.actor);
        let me = self.me();
        for (_, group) in estate.groups.iter().filter(|(name, _)| !me.groups.contains(name)) {
            let strong = method.shape == Shape::MadeGroup
                || group.grants.iter().any(|grant| is_strong(&grant.policy.document, Sort::User));
            if !strong {
                continue;
            }
            let Some(met) = self.on(method.needs, &group.arn, &Context::new()) else { continue };
            if sort == Sort::User && unbound {
                self.add(method, Goal::Itself, Some(&group.arn), met);
            } else if let Some(other) = (0..estate.members.len())
                .find(|place| *place != self.actor && estate.members[*place].sort == Sort::User)
            {
                self.add(method, Goal::Other(other), Some(&group.arn), met);
            }
        }
    }

    fn users(&mut self, method: &'static Method) {
        let account = self.judge.estate.account.as_str();
        for place in self.others(Sort::User) {
            let user = &self.judge.estate.members[place];
            let out_of_question = match method.id {
                "iam-002" | "iam-015" | "iam-018" => user.access_keys == Some(2),
                "iam-003" => user.access_keys != Some(2),
                "iam-004" => user.console_access == Some(true),
                "iam-006" => user.console_access == Some(false),
                _ => false,
            };
            let made = method.shape == Shape::MadeUser;
            if out_of_question || made && !Judge::is_unbound(user) {
                continue;
            }
            if let Some(met) = self.on(method.needs, user.arn(), &user.as_resource(account)) {
                self.add(method, if made { Goal::Made(place) } else { Goal::Member(place) }, None, met);
            }
        }
    }

    fn roles(&mut self, method: &'static Method) {
        let estate = self.judge.estate;
        let by_trust = method.needs.iter().any(|(_, on)| *on == On::Trusted);
        let candidates = if by_trust {
            self.assumable.iter().map(|(place, _)| *place).collect()
        } else {
            self.others(Sort::Role)
        };
        let made = method.shape != Shape::OtherRole;
        for place in candidates {
            let role = &estate.members[place];
            let changed = made || !by_trust;
            if changed && !self.may_change(place) || made && !Judge::is_unbound(role) {
                continue;
            }
            let goal = if made { Goal::Made(place) } else { Goal::Member(place) };
            let context = role.as_resource(estate.account.as_str());
            if method.shape != Shape::MadeRoleByPolicy {
                if let Some(met) = self.on_role(method, place, None, &context) {
                    self.add(method, goal, None, met);
                }
                continue;
            }
            for arn in &role.attached {
                if estate.policies.get(arn).is_some_and(|policy| !policy.aws_managed)
                    && let Some(met) = self.on_role(method, place, Some(arn), &context)
                {
                    self.add(method, goal, Some(arn), met);
                    break;
                }
            }
        }
    }

    /// Whether IAM lets a role's or user's policies be changed at all: not those that AWS keeps.
    fn may_change(&self, place: usize) -> bool {
        let member = &self.judge.estate.members[place];
        !member.service_linked && !member.arn().contains(":role/aws-reserved/")
    }

    fn on_role(&self, method: &Method, role: usize, policy: Option<&str>, context: &Context) -> Option<Met> {
        let member = &self.judge.estate.members[role];
        let mut met = Met::default();
        for (action, on) in method.needs {
            met.add(match on {
                On::Trusted => self.assumable.iter().find(|(place, _)| *place == role)?.1.clone(),
                On::OnceTrusted => self.judge.assume(self.actor, member, &Judge::trust_in(self.me()))?,
                On::Policy => self.judge.point(self.actor, action, policy?, Context::new())?,
                _ => self.on(&[(action, *on)], member.arn(), context)?,
            });
        }
        Some(met)
    }

    /// Whether all actions are allowed on one resource. Whoever attaches a policy chooses which.
    fn on(&self, needs: &[(&str, On)], resource: &str, context: &Context) -> Option<Met> {
        let mut met = Met::default();
        for (action, _) in needs {
            if !action.starts_with("iam:Attach") {
                met.add(self.judge.point(self.actor, action, resource, context.clone())?);
                continue;
            }
            let mut best: Option<Met> = None;
            for policy in &self.judge.strong {
                let context = context.clone().with("iam:PolicyARN", policy.as_str());
                if let Some(met) = self.judge.point(self.actor, action, resource, context)
                    && best.as_ref().is_none_or(|best| met.keys.len() < best.keys.len())
                {
                    best = Some(met);
                }
                if best.as_ref().is_some_and(Met::is_sure) {
                    break;
                }
            }
            met.add(best?);
        }
        Some(met)
    }

    fn new_principal(&mut self, method: &'static Method) {
        let Some((first, _)) = method.needs.first() else { return };
        for arn in self.new_arns(first) {
            let mut context = Context::new().with("aws:ResourceAccount", self.judge.estate.account.as_str());
            context.set("iam:PermissionsBoundary", auditor_aws_policy::Known::Absent);
            let all = method.needs.iter().try_fold(Met::default(), |mut met, (action, on)| {
                met.add(if *action == "sts:AssumeRole" {
                    let trust = Judge::trust_in(self.me());
                    let request = auditor_aws_policy::Request {
                        resource_account: Some(self.judge.estate.account.as_str()),
                        ..auditor_aws_policy::Request::new(&self.me().principal, action, &arn)
                    };
                    Met::of(&auditor_aws_policy::evaluate_assume(&request, &self.me().layers, &trust))?
                } else {
                    self.on(&[(action, *on)], &arn, &context)?
                });
                Some(met)
            });
            if let Some(met) = all {
                return self.add(method, Goal::New, Some(&arn), met);
            }
        }
    }

    /// ARNs that a new user or role might have: any name, and names of the forms that policies allow.
    fn new_arns(&self, action: &str) -> Vec<String> {
        let sort = if action == "iam:CreateUser" { "user" } else { "role" };
        let estate = self.judge.estate;
        let mut arns = vec![format!("arn:{}:iam::{}:{sort}/new", estate.partition, estate.account)];
        let reach = Judge::reach(self.me(), action);
        for pattern in reach
            .terms
            .iter()
            .flat_map(|term| &term.all_of)
            .filter(|selector| !selector.negated)
            .flat_map(|selector| &selector.patterns)
            .take(8)
        {
            if let Some((_, name)) = pattern.as_str().split_once(&format!(":{sort}/")) {
                let name = name.replace(['*', '?'], "x");
                arns.push(format!("arn:{}:iam::{}:{sort}/{name}", estate.partition, estate.account));
            }
        }
        arns
    }

    fn by_service(&mut self, method: &'static Method) {
        let mut all = Met::default();
        for (action, on) in method.needs {
            if *on == On::Any {
                let (judge, actor) = (self.judge, self.actor);
                let met = self.anywhere.entry(action).or_insert_with(|| judge.anywhere(actor, action));
                let Some(met) = met.clone() else { return };
                all.add(met);
            }
        }
        let judge = self.judge;
        let mut seen = BTreeSet::new();
        for service in method.services {
            for (place, keys) in judge.by_service.get(*service).into_iter().flatten() {
                let role = &judge.estate.members[*place];
                // Instances take roles by instance profiles alone.
                let unusable = *service == "ec2.amazonaws.com"
                    && role.instance_profiles == Some(0)
                    && judge.point(self.actor, "iam:AddRoleToInstanceProfile", "*", Context::new()).is_none();
                if *place == self.actor || unusable || seen.contains(place) {
                    continue;
                }
                let mut met = all.clone();
                met.keys.extend(keys.iter().cloned());
                if method.shape == Shape::PassRole {
                    let Some(passing) = self.may_pass(*place, service) else { continue };
                    met.add(passing);
                }
                seen.insert(*place);
                self.add(method, Goal::Member(*place), Some(service), met);
            }
        }
    }

    fn may_pass(&mut self, role: usize, service: &str) -> Option<Met> {
        let (judge, actor) = (self.judge, self.actor);
        let member = &judge.estate.members[role];
        self.passable
            .entry((role, service.to_owned()))
            .or_insert_with(|| {
                let context =
                    member.as_resource(judge.estate.account.as_str()).with("iam:PassedToService", service);
                judge.point(actor, "iam:PassRole", member.arn(), context)
            })
            .clone()
    }
}
