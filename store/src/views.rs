//! Typed SQL views, one per kind, so that any SQL tool reads records without knowing JSON.
//!
//! A value of another type than its column's is null: no record can make a view fail. Columns from activity hold the
//! latest facts.

use auditor_core::model::{Kind, Part};
use sea_orm::DatabaseBackend;

use crate::{
    read::{
        is_common,
        pointer::Pointer,
        sql::{Sql, identifier, quote},
    },
    schema::RIGHTS,
};

/// Columns of every view before the kind's own.
const BEFORE: &str = "account, name, native_id, source, target";
/// Columns of every view after the kind's own.
const AFTER: &str = "version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, \
                     provider_updated_at, document, activity";

/// Statements that make the typed view of each kind, replacing an earlier one of that name. None ends in a semicolon.
///
/// Rights granted on a replaced view go with it: grant them again.
pub fn view_statements(backend: DatabaseBackend, kinds: &[&'static Kind]) -> Vec<String> {
    kinds
        .iter()
        .flat_map(|kind| {
            [format!("DROP VIEW IF EXISTS {}", identifier(kind.name)), create_view(backend, kind)]
        })
        .collect()
}

/// PostgreSQL statements that let a role read everything and write nothing: for dashboards and for people. None ends in a
/// semicolon.
///
/// The last one covers what the same administrator makes later, such as views that a newer version replaces.
pub fn reader_statements(kinds: &[&'static Kind], role: &str) -> Vec<String> {
    let role = identifier(role);
    let tables = RIGHTS.iter().map(|(table, _)| identifier(table));
    let mut statements: Vec<_> = tables
        .chain(kinds.iter().map(|kind| identifier(kind.name)))
        .map(|name| format!("GRANT SELECT ON {name} TO {role}"))
        .collect();
    statements.push(format!("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {role}"));
    statements
}

fn create_view(backend: DatabaseBackend, kind: &Kind) -> String {
    let mut sql = Sql::literal(backend);
    sql.push("CREATE VIEW ").push(&identifier(kind.name)).push(" AS\nSELECT ").push(BEFORE);
    // The store's own columns cannot be shadowed: access control hangs on `account`.
    for column in kind.columns.iter().filter(|column| !is_common(column.name)) {
        // A pointer that cannot be followed in SQL leads nowhere.
        let Ok(pointer) = Pointer::parse(column.pointer) else { continue };
        let base = match column.part {
            Part::Document => "document",
            Part::Activity => "activity",
        };
        sql.push(",\n       ");
        pointer.typed(&mut sql, base, column.ty);
        sql.push(" AS ").push(&identifier(column.name));
    }
    sql.push(",\n       ").push(AFTER).push("\nFROM resource_current\nWHERE kind = ").push(&quote(kind.name));
    sql.into_text()
}
