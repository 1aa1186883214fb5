//! Error classes, sorted by what happens next, and how a chain of causes is printed.

use std::{borrow::Cow, error::Error, fmt, time::Duration};

use crate::outcome::GapReason;

/// Any error, as a cause.
pub type BoxError = Box<dyn Error + Send + Sync + 'static>;

/// Why a source could not do something. `action` names what was attempted in the provider's words
/// (`iam:ListUsers`, `read export file`); the cause is the error's `source()` and is not repeated in its message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The provider refused for lack of a right. Not retried.
    #[error("`{action}` was denied")]
    Denied {
        /// What was attempted.
        action: Cow<'static, str>,
        /// The provider's answer.
        #[source]
        source: BoxError,
    },
    /// The provider asked to slow down. Retried, no sooner than `retry_after`.
    #[error("`{action}` was throttled")]
    Throttled {
        /// What was attempted.
        action: Cow<'static, str>,
        /// The wait the provider asked for, if it named one.
        retry_after: Option<Duration>,
        /// The provider's answer.
        #[source]
        source: BoxError,
    },
    /// The provider could not be reached or answered with a passing fault. Retried.
    #[error("`{action}` got no answer")]
    Unavailable {
        /// What was attempted.
        action: Cow<'static, str>,
        /// What went wrong.
        #[source]
        source: BoxError,
    },
    /// The answer could not be read: cut off, or not in the documented form. Retried, since a proxy may have cut it.
    #[error("`{action}` got an answer that cannot be read")]
    Malformed {
        /// What was attempted.
        action: Cow<'static, str>,
        /// What was wrong with it.
        #[source]
        source: BoxError,
    },
    /// The provider refused for good: wrong argument, wrong setting. Not retried.
    #[error("`{action}` was rejected")]
    Rejected {
        /// What was attempted.
        action: Cow<'static, str>,
        /// The provider's answer.
        #[source]
        source: BoxError,
    },
    /// The source *knows* that the target ended (account closed, cluster deleted).
    #[error("the target no longer exists")]
    Gone,
    /// The run was stopped. Nothing is wrong.
    #[error("the run was stopped")]
    Cancelled,
    /// The plugin broke its contract.
    #[error("{0} (this is a fault of the plugin: please report it)")]
    Bug(String),
    /// Another error with one sentence that an operator can act on.
    #[error(transparent)]
    Hinted(Box<Hinted>),
}

/// An error with advice.
#[derive(Debug)]
pub struct Hinted {
    /// What went wrong.
    pub error: SourceError,
    /// One sentence that an operator can act on.
    pub hint: String,
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for Hinted {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

impl SourceError {
    /// [`SourceError::Denied`] with its cause.
    pub fn denied(action: impl Into<Cow<'static, str>>, source: impl Into<BoxError>) -> Self {
        Self::Denied { action: action.into(), source: source.into() }
    }

    /// [`SourceError::Throttled`] with its cause.
    pub fn throttled(
        action: impl Into<Cow<'static, str>>,
        retry_after: Option<Duration>,
        source: impl Into<BoxError>,
    ) -> Self {
        Self::Throttled { action: action.into(), retry_after, source: source.into() }
    }

    /// [`SourceError::Unavailable`] with its cause.
    pub fn unavailable(action: impl Into<Cow<'static, str>>, source: impl Into<BoxError>) -> Self {
        Self::Unavailable { action: action.into(), source: source.into() }
    }

    /// [`SourceError::Malformed`] with its cause.
    pub fn malformed(action: impl Into<Cow<'static, str>>, source: impl Into<BoxError>) -> Self {
        Self::Malformed { action: action.into(), source: source.into() }
    }

    /// [`SourceError::Rejected`] with its cause.
    pub fn rejected(action: impl Into<Cow<'static, str>>, source: impl Into<BoxError>) -> Self {
        Self::Rejected { action: action.into(), source: source.into() }
    }

    /// The same error with one sentence that an operator can act on.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self::Hinted(Box::new(Hinted { error: self, hint: hint.into() }))
    }

    /// The same failure once more, for each of several kinds that fail for it. The cause is kept as text.
    #[must_use]
    pub fn again(&self) -> Self {
        let cause = || self.source().map(chain).unwrap_or_default();
        let action = self.action().unwrap_or_default().to_owned();
        let copy = match self.root() {
            Self::Denied { .. } => Self::denied(action, cause()),
            Self::Throttled { retry_after, .. } => Self::throttled(action, *retry_after, cause()),
            Self::Unavailable { .. } => Self::unavailable(action, cause()),
            Self::Malformed { .. } => Self::malformed(action, cause()),
            Self::Rejected { .. } => Self::rejected(action, cause()),
            Self::Gone => Self::Gone,
            Self::Cancelled => Self::Cancelled,
            Self::Bug(text) => Self::Bug(text.clone()),
            Self::Hinted(hinted) => hinted.error.again(),
        };
        match self {
            Self::Hinted(hinted) => copy.with_hint(hinted.hint.clone()),
            _ => copy,
        }
    }

    /// The error without its advice.
    pub fn root(&self) -> &Self {
        match self {
            Self::Hinted(hinted) => hinted.error.root(),
            other => other,
        }
    }

    /// One sentence that an operator can act on.
    pub fn hint(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Hinted(hinted) => Some(Cow::Borrowed(&hinted.hint)),
            Self::Denied { action, .. } if action.contains(':') => {
                Some(Cow::Owned(format!("grant `{action}` to the auditing identity")))
            }
            Self::Throttled { .. } => {
                Some(Cow::Borrowed("lower `requests_per_second` or `concurrency` of this source"))
            }
            _ => None,
        }
    }

