//! Child processes that never outlive the test run.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::os::unix::process::CommandExt;
use std::process::{self, Command, ExitStatus};
use std::sync::{LazyLock, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};
use std::{io, thread};

use anyhow::{Context, Result, bail};

/// Below what systems give to outgoing connections (32768 on Linux, unless told otherwise) and above well-known servers.
const PORTS: Range<u16> = 16_000..30_000;

/// Ports of servers of this process that may be starting, or stopped for a while.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// A TCP port on loopback that nobody listens on now, that this process gives only once, and that no outgoing connection
/// gets by chance: a server that is stopped finds it free when it starts again.
///
/// # Panics
/// When the machine has hardly a free port left.
pub fn free_port() -> u16 {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    std::iter::repeat_with(|| rand::random_range(PORTS))
        .take(1_000)
        .find(|&port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() && given.insert(port))
        .expect("loopback has a free port")
}

type Spawned = mpsc::Sender<io::Result<process::Child>>;

/// The kernel kills a child when the *thread* that started it ends, and a test's thread ends with the test. So one
/// thread that lives as long as the process starts them all.
static SPAWNER: LazyLock<mpsc::Sender<(Command, Spawned)>> = LazyLock::new(|| {
    let (sender, receiver) = mpsc::channel::<(Command, Spawned)>();
    thread::spawn(move || {
        for (mut command, reply) in receiver {
            let _ = reply.send(command.spawn());
        }
    });
    sender
});

/// A child process, killed by its process id when dropped.
#[derive(Debug)]
pub struct Child {
    child: process::Child,
    name: String,
}

impl Child {
    /// Starts a command that dies with this process.
    pub fn spawn(name: &str, mut command: Command) -> Result<Self> {
        // SAFETY: prctl is async-signal-safe and touches only the child.
        unsafe {
            command.pre_exec(|| match libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) {
                0 => Ok(()),
                _ => Err(io::Error::last_os_error()),
            });
        }
        let (reply, spawned) = mpsc::channel();
        SPAWNER
            .send((command, reply))
            .ok()
            .context("the thread that starts processes has ended")?;
        let child = spawned
            .recv()?
            .with_context(|| format!("{name} does not start: is it installed? cargo xtask setup"))?;
        Ok(Self {
            child,
            name: name.to_owned(),
        })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended, and how.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Sends a signal, such as `libc::SIGTERM`.
    pub fn signal(&self, signal: i32) -> Result<()> {
        let pid = i32::try_from(self.child.id()).context("a process id is an i32")?;
        // SAFETY: the child has not been waited for, so the id is still its own.
        match unsafe { libc::kill(pid, signal) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()).with_context(|| format!("signalling {}", self.name)),
        }
    }

    /// Waits until it has ended, at most so long.
    pub fn wait(&mut self, at_most: Duration) -> Result<ExitStatus> {
        let name = self.name.clone();
        self.until(at_most, || Ok(false)).err();
        self.ended()?
            .with_context(|| format!("{name} has not ended within {at_most:?}"))
    }

    /// Waits until `ready` says so; an error when the process ends or the time is up before that.
    pub fn until(&mut self, at_most: Duration, mut ready: impl FnMut() -> Result<bool>) -> Result<()> {
        let start = Instant::now();
        while !ready()? {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status} before it was ready", self.name);
            }
            if start.elapsed() > at_most {
                bail!("{} was not ready within {at_most:?}", self.name);
            }
            // A server of somebody else's gives no signal; asking it is all there is.
            thread::park_timeout(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}
