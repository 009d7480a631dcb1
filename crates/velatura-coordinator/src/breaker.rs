use velatura_ledger::Job;

use crate::CoordinatorConfig;

/// Pauses a job whose photos fail too often at the beginning, before millions of them do.
///
/// It counts from the job's start, or from its last resume: who resumes a job, or has its failures tried anew, has seen the
/// reason, and the next pause needs new failures.
#[derive(Debug)]
pub(crate) struct Breaker {
    share: f64,
    first: u64,
    least: u64,
}

impl Breaker {
    pub(crate) fn new(config: &CoordinatorConfig) -> Self {
        Self {
            share: config.breaker_share,
            first: config.breaker_first_tasks,
            least: config.breaker_min_tasks,
        }
    }

    /// Why the job should be paused, if it should.
    pub(crate) fn trips(&self, job: &Job) -> Option<String> {
        if !job.state.dispatches() {
            return None;
        }
        let ended = job.counters.ended().saturating_sub(job.forgiven.ended);
        let failed = job.counters.failed.saturating_sub(job.forgiven.failed);
        let counts = (self.least..=self.first).contains(&ended);
        (counts && failed as f64 > self.share * ended as f64).then(|| {
            format!(
                "paused by the breaker: {failed} of the first {ended} photos failed; look at the failed tasks, mend the \
                 cause, then resume"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use velatura_ledger::{Counters, Forgiven, Gate, JobState, Terms};

    use super::*;

    fn job(done: u64, failed: u64) -> Job {
        Job {
            id: Uuid::nil(),
            tenant: "default".into(),
            state: JobState::Running,
            reason: String::new(),
            code: String::new(),
            request: String::new(),
            counters: Counters {
                done,
                failed,
                ..Counters::default()
            },
            cursor: None,
            expanded: true,
            terms: Terms::default(),
            revision: 0,
            forgiven: Forgiven::default(),
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
        let resumed = |failed| Job {
            forgiven: Forgiven { ended: 20, failed: 20 },
            ..job(0, failed)
        };
        assert_eq!(breaker.trips(&resumed(39)), None);
        assert!(breaker.trips(&resumed(40)).unwrap().contains("20 of the first 20"));
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
