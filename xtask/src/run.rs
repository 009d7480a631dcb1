//! Running other programs, and where things lie.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::cargo::as_from_a_shell;

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the repository")
        .to_owned()
}

/// Where the set-up puts things for this user, once for all checkouts: the place in which the program looks.
pub(crate) fn data_dir() -> Result<PathBuf> {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let base = set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")));
    Ok(base.context("neither XDG_DATA_HOME nor HOME is set")?.join("velatura"))
}

/// The Python of converters and evaluation, which the set-up brings.
pub(crate) fn python() -> Result<Command> {
    Ok(Command::new(data_dir()?.join("python/1/bin/python")))
}

/// A command in the repository's root, shown before it runs.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    as_from_a_shell(&mut command).current_dir(root());
    command
}

/// Runs a command with its output shown; an error when it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status = command
        .status()
        .with_context(|| format!("{} does not start", name(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a command without showing what it prints unless it fails.
pub(crate) fn quietly(command: &mut Command) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("{} does not start", name(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        bail!("{} ended with {}:\n{}", shown(command), output.status, said.trim_end());
    }
    Ok(())
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// Where cargo puts a binary of a profile.
pub(crate) fn binary(profile: &str, name: &str) -> PathBuf {
    // This program itself lies in the same target folder, in `debug/`.
    let target = std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.parent()?.parent()?.to_owned()));
    target.unwrap_or_else(|| root().join("target")).join(profile).join(name)
}
