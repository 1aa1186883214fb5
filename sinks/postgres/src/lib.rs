//! Sink `postgres`: the relational store on PostgreSQL 13 or later.
//!
//! Connection and statements; what to write is decided in [`auditor_store::write`]. The program's role needs SELECT,
//! INSERT and UPDATE as [`RIGHTS`](auditor_store::schema::RIGHTS) lists them, nothing else.

mod access;
mod config;
mod connect;
mod database;
mod errors;
mod migrate;
mod touch;
mod transaction;

pub use config::PostgresConfig;

auditor_core::inventory::submit! {
    auditor_core::registry::SinkPlugin::new::<PostgresConfig>(
        "postgres",
        "The store on PostgreSQL: history of every resource, for real use",
    )
}

auditor_core::inventory::submit! {
    auditor_store::registry::StorePlugin {
        sink: "postgres",
        open: config::open,
        migrate: config::migrate,
    }
}
