use std::fs::{self, File, Metadata};
use std::io::Read;
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
        let (mut file, meta) = loop {
            let path = self.paths.existing(key)?;
            // Before it is opened: opening a pipe would wait for a writer.
            self.file_metadata(key, &path)?;
            let file = File::open(&path).map_err(failed)?;
            if let Some(meta) = self.meta(key, &path, &file.metadata().map_err(failed)?)? {
                break (file, meta);
            }
        };
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
        // Puts replace files; other programs may write into them.
        let now = version(&file.metadata().map_err(failed)?).map_err(failed)?;
        if read != meta.size_bytes || now != meta.version {
            return Err(ObjectError::Unavailable {
                object: self.paths.location(key),
                reason: "another program is writing it".into(),
                source: None,
            });
        }
        Ok(Object {
            meta,
            body: Bytes::from(body),
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
