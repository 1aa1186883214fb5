//! One state of a record as its version row keeps it, and what differs between two.

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, QueryResult};
use serde_json::Value;
use uuid::Uuid;

use super::{
    difference::{Change, What, difference},
    when::format_time,
};

/// One state of a record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Version {
    pub(crate) number: i32,
    pub(crate) run: Uuid,
    pub(crate) observed_at: DateTime<Utc>,
    pub(crate) account: String,
    pub(crate) name: Option<String>,
    pub(crate) provider_created_at: Option<DateTime<Utc>>,
    pub(crate) provider_updated_at: Option<DateTime<Utc>>,
    /// `None`: the record was gone.
    pub(crate) document: Option<Value>,
}

/// The columns that [`Version::read`] takes, of table alias `v`.
pub(crate) fn columns(alias: &str) -> String {
    [
        "version",
        "run",
        "observed_at",
        "account",
        "name",
        "provider_created_at",
        "provider_updated_at",
        "document",
    ]
    .map(|column| format!("{alias}.{column}"))
    .join(", ")
}

/// How many columns [`columns`] names.
pub(crate) const COLUMNS: usize = 8;

impl Version {
    /// Reads the columns from `index` on. `None` where an outer join found nothing.
    pub(crate) fn read(row: &QueryResult, index: usize) -> Result<Option<Self>, DbErr> {
        let Some(number) = row.try_get_by_index::<Option<i32>>(index)? else { return Ok(None) };
        Ok(Some(Self {
            number,
            run: row.try_get_by_index(index + 1)?,
            observed_at: row.try_get_by_index(index + 2)?,
            account: row.try_get_by_index(index + 3)?,
            name: row.try_get_by_index(index + 4)?,
            provider_created_at: row.try_get_by_index(index + 5)?,
            provider_updated_at: row.try_get_by_index(index + 6)?,
            document: row.try_get_by_index(index + 7)?,
        }))
    }

    /// What differs from this state to a later one: the record's own fields first, then places in the document.
    pub(crate) fn changes_to(&self, after: &Self) -> Vec<Change> {
        let text = |text: &Option<String>| text.as_deref().map(Value::from);
        let time = |time: Option<DateTime<Utc>>| time.map(|time| Value::from(format_time(time)));
        let fields = [
            ("account", Some(Value::from(&*self.account)), Some(Value::from(&*after.account))),
            ("name", text(&self.name), text(&after.name)),
            ("provider_created_at", time(self.provider_created_at), time(after.provider_created_at)),
            ("provider_updated_at", time(self.provider_updated_at), time(after.provider_updated_at)),
        ];
        let mut changes: Vec<_> = fields
            .into_iter()
            .filter_map(|(path, before, after)| {
                let what = match (before, after) {
                    (before, after) if before == after => return None,
                    (Some(before), Some(after)) => What::Replaced { before, after },
                    (Some(before), None) => What::Removed { before },
                    (None, Some(after)) => What::Added { after },
                    (None, None) => return None,
                };
                Some(Change { path: path.to_owned(), what })
            })
            .collect();
        if let (Some(before), Some(after)) = (&self.document, &after.document) {
            changes.extend(difference(before, after));
        }
        changes
    }
}
