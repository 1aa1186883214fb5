//! Who may assume which role.

use std::collections::BTreeSet;

use auditor_aws_policy::{Pattern, PrincipalPattern, trust};

use crate::{
    estate::{Estate, Member, Sort},
    judge::{Judge, Met, grade_word},
    kinds::AssumeEdge,
};

/// By member: the roles of the account that it may assume.
pub(crate) struct Assumable(pub(crate) Vec<Vec<(usize, Met)>>);

impl Assumable {
    pub(crate) fn new(judge: &Judge<'_>) -> Self {
        let estate = judge.estate;
        let mut assumable = vec![Vec::new(); estate.members.len()];
        let account = estate.account.as_str();
        // Who may do everything may let itself into any role: only trust that names it tells something.
        let calling: Vec<_> = (0..estate.members.len())
            .filter(|place| !estate.members[*place].service_linked && judge.mentions(*place, "sts:AssumeRole"))
            .filter(|place| !matches!(Judge::everything(&estate.members[*place]), Some((keys, _)) if keys.is_empty()))
            .collect();
        for (place, role) in estate.members.iter().enumerate() {
            let Some(trust) = role.trust.as_ref().filter(|_| !role.service_linked) else { continue };
            let mut candidates = BTreeSet::new();
            for entry in trust::entries(&trust.document) {
                match &entry.principal {
                    PrincipalPattern::Account(other) if other == account => {
                        candidates.extend(calling.iter().copied());
                    }
                    PrincipalPattern::Everyone => candidates.extend(0..estate.members.len()),
                    PrincipalPattern::Arn(who) | PrincipalPattern::UniqueId(who) => {
                        candidates.extend(estate.places.get(who).copied());
                        candidates.extend(role_of_session(estate, who));
                    }
                    _ => {}
                }
            }
            for candidate in candidates.into_iter().filter(|candidate| *candidate != place) {
                if estate.members[candidate].service_linked {
                    continue;
                }
                if let Some(met) = judge.assume(candidate, role, trust) {
                    assumable[candidate].push((place, met));
                }
            }
        }
        Self(assumable)
    }
}

/// The role of the account of which a trust policy names one session.
fn role_of_session(estate: &Estate, arn: &str) -> Option<usize> {
    let (before, session) = arn.split_once(":assumed-role/")?;
    let name = session.split('/').next()?;
    let own = before.ends_with(&format!(":{}", estate.account));
    own.then(|| estate.members.iter().position(|member| member.sort == Sort::Role && member.name == name))?
}

/// Edges with their native ids, in order.
pub(crate) fn edges(judge: &Judge<'_>, assumable: &Assumable) -> Vec<(String, AssumeEdge)> {
    let estate = judge.estate;
    let mut edges = Vec::new();
    for (member, roles) in estate.members.iter().zip(&assumable.0) {
        for (role, met) in roles {
            edges.push(from_member(estate, member, &estate.members[*role], met));
        }
    }
    for role in &estate.members {
        let entries = role.trust.iter().flat_map(|trust| trust::entries(&trust.document));
        edges.extend(entries.filter_map(|entry| from_entry(estate, role, entry)));
        edges.extend(unreadable(estate, role));
    }
    for member in estate.members.iter().filter(|member| !member.service_linked) {
        edges.extend(grants(judge, member));
    }
    edges.sort_by(|(a, _), (b, _)| a.cmp(b));
    edges.dedup_by(|(a, _), (b, _)| a == b);
    edges
}

fn from_member(estate: &Estate, member: &Member, role: &Member, met: &Met) -> (String, AssumeEdge) {
    let asks = |key: &str| met.keys.iter().any(|other| other.eq_ignore_ascii_case(key));
    let edge = AssumeEdge {
        direction: "trust".to_owned(),
        from_type: if member.sort == Sort::User { "user" } else { "role" }.to_owned(),
        from: member.arn().to_owned(),
        from_account: Some(estate.account.to_string()),
        to: Some(role.arn().to_owned()),
        grade: if met.is_sure() { "full" } else { "conditional" }.to_owned(),
        statements: met.policies.clone(),
        calls: vec!["sts:AssumeRole".to_owned()],
        conditions: met.keys.clone(),
        has_external_id: asks("sts:ExternalId"),
        has_mfa: asks("aws:MultiFactorAuthPresent"),
        ..AssumeEdge::default()
    };
    (format!("trust {} {}", member.arn(), role.arn()), edge)
}

