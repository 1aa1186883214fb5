//! The conformance suite of SQL sinks on PostgreSQL, as the restricted role, and what only a server can do to a sink.

#![expect(clippy::unwrap_used, reason = "the whole binary is tests, helpers included")]

mod access;
mod database;
mod faults;

auditor_store::sink_conformance!(database::open, ignore = "needs PostgreSQL: cargo xtask test");
