use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Waits that double from 0.1 s to 5 s. Half of each is random, so that clients that lost a broker together do not all
/// come back to it together; the other half keeps a broker that fails at once from being asked in a tight loop.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { next: FIRST }
    }

    pub(crate) fn next(&mut self) -> Duration {
        let half = self.next / 2;
        self.next = (self.next * 2).min(LONGEST);
        half + half.mul_f64(rand::random::<f64>())
    }

    pub(crate) fn reset(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_five_seconds_and_are_never_near_zero() {
        let mut backoff = Backoff::new();
        let waits: Vec<Duration> = (0..20).map(|_| backoff.next()).collect();
        assert!(
            waits.iter().all(|wait| *wait >= FIRST / 2 && *wait <= LONGEST),
            "{waits:?}"
        );
        assert!(waits[0] <= FIRST);
        assert!(waits[19] >= LONGEST / 2);
    }
}
