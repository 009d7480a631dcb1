//! Simulated workers as processes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;
use rand::RngExt as _;
use rand::rngs::SmallRng;
use velatura_testkit::Child;

use crate::servers::Servers;

/// Those at work.
pub(super) struct Workers {
    program: PathBuf,
    broker: String,
    management: String,
    all: Vec<Child>,
}

impl Workers {
    pub(super) fn start(program: &Path, servers: &Servers, count: usize) -> Result<Self> {
        let mut workers = Self {
            program: program.to_owned(),
            broker: servers.broker.url(),
            management: servers.broker.management_url(),
            all: Vec::with_capacity(count),
        };
        for _ in 0..count {
            let worker = workers.spawn()?;
            workers.all.push(worker);
        }
        Ok(workers)
    }

    /// Kills one, whichever; another takes its place.
    pub(super) fn kill_one(&mut self, rng: &mut SmallRng) -> Result<()> {
        let nth = rng.random_range(0..self.all.len());
        self.all[nth].kill();
        self.all[nth] = self.spawn()?;
        Ok(())
    }

    fn spawn(&self) -> Result<Child> {
        let mut command = Command::new(&self.program);
        command.args(["worker", "--broker", &self.broker, "--management", &self.management]);
        command.stdin(Stdio::null());
        Child::spawn("a simulated worker", command)
    }
}
