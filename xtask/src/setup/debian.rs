use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::Need;
use crate::run::{data_dir, quietly};

/// Servers from Debian's packages. The tests start private ones of their own; the packages' services are never used.
pub(super) const SERVERS: Packages = Packages;

pub(super) struct Packages;

/// A package and a file of it that tells that it is there.
const PACKAGES: [(&str, &str); 3] = [
    ("rabbitmq-server", "/usr/lib/rabbitmq/bin/rabbitmq-server"),
    ("postgresql", "/usr/lib/postgresql"),
    ("mmdebstrap", "/usr/bin/mmdebstrap"),
];

impl Need for Packages {
    fn name(&self) -> &'static str {
        "RabbitMQ, PostgreSQL and mmdebstrap"
    }

    fn cost(&self) -> &'static str {
        "Debian's packages by apt-get, about 150 MB, half a minute"
    }

    fn is_there(&self) -> bool {
        PACKAGES.iter().all(|(_, file)| Path::new(file).exists())
    }

    fn bring(&self) -> Result<()> {
        apt(&["update", "-qq"])?;
        let missing = PACKAGES
            .iter()
            .filter(|(_, file)| !Path::new(file).exists())
            .map(|(package, _)| *package);
        apt(&[
            &["install", "-qq", "-y", "--no-install-recommends"][..],
            &missing.collect::<Vec<_>>(),
        ]
        .concat())
    }
}

/// The checker of Prometheus' text format, taken out of its package without installing the server.
pub(super) struct Promtool;

impl Need for Promtool {
    fn name(&self) -> &'static str {
        "promtool"
    }

    fn cost(&self) -> &'static str {
        "out of Debian's package prometheus, 20 MB, a few seconds"
    }

    fn is_there(&self) -> bool {
        promtool().is_ok_and(|file| file.is_file())
    }

    fn bring(&self) -> Result<()> {
        let folder = data_dir()?.join("promtool");
        let work = folder.join("work");
        let _ = fs::remove_dir_all(&work);
        fs::create_dir_all(&work)?;
        apt(&["update", "-qq"])?;
        quietly(
            Command::new("apt-get")
                .args(["download", "-qq", "prometheus"])
                .current_dir(&work),
        )?;
        let package = fs::read_dir(&work)?
            .next()
            .context("apt-get downloaded nothing")??
            .path();
        quietly(Command::new("dpkg-deb").arg("-x").arg(package).arg(&work))?;
        fs::rename(work.join("usr/bin/promtool"), folder.join("promtool"))?;
        Ok(fs::remove_dir_all(&work)?)
    }
}

/// Where it is.
pub(crate) fn promtool() -> Result<PathBuf> {
    Ok(data_dir()?.join("promtool/promtool"))
}

/// apt-get as root: directly, or by sudo where that asks nothing.
fn apt(words: &[&str]) -> Result<()> {
    // SAFETY: asks for a number and can't fail.
    let is_root = unsafe { libc::geteuid() } == 0;
    let mut command = if is_root {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "apt-get"]);
        sudo
    };
    command.env("DEBIAN_FRONTEND", "noninteractive").args(words);
    match quietly(&mut command) {
        Ok(()) => Ok(()),
        Err(error) if is_root => Err(error),
        Err(error) => bail!("{error:#}\nrun this as root: apt-get {}", words.join(" ")),
    }
}
