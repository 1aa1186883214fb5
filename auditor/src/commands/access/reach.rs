//! `auditor access reach`.

use auditor_analyzer_aws_access::{ASSUME_EDGE, PRINCIPAL_ACCESS, reach};
use auditor_core::analyzer::View;
use auditor_store::read::AccountScope;
use chrono::Utc;
use clap::Args;
use serde_json::json;

use super::{HELP, estates::EstateArgs, joined, word};
use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{self, DataColumn, DataFormat, DataWriter, Paint, count, stderr_line},
};

/// List outside accounts, identity providers and principals of other accounts with the roles that they can become
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ReachArgs {
    #[command(flatten)]
    estate: EstateArgs,

    /// How the list is written
    #[arg(long, value_enum, default_value_t = DataFormat::Table)]
    format: DataFormat,
}

pub(super) async fn execute(args: ReachArgs, app: &App) -> Result<Exit, Failure> {
    let store = args.estate.store.open(app).await?;
    let kinds = [ASSUME_EDGE.name, PRINCIPAL_ACCESS.name];
    let listings = store.listings_of(&AccountScope::All, &kinds, args.estate.as_of).await?;
    if listings.is_empty() {
        return Err(Failure::failed("who may assume which role was not analyzed").with_hint(
            "add `[analyzers.aws-access]` to the configuration and run; an earlier time has no answer before that",
        ));
    }
    let at = args.estate.as_of.unwrap_or_else(Utc::now);
    let scope = args.estate.accounts.scope();
    let mut records = reach(&View { account: None, at, listings: &listings, shared: &[] });
    records.retain(|record| {
        scope.allows(&record.to_account)
            || record.from_account.as_deref().is_some_and(|from| scope.allows(from))
    });
    let columns = [
        "from",
        "from_type",
        "to",
        "to_admin",
        "hops",
        "conditions",
        "external_id",
        "subjects",
        "chain",
        "from_account",
        "to_account",
        "known",
    ];
    let columns = columns.map(DataColumn::text).to_vec();
    let mut writer = DataWriter::new(output::stdout(), args.format, columns, true)?;
    for record in &records {
        writer.row(&[
            json!(record.from),
            json!(record.from_type),
            json!(record.to),
            json!(record.to_admin.as_ref().map(word)),
            json!(record.hops),
            json!(joined(&record.conditions)),
            json!(record.has_external_id),
            json!(joined(&record.subjects)),
            json!(record.chain),
            json!(record.from_account),
            json!(record.to_account),
            json!(record.known),
        ])?;
    }
    writer.finish()?;
    stderr_line(&Paint::stderr().dim(&count(records.len() as u64, "way", "ways")));
    Ok(Exit::Complete)
}