    /// What was attempted, in the provider's words.
    pub fn action(&self) -> Option<&str> {
        match self.root() {
            Self::Denied { action, .. }
            | Self::Throttled { action, .. }
            | Self::Unavailable { action, .. }
            | Self::Malformed { action, .. }
            | Self::Rejected { action, .. } => Some(action),
            _ => None,
        }
    }

    /// Whether the same attempt may succeed later, so that the engine tries again.
    pub fn is_transient(&self) -> bool {
        matches!(self.root(), Self::Throttled { .. } | Self::Unavailable { .. } | Self::Malformed { .. })
    }

    /// The wait the provider asked for before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.root() {
            Self::Throttled { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The class as it appears in gaps.
    pub fn reason(&self) -> GapReason {
        match self.root() {
            Self::Denied { .. } => GapReason::Denied,
            Self::Throttled { .. } => GapReason::Throttled,
            Self::Unavailable { .. } => GapReason::Unreachable,
            Self::Malformed { .. } => GapReason::Malformed,
            Self::Rejected { .. } => GapReason::Rejected,
            Self::Gone => GapReason::Gone,
            Self::Cancelled => GapReason::Stopped,
            _ => GapReason::Internal,
        }
    }
}

/// Why a sink could not do something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// The store could not be reached, or a passing conflict stopped the transaction. Retried.
    #[error("{action} failed")]
    Transient {
        /// What was attempted, as a clause: ``connecting to PostgreSQL at `db.example.com:5432` ``.
        action: String,
        /// What went wrong.
        #[source]
        source: BoxError,
    },
    /// The store refused for good: missing right, wrong schema version, full disk.
    #[error("{action} failed")]
    Permanent {
        /// What was attempted.
        action: String,
        /// One sentence that an operator can act on.
        hint: Option<String>,
        /// What went wrong.
        #[source]
        source: BoxError,
    },
}

impl SinkError {
    /// [`SinkError::Transient`].
    pub fn transient(action: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self::Transient { action: action.into(), source: source.into() }
    }

    /// [`SinkError::Permanent`] without advice.
    pub fn permanent(action: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self::Permanent { action: action.into(), hint: None, source: source.into() }
    }

    /// The same error with one sentence that an operator can act on. A transient error becomes permanent.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        let (Self::Transient { action, source } | Self::Permanent { action, source, .. }) = self;
        Self::Permanent { action, hint: Some(hint.into()), source }
    }

    /// Whether the same attempt may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Transient { .. })
    }

    /// One sentence that an operator can act on.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Permanent { hint, .. } => hint.as_deref(),
            Self::Transient { .. } => None,
        }
    }
}

/// Prints an error with all its causes, outermost first, each once.
///
/// Causes whose text the outer error already ends with (some libraries repeat themselves) are left out.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let message = cause.to_string();
        if !message.is_empty() && !text.ends_with(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_says_each_cause_once() {
        let io = std::io::Error::other("connection reset");
        let error = SourceError::unavailable("iam:ListUsers", io).with_hint("check the proxy");
        assert_eq!(chain(&error), "`iam:ListUsers` got no answer: connection reset");
        assert_eq!(error.hint().unwrap(), "check the proxy");
        assert!(error.is_transient());
        assert_eq!(error.reason(), GapReason::Unreachable);
        let again = error.again();
        assert_eq!(
            (chain(&again), again.hint(), again.reason()),
            (chain(&error), error.hint(), error.reason())
        );
    }

    #[test]
    fn a_denied_action_names_the_grant() {
        let error = SourceError::denied("iam:ListUsers", "AccessDenied");
        assert_eq!(error.hint().unwrap(), "grant `iam:ListUsers` to the auditing identity");
        assert!(!error.is_transient());
    }
}
