//! Whether one request is allowed.

use std::{collections::BTreeSet, sync::Arc};

use serde::Serialize;

use crate::{
    answer::Answer,
    condition::Truth,
    document::{Document, Effect, Statement},
    principal::Hit,
    request::{PrincipalKind, Request},
};

/// A policy by the name under which answers mention it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How answers name it, e.g. `group admins: AdministratorAccess`.
    pub name: Arc<str>,
    /// What it says.
    pub document: Arc<Document>,
}

/// The policies that bear on a request. Layers that are not there do not restrict.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// Policies of the principal: its own and its groups'.
    pub identity: Vec<Policy>,
    /// Its permissions boundary.
    pub boundary: Option<Policy>,
    /// Policies of its session.
    pub session: Option<Vec<Policy>>,
    /// Service control policies, level by level from the root to the account; every level must allow. Leave them out for
    /// management accounts and service-linked roles, which they do not bind.
    pub service_control: Vec<Vec<Policy>>,
    /// Resource control policies of the resource's account, likewise.
    pub resource_control: Vec<Vec<Policy>>,
    /// The resource's own policy; the trust policy, if the resource is a role to be assumed.
    pub resource: Option<Policy>,
    /// Whether the resource's own policy must allow even within its account, as for trust policies and KMS keys.
    pub resource_must_allow: bool,
}

/// A layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The principal's own policies.
    Identity,
    /// Permissions boundary.
    Boundary,
    /// Session policy.
    Session,
    /// Service control policy.
    ServiceControl,
    /// Resource control policy.
    ResourceControl,
    /// The resource's own policy.
    Resource,
}

/// The answer for a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The answer.
    pub outcome: Outcome,
    /// The answer if policies that are not known neither granted nor refused anything. Differs from `outcome` only where
    /// that is [`Outcome::Unknown`].
    pub known: Outcome,
    /// The statements that apply, or may apply.
    pub causes: Vec<Cause>,
}

/// Whether a request is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// It is.
    Allowed,
    /// It is not.
    Denied {
        /// Whether a statement refuses it, rather than none granting it.
        explicit: bool,
        /// The layer that refuses, or the first that does not grant.
        layer: Layer,
    },
    /// It depends on condition keys that a snapshot does not know.
    Conditional {
        /// The keys.
        keys: BTreeSet<String>,
    },
    /// It depends on policies that are not known.
    Unknown {
        /// Which, and why.
        reasons: Vec<String>,
    },
}

/// A statement that bears on an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// The layer it belongs to.
    pub layer: Layer,
    /// Name of its policy.
    pub policy: String,
    /// Its place in the document, from 0.
    pub statement: usize,
    /// Its Sid, or its place in words.
    pub label: String,
    /// Whether it grants.
    pub grants: bool,
    /// Whether it applies.
    pub verdict: Verdict,
}

/// Whether a statement applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It does.
    Applies,
    /// It does under conditions on these keys.
    Conditional(BTreeSet<String>),
}

impl Outcome {
    /// Whether it is allowed, at least under conditions.
    pub fn is_possible(&self) -> bool {
        matches!(self, Self::Allowed | Self::Conditional { .. })
    }
}

/// What the statements of one layer say.
#[derive(Debug)]
struct Said {
    allow: Answer,
    deny: Answer,
    /// Whether a policy of the layer is not known.
    open: bool,
}

struct Evaluation<'a> {
    request: &'a Request<'a>,
    bounded: bool,
    causes: Vec<Cause>,
    reasons: Vec<String>,
}

/// Whether a request is allowed by layers of policies.
///
/// A refusal in any layer decides. Otherwise every layer that is there must grant; within an account the resource's own
/// policy may grant in place of the principal's, and what it grants to a user or a session by name is not limited by the
/// permissions boundary.
pub fn evaluate(request: &Request<'_>, layers: &Layers) -> Decision {
    decide(request, layers, layers.resource.as_ref(), layers.resource_must_allow)
}

