//! Migration, by an administrator.

use auditor_core::error::SinkError;
use auditor_store::{
    registry::{Migrate, Migrated},
    schema::{check_version, grant_statements, migrator, view_statements, wanted_version},
};
use sea_orm::DatabaseBackend;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, migrate::MigrateError, raw_sql};

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
    let mut statements = vec!["BEGIN".to_owned()];
    statements.extend(view_statements(backend, &how.kinds));
    // A view that is replaced loses the rights granted on it.
    statements.extend(view_grants(&mut connection, how).await.map_err(failed)?);
    if let Some(role) = &how.grant_to {
        if let Some(schema) = target.schema() {
            statements.push(format!("GRANT USAGE ON SCHEMA {} TO {}", quoted(schema), quoted(role)));
        }
        statements.extend(grant_statements(&how.kinds, role));
    }
    statements.push("COMMIT".to_owned());
    connection.execute(raw_sql(AssertSqlSafe(statements.join(";\n")))).await.map_err(failed)?;
    Ok(Migrated { database: target.to_string(), from, to })
}

/// Statements that grant again what is granted on typed views now.
async fn view_grants(connection: &mut PgConnection, how: &Migrate) -> Result<Vec<String>, sqlx::Error> {
    let views: Vec<_> = how.kinds.iter().map(|kind| kind.name).collect();
    let grants: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT table_name::text, grantee::text, privilege_type::text FROM information_schema.role_table_grants \
         WHERE table_schema = current_schema() AND table_name = ANY ($1) AND grantee <> current_user",
    )
    .bind(views)
    .fetch_all(connection)
    .await?;
    let grant = |(view, grantee, right): (String, String, String)| {
        let grantee = if grantee == "PUBLIC" { grantee } else { quoted(&grantee) };
        format!("GRANT {right} ON {} TO {grantee}", quoted(&view))
    };
    Ok(grants.into_iter().map(grant).collect())
}
