//! `resource_version`: every state a record ever had.

use sea_orm::entity::prelude::*;

/// One state of one record. A tombstone has neither document nor fingerprint.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "resource_version")]
pub struct Model {
    /// Its scope.
    #[sea_orm(primary_key, auto_increment = false)]
    pub scope: i64,
    /// The provider's id of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub native_id: String,
    /// From 1, without holes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// The run that found it.
    pub run: Uuid,
    /// When it was observed.
    pub observed_at: ChronoDateTimeUtc,
    /// The account it belonged to.
    pub account: String,
    /// The name people used.
    pub name: Option<String>,
    /// The provider's time of creation.
    pub provider_created_at: Option<ChronoDateTimeUtc>,
    /// The provider's time of the last change.
    pub provider_updated_at: Option<ChronoDateTimeUtc>,
    /// Stands for the content.
    pub fingerprint: Option<Vec<u8>>,
    /// The document.
    pub document: Option<Json>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
