//! Record types as data: known without a network, so that views, documentation and policies are made from them.

/// A record type. Declared once, as a `static`, by the crate that emits it.
///
/// ```
/// use auditor_core::model::{Column, Kind};
///
/// static WIDGET: Kind = Kind::new("example_widget", "A widget of the example service")
///     .columns(&[
///         Column::text("size", "/size", "Size as the service names it"),
///         Column::timestamp("last_used_at", "/last_used", "Last use the service knows of").activity(),
///     ])
///     .permissions(&["example:ListWidgets"]);
/// ```
#[derive(Debug)]
pub struct Kind {
    /// Singular, snake case, prefixed with the provider (`aws_iam_user`); common kinds have no prefix.
    pub name: &'static str,
    /// One sentence for the kinds reference: what one record is.
    pub summary: &'static str,
    /// What a resource's native id is, for readers of the reference.
    pub native_id: &'static str,
    /// Columns of the typed view, in display order. The engine adds its own (account, name, times …) to every view.
    pub columns: &'static [Column],
    /// Provider permissions a complete listing needs; the least-privilege policy is made from them.
    pub permissions: &'static [&'static str],
}

impl Kind {
    /// A kind without columns or permissions.
    pub const fn new(name: &'static str, summary: &'static str) -> Self {
        Self { name, summary, native_id: "", columns: &[], permissions: &[] }
    }

    /// Says what the native id is.
    #[must_use]
    pub const fn native_id(mut self, native_id: &'static str) -> Self {
        self.native_id = native_id;
        self
    }

    /// Sets the columns.
    #[must_use]
    pub const fn columns(mut self, columns: &'static [Column]) -> Self {
        self.columns = columns;
        self
    }

    /// Sets the permissions a complete listing needs.
    #[must_use]
    pub const fn permissions(mut self, permissions: &'static [&'static str]) -> Self {
        self.permissions = permissions;
        self
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Kind {}

/// One column of a kind's typed view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Snake case; times end in `_at`, units are part of the name.
    pub name: &'static str,
    /// Type of the column in views.
    pub ty: ColumnType,
    /// JSON pointer (RFC 6901) into the document or activity. Where it leads nowhere, the column is null.
    pub pointer: &'static str,
    /// Whether the pointer leads into the document or the activity.
    pub part: Part,
    /// For operators: meaning, unit, meaning of absence, and the API call and field it comes from.
    pub description: &'static str,
    /// Whether reports for a wider audience leave it out.
    pub sensitive: bool,
}

/// Type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// A string.
    Text,
    /// A signed 64-bit integer.
    Integer,
    /// A floating-point number.
    Number,
    /// True or false.
    Boolean,
    /// A UTC time, RFC 3339 in the JSON.
    Timestamp,
    /// Any JSON, shown as it is.
    Json,
}

/// Which part of a resource a column reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Configuration: a change makes a version.
    Document,
    /// Volatile facts: latest value only.
    Activity,
}

impl Column {
    const fn new(
        name: &'static str,
        ty: ColumnType,
        pointer: &'static str,
        description: &'static str,
    ) -> Self {
        Self { name, ty, pointer, part: Part::Document, description, sensitive: false }
    }

    /// A text column.
    pub const fn text(name: &'static str, pointer: &'static str, description: &'static str) -> Self {
        Self::new(name, ColumnType::Text, pointer, description)
    }

    /// An integer column.
    pub const fn integer(name: &'static str, pointer: &'static str, description: &'static str) -> Self {
        Self::new(name, ColumnType::Integer, pointer, description)
    }

    /// A floating-point column.
    pub const fn number(name: &'static str, pointer: &'static str, description: &'static str) -> Self {
        Self::new(name, ColumnType::Number, pointer, description)
    }

    /// A boolean column.
    pub const fn boolean(name: &'static str, pointer: &'static str, description: &'static str) -> Self {
        Self::new(name, ColumnType::Boolean, pointer, description)
    }

    /// A time column.
    pub const fn timestamp(name: &'static str, pointer: &'static str, description: &'static str) -> Self {
        Self::new(name, ColumnType::Timestamp, pointer, description)
    }

    /// A JSON column.
    pub const fn json(name: &'static str, pointer: &'static str, description: &'static str) -> Self {
        Self::new(name, ColumnType::Json, pointer, description)
    }

    /// The pointer leads into the activity instead of the document.
    #[must_use]
    pub const fn activity(mut self) -> Self {
        self.part = Part::Activity;
        self
    }

    /// Reports for a wider audience leave the column out.
    #[must_use]
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
}
