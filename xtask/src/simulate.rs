//! Autoscalers and a burst, in simulated time.

use anyhow::Result;

use crate::run::{command, run};

pub(crate) fn main() -> Result<()> {
    println!(
        "cargo xtask simulate: compiles the exporter (a minute on 2 cores the first time), then simulates for seconds."
    );
    run(command("cargo").args([
        "run",
        "--quiet",
        "--package",
        "velatura-scaling",
        "--bin",
        "scaling",
        "docs/img",
    ]))
}
