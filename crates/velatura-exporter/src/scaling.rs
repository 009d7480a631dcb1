use crate::ExporterConfig;

/// How long the backlog lasts, and how many workers should work on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    /// Seconds until the backlog is worked off, at the present rate or that of one worker, whichever is higher.
    pub drain_seconds: f64,
    /// Workers that would work it off within the target.
    pub workers_wanted: u32,
}

impl Scaling {
    /// `backlog` is what has not ended, in tasks; `rate` what ends now, in tasks a second.
    ///
    /// Workers wanted are `backlog / (worker_tasks_per_second · target_drain_seconds)`, rounded up, from `min_workers`
    /// to `max_workers`. The present rate does not enter: with no workers it is 0, and while they start it says nothing.
    pub fn of(backlog: u64, rate: f64, config: &ExporterConfig) -> Self {
        let backlog = backlog as f64;
        let per_worker = config.worker_tasks_per_second;
        let wanted = (backlog / (per_worker * config.target_drain_seconds)).ceil();
        Self {
            drain_seconds: backlog / rate.max(per_worker),
            // Far beyond any bound, the cast stops at the largest number there is.
            workers_wanted: (wanted as u32).clamp(config.min_workers, config.max_workers),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> ExporterConfig {
        ExporterConfig {
            worker_tasks_per_second: 2.0,
            target_drain_seconds: 100.0,
            max_workers: 8,
            ..ExporterConfig::default()
        }
    }

    #[test]
    fn workers_follow_the_backlog_within_bounds() {
        let wanted = |backlog| Scaling::of(backlog, 0.0, &config()).workers_wanted;
        assert_eq!([0, 1, 200, 201, 1600, u64::MAX].map(wanted), [0, 1, 1, 2, 8, 8]);
        let least = ExporterConfig {
            min_workers: 3,
            ..config()
        };
        assert_eq!(Scaling::of(0, 0.0, &least).workers_wanted, 3);
    }

    #[test]
    fn a_backlog_that_nobody_works_on_never_looks_like_none() {
        assert_eq!(Scaling::of(1000, 0.0, &config()).drain_seconds, 500.0);
        assert_eq!(Scaling::of(1000, 20.0, &config()).drain_seconds, 50.0);
        assert_eq!(Scaling::of(0, 0.0, &config()).drain_seconds, 0.0);
    }
}
