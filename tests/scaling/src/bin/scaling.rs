//! `scaling FOLDER`: simulates the scenarios that the documentation shows and draws them into the folder.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).context("usage: scaling FOLDER")?;
    velatura_scaling::draw(&PathBuf::from(folder))
}
