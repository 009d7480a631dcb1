//! Writes what is made of other files: the table in the chart's README, and the schema of `config` in the values.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use velatura_kubernetes::chart::{folder, generated};

fn main() -> ExitCode {
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn write() -> Result<()> {
    for (name, text) in generated()? {
        let path = folder().join(name);
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::write(&path, text).with_context(|| path.display().to_string())?;
            println!("wrote {}", path.display());
        }
    }
    Ok(())
}
