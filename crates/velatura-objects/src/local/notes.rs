use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::RESERVED;

/// User metadata beside the files, one small file for each version of an object that has any.
///
/// A note is named by the hash of key and version. So the rename that shows a new object shows its metadata with it, in
/// one step, and a file that anybody else has changed has a version without a note.
#[derive(Debug)]
pub(super) struct Notes {
    folder: PathBuf,
}

impl Notes {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            folder: root.join(RESERVED).join("metadata"),
        }
    }

    /// The metadata of a version, where it has any.
    pub(super) fn read(&self, key: &str, version: &str) -> io::Result<Option<BTreeMap<String, String>>> {
        let text = match fs::read(self.path(key, version)) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        // A power failure can leave a note empty or half written. Without it the object is merely painted again.
        Ok(serde_json::from_slice(&text)
            .inspect_err(|error| {
                tracing::warn!(key, %error, "the metadata of an object is damaged, so it counts as having none");
            })
            .ok())
    }

    /// Notes a version before its file has its name.
    pub(super) fn write(&self, key: &str, version: &str, metadata: &BTreeMap<String, String>) -> io::Result<()> {
        if metadata.is_empty() {
            return Ok(());
        }
        let path = self.path(key, version);
        let text = serde_json::to_vec(metadata)?;
        match fs::write(&path, &text) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
                fs::write(&path, &text)
            }
            written => written,
        }
    }

    /// Forgets a version that is gone. A note that stays behind does no harm, so failing is no error.
    pub(super) fn forget(&self, key: &str, version: &str) {
        match fs::remove_file(self.path(key, version)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::debug!(key, %error, "the metadata of a replaced object stays behind");
            }
            _ => {}
        }
    }

    /// 256 folders keep each of them small enough for file systems that search them in order.
    fn path(&self, key: &str, version: &str) -> PathBuf {
        let mut hasher = blake3::Hasher::new();
        hasher.update(key.as_bytes()).update(&[0]).update(version.as_bytes());
        let name = hasher.finalize().to_hex();
        self.folder.join(&name[..2]).join(&name[2..])
    }
}
