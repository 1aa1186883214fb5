//! `auditor show KIND`: what the store holds of a kind.

pub(super) mod knowledge;

use auditor_core::model::ColumnType;
use auditor_store::{
    Store,
    filter::Filter,
    read::{ColumnInfo, KindRef, Show, Sort, common_columns},
};
use chrono::{DateTime, Utc};
use clap::Args;
use futures::TryStreamExt as _;
use knowledge::Knowledge;

use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{
        self, DataColumn, DataFormat, DataWriter, Paint, Shape, count, short_time, some_of, stderr_line,
    },
    store::{self, AccountArgs, StoreArgs},
};

/// Rows of a table, unless `--limit` says otherwise.
const TABLE_LIMIT: u64 = 100;

const HELP: &str = "\
Filters compare columns, or JSON pointers into the document:
  name ~ admin and mfa = false
  not (enabled = true or enabled is null)
  last_used_at < now-90d and account in (111122223333, 444455556666)
  /tags/owner is null and changed_at >= 2026-09-01

`auditor kinds KIND` lists the columns of a kind.";

/// Show the records of a kind, as they are or as they were
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ShowArgs {
    /// The kind, as `auditor kinds` lists it
    #[arg(value_name = "KIND")]
    kind: String,

    #[command(flatten)]
    accounts: AccountArgs,

    /// Only records for which this holds
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,

    /// Order, by these columns; `-` before a name: greatest first. Default: account, name
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', allow_hyphen_values = true)]
    sort: Vec<String>,

    /// These columns, in this order. Default: all, and of those in a table what fits
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    columns: Vec<String>,

    /// As it was then: a date (the end of that day, UTC) or an RFC 3339 time
    #[arg(long, value_name = "TIME", value_parser = store::parse_time)]
    as_of: Option<DateTime<Utc>>,

    /// Removed records too, in their last state
    #[arg(long)]
    removed: bool,

    /// At most so many rows. Default: 100 in a table, else all
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "all")]
    limit: Option<u64>,

    /// Every row
    #[arg(long)]
    all: bool,

    /// The next page, by the cursor printed below the one before
    #[arg(long, value_name = "CURSOR", conflicts_with = "all")]
    cursor: Option<String>,

    /// How the rows are written
    #[arg(long, value_enum, default_value_t = DataFormat::Table)]
    format: DataFormat,

    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) async fn execute(args: ShowArgs, app: &App) -> Result<Exit, Failure> {
    let filter = args.filter.as_deref().map(Filter::parse).transpose();
    let filter = filter.map_err(|error| Failure::usage(error.to_string()))?;
    let store = args.store.open(app).await?;
    let kind = store::kind(&store, &args.kind).await?;
    let show = Show {
        accounts: args.accounts.scope(),
        as_of: args.as_of,
        filter,
        sort: args.sort.iter().filter(|text| !text.is_empty()).map(|text| sort(text)).collect(),
        columns: columns(&kind, &args),
        include_removed: args.removed,
        limit: args.limit.unwrap_or(TABLE_LIMIT),
        after: args.cursor.clone(),
        ..Show::new(kind)
    };
    let paged =
        !args.all && (args.limit.is_some() || args.cursor.is_some() || args.format == DataFormat::Table);
    let fit = args.columns.is_empty();
    let shown = if paged {
        page(&store, &show, args.format, fit).await?
    } else {
        everything(&store, &show, args.format, fit).await?
    };
    let knowledge = match args.as_of {
        Some(as_of) => Knowledge::then(&store, &show.accounts, &args.kind, as_of).await?,
        None => Knowledge::now(&store, &show.accounts, &args.kind).await?,
    };
    footer(&args, &shown, &knowledge);
    Ok(Exit::Complete)
}

/// What was shown, for the footer.
struct Shown {
    rows: u64,
    left_out: Vec<String>,
    next: Option<String>,
}

async fn page(store: &Store, show: &Show, format: DataFormat, fit: bool) -> Result<Shown, Failure> {
    let page = store.show(show).await?;
    let mut writer = DataWriter::new(output::stdout(), format, data_columns(&page.columns), fit)?;
    let rows = page.rows.len() as u64;
    for row in page.rows {
        writer.row(&row)?;
    }
    Ok(Shown { rows, left_out: writer.finish()?, next: page.next })
}

async fn everything(store: &Store, show: &Show, format: DataFormat, fit: bool) -> Result<Shown, Failure> {
    let mut found = store.show_all(show).await?;
    let mut writer = DataWriter::new(output::stdout(), format, data_columns(&found.columns), fit)?;
    let mut rows = 0;
    while let Some(row) = found.rows.try_next().await? {
        writer.row(&row)?;
        rows += 1;
    }
    Ok(Shown { rows, left_out: writer.finish()?, next: None })
}

fn sort(text: &str) -> Sort {
    match text.strip_prefix('-') {
        Some(column) => Sort { column: column.to_owned(), descending: true },
        None => Sort { column: text.strip_prefix('+').unwrap_or(text).to_owned(), descending: false },
    }
}

