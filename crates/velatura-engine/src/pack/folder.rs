use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::manifest::{File, Manifest};
use super::{DepthSpec, Graph, PackError, PaintSpec};

/// A folder whose manifest and files are as they should be: all that it takes to paint, or a part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PackFolder {
    pub(super) dir: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) hash: blake3::Hash,
}

impl PackFolder {
    /// Opens a folder by path, or by name in the first of `search_dirs` that has it
    /// (see [`Places::model_dirs`](crate::Places::model_dirs)).
    pub fn find(name_or_path: &str, search_dirs: &[PathBuf]) -> Result<Self, PackError> {
        let path = Path::new(name_or_path);
        if path.join("pack.toml").is_file() || path.components().count() > 1 {
            return Self::open(path);
        }
        let found = search_dirs
            .iter()
            .map(|dir| dir.join(path))
            .find(|dir| dir.join("pack.toml").is_file());
        match found {
            Some(dir) => Self::open(&dir),
            None => Err(PackError::NotFound {
                name: name_or_path.to_owned(),
                looked_in: search_dirs.to_vec(),
            }),
        }
    }

    /// Opens a folder: reads its manifest and checks the size and SHA-256 of every graph.
    pub fn open(dir: &Path) -> Result<Self, PackError> {
        let path = dir.join("pack.toml");
        let text = std::fs::read_to_string(&path).map_err(|e| PackError::NoManifest {
            dir: dir.to_owned(),
            reason: e.to_string(),
        })?;
        let manifest = Manifest::parse(&text, &path)?;
        for (graph, file) in manifest.files() {
            check(graph, &dir.join(&file.path), file)?;
        }
        Ok(Self {
            dir: dir.to_owned(),
            manifest,
            hash: blake3::hash(text.as_bytes()),
        })
    }

    /// The name in the manifest.
    pub fn name(&self) -> &str {
        &self.manifest.name
    }

    /// The version in the manifest.
    pub fn version(&self) -> &str {
        &self.manifest.version
    }

    /// The licence of the weights, an SPDX expression.
    pub fn licence(&self) -> &str {
        &self.manifest.licence
    }

    /// One sentence on what it is.
    pub fn description(&self) -> &str {
        &self.manifest.description
    }

    /// Where it lies.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What it says about painting, if it paints.
    pub fn paint(&self) -> Option<&PaintSpec> {
        self.manifest.paint.as_ref()
    }

    /// What it says about depth, if it has a depth network.
    pub fn depth(&self) -> Option<&DepthSpec> {
        self.manifest.depth.as_ref()
    }

    /// Its graphs, their files and bytes.
    pub fn graphs(&self) -> impl Iterator<Item = (Graph, PathBuf, u64)> {
        self.manifest
            .files()
            .map(|(graph, file)| (graph, self.dir.join(&file.path), file.bytes))
    }
}

fn check(graph: Graph, path: &Path, expected: &File) -> Result<(), PackError> {
    let missing = |e: std::io::Error| PackError::GraphMissing {
        graph,
        path: path.to_owned(),
        reason: e.to_string(),
    };
    let mut file = std::fs::File::open(path).map_err(missing)?;
    let bytes = file.metadata().map_err(missing)?.len();
    if bytes != expected.bytes {
        return Err(PackError::GraphSize {
            graph,
            path: path.to_owned(),
            expected: expected.bytes,
            found: bytes,
        });
    }
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(missing)? {
            0 => break,
            read => digest.update(&buffer[..read]),
        }
    }
    if hex::encode(digest.finalize()) == expected.sha256.to_ascii_lowercase() {
        Ok(())
    } else {
        Err(PackError::GraphChecksum {
            graph,
            path: path.to_owned(),
        })
    }
}
