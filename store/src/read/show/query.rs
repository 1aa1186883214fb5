//! The statement behind a [`Show`], and how its rows are read.

use auditor_core::model::{ColumnType, Part};
use chrono::{DateTime, Utc};
use sea_orm::{DatabaseBackend, QueryResult, Statement};
use serde_json::Value;

use super::{
    Era, Show,
    columns::{ColumnInfo, Columns, Origin, Resolved},
    cursor::{Cursor, SortKey, after, shape},
};
use crate::{
    filter::{Context, Operand, compile},
    read::{
        AccountScope, QueryError,
        ledger::{Field, latest},
        pointer::typed_value,
        sql::Sql,
        when::format_time,
    },
};

/// A resolved query. The statement's columns are: sort keys, columns from tables, document and activity if needed.
pub(super) struct Query {
    backend: DatabaseBackend,
    era: Era,
    outputs: Vec<Resolved>,
    sort: Vec<SortKey>,
    shape: String,
    /// Whether rows carry the document and the activity.
    document: bool,
    activity: bool,
}

impl Query {
    pub(super) fn new(show: &Show, backend: DatabaseBackend) -> Result<Self, QueryError> {
        let era = if show.as_of.is_some() { Era::Then } else { Era::Now };
        let columns = Self::columns_of(show, backend, era);
        let outputs = if show.columns.is_empty() {
            columns.defaults()
        } else {
            show.columns.iter().map(|name| columns.require(name)).collect::<Result<_, _>>()?
        };
        let default = ["account", "name"].map(|column| (column, false));
        let asked: Vec<_> = show.sort.iter().map(|sort| (sort.column.as_str(), sort.descending)).collect();
        let order = if asked.is_empty() { &default[..] } else { &asked[..] };
        let mut sort = Vec::with_capacity(order.len() + 2);
        for (name, descending) in order {
            let column = columns.require(name)?;
            if era == Era::Then && column.info.latest_only {
                return Err(QueryError::LatestOnly { name: column.info.name });
            }
            sort.push(SortKey { operand: column.operand(), descending: *descending });
        }
        sort.push(SortKey { operand: columns.require("native_id")?.operand(), descending: false });
        let scope = Operand::Sql { text: "CAST(s.id AS bigint)", ty: ColumnType::Integer };
        sort.push(SortKey { operand: scope, descending: false });
        let needs = |wanted: Part| {
            outputs
                .iter()
                .any(|column| matches!(&column.origin, Origin::Json { part, .. } if *part == wanted))
        };
        Ok(Self {
            backend,
            era,
            document: needs(Part::Document),
            activity: era == Era::Now && needs(Part::Activity),
            shape: shape(show.kind.name(), order.iter().copied()),
            outputs,
            sort,
        })
    }

    fn columns_of(show: &Show, backend: DatabaseBackend, era: Era) -> Columns<'_> {
        Columns { kind: &show.kind, era, postgres: backend == DatabaseBackend::Postgres }
    }

    /// What each value of a row is.
    pub(super) fn columns(&self) -> Vec<ColumnInfo> {
        self.outputs.iter().map(|column| column.info.clone()).collect()
    }

    pub(super) fn into_columns(self) -> Vec<ColumnInfo> {
        self.outputs.into_iter().map(|column| column.info).collect()
    }

    /// The statement for the rows after `show.after`.
    pub(super) fn statement(
        &self,
        show: &Show,
        scopes: Option<&[i64]>,
        limit: Option<u64>,
    ) -> Result<Statement, QueryError> {
        let mut sql = Sql::new(self.backend);
        if let Some(as_of) = show.as_of {
            scopes_then(&mut sql, show, scopes, as_of);
        }
        sql.push("SELECT ");
        for (i, key) in self.sort.iter().enumerate() {
            key.write(&mut sql);
            sql.push(&format!(" AS k{i}, "));
        }
        for column in &self.outputs {
            if let Origin::Table(text) = column.origin {
                sql.push(text).push(", ");
            }
        }
        sql.push(if self.document { "v.document, " } else { "" });
        sql.push(if self.activity { "a.activity, " } else { "" });
        sql.push("1 ");
        match show.as_of {
            None => from_now(&mut sql, show),
            Some(as_of) => from_then(&mut sql, show, as_of),
        }
        if let Some(filter) = &show.filter {
            let columns = Self::columns_of(show, self.backend, self.era);
            let column = |name: &str| {
                let column = columns.find(name)?;
                if self.era == Era::Then && column.info.latest_only {
                    return Err(QueryError::LatestOnly { name: column.info.name }.to_string());
                }
                Ok(column.operand())
            };
            sql.push(" AND ");
            let now = show.as_of.unwrap_or_else(Utc::now);
            compile(filter, &Context { column: &column, now }, &mut sql)?;
        }
        if let Some(text) = &show.after {
            let cursor = Cursor::decode(text, &self.shape, self.sort.len())?;
            sql.push(" AND ");
            after(&mut sql, &self.sort, &cursor.keys);
        }
        sql.push(" ORDER BY ");
        for (i, key) in self.sort.iter().enumerate() {
            let separator = if i > 0 { ", " } else { "" };
            let direction = if key.descending { "DESC" } else { "ASC" };
            sql.push(&format!("{separator}k{i} {direction} NULLS LAST"));
        }
        if let Some(limit) = limit {
            sql.push(&format!(" LIMIT {limit}"));
        }
        Ok(sql.statement())
    }

    /// Where the next page begins if `row` is the last of this one.
    pub(super) fn cursor(&self, row: &QueryResult) -> Result<String, QueryError> {
        let postgres = self.backend == DatabaseBackend::Postgres;
        let keys = self
            .sort
            .iter()
            .enumerate()
            .map(|(i, key)| key.read(row, i, postgres))
            .collect::<Result<_, _>>()
            .map_err(|source| QueryError::malformed("a sort key", source))?;
        Ok(Cursor::new(&self.shape, keys).encode())
    }

    /// The values of a row.
    pub(super) fn row(&self, row: &QueryResult) -> Result<Vec<Value>, QueryError> {
        let tables = self.outputs.iter().filter(|column| matches!(column.origin, Origin::Table(_))).count();
        let mut next = self.sort.len();
        let json = |wanted: bool, index: usize, what: &str| {
            if !wanted {
                return Ok(None);
            }
            row.try_get_by_index::<Option<Value>>(index).map_err(|source| QueryError::malformed(what, source))
        };
        let document = json(self.document, next + tables, "a document")?;
        let activity = json(self.activity, next + tables + usize::from(self.document), "an activity")?;
        self.outputs
            .iter()
            .map(|column| match &column.origin {
                Origin::Table(_) => {
                    next += 1;
                    table_value(row, next - 1, column.info.ty)
                        .map_err(|source| QueryError::malformed(format!("`{}`", column.info.name), source))
                }
                Origin::Json { part, pointer } => {
                    let json = match part {
                        Part::Document => &document,
                        Part::Activity => &activity,
                    };
                    Ok(typed_value(json.as_ref().and_then(|json| pointer.get(json)), column.info.ty))
                }
            })
            .collect()
    }
}

