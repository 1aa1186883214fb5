//! The tables: migrations, which version of them the program wants, and which rights it needs.
//!
//! PostgreSQL is migrated by an administrator, with `auditor db migrate` or the script of [`postgres_script`]; the
//! program itself has no right to. A SQLite file is migrated by whoever opens it to write.

use std::fmt::Write as _;

use auditor_core::{error::SinkError, model::Kind};
use sea_orm::DatabaseBackend;
use sqlx::{
    AssertSqlSafe, SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
};

pub use crate::views::view_statements;

/// The table in which migrations leave their number.
pub const MIGRATION_TABLE: &str = "auditor_migration";

/// The role that [`postgres_script`] grants rights to, unless it is told another.
pub const DEFAULT_ROLE: &str = "auditor_app";

/// What the program's role may do with each table, and nothing else. A test runs the program as such a role.
pub const RIGHTS: [(&str, &[&str]); 11] = [
    (MIGRATION_TABLE, &["SELECT"]),
    ("aws_cross_account_arn", &["SELECT", "INSERT", "UPDATE"]),
    ("run", &["SELECT", "INSERT", "UPDATE"]),
    ("task", &["SELECT", "INSERT", "UPDATE"]),
    ("target", &["SELECT", "INSERT", "UPDATE"]),
    ("scope_state", &["SELECT", "INSERT", "UPDATE"]),
    ("scope", &["SELECT"]),
    ("resource", &["SELECT", "INSERT", "UPDATE"]),
    ("resource_version", &["SELECT", "INSERT"]),
    ("resource_activity", &["SELECT", "INSERT", "UPDATE"]),
    ("resource_current", &["SELECT"]),
];

/// Number, name and text of one migration.
type Step = (i64, &'static str, &'static str);

const POSTGRES: [Step; 1] = [(1, "store", include_str!("../../migrations/postgres/0001_store.sql"))];
const SQLITE: [Step; 1] = [(1, "store", include_str!("../../migrations/sqlite/0001_store.sql"))];

fn steps(backend: DatabaseBackend) -> &'static [Step] {
    if backend == DatabaseBackend::Postgres { &POSTGRES } else { &SQLITE }
}

/// The schema version that this program works with.
pub fn wanted_version(backend: DatabaseBackend) -> i64 {
    steps(backend).last().map_or(0, |step| step.0)
}

/// Every migration of a database.
pub fn migrator(backend: DatabaseBackend) -> Migrator {
    let migrations = steps(backend).iter().map(|(version, name, sql)| {
        Migration::new(
            *version,
            (*name).into(),
            MigrationType::Simple,
            AssertSqlSafe(*sql).into_sql_str(),
            false,
        )
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    migrator.dangerous_set_table_name(MIGRATION_TABLE);
    migrator
}

/// Compares the version found in `database` (`None`: it has no tables of ours) with the one this program works with.
///
/// # Errors
/// Permanent, with what an administrator or the operator has to do.
pub fn check_version(backend: DatabaseBackend, found: Option<i64>, database: &str) -> Result<(), SinkError> {
    let wanted = wanted_version(backend);
    let migrate = "run `auditor db migrate` as an administrator of the database";
    let (problem, hint) = match found {
        Some(found) if found == wanted => return Ok(()),
        None => ("it has no tables of this program".to_owned(), migrate),
        Some(found) if found < wanted => {
            (format!("it has schema version {found}, this program works with {wanted}"), migrate)
        }
        Some(found) => (
            format!("it has schema version {found}, this program works with {wanted}"),
            "the database is newer than this program: install the program's latest version",
        ),
    };
    Err(SinkError::permanent(format!("checking the schema of {database}"), problem).with_hint(hint))
}

/// What an administrator runs once on an empty database: tables, views, and the rights of the program's role.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn postgres_script(kinds: &[&'static Kind], role: &str) -> String {
    let mut script = String::from(
        "-- Run once by an administrator on an empty database. Generated; `auditor db migrate` does the same.\n\
         BEGIN;\n\n",
    );
    let mut add = |text: std::fmt::Arguments<'_>| {
        script.write_fmt(text).expect("writing to a string cannot fail");
    };
    add(format_args!(
        "CREATE TABLE {MIGRATION_TABLE} (\n    version bigint PRIMARY KEY,\n    description text NOT NULL,\n    \
         installed_on timestamptz NOT NULL DEFAULT now(),\n    success boolean NOT NULL,\n    \
         checksum bytea NOT NULL,\n    execution_time bigint NOT NULL\n);\n\n"
    ));
    for migration in migrator(DatabaseBackend::Postgres).iter() {
        add(format_args!(
            "{}\nINSERT INTO {MIGRATION_TABLE} (version, description, success, checksum, execution_time)\n\
             VALUES ({}, '{}', true, '\\x{}', -1);\n\n",
            migration.sql.as_str(),
            migration.version,
            migration.description,
            hex(&migration.checksum),
        ));
    }
    for statement in view_statements(DatabaseBackend::Postgres, kinds) {
        add(format_args!("{statement};\n\n"));
    }
    add(format_args!("-- The program's role: no DELETE, no DDL, no ownership.\n"));
    for statement in grant_statements(kinds, role) {
        add(format_args!("{statement};\n"));
    }
    add(format_args!("\nCOMMIT;\n"));
    script
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Statements that give a role what the program needs.
pub fn grant_statements(kinds: &[&'static Kind], role: &str) -> Vec<String> {
    let role = quoted(role);
    let tables =
        RIGHTS.iter().map(|(table, rights)| format!("GRANT {} ON {table} TO {role}", rights.join(", ")));
    let views = kinds.iter().map(|kind| format!("GRANT SELECT ON {} TO {role}", quoted(kind.name)));
    tables.chain(views).collect()
}

/// A name as SQL takes it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use auditor_core::error::chain;

    use super::*;

    #[test]
    fn a_wrong_version_says_who_has_to_do_what() {
        let check = |found| check_version(DatabaseBackend::Postgres, found, "PostgreSQL at `db`");
        let wanted = wanted_version(DatabaseBackend::Postgres);
        check(Some(wanted)).unwrap();
        for (found, problem, hint) in [
            (None, "no tables", "auditor db migrate"),
            (Some(wanted - 1), "schema version 0", "auditor db migrate"),
            (Some(wanted + 1), "schema version 2", "newer than this program"),
        ] {
            let error = check(found).unwrap_err();
            assert!(chain(&error).contains(problem), "{}", chain(&error));
            assert!(error.hint().unwrap().contains(hint), "{:?}", error.hint());
        }
    }

    #[test]
    fn both_databases_have_the_same_versions() {
        assert_eq!(wanted_version(DatabaseBackend::Postgres), wanted_version(DatabaseBackend::Sqlite));
    }
}
