//! AWS IAM: who exists in an account, with which credentials, and what each may do.
//!
//! Live, accounts are reached by `sts:AssumeRole` and read with `iam:Get*`, `iam:List*` and `iam:Generate*` alone;
//! offline, files exported by the AWS CLI are read. One mapping serves both.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | settings and their checks |
//! | `targets` | what a target holds: where its account is read |
//! | `client` | IAM in an account: calls and lists |
//! | `offline` | exported files |
//! | `counts` | AWS's own counts against what was read |
//! | `wire` | what AWS answers, whichever way it came |
//! | `estate` | everything read of one account, with what could not be read |
//! | `kinds` | the kinds and the pure mapping to records |

mod check;
mod client;
pub mod config;
mod counts;
mod credential_report;
mod estate;
mod kinds;
mod offline;
mod source;
mod targets;
mod wire;

pub use config::AwsIamConfig;

auditor_core::inventory::submit! {
    auditor_core::registry::SourcePlugin::new::<AwsIamConfig>(
        "aws-iam",
        "IAM of AWS accounts: users, groups, roles, policies, credentials, identity providers, settings",
        kinds::ALL,
    )
}
