//! Alert Logic (Fortra) MDR: which AWS accounts it watches and how well, what it found, and who may sign in to it.
//!
//! One target is one Alert Logic account: the key's own, and each that it manages. Deployments carry the AWS account
//! they watch, and everything that hangs on a deployment is recorded under that account; the rest belongs to
//! `alert-logic:<id>`. Every call is a `GET`, save the login.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | settings and their checks |
//! | `client` | login, hosts, calls, paging, error classes |
//! | `item` | reading replies leniently |
//! | `estate` | what several kinds are made from, read once |
//! | `deployment` | deployments, the join to AWS accounts |
//! | `health` | what is known of agents, appliances and networks |
//! | `kinds` | the kinds, each with its listing and its pure mapping |

mod check;
mod client;
pub mod config;
mod deployment;
mod estate;
mod health;
mod item;
mod kinds;
mod source;
#[cfg(test)]
mod tests;

pub use config::AlertLogicConfig;

auditor_core::inventory::submit! {
    auditor_core::registry::SourcePlugin::new::<AlertLogicConfig>(
        "alert-logic",
        "Alert Logic MDR: deployments, protection, exposures, incidents, collection health, scans, users",
        kinds::ALL,
    )
}
