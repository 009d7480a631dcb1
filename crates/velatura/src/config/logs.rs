use anyhow::{Result, anyhow};
use serde::Deserialize;
use velatura_telemetry::LogFormat;

/// What these libraries say, we say once and in our own words, or nobody needs.
const QUIET: &str = ",lapin=off,ort=warn";

/// Section `[logs]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Logs {
    /// `text` for people or `json` for programs.
    format: Format,
    /// Directives such as `info,velatura_queue=debug`; empty means what suits the role.
    filter: String,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Text,
    Json,
}

impl Logs {
    /// Sends logs to stderr.
    pub(crate) fn init(&self, suits: &str) -> Result<()> {
        let filter = if self.filter.is_empty() {
            format!("{suits}{QUIET}")
        } else {
            self.filter.clone()
        };
        let format = match self.format {
            Format::Text => LogFormat::Text,
            Format::Json => LogFormat::Json,
        };
        velatura_telemetry::init_logs(format, &filter).map_err(|sentence| anyhow!("logs.filter: {sentence}"))
    }
}
