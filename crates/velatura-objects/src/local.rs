//! Objects as files of a folder.

mod cursors;
mod error;
mod notes;
mod paths;
mod read;
mod version;
mod walk;
mod write;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::task;

use self::cursors::Cursors;
use self::notes::Notes;
use self::paths::Paths;
use crate::{Object, ObjectError, ObjectMeta, ObjectStore, Page, PutOptions};

/// What the store's own folder and files begin with, at any depth: no key may have such a part, and no listing shows it.
const RESERVED: &str = ".velatura";

/// Objects as files: the key is the path below a root folder.
///
/// - A put writes a file beside the target, brings it to the disk and renames it: the name always shows a whole object,
///   after a power failure too.
/// - The version is size and time of change. A put sets that time itself, to the nanosecond and never twice the same.
/// - User metadata is in `.velatura/metadata` below the root, tied to key and version: a file that anybody else replaces
///   or changes has none. The media type is not kept: the file's name says it.
/// - Symbolic links are followed to files and folders inside the root, never out of it; a listing does not enter folders
///   by a link. Names that are not UTF-8 are left out of listings, with a warning.
/// - Parts of a key have at most 255 bytes and are not empty, `.`, or begin with `.velatura`; `a` and `a/b` can't both be
///   objects.
#[derive(Debug, Clone)]
pub struct LocalFolder {
    folder: Arc<Folder>,
}

#[derive(Debug)]
struct Folder {
    paths: Arc<Paths>,
    notes: Notes,
    cursors: Cursors,
}

impl LocalFolder {
    /// Opens a folder that exists.
    ///
    /// # Errors
    /// [`ObjectError::NoSuchContainer`] where it does not.
    pub fn new(root: impl AsRef<Path>) -> Result<Self, ObjectError> {
        let paths = Paths::new(root.as_ref())?;
        let folder = Folder {
            notes: Notes::new(paths.root()),
            paths: Arc::new(paths),
            cursors: Cursors::default(),
        };
        Ok(Self {
            folder: Arc::new(folder),
        })
    }

    fn without_versions(&self, key: &str, version_id: &str) -> ObjectError {
        ObjectError::Refused {
            object: self.folder.paths.location(key),
            reason: format!("a folder keeps no versions, so there is no version {version_id:?}: leave it out"),
            source: None,
        }
    }

    /// Does file work where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, ObjectError> + Send + 'static,
    ) -> Result<T, ObjectError> {
        let folder = Arc::clone(&self.folder);
        match task::spawn_blocking(move || work(&folder)).await {
            Ok(result) => result,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(error) => Err(ObjectError::Unavailable {
                object: self.folder.paths.location(""),
                reason: "the program is ending".into(),
                source: Some(Box::new(error)),
            }),
        }
    }
}

#[async_trait]
impl ObjectStore for LocalFolder {
    async fn head(&self, key: &str) -> Result<ObjectMeta, ObjectError> {
        let key = key.to_owned();
        self.blocking(move |folder| folder.head(&key)).await
    }

    async fn get(&self, key: &str, limit_bytes: u64) -> Result<Object, ObjectError> {
        let key = key.to_owned();
        self.blocking(move |folder| folder.get(&key, limit_bytes)).await
    }

    async fn head_version(&self, key: &str, version_id: &str) -> Result<ObjectMeta, ObjectError> {
        Err(self.without_versions(key, version_id))
    }

    async fn get_version(&self, key: &str, version_id: &str, _limit_bytes: u64) -> Result<Object, ObjectError> {
        Err(self.without_versions(key, version_id))
    }

    async fn read(&self, key: &str, from: u64, length: u64) -> Result<Object, ObjectError> {
        let key = key.to_owned();
        self.blocking(move |folder| folder.read(&key, from, length)).await
    }

    async fn put(&self, key: &str, body: Bytes, options: PutOptions) -> Result<String, ObjectError> {
        let key = key.to_owned();
        self.blocking(move |folder| folder.put(&key, &body, &options)).await
    }

    async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        let key = key.to_owned();
        self.blocking(move |folder| folder.delete(&key)).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Page, ObjectError> {
        let (prefix, after) = (prefix.to_owned(), after.unwrap_or_default().to_owned());
        self.blocking(move |folder| folder.list(&prefix, &after, limit)).await
    }
}
