//! Packs: a directory of ONNX graphs with a manifest, found by name and checked before use.

mod error;
mod folder;
mod graph;
mod manifest;
mod paint;

use std::path::{Path, PathBuf};

pub use error::PackError;
pub use folder::PackFolder;
pub use graph::Graph;
pub(crate) use graph::{Element, Port};
pub use manifest::{DepthSpec, Precision};
pub use paint::{Level, Measured, PaintSpec, Statistics};

/// The pack whose depth network goes with a pack that has none, unless another is named.
pub const DEFAULT_DEPTH: &str = "velatura-light";

/// All that it takes to paint: a folder's painting networks, and its depth network or another folder's.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    folder: PackFolder,
    paint: PaintSpec,
    depth: DepthSpec,
    /// Where the depth network comes from, if not from the same folder.
    depth_folder: Option<PackFolder>,
}

impl Pack {
    /// Opens a pack by path, or by name in the first of `search_dirs` that has it
    /// (see [`Places::model_dirs`](crate::Places::model_dirs)). A pack without depth network gets that of
    /// [`DEFAULT_DEPTH`].
    pub fn find(name_or_path: &str, search_dirs: &[PathBuf]) -> Result<Self, PackError> {
        Self::find_with_depth(name_or_path, None, search_dirs)
    }

    /// [`find`](Self::find), with the depth network of a second pack, named or found likewise.
    pub fn find_with_depth(pack: &str, depth: Option<&str>, search_dirs: &[PathBuf]) -> Result<Self, PackError> {
        let folder = PackFolder::find(pack, search_dirs)?;
        let depth = match depth {
            None if folder.depth().is_some() || folder.paint().is_none() => None,
            named => Some(PackFolder::find(named.unwrap_or(DEFAULT_DEPTH), search_dirs)?),
        };
        Self::of(folder, depth)
    }

    /// Opens the pack in a directory, which must have painting and depth networks.
    pub fn open(dir: &Path) -> Result<Self, PackError> {
        Self::of(PackFolder::open(dir)?, None)
    }

    /// A folder that paints, and one whose depth network goes before its own.
    pub fn of(folder: PackFolder, depth_folder: Option<PackFolder>) -> Result<Self, PackError> {
        let Some(paint) = folder.paint().cloned() else {
            return Err(PackError::OnlyDepth {
                name: folder.name().to_owned(),
            });
        };
        let source = depth_folder.as_ref().unwrap_or(&folder);
        let Some(depth) = source.depth().copied() else {
            return Err(PackError::NoDepth {
                name: source.name().to_owned(),
            });
        };
        Ok(Self {
            folder,
            paint,
            depth,
            depth_folder,
        })
    }

    /// The name in the manifest.
    pub fn name(&self) -> &str {
        self.folder.name()
    }

    /// The version in the manifest.
    pub fn version(&self) -> &str {
        self.folder.version()
    }

    /// The licence of the weights, an SPDX expression.
    pub fn licence(&self) -> &str {
        self.folder.licence()
    }

    /// One sentence on what it is.
    pub fn description(&self) -> &str {
        self.folder.description()
    }

    /// The precision of the graphs.
    pub fn precision(&self) -> Precision {
        self.folder.manifest.precision
    }

    /// Where it lies.
    pub fn dir(&self) -> &Path {
        self.folder.dir()
    }

    /// The folder of the depth network, if it is not the pack's own.
    pub fn depth_folder(&self) -> Option<&PackFolder> {
        self.depth_folder.as_ref()
    }

    /// blake3 of the manifest, which holds the checksum of every graph, or of both manifests: the same hash paints the
    /// same pictures.
    pub fn hash(&self) -> blake3::Hash {
        match &self.depth_folder {
            None => self.folder.hash,
            Some(depth) => blake3::hash(&[*self.folder.hash.as_bytes(), *depth.hash.as_bytes()].concat()),
        }
    }

    /// What the manifest says about painting.
    pub fn paint(&self) -> &PaintSpec {
        &self.paint
    }

    /// What the manifest says about depth.
    pub fn depth(&self) -> &DepthSpec {
        &self.depth
    }

    /// The graphs it has.
    pub fn graphs(&self) -> Vec<Graph> {
        let mut graphs = self.paint.graphs();
        graphs.push(Graph::Depth);
        graphs
    }

    /// The file of a graph; none if a pack of this kind has no such graph.
    pub fn graph(&self, graph: Graph) -> Option<PathBuf> {
        let folder = match (&self.depth_folder, graph) {
            (Some(depth), Graph::Depth) => depth,
            _ => &self.folder,
        };
        Some(folder.dir.join(&folder.manifest.file(graph)?.path))
    }
}
