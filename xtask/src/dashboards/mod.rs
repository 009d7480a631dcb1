//! Grafana dashboards: described here in a few lines a panel, written to `deploy/grafana` as the JSON that Grafana reads.

mod fleet;
mod grafana;
mod jobs;
mod worker;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use crate::run::root;
use grafana::Dashboard;

/// Where Grafana and the chart find them.
pub(crate) fn folder() -> PathBuf {
    root().join("deploy/grafana")
}

fn all() -> Vec<Dashboard> {
    vec![fleet::dashboard(), jobs::dashboard(), worker::dashboard()]
}

/// Writes them all.
pub(crate) fn write() -> Result<()> {
    for dashboard in all() {
        let path = folder().join(dashboard.file());
        fs::write(&path, dashboard.json()).with_context(|| format!("{} can't be written", path.display()))?;
        println!("{}", path.display());
    }
    Ok(())
}

/// An error when what lies there is not what is described here.
pub(crate) fn check() -> Result<()> {
    for dashboard in all() {
        let path = folder().join(dashboard.file());
        let written = fs::read_to_string(&path).unwrap_or_default();
        ensure!(
            written == dashboard.json(),
            "{} is not what xtask/src/dashboards describes: run cargo xtask dashboards",
            path.display()
        );
    }
    Ok(())
}
