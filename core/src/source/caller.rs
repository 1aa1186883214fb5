//! One call to the outside: limited, timed, retried, cancelled.

use std::{future::Future, sync::Arc, time::Duration};

use rand::Rng as _;
use tokio::{sync::Semaphore, time::Instant};
use tokio_util::sync::CancellationToken;

use super::RateLimiter;
use crate::error::SourceError;

/// How calls are retried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallPolicy {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// Upper bound for one attempt.
    pub timeout: Duration,
    /// The first wait is drawn from zero to this; each later one from twice the range before.
    pub base_wait: Duration,
    /// No wait without the provider's word is longer than this.
    pub max_wait: Duration,
}

impl Default for CallPolicy {
    fn default() -> Self {
        Self {
            attempts: 8,
            timeout: Duration::from_mins(1),
            base_wait: Duration::from_millis(500),
            max_wait: Duration::from_secs(30),
        }
    }
}

/// The door through which every call of a source leaves the process.
///
/// Clones share limits and cancellation.
#[derive(Debug, Clone)]
pub struct Caller {
    policy: CallPolicy,
    limiter: Arc<RateLimiter>,
    slots: Arc<Semaphore>,
    cancel: CancellationToken,
}

impl Caller {
    /// A caller with room for `parallel` calls at a time.
    pub fn new(
        policy: CallPolicy,
        limiter: Arc<RateLimiter>,
        parallel: usize,
        cancel: CancellationToken,
    ) -> Self {
        Self { policy, limiter, slots: Arc::new(Semaphore::new(parallel.max(1))), cancel }
    }

    /// A caller for tests: no limit, no waits, three attempts.
    pub fn for_tests() -> Self {
        let policy = CallPolicy { attempts: 3, base_wait: Duration::ZERO, ..CallPolicy::default() };
        Self::new(policy, Arc::new(RateLimiter::new(0.0)), 1, CancellationToken::new())
    }

    /// The same caller with another policy.
    #[must_use]
    pub fn with_policy(mut self, change: impl FnOnce(&mut CallPolicy)) -> Self {
        change(&mut self.policy);
        self
    }

    /// The same caller for a service with a rate limit of its own.
    #[must_use]
    pub fn with_limiter(mut self, limiter: Arc<RateLimiter>) -> Self {
        self.limiter = limiter;
        self
    }

    /// The same caller with its own number of parallel calls, as each target has. For plans that ask several services,
    /// so that one that hangs takes no turn from the others.
    #[must_use]
    pub fn with_parallel(mut self, parallel: usize) -> Self {
        self.slots = Arc::new(Semaphore::new(parallel.max(1)));
        self
    }

    /// The same caller with another token, as each target has.
    #[must_use]
    pub(crate) fn with_cancel(mut self, cancel: CancellationToken) -> Self {
        self.cancel = cancel;
        self
    }

    /// Fires when the run is being stopped.
    pub fn cancellation(&self) -> &CancellationToken {
        &self.cancel
    }

    /// Makes a call; tries again while the error [`is_transient`](SourceError::is_transient), with full jitter, never
    /// sooner than the provider asked. An attempt beyond the time limit counts as
    /// [`Unavailable`](SourceError::Unavailable).
    ///
    /// # Errors
    /// The last attempt's error, or [`Cancelled`](SourceError::Cancelled) soon after the run is stopped.
    pub async fn call<T, F, Fut>(&self, action: &'static str, mut attempt: F) -> Result<T, SourceError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, SourceError>>,
    {
        let mut tried = 0;
        loop {
            let started = Instant::now();
            let result = tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Err(SourceError::Cancelled),
                result = self.attempt_once(action, &mut attempt) => result,
            };
            tried += 1;
            let error = match result {
                Ok(value) => {
                    tracing::trace!(action, tried, duration_ms = millis(started.elapsed()), "call done");
                    return Ok(value);
                }
                Err(error) if !error.is_transient() || tried >= self.policy.attempts => return Err(error),
                Err(error) => error,
            };
            let wait = self.wait_before_attempt(tried, error.retry_after());
            tracing::debug!(action, tried, wait_ms = millis(wait), error = %crate::error::chain(&error), "trying again");
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Err(SourceError::Cancelled),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn attempt_once<T, F, Fut>(&self, action: &'static str, attempt: &mut F) -> Result<T, SourceError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, SourceError>>,
    {
        // The slot first: a token must not be spent while waiting for one's turn.
        let _slot = self.slots.acquire().await.map_err(|_| SourceError::Cancelled)?;
        self.limiter.acquire().await;
        tokio::time::timeout(self.policy.timeout, attempt()).await.unwrap_or_else(|_| {
            let seconds = self.policy.timeout.as_secs_f64();
            Err(SourceError::unavailable(action, format!("no answer within {seconds} s")))
        })
    }

    fn wait_before_attempt(&self, tried: u32, asked: Option<Duration>) -> Duration {
        let range = self
            .policy
            .base_wait
            .saturating_mul(1 << tried.saturating_sub(1).min(16))
            .min(self.policy.max_wait);
        let jittered = if range.is_zero() { range } else { rand::rng().random_range(Duration::ZERO..=range) };
        // The provider's wait is a floor: jitter comes on top, lest everyone return at the same instant.
        asked.map_or(jittered, |asked| asked + jittered.min(asked))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn caller(attempts: u32) -> Caller {
        Caller::for_tests().with_policy(|policy| {
            policy.attempts = attempts;
            policy.base_wait = Duration::from_millis(100);
        })
    }

    #[tokio::test(start_paused = true)]
    async fn transient_errors_are_tried_again_and_others_are_not() {
        let tries = AtomicU32::new(0);
        let result = caller(5)
            .call("x:List", || async {
                if tries.fetch_add(1, Ordering::Relaxed) < 3 {
                    Err(SourceError::unavailable("x:List", "reset"))
                } else {
                    Ok(7)
                }
            })
            .await;
        assert_eq!((result.unwrap(), tries.into_inner()), (7, 4));

        let tries = AtomicU32::new(0);
        let result: Result<(), _> = caller(5)
            .call("x:List", || async {
                tries.fetch_add(1, Ordering::Relaxed);
                Err(SourceError::denied("x:List", "no"))
            })
            .await;
        assert!(matches!(result, Err(SourceError::Denied { .. })));
        assert_eq!(tries.into_inner(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_providers_wait_is_kept() {
        let start = Instant::now();
        let result: Result<(), _> = caller(2)
            .call("x:List", || async {
                Err(SourceError::throttled("x:List", Some(Duration::from_secs(7)), "slow down"))
            })
            .await;
        assert!(matches!(result, Err(SourceError::Throttled { .. })));
        assert!(start.elapsed() >= Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_hung_call_times_out_and_a_stopped_run_ends_it() {
        let result: Result<(), _> = caller(1).call("x:List", std::future::pending).await;
        assert!(matches!(result, Err(SourceError::Unavailable { .. })));

        let cancelled = caller(1);
        cancelled.cancellation().cancel();
        let result: Result<(), _> = cancelled.call("x:List", std::future::pending).await;
        assert!(matches!(result, Err(SourceError::Cancelled)));
    }
}
