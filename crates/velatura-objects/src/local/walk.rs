use std::collections::{BTreeMap, BinaryHeap};
use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::vec;

use super::RESERVED;
use super::paths::Paths;
use super::version::version;
use crate::key::MAX_BYTES;
use crate::{ObjectError, ObjectMeta};

/// How many names of one folder are held at once; a larger folder is read once for each so many.
const WINDOW: usize = 65_536;

/// A walk over the files below a prefix, in byte order of their keys.
///
/// It holds a window of names for each folder between the root and where it is. It is no snapshot: what appears behind
/// it, or within a window, is not seen.
#[derive(Debug)]
pub(super) struct Walk {
    paths: Arc<Paths>,
    prefix: String,
    after: String,
    window: usize,
    levels: Vec<Level>,
}

/// A folder that the walk is in.
#[derive(Debug)]
struct Level {
    /// Its key, empty or with its `/`.
    folder: String,
    /// Names to come, those of folders with their `/`: so names have the order of the keys below them.
    names: vec::IntoIter<String>,
    /// The last name of the window, where the folder has more.
    more_after: Option<String>,
}

impl Walk {
    /// A walk over the keys that begin with `prefix` and come after `after`.
    ///
    /// # Errors
    /// [`ObjectError::NotFound`] where the prefix's folder is not there.
    pub(super) fn begin(paths: &Arc<Paths>, prefix: &str, after: &str) -> Result<Self, ObjectError> {
        Self::with_window(paths, prefix, after, WINDOW)
    }

    fn with_window(paths: &Arc<Paths>, prefix: &str, after: &str, window: usize) -> Result<Self, ObjectError> {
        let folder = paths.listable(prefix)?;
        let mut walk = Self {
            paths: Arc::clone(paths),
            prefix: prefix.to_owned(),
            after: after.to_owned(),
            window,
            levels: Vec::new(),
        };
        // Keys of another folder that come before the first, or after the last, that this one may have.
        if after < folder || after.starts_with(folder) {
            let level = walk
                .read(folder, "")
                .map_err(|error| paths.explain_reading(prefix, error))?;
            walk.levels.push(level);
        }
        Ok(walk)
    }

    /// The next object, without its metadata.
    pub(super) fn next(&mut self) -> Result<Option<ObjectMeta>, ObjectError> {
        while let Some(level) = self.levels.last_mut() {
            if let Some(name) = level.names.next() {
                let key = format!("{}{name}", level.folder);
                if name.ends_with('/') {
                    self.enter(&key, "")?;
                } else if let Some(object) = self.object(key)? {
                    return Ok(Some(object));
                }
            } else {
                let Level { folder, more_after, .. } = self.levels.pop().expect("the last level was just there");
                if let Some(last) = more_after {
                    self.enter(&folder, &last)?;
                }
            }
        }
        Ok(None)
    }

    /// One folder that can't be read, such as `lost+found`, does not hide the others.
    fn enter(&mut self, folder: &str, beyond: &str) -> Result<(), ObjectError> {
        match self.read(folder, beyond) {
            Ok(level) => self.levels.push(level),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                let folder = self.paths.location(folder);
                tracing::warn!(folder, "left out of a listing: the folder can't be read");
            }
            Err(error) => return Err(self.paths.explain_reading(folder, error)),
        }
        Ok(())
    }

    /// The next window of a folder: the smallest names beyond `beyond` that the walk wants.
    fn read(&self, folder: &str, beyond: &str) -> io::Result<Level> {
        let wanted = Wanted::below(folder, &self.prefix, &self.after, beyond);
        let mut names = BinaryHeap::new();
        let mut more = false;
        for entry in fs::read_dir(self.paths.root().join(folder))? {
            let Some(name) = name_of(&entry?, folder)? else {
                continue;
            };
            if wanted.has(&name) {
                names.push(name);
                if names.len() > self.window {
                    names.pop();
                    more = true;
                }
            }
        }
        let names = names.into_sorted_vec();
        Ok(Level {
            folder: folder.to_owned(),
            more_after: names.last().filter(|_| more).cloned(),
            names: names.into_iter(),
        })
    }

    /// `None` for what is gone meanwhile, and for links to folders or out of the root.
    fn object(&self, key: String) -> Result<Option<ObjectMeta>, ObjectError> {
        let mut path = self.paths.root().join(&key);
        let mut file = fs::symlink_metadata(&path);
        if file.as_ref().is_ok_and(fs::Metadata::is_symlink) {
            path = match self.paths.existing(&key) {
                Ok(path) => path,
                Err(ObjectError::NotFound { .. }) => return Ok(None),
                Err(ObjectError::Outside { object, .. }) => {
                    tracing::warn!(object, "left out of a listing: a link that leads out of the root");
                    return Ok(None);
                }
                Err(error) => return Err(error),
            };
            file = fs::metadata(&path);
        }
        let failed = |error| self.paths.explain_reading(&key, error);
        match file {
            Ok(file) if file.is_file() => Ok(Some(ObjectMeta {
                size_bytes: file.len(),
                version: version(&file).map_err(failed)?,
                modified: file.modified().ok(),
                metadata: BTreeMap::new(),
                key,
            })),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }
}

