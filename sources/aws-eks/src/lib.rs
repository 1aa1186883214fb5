//! EKS as AWS knows it: clusters, and who gets into them by access entries, which the clusters themselves do not show.
//!
//! Read in each account and region with `eks:List*` and `eks:Describe*`. What is inside of a cluster, the source
//! `kubernetes` reads.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | settings and their checks |
//! | `target` | accounts and regions |
//! | `client` | EKS in an account and region: calls, and lists, each read to its end |
//! | `estate` | everything read there, with what could not be read |
//! | `kinds` | the kinds and the pure mapping to records |

mod check;
mod client;
pub mod config;
mod estate;
mod kinds;
mod source;
mod target;
#[cfg(test)]
mod tests;

pub use config::AwsEksConfig;

auditor_core::inventory::submit! {
    auditor_core::registry::SourcePlugin::new::<AwsEksConfig>(
        "aws-eks",
        "EKS in AWS accounts: clusters, access entries and the access policies associated with them",
        kinds::ALL,
    )
}
