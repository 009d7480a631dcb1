//! One TOML file, `VELATURA_*` variables, flags: in rising order. Unknown keys are errors.

mod logs;

use std::path::Path;

use anyhow::{Context as _, Result};
use config::{Environment, File, FileFormat};
use serde::Deserialize;
use velatura_coordinator::CoordinatorConfig;
use velatura_exporter::ExporterConfig;
use velatura_objects::ObjectsConfig;
use velatura_queue::QueueConfig;
use velatura_worker::WorkerConfig;

use crate::engine::EngineSettings;
pub(crate) use logs::Logs;

/// The commented sample, which is the default; a test holds it to that.
pub(crate) const SAMPLE: &str = include_str!("sample.toml");

/// What every role may be told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) logs: Logs,
    pub(crate) engine: EngineSettings,
    pub(crate) objects: ObjectsConfig,
    pub(crate) queue: QueueConfig,
    pub(crate) ledger: LedgerSettings,
    pub(crate) coordinator: CoordinatorConfig,
    pub(crate) worker: WorkerConfig,
    pub(crate) exporter: ExporterConfig,
    /// Where a worker answers `/healthz`, `/readyz` and `/metrics`.
    pub(crate) worker_listen: std::net::SocketAddr,
}

/// Section `[ledger]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LedgerSettings {
    /// `sqlite:///absolute/path.db` or `postgres://user:password@host/database`.
    pub(crate) url: String,
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self {
            url: "postgres://velatura@127.0.0.1:5432/velatura".to_owned(),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            logs: Logs::default(),
            engine: EngineSettings::default(),
            objects: ObjectsConfig::default(),
            queue: QueueConfig::default(),
            ledger: LedgerSettings::default(),
            coordinator: CoordinatorConfig::default(),
            worker: WorkerConfig::default(),
            exporter: ExporterConfig::default(),
            worker_listen: ([127, 0, 0, 1], 8082).into(),
        }
    }
}

impl Config {
    /// Reads the file, if one is named, and the variables: `VELATURA_LEDGER__URL` is `url` of section `[ledger]`.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self> {
        let variables = Environment::with_prefix("VELATURA")
            .prefix_separator("_")
            .separator("__")
            .try_parsing(true);
        Self::from(file, variables)
    }

    fn from(file: Option<&Path>, variables: Environment) -> Result<Self> {
        let mut sources = config::Config::builder();
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("can't read the configuration file {}", path.display()))?;
            sources = sources.add_source(File::from_str(&text, FileFormat::Toml));
        }
        // The file's own name is a variable too, and no key.
        let sources = sources.add_source(variables.source(Some(
            std::env::vars().filter(|(name, _)| name != "VELATURA_CONFIG").collect(),
        )));
        let named = || file.map_or("VELATURA_* variables".to_owned(), |path| path.display().to_string());
        let read = sources
            .build()
            .with_context(|| format!("the configuration from {}", named()))?;
        read.try_deserialize()
            .with_context(|| format!("the configuration from {}", named()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config> {
        let sources = config::Config::builder().add_source(File::from_str(text, FileFormat::Toml));
        Ok(sources.build()?.try_deserialize()?)
    }

    #[test]
    fn the_sample_says_every_default() {
        assert_eq!(
            format!("{:?}", read(SAMPLE).unwrap()),
            format!("{:?}", Config::default())
        );
    }

    #[test]
    fn what_the_sample_leaves_out_can_be_said() {
        let uncommented: String = SAMPLE
            .lines()
            .map(|line| {
                line.strip_prefix("# ")
                    .filter(|rest| rest.contains(" = \""))
                    .unwrap_or(line)
                    .to_owned()
                    + "\n"
            })
            .collect();
        let config = read(&uncommented).unwrap();
        assert!(config.engine.onnxruntime.is_some() && config.queue.management_url.is_some());
    }

    #[test]
    fn unknown_keys_are_errors_that_name_them() {
        let error = read("[worker]\nin_flihgt = 3").unwrap_err();
        assert!(crate::exit::sentence(&error).contains("in_flihgt"), "{error:?}");
    }
}
