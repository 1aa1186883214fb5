//! What each principal amounts to.

use std::collections::BTreeSet;

use auditor_core::model::common::{Entitlement, Grade, Level, PrincipalType};

use crate::{
    escalation::Analysis,
    estate::Estate,
    kinds::{Admin, CanEscalate, PrincipalAccess},
};

/// What a user or role amounts to, from what it may do and how it comes by more.
pub(crate) fn of(
    estate: &Estate,
    analysis: &Analysis<'_, '_>,
    place: usize,
    entitlements: &[Entitlement],
) -> PrincipalAccess {
    let member = &estate.members[place];
    let (admin, reason) = analysis.admin(place);
    let granted = || entitlements.iter().filter(|entitlement| entitlement.grade != Grade::Unknown);
    let services: BTreeSet<_> = granted().map(|entitlement| entitlement.service.as_str()).collect();
    let paths = granted().flat_map(|entitlement| &entitlement.paths);
    let policies = paths.filter_map(|path| path.split_last().map(|(_, policy)| policy.join(": "))).collect();
    let doubts = member.doubts.iter().chain(&estate.lacks).chain(&estate.notes);
    let note = doubts.map(String::as_str).collect::<Vec<_>>().join("; ");
    PrincipalAccess {
        principal: member.arn().to_owned(),
        principal_type: member.principal_type(),
        admin,
        reason,
        can_escalate: analysis.can_escalate(place),
        path: analysis.path(place),
        highest_level: granted().map(|entitlement| entitlement.level).max(),
        services: (!services.contains("*")).then_some(services.len()),
        policies,
        note: (!note.is_empty()).then_some(note),
    }
}

/// The root user, which no policy of the account limits.
pub(crate) fn of_root(arn: &str) -> PrincipalAccess {
    PrincipalAccess {
        principal: arn.to_owned(),
        principal_type: PrincipalType::Root,
        admin: Admin::Admin,
        reason: "the root user may do everything".to_owned(),
        can_escalate: CanEscalate::No,
        path: Vec::new(),
        highest_level: Some(Level::All),
        services: None,
        policies: BTreeSet::new(),
        note: None,
    }
}

/// Users and roles that may exist and were not listed.
pub(crate) fn of_unlisted(estate: &Estate) -> PrincipalAccess {
    PrincipalAccess {
        principal: format!("arn:{}:iam::{}:user/*", estate.partition, estate.account),
        principal_type: PrincipalType::Human,
        admin: Admin::Unknown,
        reason: format!("users and roles that are not known may exist: {}", estate.lacks.join("; ")),
        can_escalate: CanEscalate::Unknown,
        path: Vec::new(),
        highest_level: None,
        services: Some(0),
        policies: BTreeSet::new(),
        note: Some(estate.lacks.join("; ")),
    }
}

/// The entitlement of the root user.
pub(crate) fn root_entitlement(arn: &str) -> Entitlement {
    Entitlement {
        provider: crate::entitlements::PROVIDER.to_owned(),
        principal: arn.to_owned(),
        principal_type: PrincipalType::Root,
        service: "*".to_owned(),
        level: Level::All,
        grade: Grade::Full,
        actions: vec!["*".to_owned()],
        resources: vec!["*".to_owned()],
        conditions: Vec::new(),
        paths: vec![vec!["root user".to_owned()]],
        note: None,
    }
}
