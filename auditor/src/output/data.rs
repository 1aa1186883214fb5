//! Rows of data as a table, CSV or JSON.

use std::io::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::ValueEnum;
use serde::Serializer as _;
use serde_json::Value;

use super::{Table, csv_cell::inert, table::text_width};
use crate::failure::Failure;

/// How data is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataFormat {
    /// For people: columns that do not fit are left out unless asked for.
    Table,
    /// With a header line; lists and objects as JSON. Text that a spreadsheet would take for a formula begins with `'`.
    Csv,
    /// One array of objects.
    Json,
    /// One object per line.
    Jsonl,
}

/// What a column holds, as far as showing it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Number,
    Time,
}

/// A column of data.
#[derive(Debug, Clone)]
pub(crate) struct DataColumn {
    pub(crate) name: String,
    pub(crate) shape: Shape,
}

impl DataColumn {
    pub(crate) fn new(name: impl Into<String>, shape: Shape) -> Self {
        Self { name: name.into(), shape }
    }

    pub(crate) fn text(name: &str) -> Self {
        Self::new(name, Shape::Text)
    }

    pub(crate) fn number(name: &str) -> Self {
        Self::new(name, Shape::Number)
    }

    pub(crate) fn time(name: &str) -> Self {
        Self::new(name, Shape::Time)
    }
}

/// What a table without a terminal is fitted into.
const DEFAULT_WIDTH: usize = 120;
/// Longer cells are cut in a fitted table.
const CELL_WIDTH: usize = 44;

/// Writes rows as they come; a table when all are there, since its columns depend on them.
pub(crate) struct DataWriter<W: Write> {
    columns: Vec<DataColumn>,
    body: Body<W>,
}

enum Body<W: Write> {
    Table { out: W, rows: Vec<Vec<String>>, width: Option<usize> },
    Csv(Box<csv::Writer<W>>),
    Json { out: W, any: bool },
    Jsonl(W),
}

impl<W: Write> DataWriter<W> {
    /// `fit`: a table may leave out columns and cut cells.
    pub(crate) fn new(
        mut out: W,
        format: DataFormat,
        columns: Vec<DataColumn>,
        fit: bool,
    ) -> Result<Self, Failure> {
        let body = match format {
            DataFormat::Table => {
                let width = super::terminal_width().map_or(DEFAULT_WIDTH, usize::from);
                Body::Table { out, rows: Vec::new(), width: fit.then_some(width) }
            }
            DataFormat::Csv => {
                let mut writer = csv::Writer::from_writer(out);
                writer.write_record(columns.iter().map(|column| &column.name))?;
                Body::Csv(Box::new(writer))
            }
            DataFormat::Json => {
                out.write_all(b"[")?;
                Body::Json { out, any: false }
            }
            DataFormat::Jsonl => Body::Jsonl(out),
        };
        Ok(Self { columns, body })
    }

