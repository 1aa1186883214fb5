//! Conditions, in three values.

use std::{cmp::Ordering, net::IpAddr};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;

use crate::{
    pattern::Pattern,
    request::{Lookup, Request},
    variables::{Resolved, Template},
};

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not.
    False,
    /// It depends on what is not known.
    Unknown,
    /// It does.
    True,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// One condition: an operator, a key and the values it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The operator as it was written, e.g. `ForAnyValue:StringLikeIfExists`.
    pub operator: String,
    /// The key as it was written, e.g. `aws:PrincipalOrgID`.
    pub key: String,
    /// The values as they were written.
    pub values: Vec<String>,
    folded: String,
    templates: Vec<Template>,
    set: Option<SetOperator>,
    if_exists: bool,
    compare: Option<Compare>,
    negated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SetOperator {
    All,
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compare {
    Null,
    Text,
    TextIgnoringCase,
    Like,
    Bool,
    Arn,
    Ip,
    Number(Order),
    Date(Order),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    /// Reads one operator, key and value. An operator that AWS does not know makes a condition that is never decided.
    pub(crate) fn parse(operator: &str, key: &str, values: &Value, variables: bool) -> Option<Self> {
        let values = crate::document::strings(values)?;
        let lower = operator.to_ascii_lowercase();
        let (set, name) = match lower.split_once(':') {
            Some(("forallvalues", name)) => (Some(SetOperator::All), name),
            Some(("foranyvalue", name)) => (Some(SetOperator::Any), name),
            _ => (None, lower.as_str()),
        };
        let (name, if_exists) = match name.strip_suffix("ifexists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (compare, negated) = match name {
            "null" => (Some(Compare::Null), false),
            "stringequals" | "binaryequals" => (Some(Compare::Text), false),
            "stringnotequals" => (Some(Compare::Text), true),
            "stringequalsignorecase" => (Some(Compare::TextIgnoringCase), false),
            "stringnotequalsignorecase" => (Some(Compare::TextIgnoringCase), true),
            "stringlike" => (Some(Compare::Like), false),
            "stringnotlike" => (Some(Compare::Like), true),
            "bool" => (Some(Compare::Bool), false),
            "arnequals" | "arnlike" => (Some(Compare::Arn), false),
            "arnnotequals" | "arnnotlike" => (Some(Compare::Arn), true),
            "ipaddress" => (Some(Compare::Ip), false),
            "notipaddress" => (Some(Compare::Ip), true),
            other => match (other.strip_prefix("numeric"), other.strip_prefix("date")) {
                (Some(order), _) => order_of(order)
                    .map_or((None, false), |(order, negated)| (Some(Compare::Number(order)), negated)),
                (_, Some(order)) => order_of(order)
                    .map_or((None, false), |(order, negated)| (Some(Compare::Date(order)), negated)),
                _ => (None, false),
            },
        };
        let templates = values.iter().map(|value| Template::parse(value, variables)).collect();
        Some(Self {
            operator: operator.to_owned(),
            key: key.to_owned(),
            folded: key.to_ascii_lowercase(),
            values,
            templates,
            set,
            if_exists,
            compare,
            negated,
        })
    }

    /// The key in lower case.
    pub fn folded_key(&self) -> &str {
        &self.folded
    }

    /// Whether it holds when the key has one of its values: not negated, and not a test of absence.
    pub fn is_positive(&self) -> bool {
        !self.negated && !matches!(self.compare, Some(Compare::Null) | None)
    }

    /// Whether it also holds when the key is missing.
    pub fn holds_when_missing(&self) -> bool {
        self.missing() == Truth::True
    }

    /// Whether it holds for a request.
    pub fn holds(&self, request: &Request<'_>) -> Truth {
        match request.lookup(&self.folded) {
            Lookup::Unknown => Truth::Unknown,
            Lookup::Absent => self.missing(),
            Lookup::Is(values) => self.present(values, request),
            Lookup::Maybe(values) => {
                let (present, missing) = (self.present(values, request), self.missing());
                if present == missing { present } else { Truth::Unknown }
            }
        }
    }

    fn missing(&self) -> Truth {
        let Some(compare) = self.compare else { return Truth::Unknown };
        if compare == Compare::Null {
            return self.values.iter().any(|value| value.eq_ignore_ascii_case("true")).into();
        }
        match self.set {
            Some(SetOperator::All) => Truth::True,
            Some(SetOperator::Any) => self.if_exists.into(),
            None => (self.if_exists || self.negated).into(),
        }
    }

    fn present(&self, values: &[String], request: &Request<'_>) -> Truth {
        let Some(compare) = self.compare else { return Truth::Unknown };
        if compare == Compare::Null {
            return self.values.iter().any(|value| value.eq_ignore_ascii_case("false")).into();
        }
        let mut unknown = false;
        let mut expected = Vec::with_capacity(self.templates.len());
        for template in &self.templates {
            match template.resolve(|key| request.lookup(key)) {
                Resolved::Pattern(pattern) => {
                    let written = template.as_str();
                    let text = if written.contains("${") { pattern.text() } else { written.to_owned() };
                    expected.push((pattern, text));
                }
                Resolved::Possible(..) => unknown = true,
                Resolved::Never => return Truth::False,
            }
        }
        // Whether one of the request's values fits the condition's: with a negated operator, whether it fits none.
        let fits = |value: &String| -> Truth {
            let found = expected.iter().any(|(pattern, text)| compare.fits(value, pattern, text));
            match (found, unknown) {
                (true, _) => Truth::from(!self.negated),
                (false, true) => Truth::Unknown,
                (false, false) => Truth::from(self.negated),
            }
        };
        let fitting = values.iter().map(fits);
        match (self.set, self.negated) {
            (Some(SetOperator::All), _) | (None, true) => fitting.min().unwrap_or(Truth::True),
            (Some(SetOperator::Any), _) | (None, false) => fitting.max().unwrap_or(Truth::False),
        }
    }
}

impl Compare {
    fn fits(self, value: &str, pattern: &Pattern, text: &str) -> bool {
        match self {
            Self::Null => false,
            Self::Text => text == value,
            Self::TextIgnoringCase => text.to_lowercase() == value.to_lowercase(),
            Self::Like => pattern.matches(value),
            Self::Bool => text.eq_ignore_ascii_case(value),
            Self::Arn => fits_arn(value, pattern, text),
            Self::Ip => fits_network(value, text),
            Self::Number(order) => match (value.trim().parse::<f64>(), text.trim().parse::<f64>()) {
                (Ok(value), Ok(expected)) => order.holds(value.partial_cmp(&expected)),
                _ => false,
            },
            Self::Date(order) => match (date(value), date(text)) {
                (Some(value), Some(expected)) => order.holds(Some(value.cmp(&expected))),
                _ => false,
            },
        }
    }
}

impl Order {
    fn holds(self, ordering: Option<std::cmp::Ordering>) -> bool {
        ordering.is_some_and(|ordering| match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        })
    }
}

