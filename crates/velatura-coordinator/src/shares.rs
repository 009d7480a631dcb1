/// Divides `free` places among jobs so that each ends up with the same share of the window, as far as it has tasks:
/// max-min fairness over what is dispatched. A job is given by its dispatched and its pending tasks.
///
/// Raises the water level: the jobs with the fewest dispatched tasks are filled first. The places that can't be divided
/// go to the jobs named first, one each.
pub(crate) fn shares(free: u64, jobs: &[(u64, u64)]) -> Vec<u64> {
    let given_at = |level: u64| -> u64 { jobs.iter().map(|job| up_to(level, *job)).fold(0, u64::saturating_add) };
    // The highest level that needs no more than what is free, by bisection.
    let (mut low, mut high) = (
        0,
        jobs.iter()
            .map(|(dispatched, pending)| dispatched.saturating_add(*pending))
            .max()
            .unwrap_or(0),
    );
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if given_at(middle) <= free {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    let mut shares: Vec<u64> = jobs.iter().map(|job| up_to(low, *job)).collect();
    let mut left = free.saturating_sub(shares.iter().sum());
    for (share, job) in shares.iter_mut().zip(jobs) {
        let more = up_to(low.saturating_add(1), *job) - *share;
        let more = more.min(left);
        *share += more;
        left -= more;
    }
    shares
}

/// How many tasks bring a job up to a level.
fn up_to(level: u64, (dispatched, pending): (u64, u64)) -> u64 {
    level.saturating_sub(dispatched).min(pending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_gets_the_same() {
        assert_eq!(shares(10, &[(0, 100), (0, 100)]), [5, 5]);
        assert_eq!(shares(10, &[(0, 100), (0, 100), (0, 100)]), [4, 3, 3]);
    }

    #[test]
    fn a_job_that_is_behind_catches_up_first() {
        assert_eq!(shares(10, &[(8, 100), (0, 100)]), [1, 9]);
        assert_eq!(shares(4, &[(8, 100), (0, 100)]), [0, 4]);
    }

    #[test]
    fn what_a_small_job_leaves_goes_to_the_others() {
        assert_eq!(shares(10, &[(0, 2), (0, 100)]), [2, 8]);
        assert_eq!(shares(10, &[(0, 2), (0, 3)]), [2, 3]);
    }

    #[test]
    fn nothing_is_given_twice_or_out_of_nothing() {
        assert!(shares(10, &[]).is_empty());
        assert_eq!(shares(0, &[(0, 5)]), [0]);
        assert_eq!(shares(u64::MAX, &[(0, 5), (3, 7)]), [5, 7]);
        for free in 0..40 {
            let jobs = [(3, 9), (0, 4), (7, 0), (1, 20)];
            let given: u64 = shares(free, &jobs).iter().sum();
            assert_eq!(given, free.min(33));
        }
    }
}
