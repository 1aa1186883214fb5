//! `resource`: the head of each record.

use sea_orm::entity::prelude::*;

/// The present state of one record, without its document.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resource")]
pub struct Model {
    /// Its scope.
    #[sea_orm(primary_key, auto_increment = false)]
    pub scope: i64,
    /// The provider's id of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub native_id: String,
    /// The account it belongs to.
    pub account: String,
    /// The name people use.
    pub name: Option<String>,
    /// Stands for its latest content.
    pub fingerprint: Vec<u8>,
    /// Its latest version.
    pub version: i32,
    /// When it was first seen.
    pub first_seen_at: ChronoDateTimeUtc,
    /// When its latest version was observed.
    pub changed_at: ChronoDateTimeUtc,
    /// When an incomplete listing last saw it.
    pub seen_at: Option<ChronoDateTimeUtc>,
    /// Since when it is gone. `None`: it is there.
    pub missing_since: Option<ChronoDateTimeUtc>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