    /// Writes one row; values in the order of the columns.
    pub(crate) fn row(&mut self, values: &[Value]) -> Result<(), Failure> {
        let columns = &self.columns;
        match &mut self.body {
            Body::Table { rows, width, .. } => {
                let limit = width.map(|_| CELL_WIDTH);
                rows.push(
                    columns.iter().zip(values).map(|(column, value)| cell(column, value, limit)).collect(),
                );
            }
            Body::Csv(writer) => writer.write_record(values.iter().map(csv_cell))?,
            Body::Json { out, any } => {
                out.write_all(if std::mem::replace(any, true) { b",\n " } else { b"\n " })?;
                object(out, columns, values)?;
            }
            Body::Jsonl(out) => {
                object(out, columns, values)?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Writes what is left. Returns the names of columns that a table left out.
    pub(crate) fn finish(self) -> Result<Vec<String>, Failure> {
        match self.body {
            Body::Table { mut out, rows, width } => {
                let (kept, left_out) = fitting(&self.columns, &rows, width);
                if !rows.is_empty() {
                    let table = table_of(&self.columns, &kept, rows);
                    // A fitted table is no wider than the terminal, unless one column alone is.
                    out.write_all(table.render(super::terminal_width()).as_bytes())?;
                }
                out.flush()?;
                return Ok(left_out);
            }
            Body::Csv(mut writer) => writer.flush()?,
            Body::Json { mut out, any } => {
                out.write_all(if any { b"\n]\n" } else { b"]\n" })?;
                out.flush()?;
            }
            Body::Jsonl(mut out) => out.flush()?,
        }
        Ok(Vec::new())
    }
}

/// Indices of the columns that fit, in order, and the names of the others. An empty column goes first of all.
fn fitting(columns: &[DataColumn], rows: &[Vec<String>], width: Option<usize>) -> (Vec<usize>, Vec<String>) {
    let Some(width) = width else { return ((0..columns.len()).collect(), Vec::new()) };
    let mut used = 0;
    let mut kept = Vec::new();
    let mut left_out = Vec::new();
    for (i, column) in columns.iter().enumerate() {
        let cells = rows.iter().filter_map(|row| row.get(i));
        let says_something = kept.is_empty() || cells.clone().any(|cell| cell != NOTHING);
        let needs = cells.map(|cell| text_width(cell)).max().unwrap_or(0).max(column.name.len()) + 2;
        if kept.is_empty() || says_something && used + needs <= width + 2 {
            used += needs;
            kept.push(i);
        } else {
            left_out.push(column.name.clone());
        }
    }
    (kept, left_out)
}

fn table_of(columns: &[DataColumn], kept: &[usize], rows: Vec<Vec<String>>) -> Table {
    let chosen: Vec<_> = kept.iter().filter_map(|i| columns.get(*i)).collect();
    let right = chosen.iter().enumerate().filter(|(_, c)| c.shape == Shape::Number).map(|(i, _)| i);
    let mut table = Table::new(chosen.iter().map(|column| column.name.clone())).right(right);
    for row in rows {
        table.row(kept.iter().filter_map(|i| row.get(*i).cloned()));
    }
    table
}

/// An object with its keys in the order of the columns, which a map of `serde_json` would not keep.
fn object(out: &mut impl Write, columns: &[DataColumn], values: &[Value]) -> serde_json::Result<()> {
    let mut serializer = serde_json::Serializer::new(out);
    serializer.collect_map(columns.iter().map(|column| &column.name).zip(values))
}

/// The value as text: nothing for null, text as it is, lists and objects as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The value as CSV has it, where no text is a formula. Numbers are no texts.
fn csv_cell(value: &Value) -> String {
    match value {
        Value::String(text) => inert(text).into_owned(),
        other => plain(other),
    }
}

/// How tables show that there is no value.
const NOTHING: &str = "-";

/// The value as tables have it: lists of words joined, times to the second.
fn cell(column: &DataColumn, value: &Value, limit: Option<usize>) -> String {
    let text = match value {
        Value::Null => return NOTHING.to_owned(),
        Value::String(text) if column.shape == Shape::Time => time(text),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let words: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            words.join(", ")
        }
        other => plain(other),
    };
    match limit {
        Some(limit) if text.chars().count() > limit => text.chars().take(limit - 1).chain(['…']).collect(),
        _ => text,
    }
}

fn time(text: &str) -> String {
    text.parse::<DateTime<Utc>>().map_or_else(|_| text.to_owned(), |time| short_time(&time))
}

/// `2026-09-30 10:22:31Z`.
pub(crate) fn short_time(time: &DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true).replace('T', " ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(format: DataFormat, fit: bool) -> (String, Vec<String>) {
        let columns = vec![
            DataColumn::text("name"),
            DataColumn::number("keys"),
            DataColumn::time("used_at"),
            DataColumn::text("groups"),
            DataColumn::text("note"),
        ];
        let mut out = Vec::new();
        let mut writer = DataWriter::new(&mut out, format, columns, fit).unwrap();
        let time = "2026-09-30T10:22:31.123456Z";
        writer.row(&[json!("alice"), json!(2), json!(time), json!(["a", "b"]), Value::Null]).unwrap();
        writer.row(&[json!("bob, jr"), Value::Null, Value::Null, json!({"x": 1}), Value::Null]).unwrap();
        let left_out = writer.finish().unwrap();
        (String::from_utf8(out).unwrap(), left_out)
    }

    #[test]
    fn a_table_is_for_people() {
        let (text, left_out) = written(DataFormat::Table, true);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "name     keys  used_at               groups");
        assert_eq!(lines[2], "alice       2  2026-09-30 10:22:31Z  a, b");
        assert_eq!(lines[3], "bob, jr     -  -                     {\"x\":1}");
        assert_eq!(left_out, ["note"], "nothing to show");
        assert!(
            written(DataFormat::Table, false)
                .0
                .starts_with("name     keys  used_at               groups   note")
        );
    }

    #[test]
    fn csv_and_json_lose_nothing() {
        assert_eq!(
            written(DataFormat::Csv, true).0,
            "name,keys,used_at,groups,note\nalice,2,2026-09-30T10:22:31.123456Z,\"[\"\"a\"\",\"\"b\"\"]\",\n\"bob, jr\",,,\"{\"\"x\"\":1}\",\n"
        );
        let (json, _) = written(DataFormat::Json, true);
        let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
        assert_eq!(rows[0]["groups"], json!(["a", "b"]));
        assert!(
            json.contains(r#"{"name":"alice","keys":2,"used_at""#),
            "in the order of the columns: {json}"
        );
        let (jsonl, _) = written(DataFormat::Jsonl, true);
        assert_eq!(
            jsonl.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>(),
            rows
        );
    }

    #[test]
    fn no_text_in_csv_becomes_a_formula() {
        let columns = vec![DataColumn::text("name"), DataColumn::number("size")];
        let mut out = Vec::new();
        let mut writer = DataWriter::new(&mut out, DataFormat::Csv, columns, false).unwrap();
        writer.row(&[json!("=cmd|' /C calc'!A0"), json!(-3)]).unwrap();
        writer.finish().unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "name,size\n'=cmd|' /C calc'!A0,-3\n");
    }

    #[test]
    fn columns_that_do_not_fit_are_named() {
        let columns: Vec<_> = ["a", "b", "c"].into_iter().map(DataColumn::text).collect();
        let rows = vec![vec!["x".repeat(10), "y".repeat(30), "z".to_owned()]];
        assert_eq!(fitting(&columns, &rows, Some(20)), (vec![0, 2], vec!["b".to_owned()]));
        assert_eq!(fitting(&columns, &rows, None).0.len(), 3);
    }
}
