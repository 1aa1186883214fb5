//! Questions about one account, for a command line.

use std::collections::BTreeSet;

use auditor_aws_policy::{
    Cause, Decision, Grade, Outcome, Pattern, Request, Selector, evaluate, evaluate_assume,
};
use auditor_core::model::common::{Entitlement, Level};
use serde::Serialize;

use crate::{
    access,
    assume::Assumable,
    catalogue::CATALOGUE,
    entitlements::Entitlements,
    escalation::Analysis,
    estate::Estate,
    judge::Judge,
    kinds::{EscalationPath, PrincipalAccess},
};

/// One principal that may do what was asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhoCan {
    /// ARN of the user, role or root user.
    pub principal: String,
    /// How far it goes. Asked of one resource, `full` means: on it, without condition.
    pub grade: Grade,
    /// Patterns of the resources. Where several layers limit it, joined by ` and `.
    pub resources: BTreeSet<String>,
    /// Patterns of resources that are refused.
    pub except: BTreeSet<String>,
    /// Condition keys it depends on. Empty: none.
    pub conditions: BTreeSet<String>,
    /// Policies that grant it, with their statements.
    pub granted_by: BTreeSet<String>,
    /// Why it is not known for certain.
    pub unknown: Vec<String>,
}

/// What one principal may do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhatCan {
    /// What it amounts to.
    pub access: PrincipalAccess,
    /// What it may do, by service and level.
    pub entitlements: Vec<Entitlement>,
    /// How it comes by more rights.
    pub paths: Vec<EscalationPath>,
}

/// Why a principal may or may not do something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// ARN of the principal.
    pub principal: String,
    /// The action.
    pub action: String,
    /// Its level of access; `unknown` if the catalogue does not have it.
    pub level: Level,
    /// The resource.
    pub resource: String,
    /// The answer.
    pub outcome: Outcome,
    /// The answer by the policies that are known.
    pub known: Outcome,
    /// The statements that apply, or may apply: refusals first.
    pub causes: Vec<Cause>,
    /// What limits the answer.
    pub notes: Vec<String>,
}

impl Estate {
    /// Users, roles and the root user that may do an action: on a resource, or, without one, anywhere. By ARN. Policies
    /// of resources are not looked at, but for trust policies, if the action is `sts:AssumeRole` on a role of the account.
    pub fn who_can(&self, action: &str, resource: Option<&str>) -> Vec<WhoCan> {
        let mut answers = Vec::new();
        for member in &self.members {
            let request = Request::new(&member.principal, action, resource.unwrap_or("*"));
            let answer = match resource {
                Some(resource) => {
                    let decision = self.decide(&request);
                    on_one(member.arn(), resource, &decision)
                }
                None => anywhere(member.arn(), &auditor_aws_policy::reach(&request, &member.layers)),
            };
            answers.extend(answer);
        }
        answers.extend(self.root.as_ref().map(|root| WhoCan {
            principal: root.clone(),
            grade: Grade::Full,
            resources: std::iter::once(resource.unwrap_or("*").to_owned()).collect(),
            except: BTreeSet::new(),
            conditions: BTreeSet::new(),
            granted_by: std::iter::once("root user".to_owned()).collect(),
            unknown: Vec::new(),
        }));
        answers.sort_by(|a, b| a.principal.cmp(&b.principal));
        answers
    }

    /// What a user or role may do, by its ARN, unique id or name. `None`: there is none of that name.
    pub fn what_can(&self, principal: &str) -> Option<WhatCan> {
        let place = self.place(principal)?;
        let judge = Judge::new(self);
        let assumable = Assumable::new(&judge);
        let analysis = Analysis::new(&judge, &assumable);
        let entitlements = Entitlements::default().of(self, &self.members[place]);
        let access = access::of(self, &analysis, place, &entitlements);
        Some(WhatCan { access, paths: analysis.paths(place), entitlements })
    }

