//! How attempts are numbered.
//!
//! A task's attempts are numbered on for its whole life, so that a report always names one of them. When a task that has
//! ended is taken up again, a new *run* begins, and with it a new thousand: the limit of attempts counts anew, and whatever
//! is still said about the run before is known by its number.

/// Attempts are numbered by the thousand.
const RUN: u32 = 1000;

/// The most attempts that a task may have in one run.
pub const MOST_ATTEMPTS: u32 = RUN - 1;

/// Which attempt of its run this is, from 1; 0 before the first.
pub fn tries(attempt: u32) -> u32 {
    attempt % RUN
}

/// The attempt's number before the first of the next run, as SQL.
pub(crate) fn next_run() -> String {
    format!("(attempt / {RUN} + 1) * {RUN}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_count_anew_in_each_run() {
        assert_eq!([0, 1, 5, 1000, 1001, 2003].map(tries), [0, 1, 5, 0, 1, 3]);
    }
}
