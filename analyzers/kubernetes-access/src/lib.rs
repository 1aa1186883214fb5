//! What the users, groups and service accounts of Kubernetes clusters may do, and how they come by more.
//!
//! The plugin `kubernetes-access` reads the stored roles, bindings and service accounts of an account's clusters. It emits
//! what each subject may do (`entitlement`), how it can come by more rights (`kubernetes_escalation`), and which IAM
//! principals are which subjects on EKS (`kubernetes_identity_mapping`).
//!
//! [`Cluster`] answers questions: [`decide`](Cluster::decide) as the API server does, [`who_can`](Cluster::who_can),
//! [`what_can`](Cluster::what_can) and [`explain`](Cluster::explain).
//!
//! What is not known is never taken for nothing: every answer about a cluster that was not read whole says so.

mod entitlements;
mod escalation;
mod identity;
mod kinds;
mod plugin;
mod rbac;
#[cfg(test)]
mod tests;

pub use self::{
    kinds::{ClusterAdmin, Direction, ESCALATION, Escalation, IDENTITY_MAPPING, IdentityMapping, Reach, Via},
    plugin::{KubernetesAccess, KubernetesAccessConfig},
    rbac::{
        AUTHENTICATED, Attributes, Binding, BindingId, Cluster, Decision, Explanation, GivenRule, Grant,
        MASTERS, NearMiss, Oddity, On, Principal, ResourceAttributes, Role, RoleId, Rule, SERVICE_ACCOUNTS,
        Subject, UNAUTHENTICATED, WhatCan, WhoCan, WhoCanEntry,
    },
};

/// Name of this provider in common kinds.
const PROVIDER: &str = "kubernetes";

auditor_core::inventory::submit! {
    auditor_core::registry::AnalyzerPlugin::new::<KubernetesAccessConfig>(
        "kubernetes-access",
        "What subjects of Kubernetes clusters may do, and how they come by more",
        plugin::KINDS,
    )
}
