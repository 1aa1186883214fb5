//! Questions: who can, what can, and why.

use serde::Serialize;

use super::{Attributes, Cluster, Decision, Grant, MASTERS, On, Principal, Rule, Subject, decide::Held};

/// Who can do something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhoCan {
    /// What.
    pub request: Attributes,
    /// Everybody whom bindings name and who can, in order; `system:masters` among them. A group stands for its members: who
    /// is in it, the cluster does not know.
    pub who: Vec<WhoCanEntry>,
    /// What is not known of the cluster: others may, too. `None`: nothing.
    pub lack: Option<String>,
}

/// Somebody who can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhoCanEntry {
    /// Who.
    pub principal: Principal,
    /// By which rules. Empty: without being asked.
    pub grants: Vec<Grant>,
}

/// What a subject can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhatCan {
    /// Who.
    pub subject: Subject,
    /// Whether it can do everything without being asked (`system:masters`).
    pub bypasses: bool,
    /// Each rule that it is given.
    pub rules: Vec<GivenRule>,
    /// What is not known of the cluster: it may be able to do more. `None`: nothing.
    pub lack: Option<String>,
}

/// A rule that a subject is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GivenRule {
    /// By what.
    pub grant: Grant,
    /// The namespace it is limited to. `None`: the whole cluster.
    pub namespace: Option<String>,
    /// The rule.
    pub rule: Rule,
}

/// Why a subject can do something, or cannot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Who.
    pub subject: Subject,
    /// What.
    pub request: Attributes,
    /// The answer.
    pub decision: Decision,
    /// Every rule that allows it.
    pub grants: Vec<Grant>,
    /// Rules that are about the verb and the type and yet do not allow it. Empty if it is allowed.
    pub near: Vec<NearMiss>,
}

/// A rule that nearly allows a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NearMiss {
    /// Which.
    pub grant: Grant,
    /// Why it does not: one sentence.
    pub because: String,
}

impl Cluster {
    /// Everybody who can do something.
    pub fn who_can(&self, request: &Attributes) -> WhoCan {
        let masters = Principal::Group(MASTERS.to_owned());
        let mut who = vec![WhoCanEntry { principal: masters.clone(), grants: Vec::new() }];
        for principal in self.principals().into_iter().filter(|principal| **principal != masters) {
            let held = self.held(&principal.alone());
            let grants: Vec<_> = held.filter(|held| held.allows(request)).map(|held| held.grant()).collect();
            if !grants.is_empty() {
                who.push(WhoCanEntry { principal: principal.clone(), grants });
            }
        }
        who.sort_by(|a, b| a.principal.cmp(&b.principal));
        WhoCan { request: request.clone(), who, lack: self.lack() }
    }

    /// Everything that a subject can do, in the words of the rules.
    pub fn what_can(&self, subject: &Subject) -> WhatCan {
        let rules = self.held(subject).map(|held| GivenRule {
            grant: held.grant(),
            namespace: held.namespace().map(str::to_owned),
            rule: held.rule.clone(),
        });
        WhatCan {
            subject: subject.clone(),
            bypasses: subject.bypasses(),
            rules: rules.collect(),
            lack: self.lack(),
        }
    }

    /// Why a subject can do something, or cannot.
    pub fn explain(&self, subject: &Subject, request: &Attributes) -> Explanation {
        let decision = self.decide(subject, request);
        let allowing = self.held(subject).filter(|held| held.allows(request));
        let grants = allowing.map(|held| held.grant()).collect();
        let near = if decision.allowed { Vec::new() } else { self.near(subject, request) };
        Explanation { subject: subject.clone(), request: request.clone(), decision, grants, near }
    }

    fn near(&self, subject: &Subject, request: &Attributes) -> Vec<NearMiss> {
        let misses = self.held(subject).filter_map(|held| {
            let because = because(&held, request)?;
            Some(NearMiss { grant: held.grant(), because })
        });
        misses.collect()
    }
}

/// Why a rule that is about the verb and the type does not allow a request.
fn because(held: &Held<'_>, request: &Attributes) -> Option<String> {
    if !held.rule.covers_verb(&request.verb) {
        return None;
    }
    let on = match &request.on {
        On::Resource(on) if held.rule.covers_type(on) => on,
        On::Url(_) if held.rule.allows(request) => {
            return Some("a binding of a namespace gives no right to URLs".to_owned());
        }
        On::Resource(_) | On::Url(_) => return None,
    };
    if !held.counts_for(request) {
        let own = held.namespace().unwrap_or_default();
        return Some(format!("its binding is limited to the namespace `{own}`"));
    }
    let names = held.rule.resource_names.join("`, `");
    Some(if on.name.is_empty() {
        format!("it is limited to the names `{names}`, and the request gives none")
    } else {
        format!("it is limited to the names `{names}`")
    })
}