fn table_value(row: &QueryResult, index: usize, ty: ColumnType) -> Result<Value, sea_orm::DbErr> {
    let value = match ty {
        ColumnType::Timestamp => {
            row.try_get_by_index::<Option<DateTime<Utc>>>(index)?.map(|time| Value::from(format_time(time)))
        }
        ColumnType::Integer => row.try_get_by_index::<Option<i64>>(index)?.map(Value::from),
        _ => row.try_get_by_index::<Option<String>>(index)?.map(Value::from),
    };
    Ok(value.unwrap_or(Value::Null))
}

/// The present: heads with the version they stand for. Of a removed record, the version before its removal.
fn from_now(sql: &mut Sql, show: &Show) {
    sql.push("FROM resource r JOIN scope s ON s.id = r.scope JOIN resource_version v ON v.scope = r.scope");
    sql.push(" AND v.native_id = r.native_id AND v.version = r.version");
    sql.push(if show.include_removed {
        " - CASE WHEN r.missing_since IS NULL THEN 0 ELSE 1 END"
    } else {
        ""
    });
    sql.push(" LEFT JOIN resource_activity a ON a.scope = r.scope AND a.native_id = r.native_id");
    sql.push(" WHERE s.kind = ").bind(show.kind.name()).push(" AND ");
    show.accounts.condition(sql, "r.account");
    sql.push(if show.include_removed { "" } else { " AND r.missing_since IS NULL" });
}

/// The scopes of the kind that may have held records of the accounts. `None`: there is no need to ask.
///
/// Asked for beforehand, since a planner that only knows a subquery for them reads every version there is.
pub(super) fn candidate_scopes(show: &Show, backend: DatabaseBackend) -> Option<Statement> {
    if show.as_of.is_none() || show.accounts == AccountScope::All {
        return None;
    }
    let mut sql = Sql::new(backend);
    sql.push("SELECT CAST(s.id AS bigint) FROM scope s WHERE s.kind = ").bind(show.kind.name()).push(" AND ");
    show.accounts.candidate_scopes(&mut sql);
    Some(sql.statement())
}

/// The scopes with what the ledger said of them then.
fn scopes_then(sql: &mut Sql, show: &Show, scopes: Option<&[i64]>, as_of: DateTime<Utc>) {
    sql.push("WITH s AS MATERIALIZED (SELECT s.id, s.source, s.target, ");
    latest(sql, Field::LastComplete, Some(as_of));
    sql.push(" AS last_complete_at, ");
    latest(sql, Field::Outcome, Some(as_of));
    sql.push(" AS outcome FROM scope s WHERE s.kind = ").bind(show.kind.name());
    if let Some(scopes) = scopes {
        let ids: Vec<_> = scopes.iter().map(ToString::to_string).collect();
        // Numbers from the database itself; one bound parameter each could be too many.
        sql.push(" AND s.id IN (")
            .push(if ids.is_empty() { "NULL" } else { "" })
            .push(&ids.join(", "))
            .push(")");
    }
    sql.push(") ");
}

/// A time past: of each record the latest version until then, `h`; `v` holds its document, which for a removed record
/// is the version before; `f` is its first; `r` is there only if its time is not later.
fn from_then(sql: &mut Sql, show: &Show, as_of: DateTime<Utc>) {
    let record = |alias: &str| format!(" {alias}.scope = h.scope AND {alias}.native_id = h.native_id");
    sql.push("FROM s JOIN resource_version h ON h.scope = s.id AND h.observed_at <= ").bind(as_of);
    sql.push(" JOIN resource_version v ON").push(&record("v"));
    sql.push(" AND v.version = h.version");
    sql.push(if show.include_removed { " - CASE WHEN h.document IS NULL THEN 1 ELSE 0 END" } else { "" });
    sql.push(" LEFT JOIN resource_version f ON").push(&record("f")).push(" AND f.version = 1");
    sql.push(" LEFT JOIN resource r ON").push(&record("r")).push(" AND r.seen_at <= ").bind(as_of);
    sql.push(" WHERE NOT EXISTS (SELECT 1 FROM resource_version n WHERE").push(&record("n"));
    sql.push(" AND n.version = h.version + 1 AND n.observed_at <= ").bind(as_of).push(") AND ");
    show.accounts.condition(sql, "v.account");
    sql.push(if show.include_removed { "" } else { " AND h.document IS NOT NULL" });
}
