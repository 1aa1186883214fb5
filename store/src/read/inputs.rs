//! What analyzers read: listings with their records, and digests that tell whether they changed.

use std::collections::BTreeMap;

use async_trait::async_trait;
use auditor_core::{
    analyzer::{Input, Item, Listing, Reader},
    error::SinkError,
    model::{AccountId, DigestBuilder},
    outcome::Outcome,
};
use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use sea_orm::{DbErr, QueryResult, StreamTrait as _};

use super::{
    AccountScope, QueryError,
    ledger::{Field, latest},
    sql::Sql,
};
use crate::Store;

const ACTION: &str = "reading what is to be analyzed";

#[async_trait]
impl Reader for Store {
    async fn inputs(&self, kinds: &[&str]) -> Result<Vec<Input>, SinkError> {
        self.digests(kinds).await.map_err(|error| SinkError::permanent(ACTION, error))
    }

    async fn listings(&self, account: Option<&AccountId>, kinds: &[&str]) -> Result<Vec<Listing>, SinkError> {
        let accounts = account.map_or(AccountScope::All, |account| AccountScope::Only(vec![account.clone()]));
        self.listings_of(&accounts, kinds, None).await.map_err(|error| SinkError::permanent(ACTION, error))
    }
}

impl Store {
    async fn digests(&self, kinds: &[&str]) -> Result<Vec<Input>, QueryError> {
        let mut accounts = Digests::default();
        let mut sql = Sql::new(self.backend());
        sql.push("SELECT s.account, s.source, s.target, s.kind, s.outcome, s.digest, s.activity_digest FROM scope s");
        sql.push(" WHERE s.kind IN ").bind_list(kinds.iter().copied());
        sql.push(" ORDER BY s.source, s.target, s.kind");
        self.each(sql, |row| accounts.add(row, &[1, 2, 3, 4], &[5, 6])).await?;
        // Records in listings of others, such as accounts in the listing of their organization.
        let mut sql = Sql::new(self.backend());
        sql.push("SELECT r.account, s.source, s.target, s.kind, s.outcome, r.native_id, r.fingerprint, a.fingerprint");
        sql.push(" FROM scope s JOIN resource r ON r.scope = s.id");
        sql.push(" LEFT JOIN resource_activity a ON a.scope = r.scope AND a.native_id = r.native_id");
        sql.push(" WHERE s.kind IN ").bind_list(kinds.iter().copied());
        sql.push(" AND r.account <> s.account AND r.missing_since IS NULL");
        sql.push(" ORDER BY s.source, s.target, s.kind, r.native_id");
        self.each(sql, |row| accounts.add(row, &[1, 2, 3, 4, 5], &[6, 7])).await?;
        Ok(accounts.finish())
    }

