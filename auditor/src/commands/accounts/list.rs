//! `auditor accounts list`: every account with who answers for it.

use auditor_core::model::common::ACCOUNT;
use auditor_store::directory::{Account, Coverage, facts};
use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::{Map, Value, json};

use super::{HELP, directory::Directory};
use crate::{
    args::App,
    commands::show::knowledge::Knowledge,
    exit::Exit,
    failure::Failure,
    output::{self, DataColumn, DataFormat, DataWriter, Paint, count, short_time, some_of, stderr_line},
    store::{self, AccountArgs, StoreArgs},
};

/// Show every account, each fact with the source it comes from; CSV and JSON say of when it is, too
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    accounts: AccountArgs,

    /// As it was then: a date (the end of that day, UTC) or an RFC 3339 time
    #[arg(long, value_name = "TIME", value_parser = store::parse_time)]
    as_of: Option<DateTime<Utc>>,

    /// How the list is written
    #[arg(long, value_enum, default_value_t = DataFormat::Table)]
    format: DataFormat,

    #[command(flatten)]
    store: StoreArgs,
}

/// The facts that a table shows first; the others follow.
const FIRST: [&str; 6] = ["name", "owner", "business_unit", "support_team", "security_contact", "status"];

pub(super) async fn execute(args: ListArgs, app: &App) -> Result<Exit, Failure> {
    let directory = Directory::open(&args.store, app).await?;
    let scope = args.accounts.scope();
    let accounts = directory.accounts(&scope, args.as_of).await?;
    let coverage = directory.coverage(&scope, args.as_of).await?;
    let left_out = match args.format {
        DataFormat::Table => table(&accounts, &coverage)?,
        DataFormat::Csv => flat(&accounts, &coverage)?,
        DataFormat::Json | DataFormat::Jsonl => whole(&accounts, &coverage, args.format)?,
    };
    let knowledge = match args.as_of {
        Some(as_of) => Knowledge::then(&directory.store, &scope, ACCOUNT.name, as_of).await?,
        None => Knowledge::now(&directory.store, &scope, ACCOUNT.name).await?,
    };
    let paint = Paint::stderr();
    let mut text = count(accounts.len() as u64, "account", "accounts");
    if let Some(as_of) = &args.as_of {
        text.push_str(&format!(" as of {}", short_time(as_of)));
    }
    let unowned = accounts.iter().filter(|account| account.fact("owner").is_none()).count();
    if unowned > 0 {
        text.push_str(&format!(", {unowned} without a known owner"));
    }
    stderr_line(&paint.dim(&text));
    if !left_out.is_empty() && !accounts.is_empty() {
        let text = format!("not shown (`--format csv` has all): {}", some_of(&left_out, 12));
        stderr_line(&paint.dim(&text));
    }
    for warning in knowledge.warnings(ACCOUNT.name) {
        stderr_line(&format!("{}: {warning}", paint.yellow("incomplete")));
    }
    Ok(Exit::Complete)
}

fn ordered() -> impl Iterator<Item = &'static str> + Clone {
    FIRST.into_iter().chain(facts().filter(|fact| !FIRST.contains(fact)))
}

/// `green`, or `alert-logic green, other red`.
fn tools(account: &str, coverage: &[Coverage]) -> Value {
    let tools: Vec<_> = coverage
        .iter()
        .filter(|one| one.account == account)
        .map(|one| format!("{} {}", one.tool, one.status))
        .collect();
    if tools.is_empty() { Value::Null } else { json!(tools) }
}

fn known_to(account: &Account) -> Value {
    json!(account.sources())
}

/// For people: values with their sources.
fn table(accounts: &[Account], coverage: &[Coverage]) -> Result<Vec<String>, Failure> {
    let names = std::iter::once("account").chain(FIRST).chain(["known_to", "tools"]);
    let rest = ordered().filter(|fact| !FIRST.contains(fact));
    let columns = names.chain(rest.clone()).map(DataColumn::text).collect();
    let mut writer = DataWriter::new(output::stdout(), DataFormat::Table, columns, true)?;
    for account in accounts {
        let cell = |name: &str| {
            account.fact(name).map_or(Value::Null, |fact| {
                let value = &fact.said.value;
                let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
                json!(format!("{value} [{}]", fact.said.source))
            })
        };
        let mut row = vec![json!(account.account)];
        row.extend(FIRST.map(cell));
        row.push(known_to(account));
        row.push(tools(&account.account, coverage));
        row.extend(rest.clone().map(cell));
        writer.row(&row)?;
    }
    writer.finish()
}

/// One row per account, three columns beside each fact.
fn flat(accounts: &[Account], coverage: &[Coverage]) -> Result<Vec<String>, Failure> {
    let mut columns = vec![DataColumn::text("account")];
    for fact in ordered() {
        columns.push(DataColumn::text(fact));
        columns.push(DataColumn::text(&format!("{fact}_source")));
        columns.push(DataColumn::time(&format!("{fact}_changed_at")));
        columns.push(DataColumn::time(&format!("{fact}_seen_at")));
    }
    columns.extend(["known_to", "tools"].map(DataColumn::text));
    let mut writer = DataWriter::new(output::stdout(), DataFormat::Csv, columns, false)?;
    for account in accounts {
        let mut row = vec![json!(account.account)];
        for fact in ordered() {
            let said = account.fact(fact).map(|fact| &fact.said);
            row.push(said.map_or(Value::Null, |said| said.value.clone()));
            row.push(json!(said.map(|said| &said.source)));
            row.push(json!(said.map(|said| said.changed_at)));
            row.push(json!(said.and_then(|said| said.seen_at)));
        }
        row.push(known_to(account));
        row.push(tools(&account.account, coverage));
        writer.row(&row)?;
    }
    writer.finish()
}

/// One object per account.
fn whole(accounts: &[Account], coverage: &[Coverage], format: DataFormat) -> Result<Vec<String>, Failure> {
    let columns = ["account", "facts", "known_to", "coverage"].map(DataColumn::text).to_vec();
    let mut writer = DataWriter::new(output::stdout(), format, columns, false)?;
    for account in accounts {
        let coverage: Vec<_> = coverage.iter().filter(|one| one.account == account.account).collect();
        let facts = facts_by_name(account)?;
        writer.row(&[json!(account.account), facts, json!(account.known_to), json!(coverage)])?;
    }
    writer.finish()
}

/// `{ "owner": { "value": …, "source": …, … }, … }`.
pub(super) fn facts_by_name(account: &Account) -> Result<Value, Failure> {
    let facts = account.facts.iter().map(|fact| {
        let mut value = serde_json::to_value(fact)?;
        if let Some(object) = value.as_object_mut() {
            object.remove("fact");
        }
        Ok((fact.fact.to_owned(), value))
    });
    Ok(Value::Object(facts.collect::<Result<Map<_, _>, serde_json::Error>>()?))
}