    /// How a user or role comes by more rights, by its ARN, unique id or name. Empty also where there is none of that name.
    pub fn paths(&self, principal: &str) -> Vec<EscalationPath> {
        self.place(principal).map_or_else(Vec::new, |place| {
            let judge = Judge::new(self);
            let assumable = Assumable::new(&judge);
            Analysis::new(&judge, &assumable).paths(place)
        })
    }

    /// Why a user or role may or may not do something. `None`: there is none of that name.
    pub fn explain(&self, principal: &str, action: &str, resource: &str) -> Option<Explanation> {
        let member = self.find(principal)?;
        let Decision { outcome, known, mut causes } =
            self.decide(&Request::new(&member.principal, action, resource));
        causes.sort_by_key(|cause| (cause.grants, cause.layer));
        Some(Explanation {
            principal: member.arn().to_owned(),
            action: action.to_owned(),
            level: CATALOGUE.level(action),
            resource: resource.to_owned(),
            outcome,
            known,
            causes,
            notes: self.lacks.iter().chain(&self.notes).cloned().collect(),
        })
    }

    fn place(&self, principal: &str) -> Option<usize> {
        self.places.get(self.find(principal)?.arn()).copied()
    }

    fn decide(&self, request: &Request<'_>) -> Decision {
        let place = self.places.get(&request.principal.arn);
        let layers = place.map(|place| &self.members[*place].layers);
        let target = self.places.get(request.resource).map(|place| &self.members[*place]);
        let context = target.map(|target| target.as_resource(self.account.as_str()));
        let request = Request { context: context.unwrap_or_default(), ..request.clone() };
        let none = auditor_aws_policy::Layers::default();
        let layers = layers.unwrap_or(&none);
        match target.and_then(|target| target.trust.as_ref()) {
            Some(trust) if request.action.eq_ignore_ascii_case("sts:AssumeRole") => {
                let account = Some(self.account.as_str());
                evaluate_assume(&Request { resource_account: account, ..request }, layers, trust)
            }
            _ => evaluate(&request, layers),
        }
    }
}

fn on_one(principal: &str, resource: &str, decision: &Decision) -> Option<WhoCan> {
    let (grade, conditions, unknown) = match &decision.outcome {
        Outcome::Allowed => (Grade::Full, BTreeSet::new(), Vec::new()),
        Outcome::Conditional { keys } => (Grade::Conditional, keys.clone(), Vec::new()),
        Outcome::Unknown { reasons } => (Grade::Unknown, BTreeSet::new(), reasons.clone()),
        Outcome::Denied { .. } => return None,
    };
    let granting = decision.causes.iter().filter(|cause| cause.grants);
    Some(WhoCan {
        principal: principal.to_owned(),
        grade,
        resources: std::iter::once(resource.to_owned()).collect(),
        except: BTreeSet::new(),
        conditions,
        granted_by: granting.map(|cause| format!("{}: {}", cause.policy, cause.label)).collect(),
        unknown,
    })
}

fn anywhere(principal: &str, reach: &auditor_aws_policy::Reach) -> Option<WhoCan> {
    let grade = reach.grade?;
    let conditional = grade == Grade::Conditional;
    let keys = reach.terms.iter().flat_map(|term| &term.keys).filter(|_| conditional);
    Some(WhoCan {
        principal: principal.to_owned(),
        grade,
        resources: reach
            .terms
            .iter()
            .map(|term| term.all_of.iter().map(words).collect::<Vec<_>>().join(" and "))
            .collect(),
        except: reach.except.iter().map(words).collect(),
        conditions: keys.cloned().collect(),
        granted_by: reach
            .terms
            .iter()
            .map(|term| format!("{}: {}", term.granted_by.0, term.granted_by.1))
            .collect(),
        unknown: reach.unknown.clone(),
    })
}

fn words(selector: &Selector) -> String {
    if selector.is_everything() {
        return "*".to_owned();
    }
    let patterns: Vec<_> = selector.patterns.iter().map(Pattern::as_str).collect();
    let not = if selector.negated { "not " } else { "" };
    format!("{not}{}", patterns.join(" or "))
}
