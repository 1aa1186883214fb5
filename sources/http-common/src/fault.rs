//! What a service answered instead of a result, and the class that decides what happens next.

use std::{fmt, time::Duration};

use auditor_core::error::SourceError;
use chrono::{DateTime, Utc};
use reqwest::{
    StatusCode,
    header::{HeaderMap, LOCATION, RETRY_AFTER},
};
use serde_json::Value;

use crate::body::Shape;

/// Longest message that is kept of a service's answer, in characters.
const MAX_MESSAGE_CHARS: usize = 200;
/// No wait is longer: who is told to come back after that has been refused.
const MAX_WAIT: Duration = Duration::from_hours(24);

/// An answer that is no result: its status, and the service's own message where it has a documented place. Never the
/// body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpFault {
    /// The status.
    pub status: StatusCode,
    /// The service's own words, cut and without control characters. `None` where the answer has none.
    pub message: Option<String>,
    /// Host that the answer points to, for redirects. They are not followed, since keys would go along.
    pub redirect_to: Option<String>,
    shape: Shape,
}

impl HttpFault {
    /// The answer behind an error. `None` if there was none: no connection, an answer that could not be read.
    pub fn of(error: &SourceError) -> Option<&Self> {
        match error.root() {
            SourceError::Denied { source, .. }
            | SourceError::Throttled { source, .. }
            | SourceError::Unavailable { source, .. }
            | SourceError::Malformed { source, .. }
            | SourceError::Rejected { source, .. } => source.downcast_ref(),
            _ => None,
        }
    }

    pub(crate) fn new(
        status: StatusCode,
        message: Option<String>,
        shape: Shape,
        headers: &HeaderMap,
    ) -> Self {
        let location = status.is_redirection().then(|| headers.get(LOCATION)).flatten();
        let host = location
            .and_then(|location| reqwest::Url::parse(location.to_str().ok()?).ok())
            .and_then(|url| url.host_str().map(clean));
        Self { status, message, redirect_to: host, shape }
    }
}

impl fmt::Display for HttpFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status.as_u16())?;
        match (&self.message, &self.redirect_to) {
            (Some(message), _) => write!(f, ": {message}"),
            (None, Some(host)) => write!(f, ", a redirect to `{host}`, which was not followed"),
            (None, None) => write!(f, " with {}", self.shape),
        }
    }
}

impl std::error::Error for HttpFault {}

/// What an answer means for what happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A right is missing. Not tried again.
    Denied,
    /// Too fast. Tried again, no sooner than asked.
    Throttled,
    /// A passing fault. Tried again.
    Unavailable,
    /// Refused for good.
    Rejected,
}

impl Class {
    /// What a status means by the standards.
    pub fn of(status: StatusCode, asked_to_wait: bool) -> Self {
        match status.as_u16() {
            401 | 403 => Self::Denied,
            429 => Self::Throttled,
            503 if asked_to_wait => Self::Throttled,
            408 | 425 | 500.. => Self::Unavailable,
            _ => Self::Rejected,
        }
    }
}

/// How a service differs from the standards. The defaults are the standards.
pub trait Dialect: fmt::Debug + Send + Sync + 'static {
    /// The service's own message in an error's body.
    fn message(&self, body: &Value) -> Option<String> {
        common_message(body)
    }

    /// What an answer means where the service means something else than the standards.
    fn class(&self, fault: &HttpFault) -> Option<Class> {
        let _: &HttpFault = fault;
        None
    }

    /// One sentence that an operator can act on.
    fn hint(&self, fault: &HttpFault) -> Option<String> {
        let _: &HttpFault = fault;
        None
    }
}

/// A service that keeps to the standards.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standard;

impl Dialect for Standard {}

/// The message of an error's body in one of the usual places: `error` (text, or an object with `message` or
/// `errorMessage`), `message`, `errors` (texts, or objects with `message`).
pub fn common_message(body: &Value) -> Option<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(map) => ["message", "errorMessage", "detail"]
            .iter()
            .find_map(|key| map.get(*key).and_then(Value::as_str))
            .map(str::to_owned),
        _ => None,
    };
    let error = body.get("error").and_then(text);
    let own = || body.is_object().then(|| text(body)).flatten();
    let several = || {
        let texts: Vec<_> = body.get("errors")?.as_array()?.iter().filter_map(text).collect();
        Some(texts.join("; "))
    };
    error.or_else(own).or_else(several).filter(|message| !message.trim().is_empty())
}

