use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::{Graph, PackError};
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
    pub(super) paint: PaintSpec,
    pub(super) depth: DepthSpec,
    files: Files,
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

/// What a pack says about painting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaintSpec {
    /// Sides of pictures given to the graphs are multiples of this.
    pub multiple: u32,
    /// The smallest side, pixels.
    pub minimum: u32,
    /// Pixels around a place that decide about it: the receptive field's radius.
    pub halo: u32,
    /// The feature levels, finest first.
    pub levels: Vec<Level>,
}

/// One feature level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Feature channels.
    pub channels: usize,
    /// Pixels of the picture to a cell of the level, along each side.
    pub stride: u32,
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

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Files {
    style: File,
    depth: File,
    encode: File,
    decode: File,
    paint: File,
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

    pub(super) fn file(&self, graph: Graph) -> &File {
        match graph {
            Graph::Style => &self.files.style,
            Graph::Depth => &self.files.depth,
            Graph::Encode => &self.files.encode,
            Graph::Decode => &self.files.decode,
            Graph::Paint => &self.files.paint,
        }
    }

    fn contradiction(&self) -> Option<String> {
        let PaintSpec {
            multiple,
            minimum,
            levels,
            ..
        } = &self.paint;
        if *multiple == 0 || self.depth.multiple == 0 || self.depth.long_side == 0 {
            return Some("a multiple or a long side is 0".into());
        }
        if minimum % multiple != 0 || *minimum == 0 {
            return Some(format!("the smallest side is {minimum}, no multiple of {multiple}"));
        }
        if levels.is_empty() || levels.iter().any(|level| level.channels == 0) {
            return Some("there is no feature level, or one without channels".into());
        }
        if let Some(level) = levels
            .iter()
            .find(|level| level.stride == 0 || multiple % level.stride != 0)
        {
            return Some(format!(
                "a level has a stride of {}, which does not divide {multiple}",
                level.stride
            ));
        }
        if !levels.is_sorted_by_key(|level| level.stride) {
            return Some("the feature levels are not ordered from fine to coarse".into());
        }
        let leaves = |file: &&File| !file.path.components().all(|part| matches!(part, Component::Normal(_)));
        let outside = Graph::ALL.into_iter().map(|graph| self.file(graph)).find(leaves);
        outside.map(|file| format!("a graph lies at {}, outside the pack's folder", file.path.display()))
    }
}

impl PaintSpec {
    /// Numbers in a style's code, K: mean and deviation of every channel of every level.
    pub fn code_length(&self) -> usize {
        2 * self.levels.iter().map(|level| level.channels).sum::<usize>()
    }

    /// The stride of the finest level, on whose grid the strength map is.
    pub fn finest_stride(&self) -> u32 {
        self.levels[0].stride
    }
}
