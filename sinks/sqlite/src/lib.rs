//! Sink `sqlite`: the relational store in one file, for trying out, small estates and tests.
//!
//! Connection and statements; what to write is decided in [`auditor_store::write`]. The file is made and migrated by
//! whoever opens it to write.

mod config;
mod database;
mod errors;
mod statements;
mod transaction;

pub use config::SqliteConfig;

auditor_core::inventory::submit! {
    auditor_core::registry::SinkPlugin::new::<SqliteConfig>(
        "sqlite",
        "The store in one SQLite file: history of every resource, nothing to install",
    )
}

auditor_core::inventory::submit! {
    auditor_store::registry::StorePlugin {
        sink: "sqlite",
        open: config::open,
        migrate: config::migrate,
    }
}
