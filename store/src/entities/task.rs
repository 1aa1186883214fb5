//! `task`: the ledger's tasks.

use sea_orm::entity::prelude::*;

/// One target of one source in a run.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "task")]
pub struct Model {
    /// The run.
    #[sea_orm(primary_key, auto_increment = false)]
    pub run: Uuid,
    /// Name of the source instance.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: String,
    /// Id of the target.
    #[sea_orm(primary_key, auto_increment = false)]
    pub target: String,
    /// Display name of the target.
    pub target_name: String,
    /// The account the target belongs to.
    pub account: String,
    /// The time its facts are of.
    pub observed_at: ChronoDateTimeUtc,
    /// When it was stored.
    pub finished_at: ChronoDateTimeUtc,
    /// How each of its scopes ended, as an array.
    pub scopes: Json,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
