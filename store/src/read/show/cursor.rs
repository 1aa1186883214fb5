//! Where a page ended, as an opaque text: the sort keys of its last row.

use auditor_core::model::{ColumnType, DigestBuilder};
use chrono::{DateTime, Utc};
use sea_orm::{QueryResult, Value};
use serde::{Deserialize, Serialize};

use crate::{
    filter::Operand,
    read::{QueryError, sql::Sql},
};

/// A sort key's value, exact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Key {
    Null,
    Text(String),
    Integer(i64),
    /// The bits of a floating-point number.
    Number(u64),
    Micros(i64),
}

/// One column of a sort order.
pub(super) struct SortKey {
    pub(super) operand: Operand,
    pub(super) descending: bool,
}

impl SortKey {
    /// Writes the key so that both databases order it alike: texts by code point.
    pub(super) fn write(&self, sql: &mut Sql) {
        match self.operand.ty() {
            ColumnType::Json => {
                sql.push("CAST(");
                self.operand.write(sql);
                sql.push(" AS text)").either(" COLLATE \"C\"", "");
            }
            ColumnType::Text => {
                sql.push("(");
                self.operand.write(sql);
                sql.push(")").either(" COLLATE \"C\"", "");
            }
            ColumnType::Boolean => {
                sql.push("CAST(");
                self.operand.write(sql);
                sql.push(" AS integer)");
            }
            ColumnType::Integer | ColumnType::Number | ColumnType::Timestamp => self.operand.write(sql),
        }
    }

    /// Reads the key out of a row.
    pub(super) fn read(
        &self,
        row: &QueryResult,
        index: usize,
        postgres: bool,
    ) -> Result<Key, sea_orm::DbErr> {
        let key = match self.operand.ty() {
            ColumnType::Timestamp if postgres => row
                .try_get_by_index::<Option<DateTime<Utc>>>(index)?
                .map(|time| Key::Micros(time.timestamp_micros())),
            ColumnType::Text | ColumnType::Json | ColumnType::Timestamp => {
                row.try_get_by_index::<Option<String>>(index)?.map(Key::Text)
            }
            ColumnType::Integer => row.try_get_by_index::<Option<i64>>(index)?.map(Key::Integer),
            ColumnType::Boolean => {
                row.try_get_by_index::<Option<i32>>(index)?.map(|flag| Key::Integer(flag.into()))
            }
            ColumnType::Number => {
                row.try_get_by_index::<Option<f64>>(index)?.map(|number| Key::Number(number.to_bits()))
            }
        };
        Ok(key.unwrap_or(Key::Null))
    }
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Cursor {
    shape: String,
    pub(super) keys: Vec<Key>,
}

impl Cursor {
    pub(super) fn new(shape: &str, keys: Vec<Key>) -> Self {
        Self { shape: shape.to_owned(), keys }
    }

    /// As text of hexadecimal digits.
    pub(super) fn encode(&self) -> String {
        use std::fmt::Write as _;
        let json = serde_json::to_vec(self).expect("keys are plain data");
        json.iter().fold(String::with_capacity(2 * json.len()), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap_or_default(); // writing to a string cannot fail
            text
        })
    }

    /// Reads a cursor made for a query of the same shape.
    pub(super) fn decode(text: &str, shape: &str, keys: usize) -> Result<Self, QueryError> {
        let bytes: Option<Vec<u8>> = (0..text.len())
            .step_by(2)
            .map(|i| text.get(i..i + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect();
        let cursor: Option<Self> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        cursor.filter(|cursor| cursor.shape == shape && cursor.keys.len() == keys).ok_or(QueryError::Cursor)
    }
}

/// What a cursor must be of: the kind and the sort order.
pub(super) fn shape<'a>(kind: &str, sort: impl Iterator<Item = (&'a str, bool)>) -> String {
    let mut builder = DigestBuilder::new("auditor page cursor v1");
    builder.part(kind.as_bytes());
    for (column, descending) in sort {
        builder.part(column.as_bytes()).part(&[descending.into()]);
    }
    builder.digest().to_string().chars().take(16).collect()
}

/// Writes the condition that a row comes after the cursor. Absent values come last in either direction.
pub(super) fn after(sql: &mut Sql, keys: &[SortKey], values: &[Key]) {
    sql.push("(1 = 0");
    for (n, (key, value)) in keys.iter().zip(values).enumerate() {
        if *value == Key::Null {
            continue;
        }
        sql.push(" OR (");
        for (key, value) in keys.iter().zip(values).take(n) {
            key.write(sql);
            match value {
                Key::Null => sql.push(" IS NULL"),
                value => sql.push(" = ").bind(parameter(value)),
            };
            sql.push(" AND ");
        }
        sql.push("(");
        key.write(sql);
        sql.push(if key.descending { " < " } else { " > " }).bind(parameter(value));
        sql.push(" OR ");
        key.write(sql);
        sql.push(" IS NULL))");
    }
    sql.push(")");
}

fn parameter(key: &Key) -> Value {
    match key {
        Key::Null => Value::String(None),
        Key::Text(text) => text.as_str().into(),
        Key::Integer(number) => (*number).into(),
        Key::Number(bits) => f64::from_bits(*bits).into(),
        Key::Micros(micros) => DateTime::<Utc>::from_timestamp_micros(*micros).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_nothing_else_passes() {
        let keys =
            vec![Key::Text("ü".to_owned()), Key::Null, Key::Number(0.1_f64.to_bits()), Key::Integer(-1)];
        let cursor = Cursor::new("shape", keys);
        let text = cursor.encode();
        assert_eq!(Cursor::decode(&text, "shape", 4).unwrap(), cursor);
        for bad in ["", "zz", "é", "7b", &text.replacen('7', "", 1), &text.replacen("7b", "", 1)] {
            assert!(Cursor::decode(bad, "shape", 4).is_err(), "{bad}");
        }
        assert!(Cursor::decode(&text, "other", 4).is_err());
        assert!(Cursor::decode(&text, "shape", 3).is_err());
    }
}
