use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::walk::Walk;

/// How many listings may be under way without one of them having to find its place again.
const MOST: usize = 16;
/// After this long a walk's view of its folders is too old.
const LIFE: Duration = Duration::from_secs(60);

/// Walks that stopped at the end of a page, so that the next page goes on there. One that is not here any more is begun
/// anew at the same place, which costs time only.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    stopped: Mutex<Vec<Stopped>>,
}

#[derive(Debug)]
struct Stopped {
    prefix: String,
    after: String,
    since: Instant,
    walk: Walk,
}

impl Cursors {
    /// Takes the walk that stopped after this key.
    pub(super) fn take(&self, prefix: &str, after: &str) -> Option<Walk> {
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        stopped.retain(|cursor| cursor.since.elapsed() < LIFE);
        let place = stopped
            .iter()
            .position(|cursor| cursor.prefix == prefix && cursor.after == after)?;
        Some(stopped.remove(place).walk)
    }

    /// Keeps a walk that has stopped after this key; the newest replaces one at the same place, and pushes out the oldest.
    pub(super) fn keep(&self, prefix: &str, after: &str, walk: Walk) {
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        stopped.retain(|cursor| cursor.prefix != prefix || cursor.after != after);
        if stopped.len() >= MOST {
            stopped.remove(0);
        }
        stopped.push(Stopped {
            prefix: prefix.to_owned(),
            after: after.to_owned(),
            since: Instant::now(),
            walk,
        });
    }
}
