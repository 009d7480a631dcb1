use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::{Graph, PackError, PaintSpec};
use crate::alpha::Convention;

/// The one schema this program reads.
pub(super) const SCHEMA: u32 = 1;

/// `pack.toml`, checked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    schema: u32,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licence: String,
    pub(super) description: String,
    pub(super) precision: Precision,
    pub(super) paint: Option<PaintSpec>,
    pub(super) depth: Option<DepthSpec>,
    files: BTreeMap<Graph, File>,
}

/// The precision of a pack's graphs inside; inputs and outputs are u8 and f32 in every one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floating point.
    Fp32,
    /// 16-bit floating point, statistics in 32.
    Fp16,
}

/// What a pack says about depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepthSpec {
    /// What larger numbers mean.
    pub convention: Convention,
    /// Long side at which a photo is given to the depth graph, pixels.
    pub long_side: u32,
    /// Sides of pictures given to the depth graph are multiples of this.
    pub multiple: u32,
}

/// One graph's file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// Below the pack's folder.
    pub(super) path: PathBuf,
    /// In hexadecimal.
    pub(super) sha256: String,
    pub(super) bytes: u64,
}

/// Enough to tell a manifest of another schema from a broken one.
#[derive(Deserialize)]
struct SchemaOnly {
    schema: u32,
}

impl Manifest {
    pub(super) fn parse(text: &str, path: &Path) -> Result<Self, PackError> {
        let syntax = |e: toml::de::Error| PackError::Manifest {
            path: path.to_owned(),
            reason: e.to_string().trim().replace('\n', " "),
        };
        let SchemaOnly { schema } = toml::from_str(text).map_err(syntax)?;
        if schema != SCHEMA {
            return Err(PackError::Schema {
                path: path.to_owned(),
                found: schema,
            });
        }
        let manifest: Self = toml::from_str(text).map_err(syntax)?;
        match manifest.contradiction() {
            None => Ok(manifest),
            Some(reason) => Err(PackError::Impossible {
                path: path.to_owned(),
                reason,
            }),
        }
    }

    /// The file of a graph that the pack has.
    pub(super) fn file(&self, graph: Graph) -> Option<&File> {
        self.files.get(&graph)
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (Graph, &File)> {
        self.files.iter().map(|(&graph, file)| (graph, file))
    }

    fn contradiction(&self) -> Option<String> {
        if self.paint.is_none() && self.depth.is_none() {
            return Some("it neither paints nor sees depth".into());
        }
        if let Some(DepthSpec {
            multiple, long_side, ..
        }) = self.depth
            && (multiple == 0 || long_side == 0)
        {
            return Some("a multiple or a long side is 0".into());
        }
        let paint = self.paint.as_ref();
        paint.and_then(PaintSpec::contradiction).or_else(|| self.wrong_files())
    }

    fn wrong_files(&self) -> Option<String> {
        let painting = self.paint.as_ref().map(PaintSpec::graphs).unwrap_or_default();
        let needed = || painting.iter().chain(self.depth.as_ref().map(|_| &Graph::Depth));
        if let Some(graph) = needed().find(|graph| !self.files.contains_key(graph)) {
            return Some(format!("there is no {graph} graph, which a pack of its kind has"));
        }
        if let Some(graph) = self.files.keys().find(|graph| needed().all(|needed| needed != *graph)) {
            return Some(format!("there is a {graph} graph, which a pack of its kind has not"));
        }
        let leaves = |file: &&File| !file.path.components().all(|part| matches!(part, Component::Normal(_)));
        let outside = self.files.values().find(leaves);
        outside.map(|file| format!("a graph lies at {}, outside the pack's folder", file.path.display()))
    }
}
