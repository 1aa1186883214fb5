//! Times as people write them, and as answers carry them.

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};

use super::QueryError;

/// A moment asked for: RFC 3339, a date, which means the end of that day in UTC, or relative to the present (`now`,
/// `now-90d`).
///
/// # Errors
/// [`QueryError::Time`] for anything else.
pub fn parse_as_of(text: &str) -> Result<DateTime<Utc>, QueryError> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    if let Some(time) = relative(text, Utc::now()) {
        return Ok(time);
    }
    let day = parse_day(text).ok_or_else(|| QueryError::Time(text.to_owned()))?;
    Ok(day + TimeDelta::days(1) - TimeDelta::microseconds(1))
}

/// `now`, `now-90d`, `now+12h`.
pub(crate) fn relative(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let offset = text.strip_prefix("now")?;
    if offset.is_empty() {
        return Some(now);
    }
    let (sign, amount) = match offset.strip_prefix('-') {
        Some(amount) => (-1, amount),
        None => (1, offset.strip_prefix('+')?),
    };
    let unit = amount.chars().last()?;
    let seconds: i64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    let digits = amount.strip_suffix(unit).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    let seconds = digits.parse::<i64>().ok()?.checked_mul(seconds)?.checked_mul(sign)?;
    let time = now.checked_add_signed(TimeDelta::try_seconds(seconds)?)?;
    // What both databases can hold.
    (time.timestamp() > -62_135_596_800 && time.timestamp() < 253_402_300_800).then_some(time)
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