/// The order that the end of an operator's name means, and whether it is negated.
fn order_of(name: &str) -> Option<(Order, bool)> {
    Some(match name {
        "equals" => (Order::Equal, false),
        "notequals" => (Order::Equal, true),
        "lessthan" => (Order::Less, false),
        "lessthanequals" => (Order::LessOrEqual, false),
        "greaterthan" => (Order::Greater, false),
        "greaterthanequals" => (Order::GreaterOrEqual, false),
        _ => return None,
    })
}

/// ARNs are compared part by part: a `*` does not run past a colon, except in the last part.
fn fits_arn(value: &str, pattern: &Pattern, text: &str) -> bool {
    let parts = |text: &str| -> Vec<String> { text.splitn(6, ':').map(str::to_owned).collect() };
    let (value_parts, pattern_parts) = (parts(value), parts(text));
    if pattern.as_str().contains("${") || pattern_parts.len() != 6 || value_parts.len() != 6 {
        return pattern.matches(value);
    }
    pattern_parts.iter().zip(&value_parts).all(|(pattern, value)| Pattern::resource(pattern).matches(value))
}

fn fits_network(address: &str, network: &str) -> bool {
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let (base, length) = match network.split_once('/') {
        Some((base, length)) => (base, length.parse::<u32>().ok()),
        None => (network, Some(128)),
    };
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 32, true),
        IpAddr::V6(address) => (address.to_bits(), 128, false),
    };
    match (base.parse::<IpAddr>(), length) {
        (Ok(base), Some(length)) => {
            let ((base, width, base_v4), (address, _, v4)) = (bits(base), bits(address));
            let length = length.min(width);
            base_v4 == v4 && (length == 0 || (base ^ address) >> (128 - length) == 0)
        }
        _ => false,
    }
}

/// Keys that hold the time of the request.
const CLOCKS: [&str; 2] = ["aws:currenttime", "aws:epochtime"];

impl Condition {
    /// When the answer may differ from the one at `at` because time has passed, reckoned in whole days; where it cannot be
    /// told, the next day. `None`: time does not decide it.
    pub fn next_change(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if !CLOCKS.contains(&self.folded.as_str()) {
            return None;
        }
        let tomorrow = at + TimeDelta::days(1);
        let compares_times = matches!(self.compare, Some(Compare::Date(_) | Compare::Number(_)));
        let next = |value: &String| match date(value) {
            Some(time) if compares_times => match time.cmp(&at) {
                Ordering::Less => None,
                // Up to and including a day ends with it.
                Ordering::Equal => Some(tomorrow),
                Ordering::Greater => Some(time),
            },
            _ => Some(tomorrow),
        };
        self.values.iter().filter_map(next).min()
    }
}

/// ISO 8601 in the forms AWS takes, or seconds since 1970.
fn date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let whole = || DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    let minutes = || {
        let without_zone = text.strip_suffix('Z').unwrap_or(text);
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
            .iter()
            .find_map(|format| chrono::NaiveDateTime::parse_from_str(without_zone, format).ok())
            .map(|time| time.and_utc())
    };
    let day = || {
        let text = text.strip_suffix('Z').unwrap_or(text);
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0).map(|time| time.and_utc())
    };
    let seconds = || text.parse::<i64>().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    whole().or_else(minutes).or_else(day).or_else(seconds)
}
