//! What the ledger says of a scope: its entries in `task.scopes`, read in SQL.

use chrono::{DateTime, Utc};

use super::sql::Sql;

/// Which field of a scope's latest ledger entry is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// The time of its latest listing that confirmed everything: complete, nothing held back, nothing refused.
    LastComplete,
    /// The outcome of its latest listing.
    Outcome,
    /// Its whole latest entry, as JSON text.
    Entry,
}

/// Writes a subquery for the field of the latest entry of scope `s`, until `as_of` if given. Entries of observations
/// that a later one had overtaken do not count.
pub(crate) fn latest(sql: &mut Sql, field: Field, as_of: Option<DateTime<Utc>>) {
    let (postgres, sqlite) = match field {
        Field::LastComplete => ("t.observed_at", "t.observed_at"),
        Field::Outcome => ("e.value ->> 'outcome'", "e.value ->> 'outcome'"),
        Field::Entry => ("e.value::text", "e.value"),
    };
    sql.push("(SELECT ").either(postgres, sqlite).push(" FROM task t, ");
    sql.either("jsonb_array_elements(t.scopes) AS e(value)", "json_each(t.scopes) AS e");
    sql.push(" WHERE t.source = s.source AND t.target = s.target AND e.value ->> 'kind' = s.kind AND ");
    sql.either(
        "coalesce(e.value ->> 'superseded', 'false') <> 'true'",
        "coalesce(e.value ->> 'superseded', 0) = 0",
    );
    if field == Field::LastComplete {
        sql.push(" AND e.value ->> 'outcome' = 'complete' AND ");
        sql.either(
            "coalesce(e.value #>> '{counts,held}', '0') = '0' AND coalesce(e.value #>> '{counts,quarantined}', '0') = '0'",
            "coalesce(e.value ->> '$.counts.held', 0) = 0 AND coalesce(e.value ->> '$.counts.quarantined', 0) = 0",
        );
    }
    if let Some(as_of) = as_of {
        sql.push(" AND t.observed_at <= ").bind(as_of);
    }
    sql.push(" ORDER BY t.observed_at DESC LIMIT 1)");
}
