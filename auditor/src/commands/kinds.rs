//! `auditor kinds`: what can be collected, and which permissions that takes.

use std::{collections::BTreeSet, io::Write as _};

use auditor_core::{
    model::{ColumnType, Kind, Part},
    registry,
};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::cluster_role::cluster_role;
use crate::{
    exit::Exit,
    failure::Failure,
    output::{self, DataColumn, DataFormat, DataWriter, count},
};

/// List the kinds of records, or describe some of them
#[derive(Debug, Args)]
pub(crate) struct KindsArgs {
    /// Describe these kinds: their columns, and the permissions a complete listing needs
    #[arg(value_name = "KIND")]
    kinds: Vec<String>,

    /// Only kinds that sources of this type emit
    #[arg(long, value_name = "TYPE")]
    from: Option<String>,

    /// Print the least-privilege IAM policy that these kinds (default: all AWS kinds) need
    #[arg(long, conflicts_with = "format")]
    iam_policy: bool,

    /// Print the least-privilege Kubernetes `ClusterRole` that these kinds (default: all Kubernetes kinds) need
    #[arg(long, conflicts_with_all = ["format", "iam_policy"])]
    cluster_role: bool,

    /// How the answer is written
    #[arg(long, value_enum, default_value_t = KindsFormat::Table)]
    format: KindsFormat,
}

/// How kinds are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum KindsFormat {
    /// For people.
    Table,
    /// One array of objects.
    Json,
    /// The kinds reference.
    Markdown,
}

pub(crate) fn execute(args: &KindsArgs) -> Result<Exit, Failure> {
    let kinds = chosen(&args.kinds, args.from.as_deref())?;
    let mut out = output::stdout();
    if args.iam_policy {
        // What is off unless switched on is left to who names the kind.
        let more = if args.kinds.is_empty() { Vec::new() } else { of_sources(&kinds, args.from.as_deref()) };
        out.write_all(iam_policy(&kinds, &more)?.as_bytes())?;
    } else if args.cluster_role {
        out.write_all(cluster_role(&kinds)?.as_bytes())?;
    } else {
        match args.format {
            KindsFormat::Json => {
                let all: Vec<_> = kinds.iter().map(|kind| as_json(kind)).collect();
                serde_json::to_writer_pretty(&mut out, &all)?;
                out.write_all(b"\n")?;
            }
            KindsFormat::Markdown => out.write_all(markdown(&kinds).as_bytes())?,
            KindsFormat::Table if args.kinds.is_empty() => return list(&kinds, out),
            KindsFormat::Table => {
                for kind in kinds {
                    out.write_all(described(kind).as_bytes())?;
                }
            }
        }
    }
    out.flush()?;
    Ok(Exit::Complete)
}

/// The kind of that name.
pub(crate) fn find(name: &str) -> Result<&'static Kind, Failure> {
    let all = registry::kinds();
    all.iter()
        .copied()
        .find(|kind| kind.name == name)
        .ok_or_else(|| Failure::unknown("kind", name, all.iter().map(|kind| kind.name)))
}

fn chosen(names: &[String], from: Option<&str>) -> Result<Vec<&'static Kind>, Failure> {
    let mut kinds = if names.is_empty() {
        registry::kinds()
    } else {
        names.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>()?
    };
    if let Some(from) = from {
        let types = registry::sources().into_iter().map(|plugin| plugin.name);
        if !types.clone().any(|name| name == from) {
            return Err(Failure::unknown("source type", from, types));
        }
        kinds.retain(|kind| emitters(kind).contains(&from));
    }
    Ok(kinds)
}

/// Rights that single types of sources need for these kinds.
fn of_sources(kinds: &[&Kind], from: Option<&str>) -> Vec<&'static str> {
    let sources =
        registry::sources().into_iter().filter(|plugin| from.is_none_or(|from| plugin.name == from));
    let needed = sources.flat_map(|plugin| plugin.permissions).filter(|(kind, _)| kinds.contains(kind));
    needed.flat_map(|(_, permissions)| permissions.iter().copied()).collect()
}

/// The source types that emit a kind.
fn emitters(kind: &Kind) -> Vec<&'static str> {
    let emits = |plugin: &&registry::SourcePlugin| plugin.kinds.contains(&kind);
    registry::sources().into_iter().filter(emits).map(|plugin| plugin.name).collect()
}

fn list(kinds: &[&Kind], out: impl std::io::Write) -> Result<Exit, Failure> {
    let columns = ["kind", "from", "summary"].map(DataColumn::text).to_vec();
    let mut writer = DataWriter::new(out, DataFormat::Table, columns, false)?;
    for kind in kinds {
        let from = emitters(kind);
        let from = if from.is_empty() { Value::Null } else { json!(from) };
        writer.row(&[json!(kind.name), from, json!(kind.summary)])?;
    }
    writer.finish()?;
    Ok(Exit::Complete)
}

const fn type_name(ty: ColumnType) -> &'static str {
    match ty {
        ColumnType::Text => "text",
        ColumnType::Integer => "integer",
        ColumnType::Number => "number",
        ColumnType::Boolean => "boolean",
        ColumnType::Timestamp => "time",
        ColumnType::Json => "json",
    }
}

