//! One TOML file, `VELATURA_*` variables, flags: in rising order. Unknown keys are errors.

mod logs;

use std::path::Path;

use anyhow::{Context as _, Result};
use config::{File, FileFormat};
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
#[derive(Debug, Clone, Default, Deserialize)]
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

/// Keys that hold lists; in a variable their parts are joined by commas.
const LISTS: [&str; 4] = [
    "queue.urls",
    "objects.local_roots",
    "coordinator.webhooks.networks",
    "coordinator.webhooks.retry_seconds",
];

impl Config {
    /// Reads the file, if one is named, and the variables.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self> {
        let text = match file {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("can't read the configuration file {}", path.display()))?,
        };
        let named = file.map_or("VELATURA_* variables".to_owned(), |path| path.display().to_string());
        Self::read(&text, std::env::vars()).with_context(|| format!("the configuration from {named}"))
    }

    fn read(text: &str, variables: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let mut sources = config::Config::builder().add_source(File::from_str(text, FileFormat::Toml));
        for (name, value) in variables {
            let Some(key) = key_of(&name) else { continue };
            sources = if LISTS.contains(&key.as_str()) {
                sources.set_override(key, value.split(',').map(str::to_owned).collect::<Vec<_>>())?
            } else {
                sources.set_override(key, value)?
            };
        }
        Ok(sources.build()?.try_deserialize()?)
    }
}

/// The key that a variable sets: `VELATURA_LEDGER__URL` is `url` of section `[ledger]`. Variables without `__` belong to
/// others: flags of the client, links that Kubernetes makes.
fn key_of(variable: &str) -> Option<String> {
    let key = variable.strip_prefix("VELATURA_").filter(|key| key.contains("__"))?;
    Some(key.to_lowercase().replace("__", "."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config> {
        with(text, &[])
    }

    fn with(text: &str, variables: &[(&str, &str)]) -> Result<Config> {
        Config::read(
            text,
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    #[test]
    fn variables_go_before_the_file_and_keep_their_text() {
        let variables = [
            ("VELATURA_LEDGER__URL", "postgres://v:007@db/v"),
            ("VELATURA_WORKER__IN_FLIGHT", "3"),
            ("VELATURA_OBJECTS__S3__SECRET_ACCESS_KEY", "1e5"),
            ("VELATURA_OBJECTS__LOCAL_ROOTS", "/a,/b"),
            ("VELATURA_COORDINATOR_SERVICE_HOST", "10.0.0.1"),
        ];
        let config = with("[worker]\nin_flight = 9", &variables).unwrap();
        assert_eq!(config.ledger.url, "postgres://v:007@db/v");
        assert_eq!(config.worker.in_flight, 3);
        assert_eq!(config.objects.s3.secret_access_key.unwrap().reveal(), "1e5");
        assert_eq!(config.objects.local_roots.len(), 2);
        let error = with("", &[("VELATURA_WORKER__IN_FLIHGT", "3")]).unwrap_err();
        assert!(crate::exit::sentence(&error).contains("in_flihgt"), "{error:?}");
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
