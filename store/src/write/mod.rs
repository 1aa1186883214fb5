//! The write path: from a task's records to the fewest rows that say what changed.
//!
//! | module | holds |
//! |---|---|
//! | [`sink`](mod@sink) | [`SqlSink`]: the sink contract over any [`Database`] |
//! | `writer` | one task: buffers, then stores, trying again while faults are passing ones |
//! | `attempt` | one transaction of a task, from the digests to the ledger row |
//! | [`diff`](mod@diff) | what a listing changes: pure |
//! | `buffer`, `spill` | records until the task is finished |
//! | `admit` | which records a database can hold |
//! | `ledger` | runs |
//! | `accounts` | the table of accounts to audit |
//! | [`backend`] | what a database has to do: the statements |
//! | [`fault`], [`pool`] | error classes, patience, connections |
//!
//! # Durability
//!
//! A task's transaction commits without waiting for the disk (`synchronous_commit = off`; SQLite: `synchronous =
//! NORMAL`), since a run has thousands of them. Closing the run does wait, and the log is written in order, so a run
//! that is closed in the ledger is on disk with everything before it. If the server's machine goes down in between, the
//! last tasks of that run may be gone as if they had never run: their scopes are still as the run before left them, and
//! the next run audits them again. Closing a run counts its tasks first, so a loss does not pass for a complete run.
//! Waiting for the disk with each task was the alternative: it costs more than the task itself and buys nothing that
//! the next run does not.

mod accounts;
mod admit;
mod attempt;
pub mod backend;
mod buffer;
pub mod diff;
pub mod fault;
pub mod ledger;
mod plan;
pub mod pool;
mod sink;
mod spill;
mod writer;

pub use accounts::Accounts;
pub use backend::Database;
pub use buffer::{Buffer, Incoming};
pub use ledger::ScopeEntry;
pub use sink::SqlSink;
