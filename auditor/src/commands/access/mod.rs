//! `auditor access`: who may do what in AWS, and why, answered from what is stored.
//!
//! | module | holds |
//! |---|---|
//! | `estates` | from the store to accounts that can be asked |
//! | `who_can`, `what_can`, `explain`, `paths` | questions about accounts |
//! | `reach` | who crosses accounts |

mod estates;
mod explain;
mod paths;
mod reach;
mod what_can;
mod who_can;

use std::collections::BTreeSet;

use clap::Subcommand;
use serde::Serialize;
use serde_json::Value;

use crate::{args::App, exit::Exit, failure::Failure};

/// For `--help`.
const HELP: &str = "\
Answers come from the stored policies of users, groups and roles, with permissions boundaries and, where an
`aws-organization` source collects them, the organization's policies. Policies of resources (buckets, keys, queues) are not
collected and not looked at, but for the trust policies of roles. What is not stored makes an answer `unknown`, never `no`.";

/// Ask who may do what in AWS, and why
#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    WhoCan(who_can::WhoCanArgs),
    WhatCan(what_can::WhatCanArgs),
    Explain(explain::ExplainArgs),
    Paths(paths::PathsArgs),
    Reach(reach::ReachArgs),
}

pub(crate) async fn execute(command: AccessCommand, app: &App) -> Result<Exit, Failure> {
    match command {
        AccessCommand::WhoCan(args) => who_can::execute(args, app).await,
        AccessCommand::WhatCan(args) => what_can::execute(args, app).await,
        AccessCommand::Explain(args) => explain::execute(args, app).await,
        AccessCommand::Paths(args) => paths::execute(args, app).await,
        AccessCommand::Reach(args) => reach::execute(args, app).await,
    }
}

/// A word of an enumeration, as JSON writes it.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        other => other.unwrap_or_default().to_string(),
    }
}

/// `a, b`.
fn joined(items: &BTreeSet<String>) -> String {
    items.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
