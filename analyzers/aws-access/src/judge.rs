//! Whether a principal may do what a step needs.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use auditor_aws_policy::{
    Context, Decision, Document, Effect, Grade, Layer, Outcome, Pattern, Policy, Reach, Request, Selector,
    Statement, Term, Truth, evaluate, evaluate_assume, reach, trust,
};
use serde_json::json;

use crate::{
    escalation::METHODS,
    estate::{Estate, Member, Sort},
};

/// What a step that is possible hangs on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Met {
    /// Condition keys. Empty: none.
    pub(crate) keys: BTreeSet<String>,
    /// Policies that grant it.
    pub(crate) policies: BTreeSet<String>,
}

impl Met {
    pub(crate) fn is_sure(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.policies.extend(other.policies);
    }

    /// What is known of a decision: policies that are not known are taken to say nothing.
    pub(crate) fn of(decision: &Decision) -> Option<Self> {
        let keys = match &decision.known {
            Outcome::Allowed => BTreeSet::new(),
            Outcome::Conditional { keys } => keys.clone(),
            Outcome::Denied { .. } | Outcome::Unknown { .. } => return None,
        };
        let granting = decision
            .causes
            .iter()
            .filter(|cause| cause.grants && matches!(cause.layer, Layer::Identity | Layer::Resource));
        Some(Self { keys, policies: granting.map(|cause| cause.policy.clone()).collect() })
    }
}

/// Answers questions about the members of an estate.
#[derive(Debug)]
pub(crate) struct Judge<'e> {
    pub(crate) estate: &'e Estate,
    /// Places of the actions that methods need.
    actions: HashMap<&'static str, u32>,
    /// By member: the actions of methods that some statement of it grants.
    mentions: Vec<u128>,
    /// Roles by the service that they trust, with the condition keys of that trust.
    pub(crate) by_service: BTreeMap<String, Vec<(usize, BTreeSet<String>)>>,
    /// Policies that give everything to whom they are attached.
    pub(crate) strong: Vec<String>,
}

impl<'e> Judge<'e> {
    pub(crate) fn new(estate: &'e Estate) -> Self {
        let mut actions = HashMap::new();
        for (action, _) in METHODS.iter().flat_map(|method| method.needs) {
            let next = u32::try_from(actions.len()).unwrap_or(127).min(127);
            actions.entry(*action).or_insert(next);
        }
        let mut known: HashMap<usize, u128> = HashMap::new();
        let mut mentions_of = |document: &Arc<Document>| {
            *known.entry(Arc::as_ptr(document).addr()).or_insert_with(|| {
                let allows =
                    || document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
                let named = |action: &str| allows().any(|statement| statement.actions.matches(action));
                actions
                    .iter()
                    .filter(|(action, _)| named(action))
                    .fold(0, |bits, (_, place)| bits | 1 << place)
            })
        };
        let mentions = estate
            .members
            .iter()
            .map(|member| {
                member.layers.identity.iter().fold(0, |bits, policy| bits | mentions_of(&policy.document))
            })
            .collect();
        let partition = &estate.partition;
        let mut strong = vec![
            format!("arn:{partition}:iam::aws:policy/AdministratorAccess"),
            format!("arn:{partition}:iam::aws:policy/IAMFullAccess"),
        ];
        let wide = estate.policies.iter().filter(|(_, policy)| grants_everything(&policy.document));
        strong.extend(wide.map(|(arn, _)| arn.clone()).filter(|arn| !arn.ends_with("/AdministratorAccess")));
        Self { estate, actions, mentions, by_service: by_service(estate), strong }
    }

    /// Whether some statement grants the action somewhere, other statements and layers aside.
    pub(crate) fn mentions(&self, member: usize, action: &str) -> bool {
        self.actions.get(action).is_none_or(|place| self.mentions[member] & 1 << place != 0)
    }

    /// Whether a member may do something on one resource.
    pub(crate) fn point(&self, member: usize, action: &str, resource: &str, context: Context) -> Option<Met> {
        if !self.mentions(member, action) {
            return None;
        }
        let member = &self.estate.members[member];
        let request = Request { context, ..Request::new(&member.principal, action, resource) };
        Met::of(&evaluate(&request, &member.layers))
    }

