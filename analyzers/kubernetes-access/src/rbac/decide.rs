//! Decisions.

use serde::Serialize;

use super::{Attributes, Binding, BindingId, Cluster, Role, RoleId, Rule, Subject};

/// What the authorizer answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Whether it allows the request.
    pub allowed: bool,
    /// Whether it does so without asking RBAC: the subject is in `system:masters`.
    pub bypasses: bool,
    /// The first grant that allows it. `None`: there is none, or none was asked for.
    pub by: Option<Grant>,
    /// What is not known of the cluster: a refusal may be none, and a grant may be gone. `None`: nothing.
    pub lack: Option<String>,
}

/// One rule of one role, given by one binding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Grant {
    /// The binding.
    pub binding: BindingId,
    /// The role.
    pub role: RoleId,
    /// Place of the rule in it, from 0.
    pub rule: usize,
}

impl Grant {
    /// Binding, role, rule: from outside to inside.
    pub fn path(&self) -> Vec<String> {
        vec![self.binding.to_string(), self.role.to_string(), format!("rule {}", self.rule)]
    }
}

/// A grant together with its rule.
#[derive(Clone, Copy)]
pub(crate) struct Held<'a> {
    pub(crate) binding: &'a Binding,
    pub(crate) role: &'a Role,
    pub(crate) place: usize,
    pub(crate) rule: &'a Rule,
}

impl Held<'_> {
    pub(crate) fn grant(&self) -> Grant {
        Grant { binding: self.binding.id.clone(), role: self.role.id.clone(), rule: self.place }
    }

    /// The namespace it is limited to. `None`: the whole cluster.
    pub(crate) fn namespace(&self) -> Option<&str> {
        self.binding.id.namespace.as_deref()
    }

    /// Whether it allows a request of its subject.
    pub(crate) fn allows(&self, request: &Attributes) -> bool {
        self.counts_for(request) && self.rule.allows(request)
    }

    /// A binding of a namespace counts for what is in that namespace alone.
    pub(crate) fn counts_for(&self, request: &Attributes) -> bool {
        self.namespace().is_none_or(|own| request.namespace() == Some(own))
    }
}

impl Cluster {
    /// Answers as the API server does: `system:masters` may do everything, otherwise one rule must allow it, of a role that
    /// a binding of the cluster or of the request's namespace gives to the user or a group of it.
    pub fn decide(&self, subject: &Subject, request: &Attributes) -> Decision {
        let bypasses = subject.bypasses();
        let by = if bypasses {
            None
        } else {
            self.held(subject).find(|held| held.allows(request)).map(|held| held.grant())
        };
        Decision { allowed: bypasses || by.is_some(), bypasses, by, lack: self.lack() }
    }

    /// Every rule that bindings give a subject. Bindings whose role is not there give none.
    pub(crate) fn held(&self, subject: &Subject) -> impl Iterator<Item = Held<'_>> + use<'_> {
        let with_role = self.bindings_of(subject).into_iter().filter_map(|binding| {
            let role = self.roles.get(binding.role.as_ref()?)?;
            Some((binding, role))
        });
        with_role.flat_map(|(binding, role)| {
            role.rules.iter().enumerate().map(move |(place, rule)| Held { binding, role, place, rule })
        })
    }

    /// Whether a subject may do everything, by RBAC or past it.
    pub fn is_admin(&self, subject: &Subject) -> bool {
        self.decide(subject, &Attributes::everything()).allowed
    }
}
