//! The table of accounts to audit, `aws_cross_account_arn`.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use auditor_core::{
    error::SinkError,
    model::AccountId,
    sink::{AccountDirectory, AccountEntry, AccountUse},
};
use chrono::SubsecRound as _;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    sea_query::{Expr, OnConflict},
};

use super::{backend::Database, ledger::fault};
use crate::entities::account::{ActiveModel, Column, Entity, Model};

/// The account table of a database.
pub struct Accounts<D> {
    database: Arc<D>,
}

impl<D: Database> Accounts<D> {
    /// The account table of `database`.
    pub fn new(database: Arc<D>) -> Self {
        Self { database }
    }

    fn failed(&self, what: &str) -> impl FnOnce(DbErr) -> SinkError + use<D> {
        let action = format!("{what} table `aws_cross_account_arn` of {}", self.database.name());
        move |error| fault::<D>(error).into_sink_error(action)
    }
}

#[async_trait]
impl<D: Database> AccountDirectory for Accounts<D> {
    async fn list(&self) -> Result<Vec<AccountEntry>, SinkError> {
        let rows = Entity::find()
            .order_by_asc(Column::Account)
            .all(&self.database.connection())
            .await
            .map_err(self.failed("reading"))?;
        rows.into_iter().map(entry).collect()
    }

    async fn record_use(&self, account: &AccountId, usage: &AccountUse) -> Result<(), SinkError> {
        let mut update = Entity::update_many()
            .col_expr(Column::Working, Expr::value(usage.error.is_none()))
            .col_expr(Column::LastError, Expr::value(usage.error.clone()));
        if usage.error.is_none() {
            update = update.col_expr(Column::LastUsedAt, Expr::value(usage.at.trunc_subsecs(6)));
        }
        update
            .filter(Column::Account.eq(account.as_str()))
            .exec(&self.database.connection())
            .await
            .map_err(self.failed("updating"))?;
        Ok(())
    }

    async fn upsert(&self, entries: &[AccountEntry]) -> Result<u64, SinkError> {
        let stored: BTreeMap<_, _> =
            self.list().await?.into_iter().map(|entry| (entry.account.clone(), entry)).collect();
        let different: Vec<_> = entries
            .iter()
            .filter(|entry| {
                stored.get(&entry.account).is_none_or(|stored| settings(stored) != settings(entry))
            })
            .collect();
        for group in different.chunks(500) {
            let rows = group.iter().map(|entry| ActiveModel {
                account: Set(entry.account.to_string()),
                name: Set(entry.name.clone()),
                role_arn: Set(entry.role_arn.clone()),
                external_id_ref: Set(entry.external_id_ref.clone()),
                enabled: Set(entry.enabled),
                working: NotSet,
                last_used_at: NotSet,
                last_error: NotSet,
            });
            let settings = [Column::Name, Column::RoleArn, Column::ExternalIdRef, Column::Enabled];
            Entity::insert_many(rows)
                .on_conflict(OnConflict::column(Column::Account).update_columns(settings).to_owned())
                .exec_without_returning(&self.database.connection())
                .await
                .map_err(self.failed("writing"))?;
        }
        Ok(different.len() as u64)
    }
}

/// What people set, without what runs found.
fn settings(entry: &AccountEntry) -> (Option<&str>, &str, Option<&str>, bool) {
    (entry.name.as_deref(), &entry.role_arn, entry.external_id_ref.as_deref(), entry.enabled)
}

fn entry(row: Model) -> Result<AccountEntry, SinkError> {
    let account = row.account.parse().map_err(|error| {
        SinkError::permanent("reading table `aws_cross_account_arn`", error)
            .with_hint("correct the account id in that row")
    })?;
    Ok(AccountEntry {
        account,
        name: row.name,
        role_arn: row.role_arn,
        external_id_ref: row.external_id_ref,
        enabled: row.enabled,
        working: row.working,
        last_used_at: row.last_used_at,
        last_error: row.last_error,
    })
}
