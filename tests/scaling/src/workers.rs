use std::collections::VecDeque;

/// Workers that take time to start.
#[derive(Debug)]
pub struct Workers {
    /// From the moment that a replica is wanted to its first task: node, image, pack.
    start_seconds: u64,
    ready: u32,
    /// When those that start will be ready.
    starting: VecDeque<u64>,
}

impl Workers {
    /// None yet.
    pub fn new(start_seconds: u64) -> Self {
        Self {
            start_seconds,
            ready: 0,
            starting: VecDeque::new(),
        }
    }

    /// Those that paint.
    pub fn ready(&self) -> u32 {
        self.ready
    }

    /// A second passes in which so many are wanted. Those that have not started yet go first, as Kubernetes does.
    pub fn follow(&mut self, second: u64, wanted: u32) {
        while self.starting.front().is_some_and(|ready_at| *ready_at <= second) {
            self.starting.pop_front();
            self.ready += 1;
        }
        let there = self.ready + self.starting.len() as u32;
        for _ in there..wanted {
            self.starting.push_back(second + self.start_seconds);
        }
        for _ in wanted..there {
            if self.starting.pop_back().is_none() {
                self.ready -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_paints_only_when_it_has_started() {
        let mut workers = Workers::new(10);
        workers.follow(0, 2);
        workers.follow(9, 3);
        assert_eq!(workers.ready(), 0);
        workers.follow(10, 3);
        assert_eq!(workers.ready(), 2);
        workers.follow(11, 1);
        assert_eq!(workers.ready(), 1, "the one that had not started went first");
    }
}
