use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;
use velatura_ledger::{Counters, Job};

use crate::CoordinatorConfig;

/// Pauses a job whose photos fail too often at the beginning, before millions of them do.
///
/// It counts from the job's start, or from its last resume in this process: who resumes a job has seen the reason, and
/// the next pause needs new failures.
#[derive(Debug)]
pub(crate) struct Breaker {
    share: f64,
    first: u64,
    least: u64,
    resumed_at: Mutex<HashMap<Uuid, Counters>>,
}

impl Breaker {
    pub(crate) fn new(config: &CoordinatorConfig) -> Self {
        Self {
            share: config.breaker_share,
            first: config.breaker_first_tasks,
            least: config.breaker_min_tasks,
            resumed_at: Mutex::default(),
        }
    }

    /// Why the job should be paused, if it should.
    pub(crate) fn trips(&self, job: &Job) -> Option<String> {
        if !job.state.dispatches() {
            return None;
        }
        let before = self.with(|resumed| resumed.get(&job.id).copied().unwrap_or_default());
        let ended = ended(&job.counters).saturating_sub(ended(&before));
        let failed = job.counters.failed.saturating_sub(before.failed);
        let counts = (self.least..=self.first).contains(&ended);
        (counts && failed as f64 > self.share * ended as f64).then(|| {
            format!(
                "paused by the breaker: {failed} of the first {ended} photos failed; look at the failed tasks, mend the \
                 cause, then resume"
            )
        })
    }

    /// From now on only what comes next counts.
    pub(crate) fn resumed(&self, job: &Job) {
        self.with(|resumed| resumed.insert(job.id, job.counters));
    }

    /// Forgets jobs that are over.
    pub(crate) fn retain(&self, alive: impl Fn(Uuid) -> bool) {
        self.with(|resumed| resumed.retain(|id, _| alive(*id)));
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Uuid, Counters>) -> T) -> T {
        act(&mut self.resumed_at.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn ended(counters: &Counters) -> u64 {
    counters.done + counters.skipped + counters.failed
}

#[cfg(test)]
mod tests {
    use velatura_ledger::{Gate, JobState};

    use super::*;

    fn job(done: u64, failed: u64) -> Job {
        Job {
            id: Uuid::nil(),
            tenant: "default".into(),
            state: JobState::Running,
            reason: String::new(),
            request: String::new(),
            counters: Counters {
                done,
                failed,
                ..Counters::default()
            },
            cursor: None,
            expanded: true,
            created_at: 0,
            ended_at: None,
            samples: 0,
            waits_for_approval: false,
            gate: Gate::Open,
            retention: None,
            reach: None,
            reported: None,
            report_error: String::new(),
            purged_at: None,
            itemized: false,
        }
    }

    #[test]
    fn it_waits_for_enough_photos_and_looks_only_at_the_first() {
        let breaker = Breaker::new(&CoordinatorConfig::default());
        assert_eq!(breaker.trips(&job(0, 19)), None);
        assert!(breaker.trips(&job(9, 11)).is_some());
        assert_eq!(breaker.trips(&job(10, 10)), None, "half is not more than half");
        assert!(breaker.trips(&job(400, 600)).is_some());
        assert_eq!(breaker.trips(&job(400, 601)), None);
    }

    #[test]
    fn after_a_resume_only_new_failures_count() {
        let breaker = Breaker::new(&CoordinatorConfig::default());
        breaker.resumed(&job(0, 20));
        assert_eq!(breaker.trips(&job(0, 39)), None);
        assert!(breaker.trips(&job(0, 40)).unwrap().contains("20 of the first 20"));
    }

    #[test]
    fn a_share_of_one_never_trips() {
        let breaker = Breaker::new(&CoordinatorConfig {
            breaker_share: 1.0,
            ..CoordinatorConfig::default()
        });
        assert_eq!(breaker.trips(&job(0, 500)), None);
    }
}
