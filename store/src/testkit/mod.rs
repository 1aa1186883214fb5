//! The conformance suite of SQL sinks: one function per rule, run by each sink against a database of its own.
//!
//! ```ignore
//! auditor_store::sink_conformance!(open);    // an `async fn(rule: &str) -> impl Fixture`, one test per rule
//! ```

#![allow(clippy::missing_panics_doc, clippy::unwrap_used, reason = "a test suite: an error ends the test")]

mod analysis;
pub mod rules;
pub mod world;

use auditor_core::sink::Sink;
use sea_orm::DatabaseConnection;

pub use world::World;

/// A database that holds nothing yet, and sinks on it.
pub trait Fixture: Send + Sync {
    /// A new sink on the database, as the program's role, that buffers that many bytes of a task.
    fn sink(&self, buffer_bytes: u32) -> Box<dyn Sink>;

    /// A connection that may see everything.
    fn connection(&self) -> DatabaseConnection;
}

/// Makes one test per rule. The argument is an `async fn(rule: &str) -> impl Fixture`; with `ignore = "reason"` after it,
/// the tests are ignored unless asked for.
#[macro_export]
macro_rules! sink_conformance {
    ($open:path $(, ignore = $reason:literal)?) => {
        $crate::sink_conformance!(@each $open, [$($reason)?],
            prepare_twice_is_harmless
            the_first_task_stores_everything
            a_replay_changes_nothing
            an_unchanged_scope_writes_no_rows
            each_listing_keeps_its_own_times
            every_value_survives
            a_dropped_writer_leaves_no_trace
            changes_and_removals_make_versions
            only_complete_listings_retire
            an_incomplete_listing_says_what_it_saw
            a_gone_target_is_retired
            the_guard_holds_until_accepted
            an_older_observation_changes_nothing
            of_doubled_records_the_last_wins
            a_bad_record_is_quarantined_alone
            a_dry_run_writes_nothing
            activity_makes_no_version
            a_tiny_buffer_gives_the_same_state
            tasks_run_side_by_side
            runs_are_chained
            accounts_are_kept
            analyses_follow_what_changed
        );
    };
    (@each $open:path, $ignore:tt, $($rule:ident)+) => {
        $($crate::sink_conformance!(@one $open, $ignore, $rule);)+
    };
    (@one $open:path, [], $rule:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $rule() {
            $crate::testkit::rules::$rule(&$open(stringify!($rule)).await).await;
        }
    };
    (@one $open:path, [$reason:literal], $rule:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        #[ignore = $reason]
        async fn $rule() {
            $crate::testkit::rules::$rule(&$open(stringify!($rule)).await).await;
        }
    };
}
