//! JSON pointers (RFC 6901) as each database's paths, and typed values read through them: in SQL for views, filters and
//! sort orders, in Rust for answers. The two must agree; the tests of `views` hold them together.

use auditor_core::model::ColumnType;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    sql::{Sql, quote},
    when::format_time,
};

/// Tokens that might be an index or a key need a look at the document in SQLite, and more of them ever more text.
const MAX_NUMERIC_TOKENS: usize = 3;
const MAX_TOKENS: usize = 32;

/// A JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pointer {
    text: String,
    tokens: Vec<String>,
}

impl Pointer {
    /// Parses a pointer; says what is wrong with a bad one.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err("a document pointer begins with `/`".to_owned());
        }
        let tokens: Vec<_> =
            text.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
        if tokens.len() > MAX_TOKENS {
            return Err(format!("a document pointer has at most {MAX_TOKENS} steps"));
        }
        if tokens.iter().filter(|token| is_index(token)).count() > MAX_NUMERIC_TOKENS {
            return Err(format!("a document pointer has at most {MAX_NUMERIC_TOKENS} numbers"));
        }
        Ok(Self { text: text.to_owned(), tokens })
    }

    /// The value it leads to.
    pub(crate) fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        value.pointer(&self.text)
    }

    /// Writes `base` at this pointer, with a type: null where it leads nowhere or to a value of another type.
    ///
    /// Times are `timestamptz` in PostgreSQL and text with milliseconds in UTC in SQLite.
    pub(crate) fn typed(&self, sql: &mut Sql, base: &str, ty: ColumnType) {
        if sql.is_postgres() { self.typed_postgres(sql, base, ty) } else { self.typed_sqlite(sql, base, ty) }
    }

    /// Writes `base` at this pointer as PostgreSQL `jsonb`.
    pub(crate) fn postgres_json(&self, sql: &mut Sql, base: &str) {
        self.postgres(sql, base, "#>");
    }

    fn postgres(&self, sql: &mut Sql, base: &str, operator: &str) {
        let path = format!(
            "{{{}}}",
            self.tokens
                .iter()
                .map(|token| format!("\"{}\"", token.replace('\\', "\\\\").replace('"', "\\\"")))
                .collect::<Vec<_>>()
                .join(",")
        );
        sql.push("(").push(base).push(" ").push(operator).push(" ").string(&path).push("::text[])");
    }

    fn typed_postgres(&self, sql: &mut Sql, base: &str, ty: ColumnType) {
        let json = |sql: &mut Sql| self.postgres(sql, base, "#>");
        let text = |sql: &mut Sql| self.postgres(sql, base, "#>>");
        let when_type = |sql: &mut Sql, name: &str| {
            sql.push("CASE jsonb_typeof");
            json(sql);
            sql.push(" WHEN '").push(name).push("' THEN ");
        };
        let numeric = |sql: &mut Sql| {
            json(sql);
            sql.push("::numeric");
        };
        match ty {
            ColumnType::Text => text(sql),
            ColumnType::Json => {
                sql.push("nullif(");
                json(sql);
                sql.push(", 'null'::jsonb)");
            }
            ColumnType::Boolean => {
                when_type(sql, "boolean");
                json(sql);
                sql.push("::boolean END");
            }
            // The inner CASE is only reached for numbers: without it the cast could fail for other values.
            ColumnType::Integer => {
                when_type(sql, "number");
                sql.push("CASE WHEN ");
                numeric(sql);
                sql.push(" % 1 = 0 AND ");
                numeric(sql);
                sql.push(" BETWEEN -9223372036854775808 AND 9223372036854775807 THEN ");
                numeric(sql);
                sql.push("::bigint END END");
            }
            // `jsonb` holds decimals beyond what `float8` can, and the cast then fails.
            ColumnType::Number => {
                when_type(sql, "number");
                sql.push("CASE WHEN ");
                numeric(sql);
                sql.push(" = 0 OR abs(");
                numeric(sql);
                sql.push(") BETWEEN 2.3e-308 AND 1.79e308 THEN ");
                numeric(sql);
                sql.push("::float8 END END");
            }
            ColumnType::Timestamp => {
                sql.push("CASE WHEN ");
                text(sql);
                sql.push(" ~ ").push(&quote(&rfc3339_pattern())).push(" THEN ");
                text(sql);
                sql.push("::timestamptz END");
            }
        }
    }

    /// Writes the path expression for SQLite's JSON functions. A number is an index in an array, else a key.
    pub(crate) fn sqlite_path(&self, sql: &mut Sql, base: &str) {
        self.sqlite_prefix(sql, base, self.tokens.len());
    }

    fn sqlite_prefix(&self, sql: &mut Sql, base: &str, len: usize) {
        let key = |token: &str| format!(".{}", Value::from(token));
        let Some(last) = self.tokens.iter().take(len).rposition(|token| is_index(token)) else {
            let keys: String = self.tokens.iter().take(len).map(|token| key(token)).collect();
            sql.string(&format!("${keys}"));
            return;
        };
        let Some(token) = self.tokens.get(last) else { return };
        sql.push("(");
        self.sqlite_prefix(sql, base, last);
        sql.push(" || CASE json_type(").push(base).push(", ");
        self.sqlite_prefix(sql, base, last);
        sql.push(") WHEN 'array' THEN ").string(&format!("[{token}]"));
        sql.push(" ELSE ").string(&key(token)).push(" END");
        let rest: String = self.tokens.iter().take(len).skip(last + 1).map(|token| key(token)).collect();
        if !rest.is_empty() {
            sql.push(" || ").string(&rest);
        }
        sql.push(")");
    }

    fn typed_sqlite(&self, sql: &mut Sql, base: &str, ty: ColumnType) {
        let call = |sql: &mut Sql, function: &str| {
            sql.push(function).push("(").push(base).push(", ");
            self.sqlite_path(sql, base);
            sql.push(")");
        };
        let json = |sql: &mut Sql| {
            sql.push("(").push(base).push(" -> ");
            self.sqlite_path(sql, base);
            sql.push(")");
        };
        match ty {
            ColumnType::Text => {
                sql.push("CASE ");
                call(sql, "json_type");
                sql.push(" WHEN 'text' THEN ");
                call(sql, "json_extract");
                sql.push(" WHEN 'null' THEN NULL ELSE ");
                json(sql);
                sql.push(" END");
            }
            ColumnType::Json => {
                sql.push("nullif(");
                json(sql);
                sql.push(", 'null')");
            }
            ColumnType::Boolean => {
                sql.push("CASE ");
                call(sql, "json_type");
                sql.push(" WHEN 'true' THEN 1 WHEN 'false' THEN 0 END");
            }
            // Integers beyond 64 bits come out of `json_extract` as floating-point numbers.
            ColumnType::Integer => {
                sql.push("CASE WHEN ");
                call(sql, "json_type");
                sql.push(" = 'integer' AND typeof(");
                call(sql, "json_extract");
                sql.push(") = 'integer' THEN ");
                call(sql, "json_extract");
                sql.push(" END");
            }
            ColumnType::Number => {
                sql.push("CASE WHEN ");
                call(sql, "json_type");
                sql.push(" IN ('integer', 'real') THEN CAST(");
                call(sql, "json_extract");
                sql.push(" AS real) END");
            }
            // SQLite takes more than RFC 3339 for a time (`now`, bare numbers, hour 24) and rolls 30 February over to March.
            ColumnType::Timestamp => {
                const START: &str =
                    "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*";
                let value = |sql: &mut Sql| call(sql, "json_extract");
                sql.push("CASE WHEN ");
                call(sql, "json_type");
                sql.push(" = 'text' AND (");
                value(sql);
                sql.push(&format!(" GLOB '{START}Z' OR "));
                value(sql);
                sql.push(&format!(" GLOB '{START}[-+][0-9][0-9]:[0-9][0-9]') AND "));
                value(sql);
                sql.push(" NOT GLOB '0000*' AND ");
                value(sql);
                sql.push(" NOT GLOB '*T24*' AND date(substr(");
                value(sql);
                sql.push(", 1, 10)) = substr(");
                value(sql);
                sql.push(", 1, 10) THEN strftime('%Y-%m-%dT%H:%M:%f+00:00', ");
                value(sql);
                sql.push(") END");
            }
        }
    }
}

