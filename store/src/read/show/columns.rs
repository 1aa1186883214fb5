//! The columns a query of one kind can show, filter and sort by.

use std::borrow::Cow;

use auditor_core::{
    config::did_you_mean,
    model::{Column, ColumnType, Part},
};
use serde::Serialize;

use super::{Era, KindRef};
use crate::{
    filter::Operand,
    read::{QueryError, pointer::Pointer},
};

/// One column of an answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnInfo {
    /// Its name, or the JSON pointer it was asked for by.
    pub name: String,
    /// How its values are to be read. Times are RFC 3339 strings in UTC.
    #[serde(serialize_with = "type_name")]
    pub ty: ColumnType,
    /// Meaning, unit, meaning of absence.
    pub description: Cow<'static, str>,
    /// Whether it comes from activity, of which only the latest is kept: in answers as of a time it is always null.
    pub latest_only: bool,
    /// Whether reports for a wider audience leave it out.
    pub sensitive: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn type_name<S: serde::Serializer>(ty: &ColumnType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match ty {
        ColumnType::Text => "text",
        ColumnType::Integer => "integer",
        ColumnType::Number => "number",
        ColumnType::Boolean => "boolean",
        ColumnType::Timestamp => "timestamp",
        ColumnType::Json => "json",
    })
}

/// A column of every kind, from the store's own tables.
struct Common {
    name: &'static str,
    ty: ColumnType,
    description: &'static str,
    /// The expression for the present state in PostgreSQL, in SQLite, and for a state as of a time in each.
    sql: [&'static str; 4],
}

impl Common {
    const fn new(
        name: &'static str,
        ty: ColumnType,
        description: &'static str,
        now: &'static str,
        then: &'static str,
    ) -> Self {
        Self { name, ty, description, sql: [now, now, then, then] }
    }
}

#[rustfmt::skip]
static COMMON: [Common; 13] = [
    Common::new("account", ColumnType::Text, "The account it belongs to", "r.account", "v.account"),
    Common::new("name", ColumnType::Text, "The name people use. Null: the provider has none", "r.name", "v.name"),
    Common::new("native_id", ColumnType::Text, "The provider's unique id", "r.native_id", "h.native_id"),
    Common::new("source", ColumnType::Text, "Name of the source instance", "s.source", "s.source"),
    Common::new("target", ColumnType::Text, "Target of the source it was found in", "s.target", "s.target"),
    Common::new("version", ColumnType::Integer, "Number of its states so far; a removal is one",
        "CAST(r.version AS bigint)", "CAST(h.version AS bigint)"),
    Common::new("first_seen_at", ColumnType::Timestamp, "When it was first seen",
        "r.first_seen_at", "f.observed_at"),
    Common::new("changed_at", ColumnType::Timestamp, "When its state was first seen as it is",
        "r.changed_at", "h.observed_at"),
    Common {
        name: "last_audited_at",
        ty: ColumnType::Timestamp,
        description: "When it was last confirmed to be as shown",
        sql: [
            "greatest(r.seen_at, r.changed_at, s.last_complete_at)",
            "max(coalesce(r.seen_at, ''), r.changed_at, coalesce(s.last_complete_at, ''))",
            "greatest(h.observed_at, s.last_complete_at, r.seen_at)",
            "max(h.observed_at, coalesce(s.last_complete_at, ''), coalesce(r.seen_at, ''))",
        ],
    },
    Common::new("removed_at", ColumnType::Timestamp, "When it was found to be gone. Null: it is there",
        "r.missing_since", "CASE WHEN h.document IS NULL THEN h.observed_at END"),
    Common::new("scope_outcome", ColumnType::Text,
        "How the last listing it should be in ended: complete, partial, denied, gone or failed",
        "s.outcome", "s.outcome"),
    Common::new("provider_created_at", ColumnType::Timestamp,
        "When the provider says it was created. Null: it does not say", "v.provider_created_at", "v.provider_created_at"),
    Common::new("provider_updated_at", ColumnType::Timestamp,
        "When the provider says it was last changed. Null: it does not say", "v.provider_updated_at", "v.provider_updated_at"),
];

const DOCUMENT: &str = "document";
const ACTIVITY: &str = "activity";

/// The columns of every kind that are not the kind's own, with their types and descriptions, in display order.
pub fn common_columns() -> impl Iterator<Item = ColumnInfo> {
    COMMON.iter().map(Common::info).chain([document_info(), activity_info()])
}

impl Common {
    fn info(&self) -> ColumnInfo {
        ColumnInfo {
            name: self.name.to_owned(),
            ty: self.ty,
            description: self.description.into(),
            latest_only: false,
            sensitive: false,
        }
    }
}

fn document_info() -> ColumnInfo {
    ColumnInfo {
        name: DOCUMENT.to_owned(),
        ty: ColumnType::Json,
        description: "The whole configuration".into(),
        latest_only: false,
        sensitive: true,
    }
}

fn activity_info() -> ColumnInfo {
    ColumnInfo {
        name: ACTIVITY.to_owned(),
        ty: ColumnType::Json,
        description: "All volatile facts, latest only. Null: there are none".into(),
        latest_only: true,
        sensitive: true,
    }
}

/// Where a column's values come from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// The store's own tables.
    Table(&'static str),
    /// The document or the activity.
    Json { part: Part, pointer: Pointer },
}

/// A column as a query uses it.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    pub(super) info: ColumnInfo,
    pub(super) origin: Origin,
    /// Whether it was asked for by a JSON pointer, so that its type is not known.
    bare: bool,
}