/// Text of a service as it may be printed: control characters become spaces, and what is longer than 200 characters is
/// cut.
pub fn clean(text: &str) -> String {
    let mut printable = text.trim().chars().map(|char| if char.is_control() { ' ' } else { char });
    let mut cleaned: String = printable.by_ref().take(MAX_MESSAGE_CHARS).collect();
    if printable.next().is_some() {
        cleaned.push('…');
    }
    cleaned
}

/// The error an answer stands for.
pub(crate) fn classify(
    action: &'static str,
    dialect: &dyn Dialect,
    fault: HttpFault,
    headers: &HeaderMap,
) -> SourceError {
    let wait = retry_after(headers, Utc::now());
    let hint = dialect.hint(&fault).or_else(|| standard_hint(&fault));
    let error = match dialect.class(&fault).unwrap_or_else(|| Class::of(fault.status, wait.is_some())) {
        Class::Denied => SourceError::denied(action, fault),
        Class::Throttled => SourceError::throttled(action, wait, fault),
        Class::Unavailable => SourceError::unavailable(action, fault),
        Class::Rejected => SourceError::rejected(action, fault),
    };
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

fn standard_hint(fault: &HttpFault) -> Option<String> {
    match fault.status.as_u16() {
        300..=399 => Some("set `http.endpoint` to the address that answers itself".to_owned()),
        407 => Some("the proxy asks for user and password: set `http.proxy`".to_owned()),
        _ => None,
    }
}

/// The wait a service asks for: seconds, or a date.
pub fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if let Ok(seconds) = text.parse() {
        Duration::from_secs(seconds)
    } else {
        let date = DateTime::parse_from_rfc2822(text).ok()?;
        (date.to_utc() - now).to_std().unwrap_or(Duration::ZERO)
    };
    Some(wait.min(MAX_WAIT))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn statuses_fall_into_classes() {
        for (status, waits, class) in [
            (401, false, Class::Denied),
            (403, false, Class::Denied),
            (404, false, Class::Rejected),
            (408, false, Class::Unavailable),
            (422, false, Class::Rejected),
            (429, false, Class::Throttled),
            (500, false, Class::Unavailable),
            (503, false, Class::Unavailable),
            (503, true, Class::Throttled),
            (301, false, Class::Rejected),
        ] {
            assert_eq!(Class::of(StatusCode::from_u16(status).unwrap(), waits), class, "{status}");
        }
    }

    #[test]
    fn waits_are_seconds_or_dates() {
        let now = "2026-11-23T05:00:00Z".parse().unwrap();
        let wait = |text: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            retry_after(&headers, now)
        };
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Mon, 23 Nov 2026 05:01:30 GMT"), Some(Duration::from_secs(90)));
        assert_eq!(wait("Mon, 23 Nov 2026 04:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("18446744073709551615"), Some(MAX_WAIT));
        assert_eq!(wait("soon"), None);
    }

    #[test]
    fn messages_are_found_in_the_usual_places() {
        for (body, message) in [
            (json!({"error": "Forbidden"}), Some("Forbidden")),
            (json!({"error": {"errorMessage": "no members"}}), Some("no members")),
            (json!({"message": "slow down"}), Some("slow down")),
            (json!({"errors": ["one", {"message": "two"}]}), Some("one; two")),
            (json!({"errors": []}), None),
            (json!({"error": 7}), None),
            (json!([1]), None),
            (json!("text"), None),
        ] {
            assert_eq!(common_message(&body).as_deref(), message, "{body}");
        }
    }

    #[test]
    fn messages_are_cut_and_printable() {
        assert_eq!(clean(" two\nlines\u{1b}[31m "), "two lines [31m");
        assert_eq!(clean(&"ä".repeat(500)).chars().count(), MAX_MESSAGE_CHARS + 1);
    }
}
