use std::path::PathBuf;

use anyhow::Result;
use velatura_engine::{PackFolder, Places};

use super::pull::Catalogue;
use crate::exit::Ended;

/// What is installed, then what is published and not installed.
pub(super) fn main() -> Result<Ended> {
    let mut ended = Ended::AllDone;
    let mut names = Vec::new();
    for models in Places::of_this_process().model_dirs() {
        let mut folders: Vec<PathBuf> = std::fs::read_dir(&models)?
            .filter_map(|e| Some(e.ok()?.path()))
            .collect();
        folders.sort();
        for folder in folders.into_iter().filter(|folder| folder.join("pack.toml").is_file()) {
            match PackFolder::open(&folder) {
                Ok(pack) => {
                    let (name, version) = (pack.name(), pack.version());
                    println!("{name:<24} {version:<8} {} ({})", pack.description(), pack.licence());
                    names.push(name.to_owned());
                }
                Err(error) => {
                    ended = Ended::SomeFailed;
                    println!("{:<24} broken   {error}", folder.display());
                }
            }
        }
    }
    let catalogue = Catalogue::compiled_in()?;
    let more: Vec<_> = catalogue.packs().filter(|entry| !names.contains(&entry.name)).collect();
    if !more.is_empty() {
        println!("\nPublished by others; `velatura packs pull NAME` downloads, checks and converts:");
        for entry in more {
            println!(
                "{:<24} {:<8} {} ({})",
                entry.name, entry.version, entry.description, entry.licence
            );
        }
    }
    Ok(ended)
}
