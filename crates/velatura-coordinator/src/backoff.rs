use std::time::Duration;

/// How long a failed attempt waits for the next one: exponential backoff with full jitter, as in "Exponential Backoff
/// And Jitter" (Marc Brooker, AWS Architecture Blog, 2015): `sleep = random_between(0, min(cap, base · 2^attempt))`.
///
/// Full jitter spreads a crowd of tasks that failed together over the whole interval, so that what failed under their
/// load is not met by all of them at once again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    /// The longest wait after the first attempt.
    pub(crate) base: Duration,
    /// The longest wait after any attempt.
    pub(crate) cap: Duration,
}

impl Backoff {
    /// The wait after `attempt`, counted from 1. `random` is drawn evenly from 0 to 1 by the caller.
    pub(crate) fn delay(self, attempt: u32, random: f64) -> Duration {
        self.ceiling(attempt).mul_f64(random.clamp(0.0, 1.0))
    }

    /// The same policy for errors of this class, which may ask for more patience.
    pub(crate) fn for_class(self, class: ErrorClass) -> Self {
        Self {
            base: self.base.saturating_mul(class.patience()),
            ..self
        }
    }

    fn ceiling(self, attempt: u32) -> Duration {
        // 2^31 s is a lifetime: the cap has been reached long before.
        let doublings = attempt.saturating_sub(1).min(31);
        self.base.saturating_mul(1 << doublings).min(self.cap)
    }
}

/// What an error's code says about how soon another attempt makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorClass {
    /// A fault that may be gone in a moment.
    Passing,
    /// Somebody asked for fewer requests.
    Throttled,
    /// Something is full until a person or a cleaner makes room.
    Exhausted,
}

impl ErrorClass {
    /// By the ending of the code, since codes say what is affected first and how last.
    pub(crate) fn of(code: &str) -> Self {
        match code.rsplit('-').next() {
            Some("throttled") => Self::Throttled,
            Some("full") => Self::Exhausted,
            _ => Self::Passing,
        }
    }

    fn patience(self) -> u32 {
        match self {
            Self::Passing => 1,
            Self::Throttled => 4,
            Self::Exhausted => 16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Backoff = Backoff {
        base: Duration::from_secs(2),
        cap: Duration::from_secs(60),
    };

    #[test]
    fn the_longest_wait_doubles_up_to_the_cap() {
        let longest: Vec<u64> = (1..=7).map(|attempt| POLICY.delay(attempt, 1.0).as_secs()).collect();
        assert_eq!(longest, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(POLICY.delay(u32::MAX, 1.0), POLICY.cap);
    }

    #[test]
    fn the_wait_is_spread_over_the_whole_interval() {
        assert_eq!(POLICY.delay(3, 0.0), Duration::ZERO);
        assert_eq!(POLICY.delay(3, 0.25), Duration::from_secs(2));
    }

    #[test]
    fn a_code_says_how_patient_to_be() {
        assert_eq!(ErrorClass::of("storage-throttled"), ErrorClass::Throttled);
        assert_eq!(ErrorClass::of("storage-full"), ErrorClass::Exhausted);
        assert_eq!(ErrorClass::of("storage-unavailable"), ErrorClass::Passing);
        assert_eq!(POLICY.for_class(ErrorClass::Throttled).delay(1, 1.0).as_secs(), 8);
    }
}
