//! The live API: connections, sessions, calls, paging, and which class an error of AWS belongs to.
//!
//! The SDK's own retries are off: every call goes through [`Caller::call`](auditor_core::source::Caller::call), which
//! limits, retries and cancels.

mod convert;
mod credentials;
mod fault;
mod http;
mod hub;
mod iam;
mod lists;
mod pages;
mod policies;
mod read;
mod report;
#[cfg(test)]
mod tests;
mod whole;

#[cfg(test)]
pub(crate) use self::hub::Hub;
pub(crate) use self::{
    credentials::SessionRequest,
    fault::{code_of, is_absent, is_report_not_ready},
    hub::{LazyHub, OrganizationAccount},
    iam::Iam,
    policies::PolicyCache,
    read::{ReadSettings, read_account},
};
