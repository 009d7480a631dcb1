use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::RESERVED;
use super::error::{explain, explain_reading};
use crate::{ObjectError, key};

/// The longest name that common file systems hold, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// Turns keys into paths that are certain to lie below the root.
#[derive(Debug)]
pub(super) struct Paths {
    /// Without symbolic links.
    root: PathBuf,
}

impl Paths {
    pub(super) fn new(root: &Path) -> Result<Self, ObjectError> {
        let object = format!("file://{}", root.display());
        match root.canonicalize() {
            Ok(root) if root.is_dir() => Ok(Self { root }),
            Ok(_) => Err(ObjectError::NoSuchContainer { container: object }),
            Err(error) => Err(match explain_reading(object, error) {
                ObjectError::NotFound { object } => ObjectError::NoSuchContainer { container: object },
                other => other,
            }),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// How messages name a key.
    pub(super) fn location(&self, key: &str) -> String {
        let root = self.root.to_string_lossy();
        format!("file://{}/{key}", root.trim_end_matches('/'))
    }

    /// Where an object is that may be there, links resolved.
    pub(super) fn existing(&self, key: &str) -> Result<PathBuf, ObjectError> {
        self.check(key)?;
        let path = self
            .root
            .join(key)
            .canonicalize()
            .map_err(|error| self.explain_reading(key, error))?;
        self.inside(key, path)
    }

    /// Where an object's name is that may be there, the name itself not followed if it is a link.
    pub(super) fn existing_name(&self, key: &str) -> Result<PathBuf, ObjectError> {
        self.check(key)?;
        let (folder, name) = split(key);
        let folder = self
            .root
            .join(folder)
            .canonicalize()
            .map_err(|error| self.explain_reading(key, error))?;
        Ok(self.inside(key, folder)?.join(name))
    }

    /// Where an object shall be, its folders made.
    pub(super) fn writable(&self, key: &str) -> Result<PathBuf, ObjectError> {
        self.check(key)?;
        let (folder, name) = split(key);
        let folder = self.make_folder(key, &self.root.join(folder))?;
        Ok(folder.join(name))
    }

    /// The folder in which the listing of a prefix begins: empty or with its `/`.
    ///
    /// # Errors
    /// [`ObjectError::NotFound`] where it is not there.
    pub(super) fn listable<'a>(&self, prefix: &'a str) -> Result<&'a str, ObjectError> {
        let (folder, _) = split(prefix);
        key::check_prefix(prefix).map_err(|reason| self.invalid(prefix, reason))?;
        match folder.strip_suffix('/') {
            Some(key) => self.existing(key).map(|_| folder),
            None => self.check_root().map(|()| folder),
        }
    }

    /// Whether the root is still there: a disk may be taken away.
    pub(super) fn check_root(&self) -> Result<(), ObjectError> {
        if self.root.is_dir() {
            Ok(())
        } else {
            Err(self.no_root())
        }
    }

    fn make_folder(&self, key: &str, folder: &Path) -> Result<PathBuf, ObjectError> {
        match folder.canonicalize() {
            Ok(real) => self.inside(key, real),
            // Folders are made one by one below a parent that is certain to lie inside.
            Err(error) if error.kind() == ErrorKind::NotFound && folder != self.root => {
                let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) else {
                    return Err(self.explain(key, error));
                };
                let made = self.make_folder(key, parent)?.join(name);
                match fs::create_dir(&made) {
                    Ok(()) => Ok(made),
                    // Somebody else was quicker; a link that leads nowhere stays an error.
                    Err(error) if error.kind() == ErrorKind::AlreadyExists && made.is_dir() => {
                        self.make_folder(key, &made)
                    }
                    Err(error) => Err(self.explain(key, error)),
                }
            }
            Err(error) => Err(self.explain(key, error)),
        }
    }

    fn inside(&self, key: &str, path: PathBuf) -> Result<PathBuf, ObjectError> {
        if path.starts_with(&self.root) {
            return Ok(path);
        }
        Err(ObjectError::Outside {
            object: self.location(key),
            rule: "a symbolic link leads out of the root, so name the place itself and add it to local_roots".into(),
        })
    }

    /// What an error of the file system means for a key.
    pub(super) fn explain(&self, key: &str, error: io::Error) -> ObjectError {
        self.or_no_root(explain(self.location(key), error))
    }

    /// As [`Self::explain`], where the object was to be read.
    pub(super) fn explain_reading(&self, key: &str, error: io::Error) -> ObjectError {
        self.or_no_root(explain_reading(self.location(key), error))
    }

    fn or_no_root(&self, error: ObjectError) -> ObjectError {
        match error {
            ObjectError::NotFound { .. } => self.check_root().err().unwrap_or(error),
            other => other,
        }
    }

    fn no_root(&self) -> ObjectError {
        ObjectError::NoSuchContainer {
            container: format!("file://{}", self.root.display()),
        }
    }

    /// Refuses keys that a folder can't hold.
    fn check(&self, key: &str) -> Result<(), ObjectError> {
        key::check(key)
            .and_then(|()| key.split('/').try_for_each(check_part))
            .map_err(|reason| self.invalid(key, reason))
    }

    fn invalid(&self, key: &str, reason: String) -> ObjectError {
        ObjectError::Invalid {
            location: self.location(key),
            reason,
        }
    }
}

/// The folder of a key, empty or with its `/`, and the name in it.
pub(super) fn split(key: &str) -> (&str, &str) {
    key.split_at(key.rfind('/').map_or(0, |slash| slash + 1))
}

fn check_part(part: &str) -> Result<(), String> {
    match part {
        "" | "." => Err(format!("in a folder, `{part}` may not be a part of a key")),
        _ if part.starts_with(RESERVED) => Err(format!("names that begin with {RESERVED} are kept for the program")),
        _ if part.len() > MAX_NAME_BYTES => Err(format!("in a folder, a name may have {MAX_NAME_BYTES} bytes at most")),
        _ => Ok(()),
    }
}
