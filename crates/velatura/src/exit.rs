//! How the process ends: 0 all done, 1 some failed, 2 wrong use or nothing could start.

use std::fmt::Write as _;

/// Some of the work failed; the rest is done.
pub(crate) const SOME_FAILED: u8 = 1;
/// A wrong flag, a wrong configuration, a service that is not there: nothing was begun.
pub(crate) const WRONG_USE: u8 = 2;

/// How a role ended that could begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Everything asked for is there.
    AllDone,
    /// Something is not, and was reported.
    SomeFailed,
}

/// An error and its causes in one line; causes that say the same again are left out.
pub(crate) fn sentence(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            let colon = if text.is_empty() { "" } else { ": " };
            let _ = write!(text, "{colon}{}", cause.trim_end());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let error = anyhow!("the bucket is away")
            .context("starting: the bucket is away")
            .context("worker");
        assert_eq!(sentence(&error), "worker: starting: the bucket is away");
    }
}
