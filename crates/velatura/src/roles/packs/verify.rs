use std::path::Path;

use anyhow::Result;
use clap::Args;
use velatura_engine::{DEFAULT_DEPTH, PackFolder, Places};

use super::against_cpu;
use crate::config::Config;
use crate::engine::DeviceFlags;
use crate::exit::Ended;

/// Check a pack: read its manifest, compare every checksum, run every graph once.
///
/// Examples:
///   velatura packs verify velatura-light
///   velatura packs verify velatura-light --device cuda --against-cpu
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Options {
    /// A pack's name or folder
    #[arg(value_name = "NAME|FOLDER")]
    pack: String,
    /// Also paint a few pictures on the device and on the CPU: how far they differ, and how long each takes
    #[arg(long)]
    against_cpu: bool,
    #[command(flatten)]
    device: DeviceFlags,
}

pub(super) fn main(config: Option<&Path>, options: &Options) -> Result<Ended> {
    let mut settings = options.device.over(Config::load(config)?.engine);
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
    if options.against_cpu {
        "cpu".clone_into(&mut settings.device);
        against_cpu::compare(&engine, &settings.start()?)?;
    }
    Ok(Ended::AllDone)
}
