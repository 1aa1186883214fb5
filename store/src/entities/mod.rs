//! The tables as `SeaORM` entities, for queries whose shape is known beforehand.
//!
//! Bulk writing does not go through these; see the sinks. The meaning of tables and columns is written beside them in
//! `migrations/`.

pub mod account;
pub mod resource;
pub mod resource_activity;
pub mod resource_version;
pub mod run;
pub mod scope;
pub mod task;
