//! CloudHealth: which AWS accounts it knows, how well it can read them, who owns them, and what they cost.
//!
//! Reads the REST API with `GET` alone. Of what CloudHealth answers, only named fields are kept, so that external ids
//! and tokens never get further than the reply they came in.
//!
//! Who has access to CloudHealth itself cannot be read: its REST API lists no users, only their number per
//! organization. So this source emits no `principal`.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | settings and their checks |
//! | `target` | tenants, and the customers of partners |
//! | `client` | calls, the four ways of paging, what CloudHealth's errors mean |
//! | `item` | reading loosely documented replies |
//! | `accounts` | the AWS accounts of a tenant, and how other replies are joined to them |
//! | `cube` | decoding cost reports |
//! | `kinds` | the kinds and the mapping to records |

mod accounts;
mod check;
mod client;
pub mod config;
mod cube;
mod item;
mod kinds;
mod source;
mod target;
#[cfg(test)]
mod tests;

pub use config::CloudHealthConfig;

/// CloudHealth takes 30 calls a minute.
const REQUESTS_PER_SECOND: f64 = 0.5;

auditor_core::inventory::submit! {
    auditor_core::registry::SourcePlugin::new::<CloudHealthConfig>(
        "cloudhealth",
        "CloudHealth tenants: AWS accounts with health, owners and monthly cost, perspectives, organizations, policies",
        kinds::ALL,
    )
    .limited_to(REQUESTS_PER_SECOND)
}