    /// Whether a member may do something on any resource that the action can have.
    pub(crate) fn anywhere(&self, member: usize, action: &str) -> Option<Met> {
        if !self.mentions(member, action) {
            return None;
        }
        let reach = Self::reach(&self.estate.members[member], action);
        let partition = &self.estate.partition;
        let apt = |term: &&Term| term.all_of.iter().all(|selector| is_apt(selector, partition, action));
        let term = reach.terms.iter().filter(apt).min_by_key(|term| term.keys.len())?;
        Some(Met { keys: term.keys.clone(), policies: std::iter::once(term.granted_by.0.clone()).collect() })
    }

    /// Where a member may do something.
    pub(crate) fn reach(member: &Member, action: &str) -> Reach {
        reach(&Request::new(&member.principal, action, "*"), &member.layers)
    }

    /// Whether a member may assume a role of the account, by the role's trust policy or by another one.
    pub(crate) fn assume(&self, member: usize, role: &Member, trust: &Policy) -> Option<Met> {
        Met::of(&self.assume_decision(&self.estate.members[member], role, trust))
    }

    pub(crate) fn assume_decision(&self, member: &Member, role: &Member, trust: &Policy) -> Decision {
        let request = Request {
            context: role.as_resource(self.estate.account.as_str()),
            resource_account: Some(self.estate.account.as_str()),
            ..Request::new(&member.principal, "sts:AssumeRole", role.arn())
        };
        evaluate_assume(&request, &member.layers, trust)
    }

    /// A trust policy that names a member.
    pub(crate) fn trust_in(member: &Member) -> Policy {
        let document = json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": member.arn()}}});
        Policy { name: "changed trust policy".into(), document: Arc::new(Document::parse(&document)) }
    }

    /// Whether some statement of its policies, its boundary or its organization refuses anything.
    pub(crate) fn is_refused_something(member: &Member) -> bool {
        let layers = &member.layers;
        let bounds = layers.boundary.iter().chain(layers.service_control.iter().flatten());
        let mut statements =
            layers.identity.iter().chain(bounds).flat_map(|policy| &policy.document.statements);
        statements.any(|statement| statement.effect == Effect::Deny)
    }

    /// Whether no boundary keeps a member from what it is given.
    pub(crate) fn is_unbound(member: &Member) -> bool {
        member.layers.boundary.as_ref().is_none_or(|boundary| grants_everything(&boundary.document))
    }

    /// Whether no boundary keeps a member from what it gives itself, or it may lift the boundary.
    pub(crate) fn may_unbind(&self, place: usize) -> bool {
        let member = &self.estate.members[place];
        let lifting = match member.sort {
            Sort::User => ["iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"],
            Sort::Role => ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"],
        };
        let own = || member.as_resource(self.estate.account.as_str());
        Self::is_unbound(member)
            || lifting
                .iter()
                .any(|action| self.point(place, action, member.arn(), own()).is_some_and(|met| met.is_sure()))
    }

    /// The condition keys under which a member may do everything; none are needed where the set is empty. `None`: it may
    /// not. Refusals of single things take nothing from an administrator, who may lift them; a refusal of IAM does.
    pub(crate) fn everything(member: &Member) -> Option<(BTreeSet<String>, String)> {
        let request = &Request::new(&member.principal, "", "*");
        let granted = |policies: &[Policy]| -> Option<(BTreeSet<String>, String)> {
            let wide = policies.iter().flat_map(|policy| {
                let statements =
                    policy.document.statements.iter().filter(|statement| is_everything(statement));
                statements.map(move |statement| (policy, statement.conditions_hold(request)))
            });
            let possible = wide.filter(|(_, holds)| holds.truth != Truth::False);
            let best = possible.min_by_key(|(_, holds)| holds.keys.len());
            best.map(|(policy, holds)| (holds.keys, policy.name.to_string()))
        };
        let (mut keys, policy) = granted(&member.layers.identity)?;
        if let Some(boundary) = &member.layers.boundary {
            keys.extend(granted(std::slice::from_ref(boundary))?.0);
        }
        let probes =
            ["iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:PutRolePolicy", "iam:PutUserPolicy"];
        let widest = probes
            .iter()
            .flat_map(|action| Self::reach(member, action).terms)
            .filter(|term| term.all_of.iter().all(Selector::is_everything))
            .min_by_key(|term| term.keys.len())?;
        keys.extend(widest.keys);
        Some((keys, policy))
    }
}

