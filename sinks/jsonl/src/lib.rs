//! Sink `jsonl`: what a run sees, as lines of JSON in a file or on standard output.
//!
//! A stream, not a store: it keeps no state, compares nothing with earlier runs and so reports only how many records
//! it saw. It is for pipes, log shippers and other programs; beside a store it makes no difference to what that keeps.
//!
//! # Lines
//!
//! Every line is one JSON object; `type` says which. Times are RFC 3339 in UTC.
//!
//! | `type` | when | carries |
//! |---|---|---|
//! | `run_started` | once, first | `run`, `started_at`, `version`, `schema` (the number of this format: 1) |
//! | `resource` | per record | `run`, `source`, `target`, `kind`, `account`, `native_id`, `name`, `observed_at`, `provider_created_at`, `provider_updated_at`, `fingerprint`, `document`, `activity` |
//! | `outcome` | per scope, after its resources | `run`, `source`, `target`, `kind`, `account`, `observed_at`, `outcome`, `seen`, `gaps` |
//! | `task` | per task, after its outcomes | `run`, `source`, `target`, `target_name`, `account`, `observed_at` |
//! | `run_finished` | once, last | `run`, `started_at`, `finished_at`, `status`, `tasks`, `seen`, `failures` |
//!
//! Absent facts are `null`. The lines of a task stand together and are written when it ends, so a task that fails
//! leaves no line. A program that is killed while it writes can leave some of a task's lines without the `task` line
//! that closes them: a reader takes a task's lines for whole when it has seen that one.
//!
//! # Append, not replace
//!
//! A file is only ever appended to, each run after the one before. The alternative, a temporary file renamed at the
//! end of the run, would lose everything a killed run had seen, could not be followed while it grows, and would treat a
//! file and a pipe differently. `run` on each line tells the runs apart; what rotates logs can rotate this file.

mod config;
mod lines;
mod output;
mod sink;

pub use config::JsonlConfig;

auditor_core::inventory::submit! {
    auditor_core::registry::SinkPlugin::new::<JsonlConfig>(
        "jsonl",
        "Lines of JSON, appended to a file or written to standard output",
    )
}
