//! What the program may do: connection, schema version, each right.

use auditor_core::{
    error::{SinkError, chain},
    sink::CheckItem,
};
use auditor_store::{
    schema::{MIGRATION_TABLE, RIGHTS, check_version},
    write::Database as _,
};
use sea_orm::DatabaseBackend;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::{
    connect::{Commits, Target},
    database::Postgres,
    errors::fault,
};

impl Postgres {
    /// Connects; checks the schema's version and every right.
    ///
    /// # Errors
    /// The first thing that is wrong; of rights, all that are missing.
    pub(crate) async fn check_access(&self) -> Result<(), SinkError> {
        let mut connection = self.connect().await?;
        self.check_version_on(&mut connection).await?;
        let rights = self.rights(&mut connection).await?;
        let missing: Vec<_> =
            rights.into_iter().filter(|(_, granted)| !granted).map(|(right, _)| right).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let problem = format!("the role lacks {}", missing.join(", "));
        Err(SinkError::permanent(format!("checking the rights in {}", self.name()), problem).with_hint(
            format!(
                "as an administrator of the database: {}",
                missing
                    .iter()
                    .map(|right| format!("GRANT {right} TO the role"))
                    .collect::<Vec<_>>()
                    .join("; ")
            ),
        ))
    }

    /// Connects and checks the schema's version.
    pub(crate) async fn check_schema(&self) -> Result<(), SinkError> {
        let mut connection = self.connect().await?;
        self.check_version_on(&mut connection).await
    }

    /// Each thing tried, for `auditor check`.
    pub(crate) async fn check_items(&self) -> Vec<CheckItem> {
        let on = self.name();
        let failed = |what: &str, error: SinkError| {
            let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
            CheckItem::failed(what, on.clone(), format!("{}{hint}", chain(&error)))
        };
        let mut connection = match self.connect().await {
            Ok(connection) => connection,
            Err(error) => return vec![failed("connection", error)],
        };
        let mut items = vec![CheckItem::ok("connection", on.clone())];
        if let Err(error) = self.check_version_on(&mut connection).await {
            items.push(failed("schema version", error));
            return items;
        }
        items.push(CheckItem::ok("schema version", on.clone()));
        match self.rights(&mut connection).await {
            Ok(rights) => items.extend(rights.into_iter().map(|(right, granted)| {
                if granted {
                    CheckItem::ok(right, on.clone())
                } else {
                    let problem = format!("not granted; as an administrator: GRANT {right} TO the role");
                    CheckItem::failed(right, on.clone(), problem)
                }
            })),
            Err(error) => items.push(failed("rights", error)),
        }
        items
    }

    async fn connect(&self) -> Result<PgConnection, SinkError> {
        let connecting = self.target.connect(Commits::Wait).await;
        connecting.map_err(|error| fault(error).into_sink_error(format!("connecting to {}", self.name())))
    }

    async fn check_version_on(&self, connection: &mut PgConnection) -> Result<(), SinkError> {
        let found = schema_version(connection, &self.target).await?;
        check_version(DatabaseBackend::Postgres, found, &self.name())
    }

    /// Every right the program needs, and whether the role has it.
    async fn rights(&self, connection: &mut PgConnection) -> Result<Vec<(String, bool)>, SinkError> {
        let wanted: Vec<_> =
            RIGHTS.iter().flat_map(|(table, rights)| rights.iter().map(|right| (*table, *right))).collect();
        let (tables, rights): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
        sqlx::query_as(
            "SELECT r || ' ON ' || t, coalesce(has_table_privilege(to_regclass(t), r), false) \
             FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (t, r, n) ORDER BY n",
        )
        .bind(tables)
        .bind(rights)
        .fetch_all(connection)
        .await
        .map_err(|error| fault(error).into_sink_error(format!("checking the rights in {}", self.name())))
    }
}

/// The version of the tables; `None` if there are none.
///
/// # Errors
/// Permanent, when the role may not know.
pub(crate) async fn schema_version(
    connection: &mut PgConnection,
    target: &Target,
) -> Result<Option<i64>, SinkError> {
    let action = || format!("reading the schema version of {target}");
    let failed = |error| fault(error).into_sink_error(action());
    let (exists, readable): (bool, bool) = sqlx::query_as(
        "SELECT t IS NOT NULL, coalesce(has_table_privilege(t, 'SELECT'), false) FROM to_regclass($1) AS t",
    )
    .bind(MIGRATION_TABLE)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    if !exists {
        return Ok(None);
    }
    if !readable {
        return Err(SinkError::permanent(action(), format!("the role lacks SELECT ON {MIGRATION_TABLE}"))
            .with_hint("`auditor db schema` prints the statements that grant the program's rights"));
    }
    sqlx::query_scalar(AssertSqlSafe(format!("SELECT max(version) FROM {MIGRATION_TABLE} WHERE success")))
        .fetch_one(connection)
        .await
        .map_err(failed)
}
