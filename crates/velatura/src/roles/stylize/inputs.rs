//! Which photos are meant by what was typed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use velatura_recipe::Photo;
use walkdir::{DirEntry, WalkDir};

/// A photo: a root, and the key below it that results keep.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Input {
    pub(super) root: PathBuf,
    pub(super) key: PathBuf,
}

impl Input {
    pub(super) fn path(&self) -> PathBuf {
        self.root.join(&self.key)
    }
}

/// Every photo once, in order. What lies in `out` is a result and no photo.
pub(super) fn gather(inputs: &[String], out: &Path) -> Result<Vec<Input>> {
    let mut photos = BTreeSet::new();
    for input in inputs {
        let path = Path::new(input);
        if path.is_dir() {
            let root = canonical(path)?;
            ensure!(
                root != out,
                "--out is the folder of the photos, {}: the results would be painted again; name another, such as {}/painted",
                root.display(),
                root.display()
            );
            photos.extend(folder(&root, out)?);
        } else if path.exists() {
            photos.insert(file(&canonical(path)?)?);
        } else if input.contains(['*', '?', '[']) {
            photos.extend(pattern(input, out)?);
        } else {
            bail!("there is no file or folder {input:?}");
        }
    }
    ensure!(
        !photos.is_empty(),
        "there are no photos in {}: looked for {}",
        inputs.join(", "),
        Photo::known_extensions()
    );
    Ok(photos.into_iter().collect())
}

fn canonical(path: &Path) -> Result<PathBuf> {
    path.canonicalize()
        .with_context(|| format!("can't read {}", path.display()))
}

fn file(path: &Path) -> Result<Input> {
    let (Some(root), Some(name)) = (path.parent(), path.file_name()) else {
        bail!("{} is no file", path.display())
    };
    Ok(Input {
        root: root.to_owned(),
        key: name.into(),
    })
}

fn folder(root: &Path, out: &Path) -> Result<Vec<Input>> {
    let seen = |entry: &DirEntry| entry.depth() == 0 || (!is_hidden(entry) && entry.path() != out);
    let mut photos = Vec::new();
    for entry in WalkDir::new(root).follow_links(true).into_iter().filter_entry(seen) {
        let entry = entry.with_context(|| format!("can't read the folder {}", root.display()))?;
        if entry.file_type().is_file() && is_photo(entry.path()) {
            let key = entry.path().strip_prefix(root).context("a walk stays below its root")?;
            photos.push(Input {
                root: root.to_owned(),
                key: key.to_owned(),
            });
        }
    }
    Ok(photos)
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn is_photo(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|key| Photo { key }.is_named_as_photo())
}

/// The part of a pattern before its first wildcard is the root.
fn pattern(pattern: &str, out: &Path) -> Result<Vec<Input>> {
    let wild = |part: &&str| part.contains(['*', '?', '[']);
    let fixed: Vec<&str> = pattern.split('/').take_while(|part| !wild(part)).collect();
    let root = match fixed.join("/").as_str() {
        "" if pattern.starts_with('/') => PathBuf::from("/"),
        "" => PathBuf::from("."),
        fixed => PathBuf::from(fixed),
    };
    if !root.exists() {
        return Ok(Vec::new());
    }
    let root = canonical(&root)?;
    let mut photos = Vec::new();
    for path in glob::glob(pattern).with_context(|| format!("{pattern:?} is no pattern"))? {
        let path = canonical(&path.context("can't read a folder")?)?;
        if path.is_file() && !path.starts_with(out) {
            photos.push(match path.strip_prefix(&root) {
                Ok(key) => Input {
                    root: root.clone(),
                    key: key.to_owned(),
                },
                Err(_) => file(&path)?,
            });
        }
    }
    Ok(photos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for file in files {
            std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            std::fs::write(root.join(file), b"x").unwrap();
        }
        (dir, root)
    }

    fn keys(inputs: &[String], out: &Path) -> Vec<String> {
        gather(inputs, out)
            .unwrap()
            .iter()
            .map(|input| input.key.display().to_string())
            .collect()
    }

    #[test]
    fn a_folder_gives_its_photos_with_their_sub_folders() {
        let (_dir, root) = tree(&[
            "b.PNG",
            "a/c.jpg",
            "a/notes.txt",
            ".hidden/d.jpg",
            "out/a/c.nocturne.jpg",
        ]);
        assert_eq!(
            keys(&[root.display().to_string()], &root.join("out")),
            ["a/c.jpg", "b.PNG"]
        );
    }

    #[test]
    fn a_pattern_keeps_what_lies_below_its_first_wildcard() {
        let (_dir, root) = tree(&["2024/may/a.jpg", "2024/june/b.jpg", "2023/c.jpg"]);
        let pattern = format!("{}/2024/*/*.jpg", root.display());
        assert_eq!(keys(&[pattern], Path::new("/nowhere")), ["june/b.jpg", "may/a.jpg"]);
    }

    #[test]
    fn a_file_named_outright_is_taken_whatever_it_is_called_and_only_once() {
        let (_dir, root) = tree(&["scan"]);
        let file = root.join("scan").display().to_string();
        assert_eq!(keys(&[file.clone(), file], Path::new("/nowhere")), ["scan"]);
    }

    #[test]
    fn results_never_become_photos() {
        let (_dir, root) = tree(&["a.jpg", "a.nocturne.jpg"]);
        let error = gather(&[root.display().to_string()], &root).unwrap_err().to_string();
        assert!(error.contains("painted again"), "{error}");
    }

    #[test]
    fn nothing_to_do_is_said() {
        let (_dir, root) = tree(&["notes.txt"]);
        let error = gather(&[root.display().to_string()], Path::new("/nowhere"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("no photos"), "{error}");
        assert!(
            gather(&["missing.jpg".into()], Path::new("/nowhere"))
                .unwrap_err()
                .to_string()
                .contains("missing.jpg")
        );
    }
}
