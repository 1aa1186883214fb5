//! What a database's error means for the writer, and how long it keeps trying.

use std::{fmt, time::Duration};

use auditor_core::error::{BoxError, SinkError};
use rand::Rng as _;
use tokio::time::Instant;

/// What a database's error means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Class {
    /// Passing: the same transaction may succeed later.
    Transient,
    /// The data itself was refused.
    Refused,
    /// Nothing but a person helps; one sentence that says how, if there is one.
    Permanent(Option<String>),
}

/// A database error, sorted by what happens next.
#[derive(Debug)]
pub enum Fault {
    /// A lost connection, a restart, a passing conflict: the same transaction may succeed later.
    Transient(BoxError),
    /// The database refused the data itself.
    Refused(BoxError),
    /// Nothing but a person helps.
    Permanent {
        /// What the database said.
        source: BoxError,
        /// One sentence that an operator can act on.
        hint: Option<String>,
    },
    /// Not the database: the sink's own error, handed on as it is.
    Other(SinkError),
}

impl Fault {
    /// A database error of that class.
    pub fn new(class: Class, source: impl Into<BoxError>) -> Self {
        match class {
            Class::Transient => Self::Transient(source.into()),
            Class::Refused => Self::Refused(source.into()),
            Class::Permanent(hint) => Self::Permanent { source: source.into(), hint },
        }
    }

    /// A permanent fault with one sentence that an operator can act on.
    pub fn permanent(source: impl Into<BoxError>, hint: impl Into<String>) -> Self {
        Self::Permanent { source: source.into(), hint: Some(hint.into()) }
    }

    /// Something in the store that its own program cannot have written.
    pub fn corrupt(what: impl fmt::Display) -> Self {
        Self::permanent(
            format!("{what} does not hold what this program writes there"),
            "find out with `auditor verify` what was altered, and restore it from a backup",
        )
    }

    /// As the sink's caller sees it.
    pub fn into_sink_error(self, action: impl Into<String>) -> SinkError {
        match self {
            Self::Transient(source) => SinkError::Transient { action: action.into(), source },
            Self::Refused(source) => SinkError::Permanent { action: action.into(), hint: None, source },
            Self::Permanent { source, hint } => SinkError::Permanent { action: action.into(), hint, source },
            Self::Other(error) => error,
        }
    }
}

impl From<SinkError> for Fault {
    fn from(error: SinkError) -> Self {
        Self::Other(error)
    }
}

/// How long a passing fault is waited out: longer than a database server takes to restart.
const PATIENCE: Duration = Duration::from_mins(1);
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Waits between attempts, longer each time, with jitter so that tasks do not come back all at once.
#[derive(Debug)]
pub struct Backoff {
    deadline: Instant,
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { deadline: Instant::now() + PATIENCE, next: FIRST_WAIT }
    }
}

impl Backoff {
    /// Waits before the next attempt; `false` when there is to be none.
    pub async fn wait(&mut self) -> bool {
        if Instant::now() >= self.deadline {
            return false;
        }
        let wait = rand::rng().random_range(self.next / 2..=self.next);
        self.next = (self.next * 2).min(LONGEST_WAIT);
        tokio::time::sleep(wait).await;
        true
    }

    /// Calls `attempt` until it gives something other than a transient fault, or patience ends.
    ///
    /// # Errors
    /// The last attempt's fault.
    pub async fn retry<T, F, Fut>(what: &str, mut attempt: F) -> Result<T, Fault>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, Fault>>,
    {
        let mut backoff = Self::default();
        loop {
            match attempt().await {
                Err(Fault::Transient(error)) => {
                    tracing::warn!(error = %auditor_core::error::chain(&*error), "{what} failed, trying again");
                    if !backoff.wait().await {
                        return Err(Fault::Transient(error));
                    }
                }
                other => return other,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn passing_faults_are_waited_out_and_others_are_not() {
        let mut tries = 0;
        let result = Backoff::retry("storing", || {
            tries += 1;
            std::future::ready(if tries < 5 { Err(Fault::Transient("reset".into())) } else { Ok(tries) })
        });
        assert_eq!(result.await.unwrap(), 5);

        let start = Instant::now();
        let result: Result<(), _> =
            Backoff::retry("storing", || std::future::ready(Err(Fault::Transient("down".into())))).await;
        assert!(matches!(result, Err(Fault::Transient(_))));
        assert!((PATIENCE..PATIENCE * 2).contains(&start.elapsed()));

        let start = Instant::now();
        let result: Result<(), _> =
            Backoff::retry("storing", || std::future::ready(Err(Fault::Refused("bad".into())))).await;
        assert!(matches!(result, Err(Fault::Refused(_))) && start.elapsed().is_zero());
    }
}
