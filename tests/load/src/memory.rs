//! What a process takes.

use std::fs;

use anyhow::{Context as _, Result};

/// Memory of a process now and at most, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Resident now.
    pub now: u64,
    /// Resident at most, since the process began or [`forget_peak`].
    pub peak: u64,
}

/// The memory of this process.
pub fn own() -> Result<Memory> {
    let status = fs::read_to_string("/proc/self/status")?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|rest| rest.trim().split(' ').next()?.parse::<u64>().ok());
        kib.map(|kib| kib << 10)
            .with_context(|| format!("/proc/self/status has no {name}"))
    };
    Ok(Memory {
        now: field("VmRSS:")?,
        peak: field("VmHWM:")?,
    })
}

/// From now on the peak is what is taken from now on.
pub fn forget_peak() -> Result<()> {
    Ok(fs::write("/proc/self/clear_refs", "5")?)
}
