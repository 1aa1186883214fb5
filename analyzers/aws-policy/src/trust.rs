//! Who may assume a role, by its trust policy.

use std::collections::BTreeSet;

use crate::{
    condition::Condition,
    document::{Document, Effect, Statement},
    principal::PrincipalPattern,
};

/// The calls by which a role is assumed.
pub const CALLS: [&str; 3] = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

/// One principal that a statement of a trust policy lets in, and under which conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Whom. [`PrincipalPattern::Everyone`] also for `NotPrincipal`, which lets in everyone else.
    pub principal: PrincipalPattern,
    /// Place of the statement in the document, from 0.
    pub statement: usize,
    /// Its Sid, or its place in words.
    pub label: String,
    /// By which calls.
    pub calls: Vec<&'static str>,
    /// Every condition key it has, sorted.
    pub keys: BTreeSet<String>,
    /// Whether an external id is asked for.
    pub external_id: bool,
    /// Whether a second factor is asked for.
    pub mfa: bool,
    /// Organizations it is limited to (`aws:PrincipalOrgID`, `aws:PrincipalOrgPaths`).
    pub organizations: BTreeSet<String>,
    /// Accounts it is limited to (`aws:PrincipalAccount`, `aws:SourceAccount`).
    pub accounts: BTreeSet<String>,
    /// Principals it is limited to (`aws:PrincipalArn`).
    pub principal_arns: BTreeSet<String>,
    /// Resources on whose behalf a service may act (`aws:SourceArn`).
    pub source_arns: BTreeSet<String>,
    /// Patterns of subjects it is limited to (keys that end in `:sub`).
    pub subjects: BTreeSet<String>,
    /// Audiences it is limited to (keys that end in `:aud`).
    pub audiences: BTreeSet<String>,
}

/// Who may assume a role. A principal that the same document refuses without condition is left out.
pub fn entries(document: &Document) -> Vec<Entry> {
    let mut entries = Vec::new();
    for statement in &document.statements {
        let Some(principals) = &statement.principals else { continue };
        if statement.effect != Effect::Allow {
            continue;
        }
        let everyone = [PrincipalPattern::Everyone];
        let named: &[PrincipalPattern] = if principals.negated { &everyone } else { &principals.patterns };
        for principal in named {
            let calls: Vec<_> = CALLS
                .into_iter()
                .filter(|call| statement.actions.matches(call) && fits(principal, call))
                .filter(|call| !document.statements.iter().any(|deny| refuses(deny, principal, call)))
                .collect();
            if !calls.is_empty() {
                entries.push(entry(statement, principal.clone(), calls));
            }
        }
    }
    entries
}

/// Whether a sort of principal assumes roles by a call at all.
fn fits(principal: &PrincipalPattern, call: &str) -> bool {
    match principal {
        PrincipalPattern::Everyone => true,
        PrincipalPattern::Federated(name) => {
            let saml = name.contains(":saml-provider/");
            call == if saml { "sts:AssumeRoleWithSAML" } else { "sts:AssumeRoleWithWebIdentity" }
        }
        _ => call == "sts:AssumeRole",
    }
}

fn refuses(deny: &Statement, principal: &PrincipalPattern, call: &str) -> bool {
    let named = deny.principals.as_ref().is_some_and(|principals| {
        let hit = principals.patterns.iter().any(|other| {
            *other == PrincipalPattern::Everyone
                || other == principal
                || matches!(other, PrincipalPattern::Account(account) if principal.account() == Some(account))
        });
        hit != principals.negated
    });
    deny.effect == Effect::Deny && deny.conditions.is_empty() && named && deny.actions.matches(call)
}

fn entry(statement: &Statement, principal: PrincipalPattern, calls: Vec<&'static str>) -> Entry {
    let limits = |wanted: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
        let limiting = |condition: &&Condition| {
            wanted(condition.folded_key()) && condition.is_positive() && !condition.holds_when_missing()
        };
        statement.conditions.iter().filter(limiting).flat_map(|condition| condition.values.clone()).collect()
    };
    Entry {
        principal,
        statement: statement.index,
        label: statement.label(),
        calls,
        keys: statement.conditions.iter().map(|condition| condition.key.clone()).collect(),
        external_id: !limits(&|key| key == "sts:externalid").is_empty(),
        mfa: limits(&|key| key == "aws:multifactorauthpresent").contains("true")
            || !limits(&|key| key == "aws:multifactorauthage").is_empty(),
        organizations: limits(&|key| ["aws:principalorgid", "aws:principalorgpaths"].contains(&key)),
        accounts: limits(&|key| ["aws:principalaccount", "aws:sourceaccount"].contains(&key)),
        principal_arns: limits(&|key| key == "aws:principalarn"),
        source_arns: limits(&|key| key == "aws:sourcearn"),
        subjects: limits(&|key| key.ends_with(":sub")),
        audiences: limits(&|key| key.ends_with(":aud")),
    }
}