impl Resolved {
    fn new(info: ColumnInfo, origin: Origin) -> Self {
        Self { info, origin, bare: false }
    }

    /// As something a filter or sort order can be about.
    pub(super) fn operand(self) -> Operand {
        match self.origin {
            Origin::Table(text) => Operand::Sql { text, ty: self.info.ty },
            Origin::Json { part, pointer } => Operand::Json {
                base: match part {
                    Part::Document => "v.document",
                    Part::Activity => "a.activity",
                },
                pointer,
                ty: (!self.bare).then_some(self.info.ty),
            },
        }
    }
}

/// Finds columns by name.
pub(super) struct Columns<'k> {
    pub(super) kind: &'k KindRef,
    pub(super) era: Era,
    pub(super) postgres: bool,
}

impl Columns<'_> {
    /// The column of that name. Says what is wrong with a bad name.
    pub(super) fn find(&self, name: &str) -> Result<Resolved, String> {
        if name.starts_with('/') {
            let info = ColumnInfo {
                name: name.to_owned(),
                ty: ColumnType::Json,
                description: "A field of the document".into(),
                latest_only: false,
                sensitive: true,
            };
            let origin = Origin::Json { part: Part::Document, pointer: Pointer::parse(name)? };
            return Ok(Resolved { bare: true, ..Resolved::new(info, origin) });
        }
        // The store's own columns cannot be shadowed: access control hangs on `account`.
        if let Some(common) = COMMON.iter().find(|common| common.name == name) {
            return Ok(Resolved::new(common.info(), Origin::Table(self.common_sql(common))));
        }
        if let Some(column) = self.own().iter().find(|column| column.name == name) {
            return own_column(column);
        }
        let root = || Pointer::parse("");
        match name {
            DOCUMENT => {
                Ok(Resolved::new(document_info(), Origin::Json { part: Part::Document, pointer: root()? }))
            }
            ACTIVITY => {
                Ok(Resolved::new(activity_info(), Origin::Json { part: Part::Activity, pointer: root()? }))
            }
            _ => Err(format!(
                "`{}` has no column `{}`{}",
                self.kind.name(),
                clipped(name),
                self.suggestion(name)
            )),
        }
    }

    /// The column of that name, to show.
    pub(super) fn require(&self, name: &str) -> Result<Resolved, QueryError> {
        self.find(name).map_err(|_| QueryError::UnknownColumn {
            kind: self.kind.name().to_owned(),
            name: clipped(name),
            suggestion: self.suggestion(name),
        })
    }

    /// The columns shown when none are named: account, name, the kind's own, last audit.
    pub(super) fn defaults(&self) -> Vec<Resolved> {
        let common = |name: &str| self.find(name).ok();
        let own = self.own().iter().filter(|column| !is_common(column.name));
        common("account")
            .into_iter()
            .chain(common("name"))
            .chain(own.filter_map(|column| own_column(column).ok()))
            .chain(common("last_audited_at"))
            .collect()
    }

    fn own(&self) -> &'static [Column] {
        match self.kind {
            KindRef::Known(kind) => kind.columns,
            KindRef::Unknown(_) => &[],
        }
    }

    fn common_sql(&self, common: &Common) -> &'static str {
        let [now_postgres, now_sqlite, then_postgres, then_sqlite] = common.sql;
        match (self.era, self.postgres) {
            (Era::Now, true) => now_postgres,
            (Era::Now, false) => now_sqlite,
            (Era::Then, true) => then_postgres,
            (Era::Then, false) => then_sqlite,
        }
    }

    fn suggestion(&self, name: &str) -> String {
        let own = self.own().iter().map(|column| column.name);
        let common = COMMON.iter().map(|common| common.name).chain([DOCUMENT, ACTIVITY]);
        did_you_mean(name, own.chain(common))
    }
}

/// A kind's own column.
fn own_column(column: &'static Column) -> Result<Resolved, String> {
    let info = ColumnInfo {
        name: column.name.to_owned(),
        ty: column.ty,
        description: column.description.into(),
        latest_only: column.part == Part::Activity,
        sensitive: column.sensitive,
    };
    let origin = Origin::Json { part: column.part, pointer: Pointer::parse(column.pointer)? };
    Ok(Resolved::new(info, origin))
}

fn clipped(name: &str) -> String {
    name.chars().take(60).filter(|c| !c.is_control()).collect()
}

/// Whether a name belongs to a column of every kind, so that a kind cannot have a column of that name.
pub(crate) fn is_common(name: &str) -> bool {
    COMMON.iter().any(|common| common.name == name) || [DOCUMENT, ACTIVITY].contains(&name)
}