fn is_index(token: &str) -> bool {
    token.len() <= 9
        && !token.is_empty()
        && token.bytes().all(|b| b.is_ascii_digit())
        && (token == "0" || !token.starts_with('0'))
}

/// RFC 3339 with days that exist, so that PostgreSQL's cast cannot fail. Leap seconds are left out.
fn rfc3339_pattern() -> String {
    let divisible_by_4 = "([02468][048]|[13579][26])";
    let leap_year = format!("([0-9]{{2}}(0[48]|[2468][048]|[13579][26])|{divisible_by_4}00)");
    format!(
        "^(?!0000)([0-9]{{4}}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)\
         |02-(0[1-9]|1[0-9]|2[0-8]))|{leap_year}-02-29)\
         T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{{1,9}})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$"
    )
}

/// A time as both databases read it: `chrono` knows leap seconds, small letters and wider offsets besides.
fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    let plain = text.get(10..11) == Some("T")
        && !text.ends_with('z')
        && !text.starts_with("0000")
        && text.get(17..19) != Some("60")
        && time.offset().local_minus_utc().abs() < 15 * 3600;
    plain.then(|| time.to_utc())
}

/// The value in the form of its column's type: null for a value of another type.
pub(crate) fn typed_value(value: Option<&Value>, ty: ColumnType) -> Value {
    let Some(value) = value else { return Value::Null };
    match (ty, value) {
        (ColumnType::Json, _)
        | (ColumnType::Text, Value::String(_) | Value::Null)
        | (ColumnType::Number, Value::Number(_))
        | (ColumnType::Boolean, Value::Bool(_)) => value.clone(),
        (ColumnType::Text, _) => Value::from(value.to_string()),
        (ColumnType::Integer, _) => value.as_i64().map_or(Value::Null, Value::from),
        (ColumnType::Timestamp, Value::String(text)) => {
            parse_time(text).map_or(Value::Null, |time| Value::from(format_time(time)))
        }
        (ColumnType::Number | ColumnType::Boolean | ColumnType::Timestamp, _) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::DatabaseBackend;
    use serde_json::json;

    use super::*;

    fn literal(backend: DatabaseBackend, pointer: &str, ty: ColumnType) -> String {
        let mut sql = Sql::literal(backend);
        Pointer::parse(pointer).unwrap().typed(&mut sql, "d", ty);
        sql.into_text()
    }

    #[test]
    fn keys_are_quoted_for_each_database() {
        let check = |pointer: &str, postgres: &str, sqlite: &str| {
            assert_eq!(literal(DatabaseBackend::Postgres, pointer, ColumnType::Text), postgres);
            assert!(literal(DatabaseBackend::Sqlite, pointer, ColumnType::Json).contains(sqlite));
        };
        check("/a/b c", r#"(d #>> '{"a","b c"}'::text[])"#, r#"'$."a"."b c"'"#);
        check("/it's~1~0", r#"(d #>> '{"it''s/~"}'::text[])"#, r#"'$."it''s/~"'"#);
        check(r#"/q"\x"#, r#"(d #>> '{"q\"\\x"}'::text[])"#, r#"'$."q\"\\x"'"#);
        check("", "(d #>> '{}'::text[])", "'$'");
    }

    #[test]
    fn pointers_are_bounded() {
        for bad in ["a".to_owned(), "/0".repeat(4), "/a".repeat(33)] {
            assert!(Pointer::parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn values_of_another_type_are_null() {
        let check = |value: Value, ty, expected: Value| assert_eq!(typed_value(Some(&value), ty), expected);
        check(json!("x"), ColumnType::Integer, json!(null));
        check(json!(5), ColumnType::Text, json!("5"));
        check(json!(["a"]), ColumnType::Text, json!(r#"["a"]"#));
        check(json!(u64::MAX), ColumnType::Integer, json!(null));
        check(json!("2026-01-01T01:00:00+01:00"), ColumnType::Timestamp, json!("2026-01-01T00:00:00Z"));
        check(json!("soon"), ColumnType::Timestamp, json!(null));
        check(json!("true"), ColumnType::Boolean, json!(null));
    }
}
