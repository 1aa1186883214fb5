//! `/_control/…`: the fake's own door, for programs that run it as a process.
//!
//! | request | does |
//! |---|---|
//! | `GET /_control/accounts` | lists accounts with the role to assume |
//! | `GET /_control/calls` | calls counted: account → action → number |
//! | `DELETE /_control/calls` | forgets them |
//! | `POST /_control/faults` | adds a rule (JSON) |
//! | `DELETE /_control/faults` | removes all rules |
//! | `POST /_control/day` | lets a day pass: `{"rate": 0.01}`; in the first ten accounts alone: `{"rate": 1.0, "accounts": 10}` |

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use super::{faults::Rule, server::Shared};

type Fake = State<Arc<Shared>>;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/_control/accounts", get(accounts))
        .route("/_control/calls", get(calls).delete(forget_calls))
        .route("/_control/faults", post(add_fault).delete(remove_faults))
        .route("/_control/day", post(pass_day))
}

#[derive(Serialize)]
struct Listed {
    account: String,
    role_arn: String,
}

async fn accounts(State(fake): Fake) -> Json<Vec<Listed>> {
    let members = fake.estate.members().iter().filter_map(|id| fake.estate.account(id));
    Json(
        members.map(|account| Listed { account: account.id.clone(), role_arn: account.role_arn() }).collect(),
    )
}

async fn calls(State(fake): Fake) -> Json<BTreeMap<String, BTreeMap<String, u64>>> {
    Json(fake.faults.all_calls())
}

async fn forget_calls(State(fake): Fake) -> StatusCode {
    fake.faults.reset_calls();
    StatusCode::NO_CONTENT
}

async fn add_fault(State(fake): Fake, Json(rule): Json<Rule>) -> StatusCode {
    fake.faults.add(rule);
    StatusCode::NO_CONTENT
}

async fn remove_faults(State(fake): Fake) -> StatusCode {
    fake.faults.clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Day {
    rate: f64,
    #[serde(default)]
    accounts: Option<usize>,
}

async fn pass_day(State(fake): Fake, Json(day): Json<Day>) -> StatusCode {
    let rate = day.rate.clamp(0.0, 1.0);
    match day.accounts {
        Some(accounts) => fake.estate.next_day_of(accounts, rate),
        None => fake.estate.next_day(rate),
    }
    StatusCode::NO_CONTENT
}
