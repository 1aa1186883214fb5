//! `resource_activity`: the latest volatile facts.

use sea_orm::entity::prelude::*;

/// The latest volatile facts of one record.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "resource_activity")]
pub struct Model {
    /// Its scope.
    #[sea_orm(primary_key, auto_increment = false)]
    pub scope: i64,
    /// The provider's id of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub native_id: String,
    /// When they were last observed to differ.
    pub observed_at: ChronoDateTimeUtc,
    /// Stands for them.
    pub fingerprint: Vec<u8>,
    /// The facts.
    pub activity: Json,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
