//! The framework: what a source, a sink and a record are, how plugins register, how a run is carried out.
//!
//! This crate knows no provider, no SDK, no ORM and no command line. Plugins depend on it; it depends on none.
//!
//! | module | holds |
//! |---|---|
//! | [`model`] | resources, kinds, accounts, canonical documents and fingerprints, the common kinds |
//! | [`outcome`] | how listings end: outcomes, gaps, counts, reports |
//! | [`source`] | the [`Source`](source::Source) contract and what a source is handed: [`Collector`](source::Collector), [`Caller`](source::Caller) |
//! | [`sink`] | the [`Sink`](sink::Sink) contract and the account directory |
//! | [`analyzer`] | the [`Analyzer`](analyzer::Analyzer) contract and what an analyzer sees |
//! | [`registry`] | plugin registration through `inventory` |
//! | [`config`] | the TOML file: loading, checking, secrets |
//! | [`engine`] | the run: concurrency, retries, rate limits, cancellation, progress |
//! | [`error`] | error classes and how an error chain is printed |

pub mod analyzer;
pub mod config;
pub mod engine;
pub mod error;
pub mod model;
pub mod outcome;
pub mod registry;
pub mod sink;
pub mod source;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;

pub use inventory;
