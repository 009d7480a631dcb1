use std::path::PathBuf;

use super::Graph;
use crate::error::listed;

/// What is wrong with a pack.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PackError {
    /// No pack of that name.
    #[error(
        "there is no pack named {name:?} in {}: name a folder with a pack.toml, or put it into one of these",
        listed(looked_in)
    )]
    NotFound {
        /// The name asked for.
        name: String,
        /// Every folder that was searched.
        looked_in: Vec<PathBuf>,
    },
    /// A folder without a manifest.
    #[error("{} is not a pack ({reason}): a pack is a folder with a pack.toml", dir.display())]
    NoManifest {
        /// The folder.
        dir: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// A manifest that can't be read: syntax, a wrong type, an unknown or missing key.
    #[error("{} is not a pack's manifest ({reason}): correct it, or fetch the pack again", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A manifest of another schema.
    #[error(
        "{} is written in schema {found}, but this program reads schema {}: use a program and a pack of the same time",
        path.display(), super::manifest::SCHEMA
    )]
    Schema {
        /// The manifest.
        path: PathBuf,
        /// Its schema.
        found: u32,
    },
    /// A manifest that contradicts itself.
    #[error("{} says that {reason}, which can't be: correct it", path.display())]
    Impossible {
        /// The manifest.
        path: PathBuf,
        /// What it says.
        reason: String,
    },
    /// A pack that only sees depth, where one that paints is needed.
    #[error("the pack {name} has a depth network only: name it with --depth-pack, beside a --pack that paints")]
    OnlyDepth {
        /// The pack's name.
        name: String,
    },
    /// A pack without depth network, where one is needed.
    #[error("the pack {name} has no depth network: name one that has, with --depth-pack")]
    NoDepth {
        /// The pack's name.
        name: String,
    },
    /// A graph's file is not there.
    #[error("the pack's {graph} graph {} can't be read ({reason}): fetch the pack again", path.display())]
    GraphMissing {
        /// Which graph.
        graph: Graph,
        /// Its file.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// A graph's file has the wrong length.
    #[error(
        "the pack's {graph} graph {} has {found} bytes instead of {expected}: fetch the pack again (with git, \
         `git lfs pull` may be what is missing)",
        path.display()
    )]
    GraphSize {
        /// Which graph.
        graph: Graph,
        /// Its file.
        path: PathBuf,
        /// Bytes in the manifest.
        expected: u64,
        /// Bytes on disk.
        found: u64,
    },
    /// A graph's file has other contents.
    #[error("the pack's {graph} graph {} has another SHA-256 than its pack.toml says: fetch the pack again", path.display())]
    GraphChecksum {
        /// Which graph.
        graph: Graph,
        /// Its file.
        path: PathBuf,
    },
    /// ONNX Runtime can't load a graph.
    #[error("the pack's {graph} graph can't be loaded ({reason}): use another pack, or export this one again")]
    GraphBroken {
        /// Which graph.
        graph: Graph,
        /// What ONNX Runtime said.
        reason: String,
    },
    /// A graph with other inputs or outputs than the contract's.
    #[error(
        "the pack's {graph} graph has {found} where the contract has {expected}: export the pack for schema {}",
        super::manifest::SCHEMA
    )]
    GraphSignature {
        /// Which graph.
        graph: Graph,
        /// What the contract says.
        expected: String,
        /// What the graph has.
        found: String,
    },
    /// A graph that loads but fails, or answers in the wrong shape, on the smallest picture.
    #[error("the pack's {graph} graph failed its trial run ({reason}): use another pack, or export this one again")]
    GraphTrial {
        /// Which graph.
        graph: Graph,
        /// What happened.
        reason: String,
    },
}

impl PackError {
    /// The stable code that users and programs see.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "pack-not-found",
            Self::NoManifest { .. } => "pack-without-manifest",
            Self::Manifest { .. } => "pack-manifest",
            Self::Schema { .. } => "pack-schema",
            Self::Impossible { .. } => "pack-impossible",
            Self::OnlyDepth { .. } => "pack-only-depth",
            Self::NoDepth { .. } => "pack-without-depth",
            Self::GraphMissing { .. } => "pack-graph-missing",
            Self::GraphSize { .. } => "pack-graph-size",
            Self::GraphChecksum { .. } => "pack-graph-checksum",
            Self::GraphBroken { .. } => "pack-graph-broken",
            Self::GraphSignature { .. } => "pack-graph-signature",
            Self::GraphTrial { .. } => "pack-graph-trial",
        }
    }
}