/// Columns that every answer begins with.
const FIRST: [&str; 2] = ["account", "name"];
/// Columns that an answer has only if they are asked for.
const DOCUMENT: [&str; 2] = ["document", "activity"];

/// The columns asked for, or every column but the document itself: after account and name those that filter and order
/// speak of, then the kind's own.
fn columns(kind: &KindRef, args: &ShowArgs) -> Vec<String> {
    if !args.columns.is_empty() {
        return args.columns.clone();
    }
    let own: &[_] = match kind {
        KindRef::Known(kind) => kind.columns,
        KindRef::Unknown(_) => &[],
    };
    let is_own = |name: &str| own.iter().any(|column| column.name == name);
    let mut rest: Vec<_> = common_columns()
        .map(|column| column.name)
        .filter(|name| !FIRST.contains(&name.as_str()) && !DOCUMENT.contains(&name.as_str()) && !is_own(name))
        .filter(|name| name != "removed_at" || args.removed)
        .collect();
    // Times first of the common ones: in a table the last ones may find no room.
    rest.sort_by_key(|name| match name.as_str() {
        "removed_at" => 0,
        "changed_at" => 1,
        "last_audited_at" => 2,
        "native_id" => 3,
        _ => 4,
    });
    let own = own.iter().map(|column| column.name.to_owned()).filter(|name| !FIRST.contains(&name.as_str()));
    let (spoken_of, others): (Vec<_>, Vec<_>) = own.chain(rest).partition(|name| speaks_of(args, name));
    FIRST.into_iter().map(ToOwned::to_owned).chain(spoken_of).chain(others).collect()
}

/// Whether filter or order name the column. A word of the same spelling within a value does no harm.
fn speaks_of(args: &ShowArgs, column: &str) -> bool {
    let words =
        |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == column);
    args.filter.as_deref().is_some_and(words) || args.sort.iter().any(|text| words(text))
}

fn data_columns(columns: &[ColumnInfo]) -> Vec<DataColumn> {
    let shape = |ty| match ty {
        ColumnType::Integer | ColumnType::Number => Shape::Number,
        ColumnType::Timestamp => Shape::Time,
        _ => Shape::Text,
    };
    columns.iter().map(|column| DataColumn::new(&column.name, shape(column.ty))).collect()
}

/// How many, as of when, and how far that is the whole truth: a failure must not look like an empty result.
fn footer(args: &ShowArgs, shown: &Shown, knowledge: &Knowledge) {
    let paint = Paint::stderr();
    let mut text = count(shown.rows, "record", "records");
    if shown.next.is_some() {
        text = format!("the first {text}");
    }
    match &args.as_of {
        Some(as_of) => text.push_str(&format!(" as of {}", short_time(as_of))),
        None => text.push_str(&knowledge.audited()),
    }
    stderr_line(&paint.dim(&text));
    if let Some(next) = &shown.next {
        stderr_line(&paint.dim(&format!("more: `--cursor {next}`, or `--all`")));
    }
    if !shown.left_out.is_empty() && shown.rows > 0 {
        stderr_line(&paint.dim(&format!("not shown (`--columns` chooses): {}", some_of(&shown.left_out, 8))));
    }
    for warning in knowledge.warnings(&args.kind) {
        stderr_line(&format!("{}: {warning}", paint.yellow("incomplete")));
    }
}

#[cfg(test)]
mod tests {
    use auditor_core::model::{Column, Kind};
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: ShowArgs,
    }

    fn parse(line: &str) -> ShowArgs {
        Line::try_parse_from(std::iter::once("show").chain(line.split(' '))).unwrap().args
    }

    #[test]
    fn sort_and_columns_are_lists() {
        let args = parse("aws_iam_user --sort -last_used_at,name --columns name,/tags/Owner --limit 5");
        let sorts: Vec<_> = args.sort.iter().map(|text| sort(text)).collect();
        assert_eq!(sorts[0], Sort { column: "last_used_at".to_owned(), descending: true });
        assert_eq!(sorts[1], Sort { column: "name".to_owned(), descending: false });
        assert_eq!(columns(&KindRef::Unknown("x".to_owned()), &args), ["name", "/tags/Owner"]);
    }

    #[test]
    fn without_columns_the_kinds_own_come_after_the_name() {
        static USER: Kind =
            Kind::new("test_user", "A user").columns(&[Column::boolean("mfa", "/mfa", "MFA")]);
        let all = columns(&(&USER).into(), &parse("test_user"));
        assert_eq!(all.get(..5).unwrap(), ["account", "name", "mfa", "changed_at", "last_audited_at"]);
        assert!(!all.contains(&"document".to_owned()) && !all.contains(&"removed_at".to_owned()));
        let sorted = columns(&(&USER).into(), &parse("test_user --sort -changed_at --filter version>1"));
        assert_eq!(sorted.get(..4).unwrap(), ["account", "name", "changed_at", "version"]);
    }
}
