//! Measured, not asserted.

use anyhow::Result;
use clap::Args;

use crate::run::{binary, command, run};
use crate::setup;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Photos of 512 × 512 in each run
    #[arg(long, default_value_t = 120)]
    photos: usize,
}

pub(crate) fn main(options: &Options) -> Result<()> {
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
    run(command(&binary("release", "bench").to_string_lossy()).arg(options.photos.to_string()))
}
