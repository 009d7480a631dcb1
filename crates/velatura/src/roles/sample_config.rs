//! `velatura config`.

use anyhow::Result;

use crate::config;
use crate::exit::Ended;

pub(crate) fn main() -> Result<Ended> {
    print!("{}", config::SAMPLE);
    Ok(Ended::AllDone)
}
