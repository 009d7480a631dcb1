//! The account that a server runs as which refuses to be root.

use anyhow::{Context, Result};

/// A user and its group, by number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    pub(super) user: u32,
    pub(super) group: u32,
}

impl Account {
    /// Nobody, if we are root; else we are good enough ourselves.
    pub(super) fn unprivileged() -> Result<Option<Self>> {
        // SAFETY: it only reads this process's user id.
        if unsafe { libc::geteuid() } != 0 {
            return Ok(None);
        }
        let accounts = std::fs::read_to_string("/etc/passwd").context("reading the accounts of this machine")?;
        let nobody = accounts.lines().find_map(|line| {
            let mut fields = line.strip_prefix("nobody:")?.split(':').skip(1);
            Some(Self {
                user: fields.next()?.parse().ok()?,
                group: fields.next()?.parse().ok()?,
            })
        });
        Ok(Some(nobody.context(
            "root can't run PostgreSQL, and this machine has no account \"nobody\"",
        )?))
    }
}
