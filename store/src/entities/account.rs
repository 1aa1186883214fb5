//! `aws_cross_account_arn`: the accounts to audit.

use sea_orm::entity::prelude::*;

/// One account to audit.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "aws_cross_account_arn")]
pub struct Model {
    /// The 12-digit AWS account id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account: String,
    /// Display name.
    pub name: Option<String>,
    /// Role to assume in it.
    pub role_arn: String,
    /// Where the external id is found; never the external id itself.
    pub external_id_ref: Option<String>,
    /// Whether runs audit it.
    pub enabled: bool,
    /// Whether the role could be assumed at the last attempt. `None`: never tried.
    pub working: Option<bool>,
    /// When the role was last assumed.
    pub last_used_at: Option<ChronoDateTimeUtc>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
