use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Whether a worker should be left running: subscribed, and progressing while it has work.
#[derive(Debug)]
pub(super) struct Liveness {
    stuck_after: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    in_flight: usize,
    /// When an attempt last began from nothing, met a storage that does not answer, or ended.
    progress: Instant,
    interrupted: Option<Instant>,
}

impl Liveness {
    pub(super) fn new(stuck_after: Duration) -> Self {
        Self {
            stuck_after,
            state: Mutex::new(State {
                in_flight: 0,
                progress: Instant::now(),
                interrupted: None,
            }),
        }
    }

    pub(super) fn began(&self) {
        self.with(|state| {
            if state.in_flight == 0 {
                state.progress = Instant::now();
            }
            state.in_flight += 1;
        });
    }

    pub(super) fn ended(&self) {
        self.with(|state| {
            state.in_flight -= 1;
            state.progress = Instant::now();
        });
    }

    /// An attempt has learned something: it is not stuck, though it has not ended.
    pub(super) fn progressed(&self) {
        self.with(|state| state.progress = Instant::now());
    }

    pub(super) fn subscribed(&self, subscribed: bool) {
        self.with(|state| match (subscribed, state.interrupted) {
            (true, _) => state.interrupted = None,
            (false, None) => state.interrupted = Some(Instant::now()),
            (false, Some(_)) => {}
        });
    }

    /// The error says why the process should be restarted.
    pub(super) fn check(&self) -> Result<(), String> {
        self.with(|state| {
            if state.in_flight > 0 && state.progress.elapsed() > self.stuck_after {
                return Err(format!(
                    "{} attempts are under way and none has ended for {:?}",
                    state.in_flight,
                    state.progress.elapsed()
                ));
            }
            match state.interrupted {
                Some(since) if since.elapsed() > self.stuck_after => {
                    Err(format!("not subscribed to the queue for {:?}", since.elapsed()))
                }
                _ => Ok(()),
            }
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_without_work_is_alive() {
        assert_eq!(Liveness::new(Duration::ZERO).check(), Ok(()));
    }

    #[test]
    fn work_that_does_not_end_is_no_life() {
        let liveness = Liveness::new(Duration::ZERO);
        liveness.began();
        assert!(liveness.check().unwrap_err().contains("none has ended"));
        liveness.ended();
        assert_eq!(liveness.check(), Ok(()));
    }

    #[test]
    fn work_that_waits_out_an_outage_is_life() {
        let liveness = Liveness::new(Duration::from_secs(60));
        liveness.began();
        liveness.with(|state| state.progress -= Duration::from_secs(61));
        assert!(liveness.check().is_err());
        liveness.progressed();
        assert_eq!(liveness.check(), Ok(()));
    }

    #[test]
    fn a_lost_subscription_that_never_comes_back_is_no_life() {
        let liveness = Liveness::new(Duration::ZERO);
        liveness.subscribed(false);
        assert!(liveness.check().unwrap_err().contains("not subscribed"));
        liveness.subscribed(true);
        assert_eq!(liveness.check(), Ok(()));
    }
}
