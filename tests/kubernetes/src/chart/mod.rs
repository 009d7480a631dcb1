//! `helm/velatura`, rendered and judged.

mod config;
mod helm;
mod known;
mod objects;
mod rules;
mod schemas;
mod strict;
mod table;

pub use helm::{Helm, Refusal};
pub use objects::{Object, Objects};
pub use rules::{Complaint, RULES, Rule, complaints};
pub use schemas::write_schemas;
pub use strict::Strict;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

/// The chart's folder.
pub fn folder() -> PathBuf {
    crate::repository().join("helm/velatura")
}

/// The cases of `ci/`, by name.
///
/// # Panics
/// When there are none.
pub fn cases() -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder().join("ci")).expect("the chart has cases");
    let mut cases: Vec<_> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?.strip_suffix("-values.yaml")?.to_owned();
            Some((name, path))
        })
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "the chart has no cases");
    cases
}

/// The files of the chart that are made of others, by name, as they should be.
///
/// # Errors
/// When one of those can't be read, or a value has no documentation.
pub fn generated() -> Result<[(&'static str, String); 3]> {
    let read = |name: &str| fs::read_to_string(folder().join(name)).with_context(|| format!("can't read {name}"));
    let readme = table::readme_with_table(&read("README.md")?, &read("values.yaml")?)?;
    let sample = fs::read_to_string(crate::repository().join("crates/velatura/src/config/sample.toml"))?;
    let mut schema: serde_json::Value = serde_json::from_str(&read("values.schema.json")?)?;
    schema["$defs"]["config"] = config::config_schema(&sample)?;
    let pretty = |value: &serde_json::Value| serde_json::to_string_pretty(value).map(|text| text + "\n");
    Ok([
        ("README.md", readme),
        ("files/known-values.json", pretty(&known::known(&schema)?)?),
        ("values.schema.json", pretty(&schema)?),
    ])
}
