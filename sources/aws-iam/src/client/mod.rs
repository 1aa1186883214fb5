//! The live API: IAM in an account. Sessions, connections and error classes are those of `auditor_aws_common`.

mod convert;
mod lists;
mod policies;
mod read;
mod report;
mod session;
#[cfg(test)]
mod tests;
mod whole;

use auditor_aws_common::code_of;
use auditor_core::error::SourceError;

pub(crate) use self::{
    policies::PolicyCache,
    read::{ReadSettings, read_account},
    session::{Iam, SESSION_POLICY, connect},
};

/// Whether what was asked for does not exist.
pub(crate) fn is_absent(error: &SourceError) -> bool {
    code_of(error) == Some("NoSuchEntity")
}

/// Whether the credential report expired, was never made, or is being made.
pub(crate) fn is_report_not_ready(error: &SourceError) -> bool {
    matches!(code_of(error), Some("ReportNotPresent" | "ReportExpired" | "ReportInProgress"))
}