/// The same for a call by which a role is assumed, with the role's trust policy in place of the layers' own resource
/// policy.
pub fn evaluate_assume(request: &Request<'_>, layers: &Layers, trust: &Policy) -> Decision {
    decide(request, layers, Some(trust), true)
}

fn decide(
    request: &Request<'_>,
    layers: &Layers,
    resource_policy: Option<&Policy>,
    resource_must_allow: bool,
) -> Decision {
    let mut this =
        Evaluation { request, bounded: layers.boundary.is_some(), causes: Vec::new(), reasons: Vec::new() };
    let identity = this.layer(Layer::Identity, &layers.identity);
    let boundary =
        layers.boundary.as_ref().map(|policy| this.layer(Layer::Boundary, std::slice::from_ref(policy)));
    let session = layers.session.as_ref().map(|policies| this.layer(Layer::Session, policies));
    let service: Vec<_> =
        layers.service_control.iter().map(|level| this.layer(Layer::ServiceControl, level)).collect();
    let control: Vec<_> =
        layers.resource_control.iter().map(|level| this.layer(Layer::ResourceControl, level)).collect();
    let resource = resource_policy.map(|policy| this.resource(policy));

    let denied = |layer, explicit| Outcome::Denied { explicit, layer };
    let mut refusal = Answer::known(false);
    let named = [
        (Layer::Identity, Some(&identity)),
        (Layer::Boundary, boundary.as_ref()),
        (Layer::Session, session.as_ref()),
    ];
    let levels = service.iter().map(|said| (Layer::ServiceControl, Some(said)));
    let levels = levels.chain(control.iter().map(|said| (Layer::ResourceControl, Some(said))));
    let every =
        named.into_iter().chain(levels).chain([(Layer::Resource, resource.as_ref().map(|said| &said.said))]);
    for (layer, said) in every {
        let Some(said) = said else { continue };
        if said.deny.truth == Truth::True {
            let outcome = denied(layer, true);
            return Decision { outcome: outcome.clone(), known: outcome, causes: this.causes };
        }
        refusal = refusal.or(said.deny.clone());
    }

    // `open`: what policies that are not known might grant, they grant.
    let granted = |open: bool| -> (Answer, Layer) {
        let said = |said: &Said| said.allow.clone().open(open && said.open);
        let optional = |layer: &Option<Said>| layer.as_ref().map_or_else(|| Answer::known(true), said);
        let bounds = optional(&boundary).and(optional(&session));
        let own = said(&identity).and(bounds.clone());
        let lacking = if said(&identity).truth == Truth::False { Layer::Identity } else { Layer::Boundary };
        let (mut answer, mut lacking) = match &resource {
            None => (own, lacking),
            Some(resource) => {
                let open = open && resource.said.open;
                let at_least = |least: Hit| {
                    let allows = resource.allows.iter().filter(|(hit, _)| *hit >= least);
                    allows.fold(Answer::known(false), |sum, (_, answer)| sum.or(answer.clone())).open(open)
                };
                let without_identity = matches!(
                    request.principal.kind,
                    PrincipalKind::Service | PrincipalKind::Federated | PrincipalKind::Anyone
                );
                if without_identity {
                    (at_least(Hit::Maybe), Layer::Resource)
                } else if request.is_cross_account() {
                    let lacking = if own.truth == Truth::False { lacking } else { Layer::Resource };
                    (own.and(at_least(Hit::Maybe)), lacking)
                } else {
                    // A role by its name, or anyone: limited by the boundary. A user or session by its name: not.
                    let named = at_least(Hit::Direct).or(at_least(Hit::Everyone).and(bounds.clone()));
                    let maybe = resource.allows.iter().filter(|(hit, _)| *hit == Hit::Maybe);
                    let maybe = maybe.fold(Answer::known(false), |sum, (_, answer)| sum.or(answer.clone()));
                    let named = named.or(maybe);
                    let delegated = if resource_must_allow { own.and(at_least(Hit::Account)) } else { own };
                    let lacking = if delegated.truth == Truth::False && resource_must_allow {
                        Layer::Resource
                    } else {
                        lacking
                    };
                    (delegated.or(named), lacking)
                }
            }
        };
        for (level, layer) in service
            .iter()
            .map(|level| (level, Layer::ServiceControl))
            .chain(control.iter().map(|level| (level, Layer::ResourceControl)))
        {
            let level = said(level);
            if level.truth == Truth::False && answer.truth != Truth::False {
                lacking = layer;
            }
            answer = answer.and(level);
        }
        (answer, lacking)
    };
    let outcome = |(answer, lacking): (Answer, Layer)| match answer.truth {
        Truth::False => denied(lacking, false),
        _ if answer.truth == Truth::True && refusal.truth == Truth::False => Outcome::Allowed,
        _ => Outcome::Conditional {
            keys: answer.keys.into_iter().chain(refusal.keys.iter().cloned()).collect(),
        },
    };
    let known = outcome(granted(false));
    let refused = matches!(known, Outcome::Denied { .. }) && granted(true).0.truth == Truth::False;
    let outcome = if this.reasons.is_empty() || refused {
        known.clone()
    } else {
        Outcome::Unknown { reasons: std::mem::take(&mut this.reasons) }
    };
    Decision { outcome, known, causes: this.causes }
}

