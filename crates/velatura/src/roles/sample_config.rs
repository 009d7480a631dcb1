//! `velatura config`: the sample of the configuration file, or a look at the one there is.

use std::path::Path;

use anyhow::{Context as _, Result};
use clap::Args;
use velatura_engine::Device;

use crate::config::{self, Config};
use crate::exit::Ended;

/// Print the commented sample of the configuration file, or check yours.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Read the file of --config and the VELATURA_* variables instead, and say what is wrong with them
    #[arg(long)]
    check: bool,
}

pub(crate) fn main(file: Option<&Path>, options: &Options) -> Result<Ended> {
    if !options.check {
        print!("{}", config::SAMPLE);
        return Ok(Ended::AllDone);
    }
    let config = Config::load(file)?;
    config.coordinator.validate().context("section [coordinator]")?;
    config.exporter.validate().context("section [exporter]")?;
    config.engine.device.parse::<Device>().context("section [engine]")?;
    println!("The configuration can be used.");
    Ok(Ended::AllDone)
}