/// An edge from whom the trust policy names, unless that is a user or role of the account, which has edges of its own.
fn from_entry(estate: &Estate, role: &Member, entry: trust::Entry) -> Option<(String, AssumeEdge)> {
    let named = entry.principal.as_str();
    if estate.places.contains_key(named) {
        return None;
    }
    let account = entry.principal.account().map(str::to_owned);
    let own = account.as_deref() == Some(estate.account.as_str());
    let from_type = match &entry.principal {
        PrincipalPattern::Everyone => "public",
        PrincipalPattern::Account(_) => "account",
        PrincipalPattern::Arn(arn) if arn.contains(":assumed-role/") => "session",
        PrincipalPattern::Arn(arn) if arn.contains(":user/") => "user",
        PrincipalPattern::Arn(arn) if arn.contains(":role/") => "role",
        PrincipalPattern::UniqueId(_) => "deleted",
        PrincipalPattern::Service(_) => "service",
        PrincipalPattern::Federated(arn) if arn.contains(":saml-provider/") => "saml",
        PrincipalPattern::Federated(_) => "oidc",
        PrincipalPattern::Arn(_) | PrincipalPattern::Other(..) => "other",
    };
    let federated = ["saml", "oidc", "public", "deleted"].contains(&from_type);
    let grade = match (entry.keys.is_empty(), from_type) {
        (false, _) => "conditional",
        (true, "account") => "limited",
        (true, _) => "full",
    };
    let edge = AssumeEdge {
        direction: "trust".to_owned(),
        from_type: from_type.to_owned(),
        from: named.to_owned(),
        from_account: account,
        external: !own && from_type != "service" || federated,
        to: Some(role.arn().to_owned()),
        grade: grade.to_owned(),
        statements: std::iter::once(format!("trust policy: {}", entry.label)).collect(),
        calls: entry.calls.iter().map(|call| (*call).to_owned()).collect(),
        conditions: entry.keys,
        has_external_id: entry.external_id,
        has_mfa: entry.mfa,
        organizations: entry.organizations,
        accounts: entry.accounts,
        principal_arns: entry.principal_arns,
        source_arns: entry.source_arns,
        subjects: entry.subjects,
        audiences: entry.audiences,
        ..AssumeEdge::default()
    };
    Some((format!("trust {named} {} {}", role.arn(), entry.statement), edge))
}

/// A trust policy that is not known may let anyone in.
fn unreadable(estate: &Estate, role: &Member) -> Option<(String, AssumeEdge)> {
    let why = role.trust.as_ref()?.document.unreadable.as_ref()?;
    let edge = AssumeEdge {
        direction: "trust".to_owned(),
        from_type: "other".to_owned(),
        from: "unknown".to_owned(),
        from_account: Some(estate.account.to_string()),
        to: Some(role.arn().to_owned()),
        grade: "unknown".to_owned(),
        statements: std::iter::once(format!("trust policy: {why}")).collect(),
        ..AssumeEdge::default()
    };
    Some((format!("trust unknown {}", role.arn()), edge))
}

/// What a principal's own policies allow of roles elsewhere: without conditions, and under conditions.
fn grants(judge: &Judge<'_>, member: &Member) -> Vec<(String, AssumeEdge)> {
    let estate = judge.estate;
    let reach = Judge::reach(member, "sts:AssumeRole");
    let own = Pattern::resource(&format!("arn:*:iam::{}:*", estate.account));
    let role = Pattern::resource("arn:*:iam::*:role/*");
    let mut edges = Vec::new();
    for conditional in [false, true] {
        let mut edge = AssumeEdge {
            direction: "grant".to_owned(),
            from_type: if member.sort == Sort::User { "user" } else { "role" }.to_owned(),
            from: member.arn().to_owned(),
            from_account: Some(estate.account.to_string()),
            grade: if conditional { "conditional" } else { reach.grade.map_or("unknown", grade_word) }
                .to_owned(),
            calls: vec!["sts:AssumeRole".to_owned()],
            ..AssumeEdge::default()
        };
        let (mut to, mut except) = (BTreeSet::new(), BTreeSet::new());
        for term in reach.terms.iter().filter(|term| term.keys.is_empty() != conditional) {
            // Of several selectors, all of which must hold, the last one is the narrowest that is known.
            match term.all_of.iter().rev().find(|selector| !selector.negated) {
                Some(selector) => {
                    let elsewhere = selector
                        .patterns
                        .iter()
                        .filter(|pattern| !own.covers(pattern) && role.intersects(pattern));
                    to.extend(elsewhere.map(|pattern| pattern.as_str().to_owned()));
                }
                None => {
                    to.insert("*".to_owned());
                }
            }
            let negated = term.all_of.iter().filter(|selector| selector.negated);
            except.extend(
                negated.flat_map(|selector| &selector.patterns).map(|pattern| pattern.as_str().to_owned()),
            );
            edge.conditions.extend(term.keys.iter().cloned());
            edge.statements.insert(format!("{}: {}", term.granted_by.0, term.granted_by.1));
        }
        let refused =
            reach.except.iter().filter(|selector| !selector.negated).flat_map(|selector| &selector.patterns);
        except.extend(refused.map(|pattern| pattern.as_str().to_owned()));
        if !to.is_empty() {
            edge.to_patterns = to.into_iter().collect();
            edge.except_patterns = except.into_iter().collect();
            let end = if conditional { " conditional" } else { "" };
            edges.push((format!("grant {}{end}", member.arn()), edge));
        }
    }
    edges
}
