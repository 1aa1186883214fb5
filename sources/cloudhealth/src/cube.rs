//! Decoding cost reports.
//!
//! A report's `data` is nested as its `dimensions` are ordered, with one number per measure innermost. Members are
//! found by name and never by position; totals and sub-totals are left out, since their parts are there; null is "no
//! data" and zero is zero; and an array of another length than its dimension is an error, lest money be booked on the
//! wrong account.

use std::collections::HashSet;

use auditor_core::error::SourceError;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::item::Item;

const TIME: &str = "time";
const ACCOUNT: &str = "AWS-Account";

/// A report of one measure by month and account.
#[derive(Debug, PartialEq)]
pub(crate) struct CostReport {
    /// One row per account and month, in the report's order.
    pub(crate) rows: Vec<CostRow>,
    /// What the measure is counted in, as CloudHealth prints it.
    pub(crate) unit: Option<String>,
    /// When CloudHealth last worked the report out.
    pub(crate) updated_at: Option<DateTime<Utc>>,
}

/// One account in one month.
#[derive(Debug, PartialEq)]
pub(crate) struct CostRow {
    /// CloudHealth's name of the account's member.
    pub(crate) member: String,
    /// What CloudHealth prints for it.
    pub(crate) label: String,
    /// `YYYY-MM`.
    pub(crate) month: String,
    /// Rounded to hundredths: further digits are noise. `None`: no data.
    pub(crate) amount: Option<f64>,
}

/// Why a report cannot be decoded. A success with an error inside is an error.
#[derive(Debug, PartialEq)]
pub(crate) enum CubeError {
    /// CloudHealth's own words.
    Refused(String),
    /// What is not as documented.
    Malformed(String),
}

impl CubeError {
    /// As the error of a call. `tidy` makes the service's words printable.
    pub(crate) fn into_source_error(
        self,
        action: &'static str,
        tidy: impl Fn(String) -> String,
    ) -> SourceError {
        match self {
            Self::Refused(words) => {
                SourceError::rejected(action, format!("HTTP 200 with an error: {}", tidy(words)))
            }
            Self::Malformed(cause) => SourceError::malformed(action, cause),
        }
    }
}

/// Decodes a report. A report of nothing has no rows.
pub(crate) fn decode(report: &Value, measure: &str) -> Result<CostReport, CubeError> {
    let malformed = |cause: String| Err(CubeError::Malformed(cause));
    let item = Item(report);
    if let Some(words) = item.text("data/error").or_else(|| item.text("data/error/message")) {
        // CloudHealth's way of saying that there is nothing.
        if words.contains("no members") {
            return Ok(CostReport { rows: Vec::new(), unit: None, updated_at: item.time("updated_at") });
        }
        return Err(CubeError::Refused(words));
    }
    match item.text("status") {
        Some(status) if status != "ok" => return Err(CubeError::Refused(format!("status `{status}`"))),
        _ => {}
    }
    let Some(data @ Value::Array(_)) = item.at("data") else {
        return malformed("the report holds no data".to_owned());
    };
    let dimensions: Vec<Dimension> =
        item.items("dimensions").map(Dimension::new).collect::<Option<_>>().unwrap_or_default();
    let position = |name| dimensions.iter().position(|dimension| dimension.name == name);
    let (Some(time), Some(account), 2) = (position(TIME), position(ACCOUNT), dimensions.len()) else {
        return malformed(format!("the report's dimensions are not `{TIME}` and `{ACCOUNT}`"));
    };
    let measures: Vec<_> = item.items("measures").collect();
    let Some(measure_index) = measures.iter().position(|item| item.text("name").as_deref() == Some(measure))
    else {
        return malformed(format!("the report has no measure `{measure}`"));
    };
    let mut months = Vec::new();
    for (i, member) in dimensions[time].parts() {
        let month = month_of(&member.label).or_else(|| month_of(&member.name));
        let Some(month) = month else {
            return malformed(format!("the report has a time that is no month, at place {i}"));
        };
        months.push((i, month));
    }
    let sizes = [dimensions[0].members.len(), dimensions[1].members.len(), measures.len()];
    let mut rows = Vec::new();
    for (a, member) in dimensions[account].parts() {
        for (t, month) in &months {
            let mut path = [0, 0, measure_index];
            (path[time], path[account]) = (*t, a);
            rows.push(CostRow {
                member: member.name.clone(),
                label: member.label.clone(),
                month: month.clone(),
                amount: cell(data, &path, &sizes).map_err(CubeError::Malformed)?,
            });
        }
    }
    Ok(CostReport { rows, unit: unit_of(measures[measure_index]), updated_at: item.time("updated_at") })
}

