//! `velatura styles`: what there is to paint with.

use anyhow::Result;
use clap::Args;

use crate::engine::EngineSettings;
use crate::exit::Ended;

/// List the house styles.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only the names, one a line
    #[arg(long)]
    names: bool,
}

pub(crate) fn main(options: &Options) -> Result<Ended> {
    let library = EngineSettings::default().library()?;
    for (name, style) in library.iter() {
        if options.names {
            println!("{name}");
        } else {
            println!("{name:<12} {}: {}", style.title, style.description);
        }
    }
    if !options.names {
        println!("\nAny picture of yours is a style too: --style path/to/picture.jpg");
    }
    Ok(Ended::AllDone)
}
