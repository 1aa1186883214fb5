//! From a tree to SQL: what columns mean, how each type compares. Every value of the filter becomes a parameter.

use auditor_core::model::ColumnType;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{Comparison, Filter, FilterError, Literal, Node, Predicate, Test};
use crate::read::{
    pointer::Pointer,
    sql::Sql,
    when::{parse_day, relative},
};

/// Something a filter or sort order can be about.
#[derive(Debug, Clone)]
pub(crate) enum Operand {
    /// A column of a table, as SQL of the program's own.
    Sql {
        /// The expression.
        text: &'static str,
        /// Its type.
        ty: ColumnType,
    },
    /// A place in a JSON column.
    Json {
        /// The JSON column.
        base: &'static str,
        /// The place in it.
        pointer: Pointer,
        /// Its type. `None` for a bare pointer, which takes the type of what it is compared with.
        ty: Option<ColumnType>,
    },
}

impl Operand {
    /// Its own type.
    pub(crate) fn ty(&self) -> ColumnType {
        match self {
            Self::Sql { ty, .. } => *ty,
            Self::Json { ty, .. } => ty.unwrap_or(ColumnType::Json),
        }
    }

    /// Writes it as its own type.
    pub(crate) fn write(&self, sql: &mut Sql) {
        self.write_as(sql, self.ty());
    }

    fn write_as(&self, sql: &mut Sql, ty: ColumnType) {
        match self {
            Self::Sql { text, .. } => {
                sql.push(text);
            }
            Self::Json { base, pointer, .. } => pointer.typed(sql, base, ty),
        }
    }
}

/// What a filter is matched against.
pub(crate) struct Context<'c> {
    /// The column of that name, or what is wrong with it.
    pub(crate) column: &'c dyn Fn(&str) -> Result<Operand, String>,
    /// What `now` stands for.
    pub(crate) now: DateTime<Utc>,
}

/// Writes the filter as a condition.
pub(crate) fn compile(filter: &Filter, context: &Context<'_>, sql: &mut Sql) -> Result<(), FilterError> {
    Compiler { text: &filter.text, context }.node(&filter.root, sql)
}

struct Compiler<'c> {
    text: &'c str,
    context: &'c Context<'c>,
}

