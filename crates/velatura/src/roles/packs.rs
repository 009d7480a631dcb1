//! `velatura packs`: which networks there are, and whether they are whole.

use std::path::Path;

use anyhow::Result;
use clap::Args;
use velatura_engine::{Pack, Places};

use crate::config::Config;
use crate::exit::Ended;

/// List the packs that are found, or check one.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Check this pack: read its manifest, compare every checksum, run every graph once
    #[arg(value_name = "NAME|FOLDER")]
    check: Option<String>,
}

pub(crate) fn main(config: Option<&Path>, options: &Options) -> Result<Ended> {
    match &options.check {
        Some(name) => check(config, name),
        None => list(),
    }
}

fn check(config: Option<&Path>, name: &str) -> Result<Ended> {
    let mut settings = Config::load(config)?.engine;
    settings.pack = name.to_owned();
    let engine = settings.start()?;
    println!(
        "{} is whole and paints on {}",
        engine.pack().name(),
        engine.provider().name()
    );
    Ok(Ended::AllDone)
}

fn list() -> Result<Ended> {
    let mut ended = Ended::AllDone;
    for models in Places::of_this_process().model_dirs() {
        let mut folders: Vec<_> = std::fs::read_dir(&models)?
            .filter_map(|e| Some(e.ok()?.path()))
            .collect();
        folders.sort();
        for folder in folders.into_iter().filter(|folder| folder.join("pack.toml").is_file()) {
            match Pack::open(&folder) {
                Ok(pack) => println!(
                    "{:<18} {:<8} {} ({})",
                    pack.name(),
                    pack.version(),
                    pack.description(),
                    pack.licence()
                ),
                Err(error) => {
                    ended = Ended::SomeFailed;
                    println!("{:<18} broken   {error}", folder.display());
                }
            }
        }
    }
    Ok(ended)
}
