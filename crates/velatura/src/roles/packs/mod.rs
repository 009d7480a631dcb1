//! `velatura packs`: which networks there are, and whether they are whole; and fetching published ones.

mod against_cpu;
mod list;
mod pull;
mod show;
mod verify;

use std::path::Path;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::exit::Ended;

/// List the packs that are found, look at one, check one, or fetch a published one.
///
/// Examples:
///   velatura packs
///   velatura packs pull mosaic
///   velatura packs pull https://example.org/my-pack.tar.gz --sha256 3f1a…
///   velatura stylize photos/ --pack mosaic --out painted/
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the packs that are found, and what else can be fetched
    List,
    Show(show::Options),
    Verify(verify::Options),
    Pull(pull::Options),
}

pub(crate) fn main(config: Option<&Path>, options: &Options) -> Result<Ended> {
    match &options.command {
        None | Some(Command::List) => list::main(),
        Some(Command::Show(options)) => show::main(options),
        Some(Command::Verify(options)) => verify::main(config, options),
        Some(Command::Pull(options)) => pull::main(options),
    }
}
