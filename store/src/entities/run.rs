//! `run`: the ledger's runs.

use sea_orm::entity::prelude::*;

/// One run.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "run")]
pub struct Model {
    /// `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When it began.
    pub started_at: ChronoDateTimeUtc,
    /// When it was closed. `None`: it is under way, or it was cut off.
    pub finished_at: Option<ChronoDateTimeUtc>,
    /// Version of the program.
    pub version: String,
    /// How it ended, or that it is under way.
    pub status: String,
    /// Its totals.
    pub summary: Option<Json>,
    /// The run whose digest its own digest covers.
    pub previous_run: Option<Uuid>,
    /// See [`run_digest`](crate::evidence::run_digest). `None` until it is closed.
    pub digest: Option<Vec<u8>>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