/// The number at a path. Null anywhere on the way stands for nulls all the way down.
fn cell(data: &Value, path: &[usize], sizes: &[usize]) -> Result<Option<f64>, String> {
    let mut value = data;
    for (level, (index, size)) in path.iter().zip(sizes).enumerate() {
        match value {
            Value::Null => return Ok(None),
            Value::Array(list) if list.len() == *size => value = &list[*index],
            Value::Array(list) => {
                return Err(format!(
                    "the report's data has {} entries at level {level}, and its dimension {size}",
                    list.len()
                ));
            }
            _ => return Err(format!("the report's data is no list at level {level}")),
        }
    }
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => Ok(number.as_f64().map(hundredths)),
        _ => Err("the report's data holds something that is no number".to_owned()),
    }
}

/// Rounds to hundredths.
pub(crate) fn hundredths(amount: f64) -> f64 {
    // Adding zero turns a rounded `-0.004` into plain zero.
    (amount * 100.0).round() / 100.0 + 0.0
}

struct Dimension {
    name: String,
    members: Vec<Member>,
}

struct Member {
    name: String,
    label: String,
    parent: Option<usize>,
}

impl Dimension {
    /// A dimension is an object of one key: its name, with its members in order.
    fn new(item: Item<'_>) -> Option<Self> {
        let (name, members) = item.0.as_object()?.iter().find(|(_, members)| members.is_array())?;
        let members = members.as_array()?.iter().map(|member| {
            let member = Item(member);
            let name = member.text("name").or_else(|| member.text("label"))?;
            let label = member.text("label").unwrap_or_else(|| name.clone());
            let parent = member.int("parent").and_then(|parent| usize::try_from(parent).ok());
            Some(Member { name, label, parent })
        });
        Some(Self { name: name.clone(), members: members.collect::<Option<_>>()? })
    }

    /// Members that are neither the total nor a sub-total, with their places.
    fn parts(&self) -> impl Iterator<Item = (usize, &Member)> {
        let parents: HashSet<usize> = self.members.iter().filter_map(|member| member.parent).collect();
        let members = self.members.iter().enumerate();
        members.filter(move |(i, member)| member.name != "total" && !parents.contains(i))
    }
}

/// `YYYY-MM`, also of a whole date.
fn month_of(text: &str) -> Option<String> {
    let mut parts = text.trim().split('-');
    let (year, month) = (parts.next()?, parts.next()?);
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    let valid = digits(year, 4) && digits(month, 2) && (1..=12).contains(&month.parse::<u8>().ok()?);
    valid.then(|| format!("{year}-{month}"))
}

