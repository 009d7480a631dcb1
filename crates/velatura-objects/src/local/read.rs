use std::fs::{self, File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use bytes::Bytes;

use super::Folder;
use super::version::version;
use super::walk::Walk;
use crate::{Object, ObjectError, ObjectMeta, Page};

/// The longest page, as in S3.
const MAX_PAGE: usize = 1000;

impl Folder {
    pub(super) fn head(&self, key: &str) -> Result<ObjectMeta, ObjectError> {
        loop {
            let path = self.paths.existing(key)?;
            let file = self.file_metadata(key, &path)?;
            if let Some(meta) = self.meta(key, &path, &file)? {
                return Ok(meta);
            }
        }
    }

    pub(super) fn get(&self, key: &str, limit_bytes: u64) -> Result<Object, ObjectError> {
        let failed = |error| self.paths.explain_reading(key, error);
        let (mut file, meta) = self.open(key)?;
        let too_large = |size_bytes| ObjectError::TooLarge {
            object: self.paths.location(key),
            size_bytes,
            limit_bytes,
        };
        if meta.size_bytes > limit_bytes {
            return Err(too_large(meta.size_bytes));
        }
        let mut body = Vec::with_capacity(usize::try_from(meta.size_bytes).unwrap_or_default());
        let read = (&mut file)
            .take(limit_bytes.saturating_add(1))
            .read_to_end(&mut body)
            .map_err(failed)? as u64;
        if read > limit_bytes {
            return Err(too_large(read));
        }
        self.check_unchanged(key, &file, &meta, read == meta.size_bytes)?;
        Ok(Object {
            meta,
            body: Bytes::from(body),
        })
    }

    pub(super) fn read(&self, key: &str, from: u64, length: u64) -> Result<Object, ObjectError> {
        let failed = |error| self.paths.explain_reading(key, error);
        let (mut file, meta) = self.open(key)?;
        let length = length.min(meta.size_bytes.saturating_sub(from));
        file.seek(SeekFrom::Start(from)).map_err(failed)?;
        let mut body = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        let read = (&mut file).take(length).read_to_end(&mut body).map_err(failed)? as u64;
        self.check_unchanged(key, &file, &meta, read == length)?;
        Ok(Object {
            meta,
            body: Bytes::from(body),
        })
    }

    fn open(&self, key: &str) -> Result<(File, ObjectMeta), ObjectError> {
        let failed = |error| self.paths.explain_reading(key, error);
        loop {
            let path = self.paths.existing(key)?;
            // Before it is opened: opening a pipe would wait for a writer.
            self.file_metadata(key, &path)?;
            let file = File::open(&path).map_err(failed)?;
            if let Some(meta) = self.meta(key, &path, &file.metadata().map_err(failed)?)? {
                return Ok((file, meta));
            }
        }
    }

    /// Puts replace files; other programs may write into them.
    fn check_unchanged(&self, key: &str, file: &File, meta: &ObjectMeta, whole: bool) -> Result<(), ObjectError> {
        let failed = |error| self.paths.explain_reading(key, error);
        let now = version(&file.metadata().map_err(failed)?).map_err(failed)?;
        if whole && now == meta.version {
            return Ok(());
        }
        Err(ObjectError::Unavailable {
            object: self.paths.location(key),
            reason: "another program is writing it".into(),
            source: None,
        })
    }

    pub(super) fn list(&self, prefix: &str, after: &str, limit: usize) -> Result<Page, ObjectError> {
        let mut walk = match self.cursors.take(prefix, after) {
            Some(walk) => walk,
            None => match Walk::begin(&self.paths, prefix, after) {
                Err(ObjectError::NotFound { .. }) => return Ok(Page::default()),
                begun => begun?,
            },
        };
        let mut page = Page::default();
        while page.objects.len() < limit.clamp(1, MAX_PAGE) {
            match walk.next()? {
                Some(object) => page.objects.push(object),
                // What is gone is left out, but not when everything is.
                None => return self.paths.check_root().map(|()| page),
            }
        }
        page.next = page.objects.last().map(|object| object.key.clone());
        if let Some(next) = &page.next {
            self.cursors.keep(prefix, next, walk);
        }
        Ok(page)
    }

    /// `None` where the object was replaced before its note was read: the note went with it.
    fn meta(&self, key: &str, path: &Path, file: &Metadata) -> Result<Option<ObjectMeta>, ObjectError> {
        let failed = |error| self.paths.explain_reading(key, error);
        let version = version(file).map_err(failed)?;
        let note = self.notes.read(key, &version).map_err(failed)?;
        if note.is_none() && self.current(path).as_ref() != Some(&version) {
            return Ok(None);
        }
        Ok(Some(ObjectMeta {
            key: key.to_owned(),
            size_bytes: file.len(),
            version,
            modified: file.modified().ok(),
            metadata: note.unwrap_or_default(),
        }))
    }

    /// Folders, pipes and devices are no objects.
    fn file_metadata(&self, key: &str, path: &Path) -> Result<Metadata, ObjectError> {
        let meta = fs::metadata(path).map_err(|error| self.paths.explain_reading(key, error))?;
        if meta.is_file() {
            return Ok(meta);
        }
        Err(ObjectError::NotFound {
            object: self.paths.location(key),
        })
    }
}