    /// The listings of the kinds with the accounts' records in them, by kind, source and target: as they are, or as they
    /// were then. Those of then carry no activity, of which only the latest is kept.
    ///
    /// # Errors
    /// The database's refusal, or a row that cannot be read.
    pub async fn listings_of(
        &self,
        accounts: &AccountScope,
        kinds: &[&str],
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Vec<Listing>, QueryError> {
        let mut listings = self.outcomes(accounts, kinds, as_of).await?;
        if listings.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new(self.backend());
        sql.push("SELECT CAST(v.scope AS bigint), v.account, v.native_id, v.name, v.provider_created_at, ");
        sql.push("v.provider_updated_at, v.document, ");
        match as_of {
            None => {
                sql.push("a.activity FROM resource r JOIN resource_version v");
                sql.push(" ON v.scope = r.scope AND v.native_id = r.native_id AND v.version = r.version");
                sql.push(" LEFT JOIN resource_activity a ON a.scope = r.scope AND a.native_id = r.native_id");
                sql.push(" WHERE r.missing_since IS NULL AND ");
                accounts.condition(&mut sql, "r.account");
                sql.push(" AND r.scope IN ");
            }
            Some(as_of) => {
                sql.push("NULL FROM resource_version v WHERE v.document IS NOT NULL AND v.observed_at <= ");
                sql.bind(as_of)
                    .push(" AND NOT EXISTS (SELECT 1 FROM resource_version n WHERE n.scope = v.scope");
                sql.push(
                    " AND n.native_id = v.native_id AND n.version = v.version + 1 AND n.observed_at <= ",
                );
                sql.bind(as_of).push(") AND ");
                accounts.condition(&mut sql, "v.account");
                sql.push(" AND v.scope IN ");
            }
        }
        sql.push("(SELECT s.id FROM scope s WHERE s.kind IN ").bind_list(kinds.iter().copied());
        sql.push(") ORDER BY v.scope, v.native_id");
        self.each(sql, |row| {
            let item = Item {
                account: account(row, 1)?,
                native_id: row.try_get_by_index(2)?,
                name: row.try_get_by_index(3)?,
                document: row.try_get_by_index(6)?,
                activity: if as_of.is_some() { None } else { row.try_get_by_index(7)? },
                provider_created_at: row.try_get_by_index(4)?,
                provider_updated_at: row.try_get_by_index(5)?,
            };
            if let Some((_, listing)) = listings.get_mut(&row.try_get_by_index::<i64>(0)?) {
                listing.items.push(item);
            }
            Ok(())
        })
        .await?;
        let kept = listings.into_values().filter(|(own, listing)| *own || !listing.items.is_empty());
        let mut kept: Vec<_> = kept.map(|(_, listing)| listing).collect();
        kept.sort_by(|a, b| (&a.kind, &a.source, &a.target).cmp(&(&b.kind, &b.source, &b.target)));
        Ok(kept)
    }

    /// The listings that may hold records of the accounts, without their records, by scope, and whether they belong to the
    /// accounts.
    async fn outcomes(
        &self,
        accounts: &AccountScope,
        kinds: &[&str],
        as_of: Option<DateTime<Utc>>,
    ) -> Result<BTreeMap<i64, (bool, Listing)>, QueryError> {
        let mut listings = BTreeMap::new();
        let mut sql = Sql::new(self.backend());
        sql.push("SELECT CAST(s.id AS bigint), s.source, s.target, s.kind, s.account, ");
        match as_of {
            None => {
                sql.push("s.outcome");
            }
            Some(_) => latest(&mut sql, Field::Outcome, as_of),
        }
        sql.push(" FROM scope s WHERE s.kind IN ").bind_list(kinds.iter().copied()).push(" AND ");
        accounts.candidate_scopes(&mut sql);
        self.each(sql, |row| {
            // A listing that came later is none of then.
            let Some(outcome) = row.try_get_by_index::<Option<String>>(5)? else { return Ok(()) };
            let outcome = serde_json::from_value::<Outcome>(outcome.into());
            let listing = Listing {
                kind: row.try_get_by_index(3)?,
                source: row.try_get_by_index(1)?,
                target: row.try_get_by_index(2)?,
                outcome: outcome.map_err(|error| DbErr::Type(error.to_string()))?,
                items: Vec::new(),
            };
            let own = accounts.allows(&row.try_get_by_index::<String>(4)?);
            listings.insert(row.try_get_by_index::<i64>(0)?, (own, listing));
            Ok(())
        })
        .await?;
        Ok(listings)
    }

    /// Runs a query and hands on its rows as they come.
    async fn each(
        &self,
        sql: Sql,
        mut take: impl FnMut(&QueryResult) -> Result<(), DbErr>,
    ) -> Result<(), QueryError> {
        let rows = self.connection().stream_raw(sql.statement()).await;
        let mut rows = rows.map_err(QueryError::database(ACTION))?;
        while let Some(row) = rows.try_next().await.map_err(QueryError::database(ACTION))? {
            take(&row).map_err(|source| QueryError::malformed("a stored row", source))?;
        }
        Ok(())
    }
}

/// Digests under construction, by account.
#[derive(Default)]
struct Digests(BTreeMap<AccountId, DigestBuilder>);

impl Digests {
    /// Adds a row whose first column is the account: columns that are texts, and columns that are bytes or null.
    fn add(&mut self, row: &QueryResult, texts: &[usize], bytes: &[usize]) -> Result<(), DbErr> {
        let builder = self.0.entry(account(row, 0)?);
        let builder = builder.or_insert_with(|| DigestBuilder::new("auditor analyzer inputs v1"));
        for column in texts {
            builder.part(row.try_get_by_index::<String>(*column)?.as_bytes());
        }
        for column in bytes {
            builder.optional(row.try_get_by_index::<Option<Vec<u8>>>(*column)?.as_deref());
        }
        Ok(())
    }

    fn finish(self) -> Vec<Input> {
        self.0.into_iter().map(|(account, builder)| Input { account, digest: builder.digest() }).collect()
    }
}

fn account(row: &QueryResult, index: usize) -> Result<AccountId, DbErr> {
    let account: String = row.try_get_by_index(index)?;
    account.parse().map_err(|_| DbErr::Type(format!("`{account}` is no account id")))
}
