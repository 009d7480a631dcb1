//! Packs judged by what the program paints with them.

use anyhow::Result;
use clap::Args;

use crate::run::{binary, command, python, root, run};
use crate::setup;

/// What follows `--` goes to the evaluation itself; `cargo xtask evaluate -- --help` lists it.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Photos, styles, packs, feature network, size: see `cargo xtask evaluate -- --help`
    #[arg(last = true)]
    options: Vec<String>,
}

pub(crate) fn main(options: &Options) -> Result<()> {
    println!(
        "cargo xtask evaluate: every installed pack over photos and styles; with the house's own some minutes on 2 cores."
    );
    setup::ensure(&setup::EVALUATION)?;
    run(command("cargo").args(["build", "--bin", "velatura"]))?;
    let mut evaluation = python()?;
    evaluation
        .args(["-m", "velatura_evaluate", "--velatura"])
        .arg(binary("debug", "velatura"));
    evaluation.arg("--out").arg(root().join("target/evaluation"));
    // Paths on the command line are seen from where the user stands, so the package is found by its path.
    evaluation
        .env("PYTHONPATH", root().join("models/evaluate"))
        .args(&options.options);
    run(&mut evaluation)
}
