use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The house styles: pictures by name, listed in a folder's `styles.toml`.
#[derive(Debug, Clone, Default)]
pub struct StyleLibrary {
    folder: PathBuf,
    styles: BTreeMap<String, HouseStyle>,
}

/// A house style's entry in `styles.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HouseStyle {
    /// The picture's file name.
    pub file: PathBuf,
    /// What it is called.
    pub title: String,
    /// What it looks like, one sentence.
    pub description: String,
    /// The picture's checksum.
    pub sha256: String,
}

/// Why the house styles can't be had.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The index can't be read.
    #[error("the house styles can't be read from {path}: {source}")]
    Unreadable {
        /// The index.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The index is wrong.
    #[error("{path} is no index of styles: {source}")]
    Syntax {
        /// The index.
        path: PathBuf,
        /// What is wrong.
        source: toml::de::Error,
    },
}

impl StyleLibrary {
    /// Reads a folder's index.
    pub fn open(folder: &Path) -> Result<Self, LibraryError> {
        let path = folder.join("styles.toml");
        let text = std::fs::read_to_string(&path).map_err(|source| LibraryError::Unreadable {
            path: path.clone(),
            source,
        })?;
        let styles = toml::from_str(&text).map_err(|source| LibraryError::Syntax { path, source })?;
        Ok(Self {
            folder: folder.to_owned(),
            styles,
        })
    }

    /// The styles in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &HouseStyle)> {
        self.styles.iter().map(|(name, style)| (name.as_str(), style))
    }

    /// Where a style's picture lies.
    pub fn picture(&self, name: &str) -> Option<PathBuf> {
        self.styles.get(name).map(|style| self.folder.join(&style.file))
    }

    /// The names, for a sentence.
    pub fn names(&self) -> String {
        if self.styles.is_empty() {
            return "none are installed".to_owned();
        }
        self.styles.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}