/// The name of a folder's entry that may be, or contain, objects.
fn name_of(entry: &DirEntry, folder: &str) -> io::Result<Option<String>> {
    let name = entry.file_name();
    let Some(name) = name.to_str() else {
        tracing::warn!(folder, name = %Path::new(&name).display(), "left out of a listing: the name is not UTF-8");
        return Ok(None);
    };
    if name.starts_with(RESERVED) {
        return Ok(None);
    }
    if folder.len() + name.len() > MAX_BYTES {
        tracing::warn!(
            folder,
            name,
            "left out of a listing: the key has more than {MAX_BYTES} bytes"
        );
        return Ok(None);
    }
    let kind = entry.file_type()?;
    Ok(match name {
        name if kind.is_dir() => Some(format!("{name}/")),
        name if kind.is_file() || kind.is_symlink() => Some(name.to_owned()),
        _ => None,
    })
}

/// Which names of one folder a walk wants.
struct Wanted<'a> {
    begins: &'a str,
    after: &'a str,
    beyond: &'a str,
}

impl<'a> Wanted<'a> {
    fn below(folder: &str, prefix: &'a str, after: &'a str, beyond: &'a str) -> Self {
        Self {
            // The walk begins in the prefix's own folder, so below it there is nothing left of the prefix.
            begins: prefix.strip_prefix(folder).unwrap_or(""),
            // And it enters only folders that may have a key after `after`.
            after: after.strip_prefix(folder).unwrap_or(""),
            beyond,
        }
    }

    fn has(&self, name: &str) -> bool {
        let after = name > self.after || (name.ends_with('/') && self.after.starts_with(name));
        name.starts_with(self.begins) && name > self.beyond && after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key below a prefix after a key, with a window of a few names.
    fn walked(root: &Path, prefix: &str, after: &str, window: usize) -> Vec<String> {
        let paths = Arc::new(Paths::new(root).unwrap());
        let mut walk = Walk::with_window(&paths, prefix, after, window).unwrap();
        std::iter::from_fn(|| walk.next().unwrap())
            .map(|object| object.key)
            .collect()
    }

    #[test]
    fn a_folder_larger_than_the_window_comes_whole_and_in_order() {
        let root = tempfile::TempDir::new().unwrap();
        let mut keys = Vec::new();
        for name in [
            "a", "a-", "a.b", "a0", "b", "c/x", "c/y", "c-d", "d/e/f", "d/e/g", "d/e/h", "d/e/i", "e", "f", "g",
        ] {
            fs::create_dir_all(root.path().join(name).parent().unwrap()).unwrap();
            fs::write(root.path().join(name), name).unwrap();
            keys.push(name.to_owned());
        }
        keys.sort();
        for window in 1..=keys.len() {
            assert_eq!(walked(root.path(), "", "", window), keys, "a window of {window}");
            for after in &keys {
                let rest: Vec<_> = keys.iter().filter(|key| *key > after).cloned().collect();
                assert_eq!(
                    walked(root.path(), "", after, window),
                    rest,
                    "a window of {window} after {after}"
                );
            }
            assert_eq!(
                walked(root.path(), "d/e/", "d/e/f", window),
                ["d/e/g", "d/e/h", "d/e/i"]
            );
        }
    }
}
