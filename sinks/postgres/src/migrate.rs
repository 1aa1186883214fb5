//! Migration, by an administrator.

use auditor_core::error::SinkError;
use auditor_store::{
    registry::{Migrate, Migrated},
    schema::{check_version, grant_statements, migrator, view_statements, wanted_version},
};
use sea_orm::DatabaseBackend;
use sqlx::{AssertSqlSafe, Executor as _, migrate::MigrateError, raw_sql};

use crate::{
    access::schema_version,
    connect::{Commits, Target, quoted},
    errors::fault,
};

/// Brings the tables to the version of this program, makes the typed views, grants rights.
pub(crate) async fn migrate_target(target: &Target, how: &Migrate) -> Result<Migrated, SinkError> {
    let backend = DatabaseBackend::Postgres;
    let failed = |error| fault(error).into_sink_error(format!("migrating {target}"));
    let mut connection = target
        .connect(Commits::Wait)
        .await
        .map_err(|error| fault(error).into_sink_error(format!("connecting to {target}")))?;
    if let Some(schema) = target.schema() {
        let create = format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(schema));
        connection.execute(raw_sql(AssertSqlSafe(create))).await.map_err(failed)?;
    }
    let from = schema_version(&mut connection, target).await?;
    let to = wanted_version(backend);
    if from.is_some_and(|from| from > to) {
        check_version(backend, from, &target.to_string())?;
    }
    migrator(backend).run_direct(None, &mut connection, false).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => failed(error),
        other => SinkError::permanent(format!("migrating {target}"), other),
    })?;
    let mut statements = view_statements(backend, &how.kinds);
    if let Some(role) = &how.grant_to {
        if let Some(schema) = target.schema() {
            statements.push(format!("GRANT USAGE ON SCHEMA {} TO {}", quoted(schema), quoted(role)));
        }
        statements.extend(grant_statements(&how.kinds, role));
    }
    for statement in statements {
        connection.execute(raw_sql(AssertSqlSafe(statement))).await.map_err(failed)?;
    }
    Ok(Migrated { database: target.to_string(), from, to })
}
