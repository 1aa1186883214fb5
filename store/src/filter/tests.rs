use auditor_core::model::ColumnType;
use proptest::prelude::*;
use sea_orm::DatabaseBackend;

use super::*;
use crate::read::{pointer::Pointer, sql::Sql};

fn column(name: &str) -> Result<Operand, String> {
    let ty = match name {
        "name" => ColumnType::Text,
        "age" => ColumnType::Integer,
        "mfa" => ColumnType::Boolean,
        "used_at" => ColumnType::Timestamp,
        "groups" => {
            return Ok(Operand::Json {
                base: "d",
                pointer: Pointer::parse("/groups")?,
                ty: Some(ColumnType::Json),
            });
        }
        pointer if pointer.starts_with('/') => {
            return Ok(Operand::Json { base: "d", pointer: Pointer::parse(pointer)?, ty: None });
        }
        other => return Err(format!("no column `{other}`")),
    };
    let text = if name == "name" { "name" } else { "x" };
    Ok(Operand::Sql { text, ty })
}

fn compiled(text: &str, backend: DatabaseBackend) -> Result<sea_orm::Statement, FilterError> {
    let mut sql = Sql::new(backend);
    let context = Context { column: &column, now: "2026-10-01T00:00:00Z".parse().unwrap() };
    compile(&Filter::parse(text)?, &context, &mut sql)?;
    Ok(sql.statement())
}

#[test]
fn precedence_and_parameters() {
    let check = |text: &str, sql: &str, values: usize| {
        let statement = compiled(text, DatabaseBackend::Postgres).unwrap();
        assert_eq!(statement.sql, sql, "{text}");
        assert_eq!(statement.values.unwrap().0.len(), values, "{text}");
    };
    check("name = a", "name = $1", 1);
    check(
        "name~x or age=1 and not mfa = true",
        "(strpos(lower(name), lower($1)) > 0 OR (x = $2 AND ((x = $3) IS NOT TRUE)))",
        3,
    );
    check("(name=a OR name=b) AND age>=2", "((name = $1 OR name = $2) AND x >= $3)", 3);
    check("name != 'it''s'", "((name = $1) IS NOT TRUE)", 1);
    check("name not in (a, \"b c\")", "((name IN ($1, $2)) IS NOT TRUE)", 2);
    check("age is null and name is not null", "(x IS NULL AND ((name IS NULL) IS NOT TRUE))", 0);
    check("used_at = 2026-01-01", "(x >= $1 AND x < $2)", 2);
    check("used_at > 2026-01-01", "x >= $1", 1);
    check("used_at < now-90d", "x < $1", 1);
    check("name < b", "name COLLATE \"C\" < $1", 1);
}

#[test]
fn now_is_relative() {
    let statement = compiled("used_at < now-90d", DatabaseBackend::Sqlite).unwrap();
    let expected: chrono::DateTime<chrono::Utc> = "2026-07-03T00:00:00Z".parse().unwrap();
    assert_eq!(statement.values.unwrap().0, [sea_orm::Value::from(expected)]);
}

#[test]
fn errors_name_the_place() {
    let check = |text: &str, position: usize, part: &str| {
        let error = compiled(text, DatabaseBackend::Sqlite).expect_err(text);
        assert_eq!(error.position, position, "{text}: {error}");
        assert!(error.message.contains(part), "{text}: {error}");
    };
    check("", 1, "expected a column");
    check("name", 5, "expected a comparison after `name`");
    check("name ~", 7, "expected a value");
    check("name = a b", 10, "a value with spaces needs quotes");
    check("(name = a", 1, "not closed");
    check("name = a)", 9, "closes nothing");
    check("name = null", 8, "is null");
    check("name = 'a", 8, "not closed");
    check("name ! a", 6, "`!` stands only");
    check("name = o'brien", 8, "a quote inside");
    check("é = 1 and nme = 2", 1, "no column `é`");
    check("mfa = maybe", 7, "`true` or `false`");
    check("mfa ~ t", 7, "looks into text");
    check("mfa < true", 7, "no order");
    check("groups < a", 10, "no order");
    check("age = old", 7, "is not");
    check("used_at < 90d", 11, "now-90d");
    check("used_at < now-99999999999w", 11, "is a time");
    check("used_at in (2026-01-01)", 13, "< and >");
    check("name in a", 9, "expected `(`");
    check("name not = a", 10, "expected `in`");
    check("name = a and", 13, "expected a column");
    check("name = \u{0}", 8, "NUL");
    check("/a/0/0/0/0 = 1", 1, "at most 3 numbers");
}

#[test]
fn the_mark_is_below_the_place() {
    let error = Filter::parse("name = a b").unwrap_err();
    assert_eq!(error.marked(), "name = a b\n         ^");
    let long = format!("{} b", "x = 1 and ".repeat(20));
    let marked = Filter::parse(&long).unwrap_err().marked();
    assert!(marked.lines().all(|line| line.chars().count() <= 81), "{marked}");
}

#[test]
fn what_could_exhaust_is_refused() {
    let check = |text: String, part: &str| {
        let error = Filter::parse(&text).unwrap_err();
        assert!(error.message.contains(part), "{error}");
    };
    check("(".repeat(10_000), "nested deeper");
    check("not ".repeat(4_000), "nested deeper");
    check("x".repeat(20_000), "longer than 16 KiB");
    check(vec!["a=1"; 300].join(" or "), "more than 256 comparisons");
    check(format!("a in ({})", vec!["1"; 1100].join(",")), "more than 1024 values");
}

#[test]
fn nothing_of_a_value_reaches_the_text() {
    for backend in [DatabaseBackend::Postgres, DatabaseBackend::Sqlite] {
        for hostile in ["'; DROP TABLE resource; --", "\" OR 1=1 --", "$1", "?", "%_\\"] {
            for column in ["name", "groups", "/evil'key", "\"/evil key\""] {
                let quoted = hostile.replace('\'', "''");
                if column == "/evil'key" {
                    assert!(compiled(&format!("{column} = 'x'"), backend).is_err());
                    continue;
                }
                let statement = compiled(&format!("{column} = '{quoted}'"), backend).unwrap();
                assert!(!statement.sql.contains("DROP"), "{}", statement.sql);
                assert!(!statement.sql.contains("evil"), "{}", statement.sql);
            }
        }
    }
}

#[test]
fn a_bare_pointer_takes_the_type_of_its_value() {
    let check = |text: &str, part: &str| {
        let sql = compiled(text, DatabaseBackend::Postgres).unwrap().sql;
        assert!(sql.contains(part), "{text}: {sql}");
    };
    check("/a > 5", "::float8");
    check("/a > '5'", "#>>");
    check("/a < now-1d", "::timestamptz");
    check("/a = 5", "@> ANY (ARRAY[$2::jsonb, $3::jsonb])");
    check("/a = '5'", "@> ANY (ARRAY[$2::jsonb])");
}

proptest! {
    /// Whatever is written, the answer is a condition or an error with a place inside the text.
    #[test]
    fn any_text_is_answered(text in r#"[a-z/ ()=!~<>'",0-9\PC]{0,60}|((name|age|mfa|used_at|groups|/a)( *(=|!=|~|<|in|is|not|and|or|null|\(|\)|,|'x'|5|now-1d) *){1,8}){1,3}"#) {
        for backend in [DatabaseBackend::Postgres, DatabaseBackend::Sqlite] {
            if let Err(error) = compiled(&text, backend) {
                prop_assert!(error.position <= text.chars().count() + 1);
                prop_assert!(error.marked().lines().count() == 2);
            }
        }
    }
}
