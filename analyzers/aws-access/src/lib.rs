//! What the principals of AWS accounts may do, and how they come by more.
//!
//! `aws-access` reads the stored users, groups, roles and policies of one account, and the organization's policies where
//! they are stored beside them. It emits what each principal may do (`entitlement`), what it amounts to
//! (`aws_principal_access`), how it can escalate (`aws_escalation_path`), and who may assume which role (`aws_assume_edge`).
//! `aws-reach` closes those edges over every account (`aws_reach`).
//!
//! [`Estate`] answers questions: who can do something, what can someone do, and why.
//!
//! What is not known is never taken for nothing: a policy whose document is not stored makes answers about its holders
//! unknown, unless something that is known refuses.

mod access;
mod assume;
mod catalogue;
mod entitlements;
mod escalation;
mod estate;
mod expand;
mod judge;
mod kinds;
mod plugin;
mod query;
mod reach;
#[cfg(test)]
mod tests;
mod until;

pub use auditor_aws_policy::{Cause, Grade, Layer, Outcome, Verdict};

pub use self::{
    estate::Estate,
    kinds::{
        ASSUME_EDGE, Admin, AssumeEdge, CanEscalate, ESCALATION_PATH, EscalationPath, PRINCIPAL_ACCESS,
        PrincipalAccess, REACH, ReachRecord, TargetAdmin,
    },
    plugin::{AwsAccess, AwsAccessConfig, AwsReach, AwsReachConfig},
    query::{Explanation, WhatCan, WhoCan},
    reach::reach,
};

auditor_core::inventory::submit! {
    auditor_core::registry::AnalyzerPlugin::new::<AwsAccessConfig>(
        "aws-access",
        "What principals of AWS accounts may do, and how they come by more",
        plugin::ACCESS_KINDS,
    )
}

auditor_core::inventory::submit! {
    auditor_core::registry::AnalyzerPlugin::new::<AwsReachConfig>(
        "aws-reach",
        "Who becomes what in other AWS accounts",
        plugin::REACH_KINDS,
    )
}

/// Every action: covered by `*` and `*:*` alone.
fn any_action() -> auditor_aws_policy::Pattern {
    auditor_aws_policy::Pattern::action("*:*")
}
