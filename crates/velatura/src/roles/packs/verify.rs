use std::path::Path;

use anyhow::Result;
use clap::Args;
use velatura_engine::{DEFAULT_DEPTH, PackFolder, Places};

use crate::config::Config;
use crate::exit::Ended;

/// Check a pack: read its manifest, compare every checksum, run every graph once
#[derive(Debug, Args)]
pub(super) struct Options {
    /// A pack's name or folder
    #[arg(value_name = "NAME|FOLDER")]
    pack: String,
}

pub(super) fn main(config: Option<&Path>, options: &Options) -> Result<Ended> {
    let mut settings = Config::load(config)?.engine;
    let folder = PackFolder::find(&options.pack, &Places::of_this_process().model_dirs())?;
    if folder.paint().is_some() {
        settings.pack.clone_from(&options.pack);
    } else {
        // A depth network is tried beside the shipped painting.
        DEFAULT_DEPTH.clone_into(&mut settings.pack);
        settings.depth_pack = Some(options.pack.clone());
    }
    let engine = settings.start()?;
    println!("{} is whole and runs on {}", folder.name(), engine.provider().name());
    Ok(Ended::AllDone)
}
