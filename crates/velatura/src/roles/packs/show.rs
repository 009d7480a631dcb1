use anyhow::{Result, bail};
use clap::Args;
use velatura_engine::{DepthSpec, PackError, PackFolder, PaintSpec, Places, Statistics};

use super::pull::{Catalogue, Entry};
use crate::exit::Ended;

/// Say what a pack is made of and where it comes from; its files' checksums are compared
#[derive(Debug, Args)]
pub(super) struct Options {
    /// An installed pack, its folder, or a published one
    #[arg(value_name = "NAME|FOLDER")]
    pack: String,
}

pub(super) fn main(options: &Options) -> Result<Ended> {
    match PackFolder::find(&options.pack, &Places::of_this_process().model_dirs()) {
        Ok(folder) => installed(&folder),
        Err(not_found @ PackError::NotFound { .. }) => match Catalogue::compiled_in()?.find(&options.pack) {
            Some(entry) => published(entry),
            None => bail!(not_found),
        },
        Err(broken) => bail!(broken),
    }
    Ok(Ended::AllDone)
}

fn installed(folder: &PackFolder) {
    println!("{} {}", folder.name(), folder.version());
    println!("{}", folder.description());
    println!("licence   {}", folder.licence());
    println!("folder    {}", folder.dir().display());
    match folder.paint() {
        Some(spec) => println!("painting  {}", painting(spec)),
        None => println!("painting  none: name it with --depth-pack beside a pack that paints"),
    }
    match folder.depth() {
        Some(DepthSpec {
            long_side, multiple, ..
        }) => {
            println!("depth     at a long side of {long_side} pixels, sides multiples of {multiple}");
        }
        None => println!(
            "depth     none of its own: that of {} is used",
            velatura_engine::DEFAULT_DEPTH
        ),
    }
    for (graph, path, bytes) in folder.graphs() {
        println!("graph     {:<8} {bytes:>10} bytes  {}", graph.name(), path.display());
    }
}

fn painting(spec: &PaintSpec) -> String {
    let style = match spec.code_length() {
        0 => "in one style of its own".to_owned(),
        code => format!("in any style, {code} numbers each"),
    };
    let large = match spec.statistics {
        Statistics::Levels(_) => "tiles agree with the whole",
        Statistics::Measured(_) => "large pictures by the statistics of a smaller copy",
    };
    format!(
        "{style}; {large}; halo {} pixels, sides multiples of {}",
        spec.halo, spec.multiple
    )
}

fn published(entry: &Entry) {
    println!("{} {}, published and not installed", entry.name, entry.version);
    println!("{}", entry.description);
    println!("licence   {}", entry.licence);
    println!("page      {}", entry.page);
    for file in &entry.files {
        println!("file      {} sha256 {}", file.url, file.sha256);
    }
    println!("`velatura packs pull {}` downloads, checks and converts it", entry.name);
}
