use std::fs::{self, File, TryLockError};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use velatura_engine::PackFolder;

/// The folder in which packs lie, held by this process alone. What is under way is in `.pull` below it, on the same file
/// system, so that a pack appears by one rename.
pub(super) struct Place {
    folder: PathBuf,
    downloads: PathBuf,
    /// Held until the end.
    _lock: File,
}

impl Place {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let downloads = folder.join(".pull");
        let writable = || format!("can't write to {}: name another folder with --into", folder.display());
        fs::create_dir_all(&downloads).with_context(writable)?;
        let lock = File::create(downloads.join("lock")).with_context(writable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "another `packs pull` is at work in {}: wait for its end",
                    folder.display()
                )
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(writable),
        }
        Ok(Self {
            folder: folder.to_owned(),
            downloads,
            _lock: lock,
        })
    }

    /// Where downloads wait until they are used.
    pub(super) fn downloads(&self) -> &Path {
        &self.downloads
    }

    /// The pack of that name, if it is there; one that is broken is an error that says so.
    pub(super) fn existing(&self, name: &str) -> Result<Option<PackFolder>> {
        let folder = self.folder_of(name)?;
        if !folder.exists() {
            return Ok(None);
        }
        let found = PackFolder::open(&folder);
        found.map(Some).with_context(|| {
            format!(
                "{} is in the way: remove it, or replace it with --force",
                folder.display()
            )
        })
    }

    /// Moves a finished pack to its place; one that was there goes only when the new one is.
    pub(super) fn install(&self, made: &Path, name: &str) -> Result<PackFolder> {
        let target = self.folder_of(name)?;
        let old = self.downloads.join("replaced");
        let _ = fs::remove_dir_all(&old);
        if target.exists() {
            fs::rename(&target, &old).with_context(|| format!("can't replace {}", target.display()))?;
        }
        let moved = fs::rename(made, &target);
        if moved.is_err() && old.exists() {
            let _ = fs::rename(&old, &target);
        }
        moved.with_context(|| format!("can't write {}", target.display()))?;
        let _ = fs::remove_dir_all(&old);
        Ok(PackFolder::open(&target)?)
    }

    fn folder_of(&self, name: &str) -> Result<PathBuf> {
        let mut parts = Path::new(name).components();
        let plain =
            matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) && !name.starts_with('.');
        ensure!(plain, "{name:?} is no name for a pack's folder");
        Ok(self.folder.join(name))
    }
}

/// A folder that goes when done.
pub(super) struct Work(PathBuf);

impl Work {
    pub(super) fn new(place: &Place) -> Result<Self> {
        let path = place.downloads.join("work");
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).with_context(|| format!("can't write {}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
