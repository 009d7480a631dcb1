//! The chart on a real control plane.

use anyhow::Result;
use clap::Args;

use crate::run::{binary, command, run};
use crate::setup;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Photos of the job
    #[arg(long)]
    photos: Option<usize>,
}

pub(crate) fn main(options: &Options) -> Result<()> {
    println!(
        "cargo xtask cluster: etcd, Kubernetes' control plane and KEDA on loopback, Pods as processes; some minutes."
    );
    setup::ensure(&setup::CLUSTER)?;
    run(command("cargo").args(["build", "--workspace", "--bin", "cluster", "--bin", "velatura"]))?;
    let mut cluster = command(&binary("debug", "cluster").to_string_lossy());
    run(cluster.args(options.photos.map(|photos| photos.to_string())))
}

/// The same where its programs have been built already; they take too long to be built for every test run.
pub(crate) fn if_there() -> Result<()> {
    // SAFETY: asks for a number and can't fail.
    let is_root = unsafe { libc::geteuid() } == 0;
    if !setup::is_there(&setup::CLUSTER) {
        println!(
            "NOT RUN: cargo xtask cluster. Its programs are not here; `cargo xtask setup kubernetes` builds them once."
        );
        return Ok(());
    }
    if !is_root {
        println!("NOT RUN: cargo xtask cluster. It needs root, for the network namespaces of Pods.");
        return Ok(());
    }
    main(&Options { photos: None })
}
