use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;
use velatura_ledger::{Job, Millis};

/// The time over which a rate is taken.
const WINDOW: Millis = 60_000;
/// Samples are at least this far apart, so that a meter holds about sixty.
const SPACING: Millis = 1_000;

/// How fast tasks end, by job and altogether, over the last minute. Kept from the counters of jobs as they are seen
/// going by; a job that was never seen has rate 0.
#[derive(Debug, Default)]
pub(crate) struct Rates(Mutex<Meters>);

#[derive(Debug, Default)]
struct Meters {
    jobs: HashMap<Uuid, Meter>,
    all: Meter,
    ended: u64,
}

impl Rates {
    /// Takes note of a job as it is now.
    pub(crate) fn observe(&self, job: &Job, now: Millis) {
        let ended = job.counters.done + job.counters.skipped + job.counters.failed;
        let mut meters = self.lock();
        if job.state.is_ended() && !meters.jobs.contains_key(&job.id) {
            return;
        }
        let meter = meters.jobs.entry(job.id).or_default();
        let before = meter.latest().unwrap_or(ended);
        meter.record(now, ended);
        meters.ended += ended.saturating_sub(before);
        let total = meters.ended;
        meters.all.record(now, total);
        if job.state.is_ended() {
            meters.jobs.remove(&job.id);
        }
    }

    /// Tasks of this job that ended, per second.
    pub(crate) fn of(&self, job: Uuid, now: Millis) -> f64 {
        self.lock().jobs.get(&job).map_or(0.0, |meter| meter.rate(now))
    }

    /// Tasks of all jobs that ended, per second.
    pub(crate) fn of_all(&self, now: Millis) -> f64 {
        self.lock().all.rate(now)
    }

    fn lock(&self) -> MutexGuard<'_, Meters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A counter's values over time.
#[derive(Debug, Default)]
struct Meter(VecDeque<(Millis, u64)>);

impl Meter {
    fn latest(&self) -> Option<u64> {
        self.0.back().map(|(_, value)| *value)
    }

    /// The counter had this value. Values never fall: an older view of it that comes late changes nothing.
    fn record(&mut self, now: Millis, value: u64) {
        let value = value.max(self.latest().unwrap_or(0));
        let only = self.0.len() == 1;
        match self.0.back_mut() {
            // The first sample stays as it is: rates of young counters begin there.
            Some((at, latest)) if !only && now - *at < SPACING => *latest = value,
            _ => self.0.push_back((now, value)),
        }
        // One sample at or before the window's start says what the counter was when it began.
        while self.0.get(1).is_some_and(|(at, _)| *at <= now - WINDOW) {
            self.0.pop_front();
        }
    }

    fn rate(&self, now: Millis) -> f64 {
        let Some((first, _)) = self.0.front() else { return 0.0 };
        let start = (now - WINDOW).max(*first);
        let at = |time: Millis| {
            self.0
                .iter()
                .rev()
                .find(|(at, _)| *at <= time)
                .map_or(0, |(_, value)| *value)
        };
        let seconds = (now - start).max(SPACING) as f64 / 1000.0;
        self.latest().unwrap_or(0).saturating_sub(at(start)) as f64 / seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_counter_has_its_rate() {
        let mut meter = Meter::default();
        for second in 0..200 {
            meter.record(second * 1000, u64::try_from(second).unwrap() * 5);
        }
        assert!((meter.rate(199_000) - 5.0).abs() < 0.1, "{}", meter.rate(199_000));
        assert!(meter.0.len() < 70);
    }

    #[test]
    fn a_young_counter_is_measured_over_its_life() {
        let mut meter = Meter::default();
        meter.record(0, 0);
        meter.record(4_000, 20);
        assert!((meter.rate(4_000) - 5.0).abs() < 1e-9);
    }

    #[test]
    fn what_ended_before_the_last_minute_does_not_count() {
        let mut meter = Meter::default();
        meter.record(0, 0);
        meter.record(1_000, 100);
        assert!((meter.rate(200_000)).abs() < 1e-9);
        meter.record(290_000, 106);
        assert!((meter.rate(300_000) - 0.1).abs() < 1e-9);
    }

    #[test]
    fn an_older_view_of_a_counter_changes_nothing() {
        let mut meter = Meter::default();
        meter.record(0, 0);
        meter.record(2_000, 10);
        meter.record(2_500, 4);
        assert_eq!(meter.latest(), Some(10));
    }
}
