//! The binary as its users run it.

#[path = "../../../xtask/src/cargo.rs"]
mod cargo;

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::OnceLock;

use anyhow::{Context as _, Result};

/// What a run of the binary left behind.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub code: i32,
    /// What it printed on stdout.
    pub stdout: String,
    /// What it printed on stderr.
    pub stderr: String,
}

impl Ran {
    /// Its lines on stdout, as JSON.
    ///
    /// # Panics
    /// When one is none.
    pub fn json(&self) -> Vec<serde_json::Value> {
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line:?} is no JSON: {e}"));
        self.stdout.lines().map(parse).collect()
    }
}

/// Runs the binary to its end.
///
/// # Panics
/// When it does not start.
pub fn velatura(arguments: &[&str]) -> Ran {
    let output = velatura_command().args(arguments).output().expect("the binary starts");
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A command of the binary, free of this process's own settings.
///
/// # Panics
/// When the binary can't be built.
pub fn velatura_command() -> Command {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    let mut command = Command::new(BINARY.get_or_init(|| build().expect("the binary builds")));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VELATURA_")) {
        command.env_remove(name);
    }
    command
}

/// Built here, so that no test runs against an older binary than its source.
fn build() -> Result<PathBuf> {
    // In the profile that this was built in.
    let release: &[&str] = if cfg!(debug_assertions) { &[] } else { &["--release"] };
    let mut cargo = Command::new(env!("CARGO"));
    let status = cargo::as_from_a_shell(&mut cargo)
        .args(["build", "--quiet", "--workspace", "--bin", "velatura"])
        .args(release)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    anyhow::ensure!(status.success(), "cargo build ended with {status}");
    // A test lies in `target/debug/deps`, a binary in `target/debug`.
    let this = std::env::current_exe()?;
    let folder = this.parent().context("a program lies in a folder")?;
    let folder = if folder.ends_with("deps") {
        folder.parent().unwrap_or(folder)
    } else {
        folder
    };
    Ok(folder.join("velatura"))
}

/// Runs a command to its end and says how much memory it had at most, in bytes.
pub fn run_measured(mut command: Command) -> Result<(ExitStatus, u64)> {
    let child = command.spawn()?;
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::uninit());
    // SAFETY: both pointers are to live memory of the right type; the child is ours and waited for only here.
    let waited = unsafe { libc::wait4(i32::try_from(child.id())?, &raw mut status, 0, usage.as_mut_ptr()) };
    anyhow::ensure!(waited > 0, "the child can't be waited for");
    // SAFETY: wait4 succeeded and has filled it in.
    let usage = unsafe { usage.assume_init() };
    Ok((ExitStatus::from_raw(status), u64::try_from(usage.ru_maxrss)? * 1024))
}