fn described(kind: &Kind) -> String {
    let mut text = format!("{}: {}\n", kind.name, kind.summary);
    if !kind.native_id.is_empty() {
        text.push_str(&format!("  native id    {}\n", kind.native_id));
    }
    let from = emitters(kind);
    if !from.is_empty() {
        text.push_str(&format!("  from         {}\n", from.join(", ")));
    }
    if !kind.permissions.is_empty() {
        text.push_str(&format!("  permissions  {}\n", kind.permissions.join(", ")));
    }
    text.push('\n');
    let mut table = output::Table::new(["column", "type", "description"]).indent(2);
    for column in kind.columns {
        table.row([column.name.to_owned(), type_name(column.ty).to_owned(), description(column)]);
    }
    text.push_str(&table.render(Some(output::terminal_width().unwrap_or(110))));
    text.push('\n');
    text
}

fn description(column: &auditor_core::model::Column) -> String {
    let volatile = if column.part == Part::Activity { " (volatile: makes no version)" } else { "" };
    let sensitive = if column.sensitive { " (sensitive)" } else { "" };
    format!("{}{volatile}{sensitive}", column.description)
}

fn as_json(kind: &Kind) -> Value {
    let columns: Vec<_> = kind
        .columns
        .iter()
        .map(|column| {
            json!({
                "name": column.name,
                "type": type_name(column.ty),
                "pointer": column.pointer,
                "volatile": column.part == Part::Activity,
                "sensitive": column.sensitive,
                "description": column.description,
            })
        })
        .collect();
    json!({
        "name": kind.name,
        "summary": kind.summary,
        "native_id": kind.native_id,
        "sources": emitters(kind),
        "permissions": kind.permissions,
        "columns": columns,
    })
}

fn markdown(kinds: &[&Kind]) -> String {
    let mut text = "\
# Kinds

Every kind of record this program can collect, with the columns of its view in the store. Made by
`auditor kinds --format markdown` from what the plugins declare: change it there.

A column marked *volatile* holds the latest value only and never makes a version. Besides its own columns, every kind has
these:

| column | type | |
|---|---|---|
"
    .to_owned();
    for column in auditor_store::read::common_columns() {
        let description = column.description.trim_end_matches('.').replace('|', "\\|");
        text.push_str(&format!("| `{}` | {} | {description}. |\n", column.name, type_name(column.ty)));
    }
    for kind in kinds {
        text.push_str(&format!("\n## `{}`\n\n{}.\n\n", kind.name, kind.summary.trim_end_matches('.')));
        let quoted =
            |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let facts = [
            ("Native id", kind.native_id.to_owned()),
            ("From", quoted(&emitters(kind))),
            ("Permissions", quoted(kind.permissions)),
        ];
        for (what, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
            text.push_str(&format!("- {what}: {fact}\n"));
        }
        if !kind.columns.is_empty() {
            text.push_str("\n| column | type | |\n|---|---|---|\n");
        }
        for column in kind.columns {
            let volatile = if column.part == Part::Activity { " *Volatile.*" } else { "" };
            let sensitive = if column.sensitive { " *Sensitive.*" } else { "" };
            let description = column.description.trim_end_matches('.').replace('|', "\\|");
            let (name, ty) = (column.name, type_name(column.ty));
            text.push_str(&format!("| `{name}` | {ty} | {description}.{volatile}{sensitive} |\n"));
        }
    }
    text
}

/// Allows exactly the reading calls that complete listings of these kinds make.
fn iam_policy(kinds: &[&Kind], more: &[&'static str]) -> Result<String, Failure> {
    let actions: BTreeSet<_> = kinds
        .iter()
        .flat_map(|kind| kind.permissions)
        .chain(more)
        .filter(|permission| is_aws_action(permission))
        .collect();
    if actions.is_empty() {
        let names: Vec<_> = kinds.iter().map(|kind| kind.name).collect();
        let kinds = count(names.len() as u64, "kind needs", "kinds need");
        return Err(Failure::usage(format!("the chosen {kinds} no AWS permission"))
            .with_hint("`auditor kinds KIND` shows what a kind needs"));
    }
    // Written out, since `serde_json` would sort the keys: people read policies in the order AWS documents them.
    let actions: Vec<_> = actions.into_iter().map(|action| format!("        \"{action}\"")).collect();
    Ok(format!(
        r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Sid": "AuditorRead",
      "Effect": "Allow",
      "Action": [
{}
      ],
      "Resource": "*"
    }}
  ]
}}
"#,
        actions.join(",\n")
    ))
}

/// `iam:ListUsers`: a service in small letters, a call that begins with a capital.
fn is_aws_action(permission: &str) -> bool {
    permission.split_once(':').is_some_and(|(service, call)| {
        service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && call.bytes().next().is_some_and(|b| b.is_ascii_uppercase())
            && call.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use auditor_core::model::Column;

    use super::*;

    static USER: Kind = Kind::new("aws_test_user", "A user")
        .native_id("The unique id")
        .columns(&[
            Column::boolean("mfa", "/mfa", "Whether a | second factor is set"),
            Column::timestamp("used_at", "/used", "Last use").activity(),
        ])
        .permissions(&["iam:ListUsers", "list things"]);

    #[test]
    fn the_policy_allows_the_declared_actions_only() {
        let policy: Value = serde_json::from_str(&iam_policy(&[&USER], &[]).unwrap()).unwrap();
        assert_eq!(policy["Statement"][0]["Action"], json!(["iam:ListUsers"]));
    }

    #[test]
    fn a_kind_is_described_with_all_it_declares() {
        let text = described(&USER);
        for expected in
            ["native id    The unique id", "iam:ListUsers", "mfa", "boolean", "(volatile: makes no version)"]
        {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        assert!(markdown(&[&USER]).contains("| `mfa` | boolean | Whether a \\| second factor is set. |"));
    }
}
