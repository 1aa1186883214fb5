//! Roles, bindings, and the decisions that the RBAC authorizer of the API server makes on them.

mod attributes;
mod binding;
mod cluster;
mod decide;
mod oddity;
mod query;
mod rule;
mod subject;

pub use self::{
    attributes::{Attributes, On, ResourceAttributes},
    binding::{Binding, BindingId, Role, RoleId},
    cluster::Cluster,
    decide::{Decision, Grant},
    oddity::Oddity,
    query::{Explanation, GivenRule, NearMiss, WhatCan, WhoCan, WhoCanEntry},
    rule::Rule,
    subject::{AUTHENTICATED, MASTERS, Principal, SERVICE_ACCOUNTS, Subject, UNAUTHENTICATED},
};
pub(crate) use self::{
    cluster::{AWS_AUTH_ENTRY, INPUTS},
    decide::Held,
};
