//! A token bucket shared by everything that talks to one service.

use std::{sync::Mutex, time::Duration};

use tokio::time::Instant;

/// Spaces calls evenly: at most `per_second` on average, with a burst of one second's worth.
#[derive(Debug)]
pub struct RateLimiter {
    interval: Duration,
    burst: Duration,
    /// The time at which the bucket is full again.
    full_at: Mutex<Option<Instant>>,
}

impl RateLimiter {
    /// A bucket of `per_second` tokens a second; values that are not positive mean no limit.
    pub fn new(per_second: f64) -> Self {
        let interval =
            if per_second > 0.0 { Duration::from_secs_f64(1.0 / per_second) } else { Duration::ZERO };
        Self { interval, burst: Duration::from_secs(1).max(interval), full_at: Mutex::new(None) }
    }

    /// Waits for a token. Waiters are served in the order in which they asked.
    pub async fn acquire(&self) {
        if self.interval.is_zero() {
            return;
        }
        let wait_until = {
            let mut full_at = self.full_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let now = Instant::now();
            let next = full_at.map_or(now, |full_at| full_at.max(now)) + self.interval;
            *full_at = Some(next);
            next.checked_sub(self.burst).filter(|time| *time > now)
        };
        if let Some(time) = wait_until {
            tokio::time::sleep_until(time).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn bursts_one_second_then_keeps_the_rate() {
        let limiter = RateLimiter::new(10.0);
        let start = Instant::now();
        for _ in 0..10 {
            limiter.acquire().await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        for _ in 0..20 {
            limiter.acquire().await;
        }
        assert_eq!(start.elapsed().as_secs(), 2);
    }
}