/// Whether a statement grants every action on every resource.
pub(crate) fn is_everything(statement: &Statement) -> bool {
    statement.effect == Effect::Allow
        && statement.actions.covers_pattern(&crate::any_action())
        && statement.resources.fixed.is_everything()
        && statement.resources.variable.is_empty()
}

/// Whether a document by itself grants everything, without condition and refusal.
pub(crate) fn grants_everything(document: &Document) -> bool {
    document.statements.iter().any(|statement| is_everything(statement) && statement.conditions.is_empty())
        && document.statements.iter().all(|statement| statement.effect == Effect::Allow)
}

/// Whether a document lets a user or role who holds it take everything: it grants it, or the right to take it.
pub(crate) fn is_strong(document: &Document, sort: Sort) -> bool {
    let taking: &[&str] = match sort {
        Sort::User => &["iam:PutUserPolicy", "iam:AttachUserPolicy"],
        Sort::Role => &["iam:PutRolePolicy", "iam:AttachRolePolicy"],
    };
    let refused = |action: &str| {
        document.statements.iter().any(|statement| {
            statement.effect == Effect::Deny
                && statement.actions.matches(action)
                && statement.conditions.is_empty()
        })
    };
    let wide = |statement: &&Statement| {
        statement.effect == Effect::Allow
            && statement.conditions.is_empty()
            && statement.resources.fixed.is_everything()
    };
    let granted = |action: &str| {
        document.statements.iter().filter(wide).any(|statement| statement.actions.matches(action))
    };
    taking.iter().any(|action| granted(action) && !refused(action))
}

/// Whether a selector has a resource that an action is about: a grant on others grants nothing.
fn is_apt(selector: &Selector, partition: &str, action: &str) -> bool {
    let places: &[(&str, &str)] = match action {
        "ec2:RunInstances" => &[("ec2", "instance/*")],
        "ssm:SendCommand" | "ssm:StartSession" => {
            &[("ec2", "instance/*"), ("ssm", "managed-instance/*"), ("ecs", "task/*")]
        }
        _ => &[],
    };
    let service = match action.split(':').next().unwrap_or_default() {
        "ec2-instance-connect" => "ec2",
        service => service,
    };
    let whole = |(service, resource): &(&str, &str)| {
        let place = Pattern::resource(&format!("arn:{partition}:{service}:*:{resource}"));
        if selector.negated {
            return selector.intersects_pattern(&place);
        }
        // Part by part where there are all parts: whole patterns would meet in texts that are no ARNs.
        selector.patterns.iter().any(|pattern| {
            let parts: Vec<_> = pattern.as_str().splitn(6, ':').map(Pattern::resource).collect();
            match parts.as_slice() {
                [_, _, its_service, _, _, its_resource] => {
                    its_service.matches(service) && its_resource.intersects(&Pattern::resource(resource))
                }
                _ => pattern.intersects(&place),
            }
        })
    };
    if places.is_empty() { whole(&(service, "*")) } else { places.iter().any(whole) }
}

/// A grade as records have it.
pub(crate) fn grade_word(grade: Grade) -> &'static str {
    match grade {
        Grade::Full => "full",
        Grade::Limited => "limited",
        Grade::Conditional => "conditional",
        Grade::Unknown => "unknown",
    }
}

fn by_service(estate: &Estate) -> BTreeMap<String, Vec<(usize, BTreeSet<String>)>> {
    let mut roles: BTreeMap<String, Vec<(usize, BTreeSet<String>)>> = BTreeMap::new();
    for (place, member) in estate.members.iter().enumerate().filter(|(_, member)| !member.service_linked) {
        let Some(trust) = &member.trust else { continue };
        for entry in trust::entries(&trust.document) {
            let auditor_aws_policy::PrincipalPattern::Service(name) = &entry.principal else { continue };
            let mut keys = entry.keys;
            // What a service does for its own account fulfils them.
            keys.retain(|key| {
                !["aws:sourceaccount", "aws:sourcearn"].contains(&key.to_ascii_lowercase().as_str())
            });
            let name = name.strip_suffix(".cn").unwrap_or(name).to_ascii_lowercase();
            roles.entry(name).or_default().push((place, keys));
        }
    }
    roles
}