impl Compiler<'_> {
    fn error(&self, at: usize, message: impl Into<String>) -> FilterError {
        FilterError::new(self.text, at, message)
    }

    fn node(&self, node: &Node, sql: &mut Sql) -> Result<(), FilterError> {
        match node {
            Node::All(parts) => self.join(parts, " AND ", sql),
            Node::Any(parts) => self.join(parts, " OR ", sql),
            // `IS NOT TRUE` and not `NOT`: an absent value is no match, and its negation is one.
            Node::Not(inner) => {
                sql.push("((");
                self.node(inner, sql)?;
                sql.push(") IS NOT TRUE)");
                Ok(())
            }
            Node::Test(predicate) => self.predicate(predicate, sql),
        }
    }

    fn join(&self, parts: &[Node], with: &str, sql: &mut Sql) -> Result<(), FilterError> {
        sql.push("(");
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                sql.push(with);
            }
            self.node(part, sql)?;
        }
        sql.push(")");
        Ok(())
    }

    fn predicate(&self, predicate: &Predicate, sql: &mut Sql) -> Result<(), FilterError> {
        let operand =
            (self.context.column)(&predicate.column).map_err(|message| self.error(predicate.at, message))?;
        let name = &predicate.column;
        match &predicate.test {
            Test::IsNull => {
                operand.write(sql);
                sql.push(" IS NULL");
                Ok(())
            }
            Test::In(values) => self.among(name, &operand, values, sql),
            Test::Compare(comparison, value) => self.compare(name, &operand, *comparison, value, sql),
        }
    }

    fn compare(
        &self,
        name: &str,
        operand: &Operand,
        comparison: Comparison,
        value: &Literal,
        sql: &mut Sql,
    ) -> Result<(), FilterError> {
        let ordering = !matches!(comparison, Comparison::Equal | Comparison::Contains);
        let ty = match operand {
            Operand::Json { ty: None, .. } if ordering => self.guess(value),
            other => other.ty(),
        };
        if comparison == Comparison::Contains {
            return match (ty, operand) {
                (ColumnType::Text, _) => {
                    contains(sql, |sql| operand.write(sql), &value.text);
                    Ok(())
                }
                (ColumnType::Json, Operand::Json { base, pointer, .. }) => {
                    json_contains(sql, base, pointer, &value.text);
                    Ok(())
                }
                _ => Err(self.error(value.at, format!("`~` looks into text, and `{name}` is {}", noun(ty)))),
            };
        }
        let symbol = match comparison {
            Comparison::Less => " < ",
            Comparison::LessOrEqual => " <= ",
            Comparison::Greater => " > ",
            Comparison::GreaterOrEqual => " >= ",
            Comparison::Equal | Comparison::Contains => " = ",
        };
        match ty {
            ColumnType::Text => {
                operand.write_as(sql, ty);
                if ordering {
                    sql.either(" COLLATE \"C\"", "");
                }
                sql.push(symbol).bind(value.text.as_str());
            }
            ColumnType::Integer | ColumnType::Number => {
                operand.write_as(sql, ty);
                sql.push(symbol);
                match self.number(name, value)? {
                    Number::Integer(number) => sql.bind(number),
                    Number::Float(number) => sql.bind(number),
                };
            }
            ColumnType::Boolean if !ordering => {
                operand.write_as(sql, ty);
                sql.push(symbol).bind(self.boolean(name, value)?);
            }
            ColumnType::Timestamp => self.compare_time(name, operand, comparison, value, sql)?,
            ColumnType::Json if !ordering => match operand {
                Operand::Json { base, pointer, .. } => json_equals(sql, base, pointer, &[value]),
                Operand::Sql { .. } => {
                    return Err(self.error(value.at, format!("`{name}` cannot be compared")));
                }
            },
            ColumnType::Boolean | ColumnType::Json => {
                return Err(self.error(value.at, format!("`{name}` is {}, which has no order", noun(ty))));
            }
        }
        Ok(())
    }

    fn among(
        &self,
        name: &str,
        operand: &Operand,
        values: &[Literal],
        sql: &mut Sql,
    ) -> Result<(), FilterError> {
        let ty = operand.ty();
        if let (ColumnType::Json, Operand::Json { base, pointer, .. }) = (ty, operand) {
            json_equals(sql, base, pointer, &values.iter().collect::<Vec<_>>());
            return Ok(());
        }
        let values = values
            .iter()
            .map(|value| match ty {
                ColumnType::Text => Ok(sea_orm::Value::from(value.text.as_str())),
                ColumnType::Integer | ColumnType::Number => Ok(match self.number(name, value)? {
                    Number::Integer(number) => number.into(),
                    Number::Float(number) => number.into(),
                }),
                ColumnType::Boolean => Ok(self.boolean(name, value)?.into()),
                ColumnType::Timestamp | ColumnType::Json => {
                    let message = format!("`{name}` is {}: compare it with < and >", noun(ty));
                    Err(self.error(value.at, message))
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        operand.write(sql);
        sql.push(" IN ").bind_list(values);
        Ok(())
    }

    fn compare_time(
        &self,
        name: &str,
        operand: &Operand,
        comparison: Comparison,
        value: &Literal,
        sql: &mut Sql,
    ) -> Result<(), FilterError> {
        let (start, end) = self.time(name, value)?;
        let side = |sql: &mut Sql, symbol: &str, time: DateTime<Utc>| {
            operand.write_as(sql, ColumnType::Timestamp);
            sql.push(symbol);
            match operand {
                Operand::Json { .. } if !sql.is_postgres() => {
                    sql.bind(time.format("%Y-%m-%dT%H:%M:%S%.3f+00:00").to_string())
                }
                _ => sql.bind(time),
            };
        };
        match (comparison, end) {
            (Comparison::Less, _) => side(sql, " < ", start),
            (Comparison::GreaterOrEqual, _) => side(sql, " >= ", start),
            (Comparison::LessOrEqual, Some(end)) => side(sql, " < ", end),
            (Comparison::LessOrEqual, None) => side(sql, " <= ", start),
            (Comparison::Greater, Some(end)) => side(sql, " >= ", end),
            (Comparison::Greater, None) => side(sql, " > ", start),
            (Comparison::Equal | Comparison::Contains, Some(end)) => {
                sql.push("(");
                side(sql, " >= ", start);
                sql.push(" AND ");
                side(sql, " < ", end);
                sql.push(")");
            }
            (Comparison::Equal | Comparison::Contains, None) => side(sql, " = ", start),
        }
        Ok(())
    }

    /// The type a bare pointer is compared as.
    fn guess(&self, value: &Literal) -> ColumnType {
        if value.quoted {
            ColumnType::Text
        } else if value.text.parse::<f64>().is_ok_and(f64::is_finite) {
            ColumnType::Number
        } else if self.time("", value).is_ok() {
            ColumnType::Timestamp
        } else {
            ColumnType::Text
        }
    }

    fn number(&self, name: &str, value: &Literal) -> Result<Number, FilterError> {
        if let Ok(number) = value.text.parse() {
            return Ok(Number::Integer(number));
        }
        match value.text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Number::Float(number)),
            _ => {
                Err(self.error(value.at, format!("`{name}` is a number, and `{}` is not", shortened(value))))
            }
        }
    }

    fn boolean(&self, name: &str, value: &Literal) -> Result<bool, FilterError> {
        match value.text.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => {
                Err(self
                    .error(value.at, format!("`{name}` is `true` or `false`, not `{}`", shortened(value))))
            }
        }
    }

    /// A time, and for a whole day its end.
    fn time(
        &self,
        name: &str,
        value: &Literal,
    ) -> Result<(DateTime<Utc>, Option<DateTime<Utc>>), FilterError> {
        let text = &value.text;
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Ok((time.to_utc(), None));
        }
        if let Some(day) = parse_day(text) {
            return Ok((day, day.checked_add_signed(TimeDelta::days(1))));
        }
        if let Some(time) = relative(text, self.context.now) {
            return Ok((time, None));
        }
        Err(self.error(
            value.at,
            format!(
                "`{name}` is a time, and `{}` is not: write `2026-09-30`, `2026-09-30T12:00:00Z` or `now-90d`",
                shortened(value)
            ),
        ))
    }
}

