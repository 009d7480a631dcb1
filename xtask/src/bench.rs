//! Measured, not asserted.

use std::ffi::OsString;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::run::{binary, command, run};
use crate::setup;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: Option<What>,
    /// Photos of 512 × 512 in each run
    #[arg(long, default_value_t = 120)]
    photos: usize,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Expansion, dispatch and results a second beside their limits, with simulated painting [--help for its options]
    #[command(disable_help_flag = true)]
    Bulk(Passed),
    /// A job during which coordinators, broker, database and workers die; every task is done once [--help for its options]
    #[command(disable_help_flag = true)]
    Faults(Passed),
}

/// What `tests/load` reads.
#[derive(Debug, Args)]
struct Passed {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    arguments: Vec<OsString>,
}

pub(crate) fn main(options: &Options) -> Result<()> {
    match &options.what {
        None => painting(options.photos),
        Some(What::Bulk(passed)) => bulk(passed),
        Some(What::Faults(passed)) => faults(passed),
    }
}

fn painting(photos: usize) -> Result<()> {
    println!(
        "cargo xtask bench: a release build (some 12 minutes on 2 cores the first time), then a few minutes of painting."
    );
    setup::ensure(&setup::ALL)?;
    let release = ["build", "--release", "--workspace"];
    run(command("cargo")
        .args(release)
        .args(["--bin", "velatura", "--bin", "bench"]))?;
    run(command("cargo")
        .args(release)
        .args(["--package", "velatura-engine", "--example", "bare_paint"]))?;
    run(command(&binary("release", "bench").to_string_lossy()).arg(photos.to_string()))
}

fn bulk(passed: &Passed) -> Result<()> {
    eprintln!(
        "cargo xtask bench bulk: an optimised build of the coordinator (some 10 minutes on 2 cores the first time), then a \
         minute, or five for ten million tasks."
    );
    setup::ensure(&setup::ALL)?;
    run(command("cargo").args(["build", "--quiet", "--profile", "load", "--package", "velatura-load"]))?;
    run(command(&binary("load", "load").to_string_lossy())
        .arg("bulk")
        .args(&passed.arguments))
}

fn faults(passed: &Passed) -> Result<()> {
    eprintln!("cargo xtask bench faults: a build as for the tests, then some minutes for 200,000 tasks.");
    setup::ensure(&setup::ALL)?;
    let build = ["build", "--quiet", "--workspace"];
    run(command("cargo")
        .args(build)
        .args(["--bin", "velatura", "--bin", "load"]))?;
    run(command(&binary("debug", "load").to_string_lossy())
        .arg("faults")
        .args(&passed.arguments))
}
