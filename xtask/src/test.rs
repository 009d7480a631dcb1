//! Every test, as CI runs them.

use anyhow::Result;
use clap::Args;

use crate::run::{binary, command, python, root, run};
use crate::{cluster, deploy, setup};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only these crates' tests, without the other checks
    #[arg(long = "package", short, value_name = "CRATE")]
    packages: Vec<String>,
}

pub(crate) fn main(options: &Options) -> Result<()> {
    println!(
        "cargo xtask test: set-up, formatting, lints, deploy/, every test, Python's, too, and a cluster where its programs are there; from nothing some 20 minutes on 2 cores."
    );
    setup::ensure(&setup::ALL)?;
    if !options.packages.is_empty() {
        let packages = options.packages.iter().flat_map(|package| ["--package", package]);
        return run(command("cargo").arg("test").args(packages));
    }
    run(command("cargo").args(["fmt", "--all", "--check"]))?;
    run(command("cargo").args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "--deny",
        "warnings",
    ]))?;
    deploy::check()?;
    run(command("cargo").args(["build", "--workspace", "--all-targets"]))?;
    run(command("cargo").args(["test", "--workspace", "--no-fail-fast"]))?;
    for package in ["convert", "evaluate"] {
        let mut tests = python()?;
        tests
            .args(["-m", "unittest"])
            .current_dir(root().join("models").join(package));
        run(tests.env("VELATURA", binary("debug", "velatura")))?;
    }
    cluster::if_there()
}
