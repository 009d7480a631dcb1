//! The chart on a real control plane: see `scenario`. `cargo xtask cluster` runs it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use velatura_kubernetes::cluster::network;
use velatura_kubernetes::repository;
use velatura_kubernetes::scenario::{Options, run};

/// As many photos as are painted in two minutes on two cores, with all that happens to them.
const PHOTOS: usize = 2000;

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<()> {
    // Before there is any thread.
    network::enter()?;
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("set once, here");
    let mut arguments = std::env::args().skip(1);
    let photos = arguments
        .next()
        .map_or(Ok(PHOTOS), |number| number.parse())
        .context("how many photos?")?;
    let plot = arguments
        .next()
        .map_or(repository().join("docs/img/cluster.svg"), PathBuf::from);
    let binary = velatura_e2e::velatura_command().get_program().into();
    let options = Options { photos, plot, binary };
    tokio::runtime::Runtime::new()?.block_on(run(&options))
}