/// What a resource's own policy says.
struct ResourceSaid {
    said: Said,
    /// How it names the principal where it grants.
    allows: Vec<(Hit, Answer)>,
}

impl Evaluation<'_> {
    fn layer(&mut self, layer: Layer, policies: &[Policy]) -> Said {
        let mut said = Said { allow: Answer::known(false), deny: Answer::known(false), open: false };
        for policy in policies {
            said.open |= self.note(policy);
            for statement in &policy.document.statements {
                let answer = statement.applies(self.request);
                if answer.truth == Truth::False {
                    continue;
                }
                self.cause(layer, policy, statement, &answer);
                let side = if statement.effect == Effect::Allow { &mut said.allow } else { &mut said.deny };
                *side = std::mem::replace(side, Answer::known(false)).or(answer);
            }
        }
        said
    }

    fn resource(&mut self, policy: &Policy) -> ResourceSaid {
        let mut said =
            Said { allow: Answer::known(false), deny: Answer::known(false), open: self.note(policy) };
        let mut allows = Vec::new();
        for statement in &policy.document.statements {
            let Some(principals) = &statement.principals else { continue };
            let bounded_out = principals.negated && statement.effect == Effect::Deny && self.bounded;
            let hit = if bounded_out { Hit::Everyone } else { principals.hit(self.request.principal) };
            // A refusal by the account's id refuses everyone in it; a grant delegates.
            if hit == Hit::No {
                continue;
            }
            let mut answer = statement.applies(self.request);
            if answer.truth == Truth::False {
                continue;
            }
            if hit == Hit::Maybe {
                answer = answer.and(Answer {
                    truth: Truth::Unknown,
                    keys: std::iter::once("aws:userid".to_owned()).collect(),
                });
            }
            self.cause(Layer::Resource, policy, statement, &answer);
            if statement.effect == Effect::Allow {
                allows.push((hit, answer));
            } else {
                said.deny = std::mem::replace(&mut said.deny, Answer::known(false)).or(answer);
            }
        }
        ResourceSaid { said, allows }
    }

    fn note(&mut self, policy: &Policy) -> bool {
        if let Some(why) = &policy.document.unreadable {
            self.reasons.push(format!("{}: {why}", policy.name));
        }
        policy.document.unreadable.is_some()
    }

    fn cause(&mut self, layer: Layer, policy: &Policy, statement: &Statement, answer: &Answer) {
        self.causes.push(Cause {
            layer,
            policy: policy.name.to_string(),
            statement: statement.index,
            label: statement.label(),
            grants: statement.effect == Effect::Allow,
            verdict: match answer.truth {
                Truth::True => Verdict::Applies,
                _ => Verdict::Conditional(answer.keys.clone()),
            },
        });
    }
}
