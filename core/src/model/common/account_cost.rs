//! `account_cost`: what an account cost in a month.

use serde::{Deserialize, Serialize};

use crate::model::{Column, Kind};

/// What an account cost in a month, as one system reports it.
///
/// A month without a record is one for which the system has no data, which is not the same as a cost of zero. The
/// running month's amount moves every day without anybody deciding it, so it is kept as activity, and becomes part of
/// the document when the month is over. Systems correct earlier months for some days; a correction makes a version.
pub static ACCOUNT_COST: Kind = Kind::new(
    "account_cost",
    "What an account cost in a month, as a source reports it",
)
.native_id("The account id and the month: `111122223333/2026-08`")
.columns(&[
    Column::text("provider", "/provider", "System that reports it, e.g. `cloudhealth`"),
    Column::text("month", "/month", "Month in UTC, `YYYY-MM`"),
    Column::number(
        "amount",
        "/amount",
        "Cost of the whole month, rounded to hundredths. Null: the month is not over, see `amount_so_far`",
    ),
    Column::number(
        "amount_so_far",
        "/amount_so_far",
        "Cost of the running month up to now, rounded to hundredths. Null: the month is over",
    )
    .activity(),
    Column::text(
        "currency",
        "/currency",
        "ISO 4217 code, or the system's symbol where it names no code. Null: not known",
    ),
    Column::text("measure", "/measure", "What is counted, in the system's word, e.g. `cost_amortized`"),
]);

/// The document of an `account_cost`. The activity holds `amount_so_far` while the month is not over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountCost {
    /// System that reports it, e.g. `cloudhealth`.
    pub provider: String,
    /// Month in UTC, `YYYY-MM`.
    pub month: String,
    /// Cost of the whole month, rounded to hundredths. `None`: the month is not over.
    pub amount: Option<f64>,
    /// ISO 4217 code, or the system's symbol where it names no code. `None`: not known.
    pub currency: Option<String>,
    /// What is counted, in the system's word.
    pub measure: String,
}
