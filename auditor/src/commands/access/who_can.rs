//! `auditor access who-can`.

use std::collections::BTreeSet;

use clap::Args;
use serde_json::json;

use super::{
    HELP,
    estates::{EstateArgs, notes},
    joined, word,
};
use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{self, DataColumn, DataFormat, DataWriter, Paint, count, stderr_line},
};

/// List the users, roles and root users that may do something
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct WhoCanArgs {
    /// The action, e.g. `iam:CreateUser`
    #[arg(value_name = "ACTION", value_parser = action)]
    action: String,

    /// ARN of the resource. Default: any
    #[arg(value_name = "RESOURCE")]
    resource: Option<String>,

    #[command(flatten)]
    estate: EstateArgs,

    /// How the list is written
    #[arg(long, value_enum, default_value_t = DataFormat::Table)]
    format: DataFormat,
}

pub(super) async fn execute(args: WhoCanArgs, app: &App) -> Result<Exit, Failure> {
    let estates = args.estate.open(app, None).await?;
    let columns =
        ["account", "principal", "grade", "resources", "conditions", "granted_by", "except", "unknown"];
    let columns = columns.map(DataColumn::text).to_vec();
    let mut writer = DataWriter::new(output::stdout(), args.format, columns, true)?;
    let mut found = 0;
    let mut said = BTreeSet::new();
    for account in &estates.accounts {
        let estate = estates.read(account).await?;
        said.extend(estate.notes().map(|note| format!("{account}: {note}")));
        for answer in estate.who_can(&args.action, args.resource.as_deref()) {
            found += 1;
            writer.row(&[
                json!(account),
                json!(answer.principal),
                json!(word(&answer.grade)),
                json!(joined(&answer.resources)),
                json!(joined(&answer.conditions)),
                json!(joined(&answer.granted_by)),
                json!(joined(&answer.except)),
                json!(answer.unknown.join("; ")),
            ])?;
        }
    }
    writer.finish()?;
    let text = format!(
        "{} of {}",
        count(found, "principal", "principals"),
        count(estates.accounts.len() as u64, "account", "accounts")
    );
    stderr_line(&Paint::stderr().dim(&text));
    notes(&said);
    Ok(Exit::Complete)
}

/// For `clap`: `service:Action`.
pub(super) fn action(text: &str) -> Result<String, String> {
    match text.split_once(':') {
        Some((service, name))
            if !service.is_empty() && !name.is_empty() && !text.contains(['*', '?', ' ']) =>
        {
            Ok(text.to_owned())
        }
        _ => Err("expected one action, such as `iam:CreateUser`".to_owned()),
    }
}
