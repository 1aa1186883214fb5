//! `auditor db`: the store's tables.

use std::{convert::Infallible, io::Write as _};

use auditor_core::{outcome::Outcome, registry};
use auditor_store::{read::AccountScope, registry::Migrate, schema, views};
use clap::{Args, Subcommand};
use secrecy::SecretString;

use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{self, DataColumn, DataFormat, DataWriter, Paint, count, short_time, stderr_line},
    store::StoreArgs,
};

/// Make and look after the store's tables
#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    Migrate(MigrateArgs),
    Schema(SchemaArgs),
    Status(StatusArgs),
}

/// Bring the tables and views to the version this program works with
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// An administrator's URL. Default: the one in the configuration. Better in the environment: others can see a
    /// process's arguments
    #[arg(long, value_name = "URL", env = "AUDITOR_ADMIN_URL", hide_env_values = true, value_parser = secret)]
    url: Option<SecretString>,

    /// Grant the program's rights to this role. Default: grant nothing
    #[arg(long, value_name = "ROLE")]
    grant_to: Option<String>,

    #[command(flatten)]
    store: StoreArgs,
}

/// Print what an administrator runs once on an empty PostgreSQL database: tables, views, and the program's rights
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// The role that the rights are granted to
    #[arg(long, value_name = "ROLE", default_value = schema::DEFAULT_ROLE)]
    grant_to: String,

    /// A second role, which may read everything and write nothing: for dashboards and for people
    #[arg(long, value_name = "ROLE")]
    reader: Option<String>,
}

/// Say whether the store is ready, and what it holds
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    store: StoreArgs,
}

#[expect(clippy::unnecessary_wraps, reason = "as `clap` wants its parsers")]
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.into())
}

pub(crate) async fn execute(command: DbCommand, app: &App) -> Result<Exit, Failure> {
    match command {
        DbCommand::Migrate(args) => migrate(args, app).await?,
        DbCommand::Schema(args) => {
            let mut out = output::stdout();
            out.write_all(schema::postgres_script(&registry::kinds(), &args.grant_to).as_bytes())?;
            if let Some(reader) = &args.reader {
                writeln!(out, "\n-- A role that only reads.")?;
                for statement in views::reader_statements(&registry::kinds(), reader) {
                    writeln!(out, "{statement};")?;
                }
            }
            out.flush()?;
        }
        DbCommand::Status(args) => status(&args, app).await?,
    }
    Ok(Exit::Complete)
}

async fn migrate(args: MigrateArgs, app: &App) -> Result<(), Failure> {
    let config = app.load()?;
    let (instance, plugin) = args.store.find(&config)?;
    let how = Migrate { admin_url: args.url, grant_to: args.grant_to, kinds: registry::kinds() };
    let done = (plugin.migrate)(instance.table(), &instance.instance, how).await?;
    let what = match done.from {
        None => format!("tables made, version {}", done.to),
        Some(from) if from == done.to => format!("at version {from} already, views made anew"),
        Some(from) => format!("brought from version {from} to {}", done.to),
    };
    stderr_line(&format!("{}: {what}", done.database));
    Ok(())
}

async fn status(args: &StatusArgs, app: &App) -> Result<(), Failure> {
    let config = app.load()?;
    let (instance, plugin) = args.store.find(&config)?;
    // Opening checks the schema's version.
    let store = (plugin.open)(instance.table(), &instance.instance).await?;
    let wanted = schema::wanted_version(store.backend());
    let scopes = store.scopes(&AccountScope::All).await?;
    let latest = store.runs(1).await?.into_iter().next();
    stderr_line(&format!(
        "sink {} ({}) is ready, schema version {wanted}",
        instance.instance.name, instance.plugin.name
    ));
    let latest = latest.map_or_else(
        || "nothing has been audited yet: `auditor run`".to_owned(),
        |run| format!("latest run {} of {}: {}", run.id, short_time(&run.started_at), run.status),
    );
    stderr_line(&Paint::stderr().dim(&latest));
    if scopes.is_empty() {
        return Ok(());
    }
    let columns = vec![
        DataColumn::text("kind"),
        DataColumn::number("records"),
        DataColumn::number("targets"),
        DataColumn::number("complete"),
        DataColumn::time("oldest_complete_at"),
    ];
    let mut writer = DataWriter::new(output::stdout(), DataFormat::Table, columns, true)?;
    for kind in store.kinds().await? {
        let of_kind: Vec<_> = scopes.iter().filter(|scope| scope.kind == kind).collect();
        let complete = of_kind.iter().filter(|scope| scope.outcome == Outcome::Complete).count();
        let oldest = of_kind.iter().filter_map(|scope| scope.last_complete_at).min();
        writer.row(&[
            kind.into(),
            of_kind.iter().map(|scope| scope.present).sum::<u64>().into(),
            of_kind.len().into(),
            complete.into(),
            oldest.map(|time| time.to_rfc3339()).into(),
        ])?;
    }
    writer.finish()?;
    let records = scopes.iter().map(|scope| scope.present).sum();
    stderr_line(&Paint::stderr().dim(&count(records, "record present", "records present")));
    Ok(())
}
