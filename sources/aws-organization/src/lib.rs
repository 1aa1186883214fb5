//! An AWS organization: its accounts, who answers for them, what bounds them, and who signs in through Identity Center.
//!
//! Read from the management account or a delegated administrator's, with reading calls of Organizations, Account
//! Management, Identity Center, its identity store and, if switched on, Cost Explorer.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | settings and their checks |
//! | `client` | the clients of a session, and the lists, each read to its end |
//! | `estate` | everything read of one organization, with what could not be read |
//! | `kinds` | the kinds and the pure mapping to records |

mod check;
mod client;
pub mod config;
mod estate;
mod kinds;
mod source;
#[cfg(test)]
mod tests;

pub use config::AwsOrganizationConfig;

auditor_core::inventory::submit! {
    auditor_core::registry::SourcePlugin::new::<AwsOrganizationConfig>(
        "aws-organization",
        "AWS Organizations and IAM Identity Center: accounts, owners, contacts, policies, permission sets, assignments",
        kinds::ALL,
    )
    // Organizations, Account Management and Identity Center throttle early, and AWS names no numbers for all of them.
    .limited_to(10.0)
    .needing(&[(&auditor_core::model::common::ACCOUNT_COST, &["ce:GetCostAndUsage"])])
}
