//! What the account directory is made of: statements, coverage, and how the listings behind them ended.

use std::collections::BTreeMap;

use auditor_core::{
    model::{
        Kind,
        common::{ACCOUNT, TOOL_COVERAGE},
    },
    outcome::Outcome,
};
use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use sea_orm::{ConnectionTrait as _, DbErr, QueryResult, StreamTrait as _};
use serde_json::Value;

use super::{
    AccountScope, QueryError, Show,
    ledger::{Field, latest},
    sql::Sql,
    version::{Version, columns},
};
use crate::{
    Store,
    directory::{Coverage, Listing, Statement, Timeline},
};

const ACTION: &str = "reading the account directory";

/// Source, target and native id.
type Key = (String, String, String);

impl Store {
    /// What every present record of the kind `account` says, each fact with the time since when it is so. With `as_of`:
    /// what was known then.
    ///
    /// # Errors
    /// The database's refusal, or a row that cannot be read.
    pub async fn statements(
        &self,
        accounts: &AccountScope,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Vec<Statement>, QueryError> {
        let mut timelines = self.timelines(accounts, as_of).await?;
        let names = ["account", "source", "target", "native_id", "last_audited_at", "scope_outcome"];
        let rows = self.all(&ACCOUNT, accounts, as_of, &names).await?;
        let statements = rows.into_iter().map(|row| {
            let text = |i: usize| row.get(i).and_then(Value::as_str);
            let own = |i: usize| text(i).unwrap_or_default().to_owned();
            let timeline = timelines.remove(&(own(1), own(2), own(3))).unwrap_or_default();
            Statement {
                account: own(0),
                source: own(1),
                target: own(2),
                facts: timeline.into_facts(),
                seen_at: text(4).and_then(|time| time.parse().ok()),
                outcome: text(5).map(ToOwned::to_owned),
            }
        });
        Ok(statements.collect())
    }

    /// What every present record of the kind `tool_coverage` says. With `as_of`: what was known then.
    ///
    /// # Errors
    /// The database's refusal, or a row that cannot be read.
    pub async fn coverage(
        &self,
        accounts: &AccountScope,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Vec<Coverage>, QueryError> {
        let names = ["account", "tool", "status", "reasons", "source", "target", "last_audited_at"];
        let rows = self.all(&TOOL_COVERAGE, accounts, as_of, &names).await?;
        let coverage = rows.into_iter().map(|row| {
            let text = |i: usize| row.get(i).and_then(Value::as_str);
            let own = |i: usize| text(i).unwrap_or_default().to_owned();
            let reasons = row.get(3).and_then(Value::as_array).into_iter().flatten();
            Coverage {
                account: own(0),
                tool: text(1).unwrap_or("?").to_owned(),
                // A status that cannot be read is not one that says "well".
                status: text(2).unwrap_or("unknown").to_owned(),
                reasons: reasons.filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
                source: own(4),
                target: own(5),
                seen_at: text(6).and_then(|time| time.parse().ok()),
            }
        });
        Ok(coverage.collect())
    }

    /// How the last listings of `account` and `tool_coverage` ended, of every target: which accounts those speak of does
    /// not show from the target's own. With `as_of`: the last until then.
    ///
    /// # Errors
    /// The database's refusal, or a row that cannot be read.
    pub async fn directory_listings(&self, as_of: Option<DateTime<Utc>>) -> Result<Vec<Listing>, QueryError> {
        let mut sql = Sql::new(self.backend());
        sql.push("SELECT s.source, s.target, s.kind, s.account, ");
        latest(&mut sql, Field::Outcome, as_of);
        sql.push(" FROM scope s WHERE s.kind IN ").bind_list([ACCOUNT.name, TOOL_COVERAGE.name]);
        sql.push(" ORDER BY s.source, s.target, s.kind");
        let rows = self.connection().query_all_raw(sql.statement()).await;
        let rows = rows.map_err(QueryError::database(ACTION))?;
        let listings = rows.iter().map(listing).collect::<Result<_, _>>();
        listings.map_err(|source| QueryError::malformed("a row of `scope`", source))
    }

    async fn all(
        &self,
        kind: &'static Kind,
        accounts: &AccountScope,
        as_of: Option<DateTime<Utc>>,
        names: &[&str],
    ) -> Result<Vec<Vec<Value>>, QueryError> {
        let columns = names.iter().map(|name| (*name).to_owned()).collect();
        let show = Show { accounts: accounts.clone(), as_of, columns, ..Show::new(kind) };
        self.show_all(&show).await?.rows.try_collect().await
    }

    /// Since when each fact of each record is as it is. Records that were gone in the end say nothing.
    async fn timelines(
        &self,
        accounts: &AccountScope,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<BTreeMap<Key, Timeline>, QueryError> {
        let mut sql = Sql::new(self.backend());
        sql.push("SELECT s.source, s.target, v.native_id, ").push(&columns("v"));
        sql.push(" FROM scope s JOIN resource_version v ON v.scope = s.id WHERE s.kind = ");
        sql.bind(ACCOUNT.name).push(" AND ");
        accounts.condition(&mut sql, "v.account");
        if let Some(as_of) = as_of {
            sql.push(" AND v.observed_at <= ").bind(as_of);
        }
        sql.push(" ORDER BY v.scope, v.native_id, v.version");
        let rows = self.connection().stream_raw(sql.statement()).await;
        let mut rows = rows.map_err(QueryError::database(ACTION))?;
        let mut timelines = BTreeMap::<Key, Timeline>::new();
        while let Some(row) = rows.try_next().await.map_err(QueryError::database(ACTION))? {
            let (key, version) = version(&row)
                .map_err(|source| QueryError::malformed("a version of an account record", source))?;
            let Some(version) = version else { continue };
            timelines.entry(key).or_default().push(
                version.observed_at,
                &version.account,
                version.name.as_deref(),
                version.document.as_ref(),
            );
        }
        Ok(timelines)
    }
}

fn version(row: &QueryResult) -> Result<(Key, Option<Version>), DbErr> {
    let key = (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    Ok((key, Version::read(row, 3)?))
}

fn listing(row: &QueryResult) -> Result<Listing, DbErr> {
    let outcome = row.try_get_by_index::<Option<String>>(4)?.map(|word| {
        serde_json::from_value::<Outcome>(word.clone().into())
            .map_err(|_| DbErr::Type(format!("`{word}` is no outcome")))
    });
    Ok(Listing {
        source: row.try_get_by_index(0)?,
        target: row.try_get_by_index(1)?,
        kind: row.try_get_by_index(2)?,
        account: row.try_get_by_index(3)?,
        outcome: outcome.transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use auditor_core::model::Resource;
    use serde_json::json;

    use super::*;
    use crate::{
        directory::{Precedence, merge},
        fixture::{Fixture, Listing as Listed, account, on_both, time},
    };

    on_both!(statements_carry_the_age_of_each_fact);

    const ID: &str = "111122223333";

    fn listed(owner: &str, email: &str) -> Listed {
        let document = json!({"owner": owner, "email": email});
        Listed {
            target: "one",
            kind: &ACCOUNT,
            outcome: Outcome::Complete,
            records: vec![Resource::new(&ACCOUNT, account(ID), ID, document).named("prod")],
            gaps: Vec::new(),
        }
    }

    async fn statements_carry_the_age_of_each_fact(mut fixture: Fixture) {
        fixture.run("2026-09-01", vec![listed("ada", "a@example.com")]).await;
        fixture.run("2026-09-02", vec![listed("bob", "a@example.com")]).await;
        fixture.run("2026-09-03", vec![listed("bob", "a@example.com")]).await;
        let told = async |scope: &AccountScope, as_of: Option<&str>| {
            let statements = fixture.store.statements(scope, as_of.map(time)).await.unwrap();
            let accounts = merge(&statements, &Precedence::default());
            let facts = accounts.iter().flat_map(|account| &account.facts).map(|fact| {
                let (said, day) = (&fact.said, fact.said.changed_at.format("%d"));
                let seen = said.seen_at.unwrap().format("%d");
                format!("{}={} {day} {seen}", fact.fact, said.value.as_str().unwrap())
            });
            facts.collect::<Vec<_>>()
        };
        let all = AccountScope::All;
        assert_eq!(
            told(&all, None).await,
            ["name=prod 01 03", "owner=bob 02 03", "email=a@example.com 01 03"]
        );
        let then = told(&all, Some("2026-09-01T12:00:00Z")).await;
        assert_eq!(then, ["name=prod 01 01", "owner=ada 01 01", "email=a@example.com 01 01"]);
        assert_eq!(told(&all, Some("2026-08-01")).await, Vec::<String>::new());
        let others = AccountScope::Only(vec![account("444455556666")]);
        assert_eq!(told(&others, None).await, Vec::<String>::new());
        let listings = fixture.store.directory_listings(None).await.unwrap();
        assert_eq!(listings.len(), 1);
        assert_eq!(listings[0].outcome, Some(Outcome::Complete));
        assert_eq!(
            fixture.store.directory_listings(Some(time("2026-08-01"))).await.unwrap()[0].outcome,
            None
        );
    }
}
