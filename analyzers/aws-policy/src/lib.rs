//! The policy language of AWS IAM, and what policies together allow.
//!
//! A [`Document`] is read leniently: whatever AWS accepts is understood, and what cannot be read becomes a document whose
//! answers are unknown, never one that grants nothing. [`evaluate`] answers for one [`Request`] under [`Layers`] of
//! policies; [`reach`] answers on which resources a principal may do something; [`trust`] says who may assume a role.
//!
//! Truth has three values: a condition on something that a snapshot cannot know (an address, a second factor) makes an
//! answer conditional on its key, neither yes nor no.
//!
//! No I/O, no clock, no other crate of the workspace. Bounded: matching takes at most the product of two lengths, and
//! patterns longer than [`MAX_PATTERN`] make their document unreadable.

mod answer;
mod condition;
mod document;
mod evaluate;
mod pattern;
mod principal;
mod reach;
mod request;
mod selector;
#[cfg(test)]
mod tests;
pub mod trust;
mod variables;

pub use self::{
    answer::{Answer, Scope},
    condition::{Condition, Truth},
    document::{Document, Effect, Resources, Statement},
    evaluate::{Cause, Decision, Layer, Layers, Outcome, Policy, Verdict, evaluate, evaluate_assume},
    pattern::{MAX_PATTERN, Pattern},
    principal::{Hit, PrincipalPattern, Principals},
    reach::{Grade, Reach, Term, reach},
    request::{Context, Known, Lookup, Principal, PrincipalKind, Request},
    selector::Selector,
    variables::{Resolved, Template},
};
