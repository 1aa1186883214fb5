//! Tables of cases, one for each rule of the language, and properties.

mod differential;
mod evaluation;
mod language;
mod properties;

use std::sync::Arc;

use serde_json::Value;

use crate::{Context, Decision, Document, Layers, Policy, Principal, PrincipalKind, Request, evaluate};

const USER: &str = "arn:aws:iam::111122223333:user/ana";
const ROLE: &str = "arn:aws:iam::111122223333:role/path/app";

fn policy(name: &str, json: &Value) -> Policy {
    Policy { name: name.into(), document: Arc::new(Document::parse(json)) }
}

fn principal(kind: PrincipalKind, arn: &str) -> Principal {
    let mut context = Context::new()
        .with("aws:PrincipalArn", arn)
        .with("aws:PrincipalAccount", "111122223333")
        .with("aws:PrincipalTag/team", "red")
        .with("aws:CurrentTime", "2026-01-15T00:00:00Z");
    context.close("aws:PrincipalTag/");
    if kind == PrincipalKind::User {
        context = context.with("aws:username", "ana");
    } else {
        context.set("aws:username", crate::Known::Absent);
    }
    Principal {
        arn: arn.to_owned(),
        account: "111122223333".to_owned(),
        kind,
        unique_id: Some("AIDAEXAMPLE".to_owned()),
        context,
    }
}

fn user() -> Principal {
    principal(PrincipalKind::User, USER)
}

fn role() -> Principal {
    principal(PrincipalKind::Role, ROLE)
}

/// `allowed`, `denied` (by none granting), `refused` (by a Deny), `conditional KEYS` or `unknown`.
fn word(decision: &Decision) -> String {
    match &decision.outcome {
        crate::Outcome::Allowed => "allowed".to_owned(),
        crate::Outcome::Denied { explicit: true, .. } => "refused".to_owned(),
        crate::Outcome::Denied { .. } => "denied".to_owned(),
        crate::Outcome::Conditional { keys } => {
            format!("conditional {}", keys.iter().cloned().collect::<Vec<_>>().join(" "))
        }
        crate::Outcome::Unknown { .. } => "unknown".to_owned(),
    }
}

fn answer(principal: &Principal, identity: &[Value], action: &str, resource: &str) -> String {
    let identity = identity.iter().map(|json| policy("own", json)).collect();
    let layers = Layers { identity, ..Layers::default() };
    word(&evaluate(&Request::new(principal, action, resource), &layers))
}
