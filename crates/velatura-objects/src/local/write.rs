use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::NamedTempFile;

use super::version::{unique_now, version};
use super::{Folder, RESERVED};
use crate::{ObjectError, PutOptions, key};

impl Folder {
    pub(super) fn put(&self, key: &str, body: &[u8], options: &PutOptions) -> Result<String, ObjectError> {
        key::check_metadata(&options.metadata).map_err(|reason| ObjectError::Refused {
            object: self.paths.location(key),
            reason,
            source: None,
        })?;
        let path = self.paths.writable(key)?;
        let failed = |error| self.paths.explain(key, error);
        let (file, new) = write_beside(&path, body).map_err(failed)?;
        let old = self.current(&path);
        // The order makes the rename the one moment at which object and metadata change together.
        self.notes.write(key, &new, &options.metadata).map_err(failed)?;
        if let Err(error) = file.persist(&path) {
            self.notes.forget(key, &new);
            return Err(failed(error.error));
        }
        if let Some(old) = old {
            self.notes.forget(key, &old);
        }
        Ok(new)
    }

    pub(super) fn delete(&self, key: &str) -> Result<(), ObjectError> {
        let path = match self.paths.existing_name(key) {
            Err(ObjectError::NotFound { .. }) => return Ok(()),
            found => found?,
        };
        let old = self.current(&path);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound || path.is_dir() => return Ok(()),
            Err(error) => return Err(self.paths.explain(key, error)),
        }
        if let Some(old) = old {
            self.notes.forget(key, &old);
        }
        Ok(())
    }

    /// The version that is there now, if one is.
    pub(super) fn current(&self, path: &Path) -> Option<String> {
        fs::metadata(path).and_then(|meta| version(&meta)).ok()
    }
}

/// Writes a whole object beside its place, on the disk, and says which version it will be.
fn write_beside(path: &Path, body: &[u8]) -> io::Result<(NamedTempFile, String)> {
    let folder = path.parent().unwrap_or(path);
    // What everybody may read follows from the umask, as for any new file; the default would be the owner only.
    let mut file = tempfile::Builder::new()
        .prefix(RESERVED)
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    file.write_all(body)?;
    file.as_file().set_modified(unique_now())?;
    // Before the rename, or a power failure could leave the name with nothing behind it.
    file.as_file().sync_all()?;
    let version = version(&file.as_file().metadata()?)?;
    Ok((file, version))
}
