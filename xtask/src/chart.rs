//! The Helm chart, checked without a cluster.

use anyhow::Result;
use clap::Args;

use crate::run::{binary, command, run};
use crate::setup;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write what is made of other files: the README's table of values, the schema of `config`
    #[arg(long)]
    write: bool,
}

pub(crate) fn main(options: &Options) -> Result<()> {
    // With the whole workspace's features, so that nothing is compiled twice.
    if options.write {
        run(command("cargo").args(["build", "--workspace", "--bin", "chart-files"]))?;
        return run(&mut command(&binary("debug", "chart-files").to_string_lossy()));
    }
    setup::ensure(&setup::CHART)?;
    run(command("cargo").args(["test", "--workspace", "--test", "chart"]))
}