/// What a measure is counted in: its units, or what stands in parentheses after its label.
fn unit_of(measure: Item<'_>) -> Option<String> {
    measure.text("metadata/units").or_else(|| {
        let label = measure.text("label")?;
        let (_, unit) = label.trim().strip_suffix(')')?.rsplit_once('(')?;
        Some(unit.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn member(name: &str, label: &str, parent: i64) -> Value {
        json!({"name": name, "label": label, "parent": parent, "direct": true, "new_key": {}})
    }

    fn report() -> Value {
        json!({
            "report": "Cost History",
            "dimensions": [
                {"time": [member("total", "Total", -1), member("1", "2026-07", -1), member("2026-08", "2026-08", -1)]},
                {"AWS-Account": [member("total", "Total", -1), member("59", "Payments", -1), member("60", "Legacy", -1)]},
            ],
            "measures": [
                {"name": "usage", "label": "Usage"},
                {"name": "cost", "label": "Cost ($)", "metadata": {"units": "$"}},
            ],
            "updated_at": "2026-09-05T03:08:40+00:00",
            "data": [
                [[0, 3.5], [0, 3.5], [0, null]],
                null,
                [[0, 3.514_999_9], [0, 3.514_999_9], [0, 0]],
            ],
            "status": "ok",
            "extra": [],
        })
    }

    fn rows(report: &Value) -> Vec<(String, String, Option<f64>)> {
        let rows = decode(report, "cost").unwrap().rows;
        rows.into_iter().map(|row| (row.member, row.month, row.amount)).collect()
    }

    fn row(member: &str, month: &str, amount: Option<f64>) -> (String, String, Option<f64>) {
        (member.to_owned(), month.to_owned(), amount)
    }

    #[test]
    fn null_and_zero_differ_and_totals_are_left_out() {
        let decoded = decode(&report(), "cost").unwrap();
        assert_eq!(decoded.unit.as_deref(), Some("$"));
        assert_eq!(decoded.updated_at.unwrap().to_rfc3339(), "2026-09-05T03:08:40+00:00");
        assert_eq!(
            rows(&report()),
            [
                row("59", "2026-07", None),
                row("59", "2026-08", Some(3.51)),
                row("60", "2026-07", None),
                row("60", "2026-08", Some(0.0)),
            ]
        );
    }

    #[test]
    fn the_order_of_dimensions_and_of_members_does_not_matter() {
        let mut swapped = report();
        let dimensions = swapped["dimensions"].as_array_mut().unwrap();
        dimensions.swap(0, 1);
        dimensions[0]["AWS-Account"].as_array_mut().unwrap().rotate_left(1);
        swapped["data"] =
            json!([[[0, 1], null, [0, 3.51]], [[0, 1], null, [0, 0]], [[0, 9], [0, 9], [0, 9]],]);
        assert_eq!(rows(&swapped), rows(&report()));
    }

    #[test]
    fn sub_totals_are_left_out() {
        let mut nested = report();
        nested["dimensions"][1]["AWS-Account"] =
            json!([member("payer", "Payer", -1), member("59", "Payments", 0), member("60", "Direct", 0)]);
        nested["data"] = json!([null, [[0, 5], [0, 2], [0, 3]], [[0, 5], [0, 1], [0, 4]]]);
        assert_eq!(
            rows(&nested),
            [
                row("59", "2026-07", Some(2.0)),
                row("59", "2026-08", Some(1.0)),
                row("60", "2026-07", Some(3.0)),
                row("60", "2026-08", Some(4.0)),
            ]
        );
    }

    #[test]
    fn an_error_inside_a_success_is_an_error_unless_it_says_nothing_is_there() {
        let mut inside = report();
        inside["data"] =
            json!({"error": "This filter combination has no members to find at this time interval"});
        assert_eq!(rows(&inside), []);
        inside["data"] = json!({"error": {"message": "cube is being built"}});
        assert_eq!(decode(&inside, "cost"), Err(CubeError::Refused("cube is being built".to_owned())));
        let mut failed = report();
        failed["status"] = json!("error");
        assert!(matches!(decode(&failed, "cost"), Err(CubeError::Refused(_))));
    }

    #[test]
    fn what_does_not_fit_is_never_guessed() {
        let broken = |change: fn(&mut Value)| {
            let mut report = report();
            change(&mut report);
            matches!(decode(&report, "cost"), Err(CubeError::Malformed(_)))
        };
        assert!(broken(|report| report["data"] = json!("none")));
        assert!(broken(|report| report["data"][2] = json!([[0, 1]])));
        assert!(broken(|report| report["data"][2][1] = json!([1])));
        assert!(broken(|report| report["data"][2][1][1] = json!("$1.00")));
        assert!(broken(|report| report["dimensions"] = json!([])));
        assert!(broken(|report| report["measures"] = json!([{"name": "other"}])));
        assert!(broken(|report| report["dimensions"][0]["time"][1]["label"] = json!("July")));
    }

    #[test]
    fn units_and_months() {
        assert_eq!(unit_of(Item(&json!({"label": "Cost (€)"}))).as_deref(), Some("€"));
        assert_eq!(unit_of(Item(&json!({"label": "Cost"}))), None);
        assert_eq!(month_of("2026-08-31").as_deref(), Some("2026-08"));
        for bad in ["2026", "2026-13", "26-08", "total", "2026-8"] {
            assert_eq!(month_of(bad), None, "{bad}");
        }
    }
}
