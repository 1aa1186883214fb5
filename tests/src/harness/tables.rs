//! Looking into a store past the program, so that the program is not its own witness.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;
use sqlx::{
    Column as _, Connection as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _,
    sqlite::SqliteConnectOptions,
};

use super::postgres::{Database, block_on};

/// A row: column → value.
pub type Line = BTreeMap<String, Value>;

/// A store that a test looks into.
#[derive(Debug, Clone, Copy)]
pub enum Tables<'a> {
    /// A database of PostgreSQL.
    Postgres(&'a Database),
    /// A file of SQLite.
    Sqlite(&'a Path),
}

impl Tables<'_> {
    /// Rows of a query.
    ///
    /// # Panics
    /// If the query is wrong or the store cannot be read.
    pub fn query(&self, sql: &str) -> Vec<Line> {
        match self {
            Self::Postgres(database) => database.query(sql),
            Self::Sqlite(path) => query_sqlite(path, sql),
        }
    }

    /// One number.
    ///
    /// # Panics
    /// If the query does not give one.
    pub fn number(&self, sql: &str) -> i64 {
        let rows = self.query(sql);
        let number = rows.first().and_then(|row| row.values().next()).and_then(Value::as_i64);
        number.unwrap_or_else(|| panic!("`{sql}` gives no number: {rows:?}"))
    }

    /// Everything a store says about the world, without what differs between two stores of the same world: surrogate
    /// keys, run ids and times.
    pub fn state(&self) -> Vec<Line> {
        let hex = |column: &str| match self {
            Self::Postgres(_) => format!("encode({column}, 'hex')"),
            Self::Sqlite(_) => format!("lower(hex({column}))"),
        };
        let (digest, fingerprint) = (hex("s.digest"), hex("r.fingerprint"));
        let scopes = format!(
            "SELECT s.source, s.target, s.kind, s.account, s.outcome, s.present, {digest} AS digest \
             FROM scope s ORDER BY s.source, s.target, s.kind"
        );
        let resources = format!(
            "SELECT s.source, s.target, s.kind, r.native_id, r.name, r.account, r.version, \
                    {fingerprint} AS fingerprint, CASE WHEN r.missing_since IS NULL THEN 0 ELSE 1 END AS missing \
             FROM resource r JOIN scope s ON s.id = r.scope ORDER BY s.source, s.target, s.kind, r.native_id"
        );
        let versions = "SELECT s.source, s.target, s.kind, v.native_id, v.version, CAST(v.document AS text) AS document \
             FROM resource_version v JOIN scope s ON s.id = v.scope \
             ORDER BY s.source, s.target, s.kind, v.native_id, v.version";
        [scopes.as_str(), resources.as_str(), versions].iter().flat_map(|sql| self.query(sql)).collect()
    }
}

fn query_sqlite(path: &Path, sql: &str) -> Vec<Line> {
    let (path, sql): (PathBuf, String) = (path.to_owned(), sql.to_owned());
    block_on(async move {
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection).await?;
        rows.iter()
            .map(|row| {
                let cells = row.columns().iter().map(|column| {
                    let at = column.ordinal();
                    let value = match row.try_get_raw(at)?.type_info().name() {
                        "NULL" => Value::Null,
                        "INTEGER" | "BOOLEAN" => row.try_get::<i64, _>(at)?.into(),
                        "REAL" => row.try_get::<f64, _>(at)?.into(),
                        "TEXT" => row.try_get::<String, _>(at)?.into(),
                        other => anyhow::bail!("column `{}` is a {other}; use hex()", column.name()),
                    };
                    Ok((column.name().to_owned(), value))
                });
                cells.collect()
            })
            .collect()
    })
    .expect("the query is right")
}
