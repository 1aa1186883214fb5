//! A statement under construction: text and bound values side by side, in the placeholders of the database at hand.

use sea_orm::{DatabaseBackend, Statement, Value};

/// A statement under construction.
#[derive(Debug)]
pub(crate) struct Sql {
    backend: DatabaseBackend,
    text: String,
    values: Vec<Value>,
    literal: bool,
}

impl Sql {
    /// An empty statement.
    pub(crate) fn new(backend: DatabaseBackend) -> Self {
        Self { backend, text: String::new(), values: Vec::new(), literal: false }
    }

    /// An empty statement whose strings are written into the text, for view definitions, which take no parameters.
    pub(crate) fn literal(backend: DatabaseBackend) -> Self {
        Self { literal: true, ..Self::new(backend) }
    }

    /// Whether it is for PostgreSQL rather than SQLite.
    pub(crate) fn is_postgres(&self) -> bool {
        self.backend == DatabaseBackend::Postgres
    }

    /// Adds text of the program's own. Never anything from outside.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds one text or the other, by database.
    pub(crate) fn either(&mut self, postgres: &str, sqlite: &str) -> &mut Self {
        let text = if self.is_postgres() { postgres } else { sqlite };
        self.push(text)
    }

    /// Adds a value as a parameter.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        if self.is_postgres() {
            self.text.push('$');
            self.text.push_str(&self.values.len().to_string());
        } else {
            self.text.push('?');
        }
        self
    }

    /// Adds a string: as a parameter, or quoted in a statement that takes none.
    pub(crate) fn string(&mut self, text: &str) -> &mut Self {
        if self.literal { self.push(&quote(text)) } else { self.bind(text) }
    }

    /// Adds `(a, b, …)` of parameters.
    pub(crate) fn bind_list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        self.push("(");
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self.push(")")
    }

    /// The text alone.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// The statement.
    pub(crate) fn statement(self) -> Statement {
        Statement::from_sql_and_values(self.backend, self.text, self.values)
    }
}

/// A string literal. Backslashes stand for themselves in both databases (`standard_conforming_strings` is on).
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A quoted identifier.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
