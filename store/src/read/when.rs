//! Times as people write them, and as answers carry them.

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};

use super::QueryError;

/// A moment asked for: RFC 3339, or a date, which means the end of that day in UTC.
///
/// # Errors
/// [`QueryError::Time`] for anything else.
pub fn parse_as_of(text: &str) -> Result<DateTime<Utc>, QueryError> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    let day = parse_day(text).ok_or_else(|| QueryError::Time(text.to_owned()))?;
    Ok(day + TimeDelta::days(1) - TimeDelta::microseconds(1))
}

/// The first moment of a day, in UTC.
pub(crate) fn parse_day(text: &str) -> Option<DateTime<Utc>> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10)?;
    Some(date.and_time(NaiveTime::MIN).and_utc())
}

/// The one form of times in answers.
pub(crate) fn format_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_means_the_end_of_that_day() {
        let check = |text: &str, expected: &str| {
            assert_eq!(parse_as_of(text).unwrap(), expected.parse::<DateTime<Utc>>().unwrap());
        };
        check("2026-09-30", "2026-09-30T23:59:59.999999Z");
        check("2026-09-30T12:00:00+02:00", "2026-09-30T10:00:00Z");
        for bad in ["", "yesterday", "2026-02-30", "2026-9-3", "30.09.2026"] {
            assert!(parse_as_of(bad).is_err(), "{bad:?}");
        }
    }
}
