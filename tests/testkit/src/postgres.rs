//! A private PostgreSQL server.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::process::{Child, free_port};
use crate::tls::Authority;

mod account;

use account::Account;

/// How long a server may take to start or to stop on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the server says of the memory of the one before it, while a process of that one is left.
const HELD: &str = "is still in use";

/// Who may come in: everybody from this machine, but one role must know its password.
const ACCESS: &str = "host all with_password 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n";

/// A PostgreSQL server on loopback with its own data, which is gone when this is dropped. It is quick rather than
/// durable: a power cut would damage its data, a kill does not.
#[derive(Debug)]
pub struct Postgres {
    server: Option<Child>,
    folder: TempDir,
    programs: PathBuf,
    account: Option<Account>,
    port: u16,
    databases: AtomicU32,
    tls: bool,
}

impl Postgres {
    /// The role that must give its password; a test that needs it creates it. Everybody else is trusted.
    pub const PASSWORD_ROLE: &str = "with_password";

    /// Makes the data and starts the server.
    pub fn start() -> Result<Self> {
        Self::start_with(None)
    }

    /// The same with TLS, with the certificate of this authority, for those who ask for it.
    pub fn start_with_tls(authority: &Authority) -> Result<Self> {
        Self::start_with(Some(authority))
    }

    fn start_with(authority: Option<&Authority>) -> Result<Self> {
        let programs = programs()?;
        let folder = TempDir::with_prefix("velatura-postgres-")?;
        // The server refuses to run as root.
        let account = Account::unprivileged()?;
        if let Some(account) = account {
            chown(folder.path(), Some(account.user), Some(account.group))?;
        }
        let databases = AtomicU32::new(0);
        let mut postgres = Self {
            server: None,
            folder,
            programs,
            account,
            port: free_port(),
            databases,
            tls: authority.is_some(),
        };
        let mut initdb = postgres.program("initdb");
        initdb
            .args([
                "-A",
                "trust",
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
                "-D",
            ])
            .arg(postgres.data());
        finish(initdb)?;
        fs::write(postgres.data().join("pg_hba.conf"), ACCESS)?;
        if let Some(authority) = authority {
            postgres.keep("server.crt", &authority.certificate_file())?;
            postgres.keep("server.key", &authority.key_file())?;
        }
        postgres.start_again()?;
        Ok(postgres)
    }

    /// A copy of a file that belongs to the server alone, as it asks of its key.
    fn keep(&self, name: &str, from: &Path) -> Result<()> {
        let copy = self.data().join(name);
        fs::copy(from, &copy)?;
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o600))?;
        if let Some(account) = self.account {
            chown(&copy, Some(account.user), Some(account.group))?;
        }
        Ok(())
    }

    /// The server that the tests of one program share; it ends with the last of them that holds it.
    pub fn shared() -> Result<Arc<Self>> {
        static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return Ok(running);
        }
        let started = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&started);
        Ok(started)
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Its port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes an empty database and gives its address.
    pub fn create_database(&self) -> Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut createdb = self.program("createdb");
        createdb.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres", &name]);
        finish(createdb)?;
        Ok(self.url(&name))
    }

    /// Ends it as an operator does who can't wait: connections are closed, data is written.
    pub fn stop(&mut self) -> Result<()> {
        if let Some(mut server) = self.server.take() {
            server.signal(libc::SIGINT)?;
            server.wait(PATIENCE)?;
        }
        Ok(())
    }

    /// Ends it as a crash does.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill();
        }
    }

    /// Starts it after [`Postgres::stop`] or [`Postgres::kill`], with the same data on the same port.
    pub fn start_again(&mut self) -> Result<()> {
        ensure!(self.server.is_none(), "PostgreSQL is running");
        let began = Instant::now();
        loop {
            match self.start_once() {
                // The processes of a server that was killed end by themselves, a moment after it.
                Err(error) if error.to_string().contains(HELD) && began.elapsed() < PATIENCE => {
                    thread::park_timeout(Duration::from_millis(20));
                }
                started => return started,
            }
        }
    }

    /// An error has the server's log as its text.
    fn start_once(&mut self) -> Result<()> {
        let log = File::create(self.folder.path().join("log"))?;
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        if self.tls {
            command.args(["-c", "ssl=on"]);
        }
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            "full_page_writes=off",
            "max_connections=200",
            "shared_buffers=128MB",
            "max_wal_size=4GB",
        ] {
            command.args(["-c", setting]);
        }
        command.stdout(log.try_clone()?).stderr(log);
        let mut server = Child::spawn("PostgreSQL", command)?;
        let (status, pid) = (self.data().join("postmaster.pid"), server.pid().to_string());
        let ready = server.until(PATIENCE, || Ok(is_ready(&status, &pid)));
        ready.with_context(|| fs::read_to_string(self.folder.path().join("log")).unwrap_or_default())?;
        self.server = Some(server);
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// One of its programs, run by the account that may.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(self.folder.path());
        if let Some(account) = self.account {
            command.uid(account.user).gid(account.group);
        }
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // At once, but so that its processes are gone before their folder.
        if let Some(mut server) = self.server.take() {
            let _ = server.signal(libc::SIGQUIT);
            let _ = server.wait(PATIENCE);
        }
    }
}

/// Where Debian keeps the programs of the newest version that is installed.
fn programs() -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let programs = versions
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists());
    let version = |bin: &PathBuf| bin.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    programs
        .max_by_key(version)
        .context("PostgreSQL is not installed: cargo xtask setup")
}

/// Whether the server of that process id has written that it takes connections.
fn is_ready(status: &Path, pid: &str) -> bool {
    let status = fs::read_to_string(status).unwrap_or_default();
    let mut lines = status.lines();
    lines.next() == Some(pid) && lines.last().map(str::trim) == Some("ready")
}

/// Runs a command to its end.
fn finish(mut command: Command) -> Result<()> {
    let output = command.output().with_context(|| format!("starting {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
