//! `scope`: what is known of each listing.

use sea_orm::entity::prelude::*;

/// One (source, target, kind).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "scope")]
pub struct Model {
    /// Made by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Name of the source instance.
    pub source: String,
    /// Id of the target.
    pub target: String,
    /// Name of the kind.
    pub kind: String,
    /// The account the target belongs to.
    pub account: String,
    /// How the last attempt ended.
    pub outcome: String,
    /// The time of the last attempt.
    pub observed_at: ChronoDateTimeUtc,
    /// The time of the last complete listing. `None`: there was none yet.
    pub last_complete_at: Option<ChronoDateTimeUtc>,
    /// The run of the last attempt.
    pub last_run: Uuid,
    /// How many records are present.
    pub present: i64,
    /// Digest of the present records.
    pub digest: Vec<u8>,
    /// Digest of their activities.
    pub activity_digest: Vec<u8>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
