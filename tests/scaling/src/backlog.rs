use std::collections::VecDeque;

/// Where tasks are: in the ledger, waiting in the broker, or with workers.
#[derive(Debug, Default)]
pub struct Backlog {
    /// In the ledger.
    pub pending: u64,
    /// In the broker, for anyone.
    pub ready: u64,
    /// In the broker, with a worker.
    pub unacked: u64,
    /// Ended.
    pub done: u64,
    /// How many ended in each of the last sixty seconds.
    ended: VecDeque<u64>,
}

impl Backlog {
    /// What has been dispatched and has not ended.
    pub fn dispatched(&self) -> u64 {
        self.ready + self.unacked
    }

    /// What has not ended.
    pub fn left(&self) -> u64 {
        self.pending + self.dispatched()
    }

    /// The coordinator's rule: never more than the window is dispatched, and never less while something is pending.
    pub fn refill(&mut self, window: u64) {
        let taken = window.saturating_sub(self.dispatched()).min(self.pending);
        self.pending -= taken;
        self.ready += taken;
    }

    /// Workers, all together, hold as many as they have places for; who is told to go hands back what it held.
    pub fn take(&mut self, places: u64) {
        let held = places.min(self.dispatched());
        self.ready = self.dispatched() - held;
        self.unacked = held;
    }

    /// A second of work: so many end, unless there are fewer. What is not held yet is taken within the second.
    pub fn end(&mut self, capacity: u64) {
        let ended = capacity.min(self.dispatched());
        let from_held = ended.min(self.unacked);
        self.unacked -= from_held;
        self.ready -= ended - from_held;
        self.done += ended;
        self.ended.push_back(ended);
        if self.ended.len() > 60 {
            self.ended.pop_front();
        }
    }

    /// Tasks ended in a second, over the last minute: as the coordinator counts it.
    pub fn rate(&self) -> f64 {
        self.ended.iter().sum::<u64>() as f64 / 60.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_between_ledger_broker_and_workers() {
        let mut backlog = Backlog {
            pending: 1000,
            ..Backlog::default()
        };
        for second in 0..400 {
            // Workers come and go.
            let workers = [0, 3, 9, 1][second / 10 % 4];
            backlog.end(2 * workers);
            backlog.refill(100);
            assert!(backlog.dispatched() <= 100 && (backlog.pending == 0 || backlog.dispatched() == 100));
            backlog.take(6 * workers);
            assert_eq!(backlog.left() + backlog.done, 1000);
            assert!(backlog.unacked <= 6 * workers);
        }
        assert_eq!(backlog.done, 1000);
    }
}
