//! The relational store: its tables, change detection, and the queries that read it.
//!
//! One schema and one algorithm for PostgreSQL and SQLite. The sinks bring the connection and the bulk statements; what
//! to write is decided here, without a connection, so that both decide alike.

pub mod directory;
pub mod entities;
pub mod evidence;
mod exclusive;
pub mod filter;
#[cfg(test)]
mod fixture;
pub mod read;
pub mod registry;
pub mod schema;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod views;
pub mod write;

pub use self::exclusive::Exclusive;
use sea_orm::{DatabaseBackend, DatabaseConnection};

/// An open store, for queries.
#[derive(Debug, Clone)]
pub struct Store {
    connection: DatabaseConnection,
}

impl Store {
    /// A store behind an open connection.
    pub fn new(connection: DatabaseConnection) -> Self {
        Self { connection }
    }

    /// The connection.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Which database it is.
    pub fn backend(&self) -> DatabaseBackend {
        self.connection.get_database_backend()
    }
}
