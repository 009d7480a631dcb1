use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

const COMPILED_IN: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../models/convert/catalogue.toml"
));

/// What is published where, under which licence and with which checksum; the converters read the same file.
pub(in crate::roles::packs) struct Catalogue {
    /// As it is written.
    pub(super) text: String,
    entries: Vec<Entry>,
}

/// A network.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::roles::packs) struct Entry {
    pub(in crate::roles::packs) name: String,
    /// Which converter makes a pack of it; read by that.
    #[serde(rename = "architecture")]
    _architecture: String,
    pub(in crate::roles::packs) version: String,
    pub(in crate::roles::packs) licence: String,
    pub(in crate::roles::packs) description: String,
    pub(in crate::roles::packs) page: String,
    #[serde(rename = "long_side")]
    _long_side: Option<u32>,
    #[serde(rename = "multiple")]
    _multiple: Option<u32>,
    #[serde(rename = "file")]
    pub(in crate::roles::packs) files: Vec<Published>,
}

/// One of its files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::roles::packs) struct Published {
    pub(super) role: String,
    pub(in crate::roles::packs) url: String,
    pub(in crate::roles::packs) sha256: Checksum,
    /// The most it may have.
    pub(super) bytes: u64,
}

/// `unknown` where nobody states one.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::roles::packs) struct Checksum(String);

impl Checksum {
    pub(super) fn known(&self) -> Option<&str> {
        (self.0 != "unknown").then_some(&self.0)
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    pack: Vec<Entry>,
}

impl Catalogue {
    /// The one of this program's time.
    pub(in crate::roles::packs) fn compiled_in() -> Result<Self> {
        Self::parse(COMPILED_IN.to_owned()).context("the catalogue")
    }

    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path);
        let text = text.with_context(|| format!("can't read the catalogue {}", path.display()))?;
        Self::parse(text).with_context(|| format!("the catalogue {}", path.display()))
    }

    fn parse(text: String) -> Result<Self> {
        let Tables { pack } = toml::from_str(&text)?;
        Ok(Self { text, entries: pack })
    }

    pub(in crate::roles::packs) fn packs(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    pub(in crate::roles::packs) fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    pub(super) fn names(&self) -> String {
        let names: Vec<_> = self.entries.iter().map(|entry| entry.name.as_str()).collect();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_in_catalogue_is_whole() {
        let catalogue = Catalogue::compiled_in().expect("it is read");
        assert!(catalogue.packs().count() >= 9);
        for entry in catalogue.packs() {
            for file in &entry.files {
                let known = file.sha256.known();
                assert!(known.is_none_or(|sum| sum.len() == 64), "{}", file.url);
                assert!(file.url.starts_with("https://") && file.bytes > 0, "{}", file.url);
            }
        }
    }
}
