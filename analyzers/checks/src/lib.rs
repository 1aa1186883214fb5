//! Checks of AWS accounts against good practice: root user, passwords, keys, policies, trust, organization, coverage.
//!
//! A [`Check`] is data (what it asks, why, what to do, which benchmark sections ask the same) and one pure function from
//! the [`Context`] to verdicts. The framework, not the check, turns what was concluded from an incomplete listing into
//! `unknown`: a failure that the stored records prove stays one, a clean bill never stands on what could not be seen.

mod check;
mod checks;
mod config;
#[cfg(test)]
mod conformance;
mod context;
mod plugin;
mod policy;
mod reference;
#[cfg(test)]
mod testing;

pub use self::{
    check::Check,
    checks::{MISSING, Missing, THEMES, Theme, all, find},
    config::{Accepted, ChecksConfig},
    context::Context,
    plugin::Checks,
    reference::reference,
};

auditor_core::inventory::submit! {
    auditor_core::registry::AnalyzerPlugin::new::<ChecksConfig>(
        "checks",
        "Whether AWS accounts follow good practice: pass, fail, unknown or not applicable",
        plugin::KINDS,
    )
}
