//! Compares what `aws-access` finds in an exported account with labels: `labelled DETAILS.json LABELS.json`.
//!
//! The first file is the reply of `iam:GetAccountAuthorizationDetails`; the second an object from ARN to whether the
//! principal can escalate its privileges.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "an example, for a developer at a terminal")]
#![allow(clippy::expect_used, reason = "an example")]

#[path = "../src/tests/details.rs"]
mod details;

use std::collections::BTreeMap;

use auditor_analyzer_aws_access::{
    Admin, AwsAccess, CanEscalate, ESCALATION_PATH, EscalationPath, PRINCIPAL_ACCESS, PrincipalAccess,
};
use auditor_core::analyzer::{Analyzer, View};
use chrono::Utc;
use serde_json::Value;

fn main() {
    let mut paths = std::env::args().skip(1);
    let mut read = || -> Value {
        let path = paths.next().expect("usage: labelled DETAILS.json LABELS.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let (details, labels) = (read(), read());
    let labels: BTreeMap<String, bool> = serde_json::from_value(labels).unwrap();
    let listings = details::listings(&details);
    let account = listings[0].items.first().or(listings[2].items.first()).unwrap().account.clone();
    let view = View { account: Some(&account), at: Utc::now(), listings: &listings };
    let mut access: BTreeMap<String, PrincipalAccess> = BTreeMap::new();
    let mut methods: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut records, started) = (0, std::time::Instant::now());
    AwsAccess.analyze(&view, &mut |resource| {
        records += 1;
        if resource.kind == &PRINCIPAL_ACCESS {
            let document: PrincipalAccess = serde_json::from_value(resource.document).unwrap();
            access.insert(document.principal.clone(), document);
        } else if resource.kind == &ESCALATION_PATH {
            let path: EscalationPath = serde_json::from_value(resource.document).unwrap();
            methods
                .entry(path.principal)
                .or_default()
                .push(format!("{} ({:?})", path.method, path.target_admin));
        }
    });
    println!("{records} records of {} principals in {:?}", access.len(), started.elapsed());
    let (mut right, mut missed, mut wrong) = (0, 0, 0);
    for (principal, label) in &labels {
        let found = access.get(principal).is_some_and(|access| {
            access.admin != Admin::No && access.admin != Admin::Unknown
                || !matches!(access.can_escalate, CanEscalate::No | CanEscalate::Unknown)
        });
        match (label, found) {
            (true, true) | (false, false) => right += 1,
            (true, false) => missed += 1,
            (false, true) => wrong += 1,
        }
        if *label != found {
            println!("{} {principal}", if *label { "MISSED" } else { "WRONG " });
        }
    }
    println!("{} labels: {right} right, {missed} missed, {wrong} wrongly reported", labels.len());
    for (principal, access) in &access {
        let methods = methods.get(principal).map(|methods| methods.join(", ")).unwrap_or_default();
        println!("{principal}\t{:?}\t{:?}\t{methods}", access.admin, access.can_escalate);
    }
}