enum Number {
    Integer(i64),
    Float(f64),
}

fn shortened(value: &Literal) -> String {
    value.text.chars().take(60).filter(|c| !c.is_control()).collect()
}

fn noun(ty: ColumnType) -> &'static str {
    match ty {
        ColumnType::Text => "a text",
        ColumnType::Integer | ColumnType::Number => "a number",
        ColumnType::Boolean => "true or false",
        ColumnType::Timestamp => "a time",
        ColumnType::Json => "JSON",
    }
}

/// `lower` knows letters beyond ASCII where the database's locale does; SQLite never does.
fn contains(sql: &mut Sql, write: impl Fn(&mut Sql), text: &str) {
    sql.either("strpos(lower(", "instr(lower(");
    write(sql);
    sql.push("), lower(").bind(text).push(")) > 0");
}

fn json_contains(sql: &mut Sql, base: &str, pointer: &Pointer, text: &str) {
    if sql.is_postgres() {
        sql.push("EXISTS (SELECT 1 FROM jsonb_path_query(");
        pointer.postgres_json(sql, base);
        sql.push(", 'strict $.**') AS e(v) WHERE jsonb_typeof(e.v) IN ('string', 'number') AND ");
        contains(
            sql,
            |sql| {
                sql.push("e.v #>> '{}'");
            },
            text,
        );
    } else {
        sql.push("EXISTS (SELECT 1 FROM json_tree(").push(base).push(", ");
        pointer.sqlite_path(sql, base);
        sql.push(") AS e WHERE e.type IN ('text', 'integer', 'real') AND ");
        contains(
            sql,
            |sql| {
                sql.push("e.atom");
            },
            text,
        );
    }
    sql.push(")");
}

/// The value itself or an element of a list is one of `values`. An unquoted number or truth value also matches as such.
fn json_equals(sql: &mut Sql, base: &str, pointer: &Pointer, values: &[&Literal]) {
    let typed: Vec<Value> = values
        .iter()
        .filter(|value| !value.quoted)
        .filter_map(|value| serde_json::from_str(&value.text).ok())
        .filter(|value: &Value| value.is_number() || value.is_boolean())
        .collect();
    if sql.is_postgres() {
        pointer.postgres_json(sql, base);
        sql.push(" @> ANY (ARRAY[");
        let texts = values.iter().map(|value| Value::from(value.text.as_str()));
        for (i, value) in texts.chain(typed).enumerate() {
            sql.push(if i > 0 { ", " } else { "" }).bind(value).push("::jsonb");
        }
        sql.push("])");
        return;
    }
    sql.push("EXISTS (SELECT 1 FROM json_each(").push(base).push(", ");
    pointer.sqlite_path(sql, base);
    sql.push(") AS e WHERE json_type(").push(base).push(", ");
    pointer.sqlite_path(sql, base);
    sql.push(") <> 'object' AND (e.type = 'text' AND e.atom IN ");
    sql.bind_list(values.iter().map(|value| value.text.as_str()));
    let (booleans, numbers): (Vec<_>, Vec<_>) = typed.iter().partition(|value| value.is_boolean());
    if !booleans.is_empty() {
        sql.push(" OR e.type IN ").bind_list(booleans.iter().map(ToString::to_string));
    }
    if !numbers.is_empty() {
        sql.push(" OR e.type IN ('integer', 'real') AND e.atom IN ");
        sql.bind_list(numbers.iter().map(|value| match value.as_i64() {
            Some(integer) => sea_orm::Value::from(integer),
            None => sea_orm::Value::from(value.as_f64()),
        }));
    }
    sql.push("))");
}
