use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use flate2::read::GzDecoder;
use tar::{Archive, EntryType};

/// What a pack's archive may hold at most, unpacked.
const MAX_BYTES: u64 = 8 << 30;
const MAX_FILES: usize = 64;

/// Unpacks a pack's .tar.gz into a new folder and says where in it the pack lies: at the top, or in the one folder there.
/// Anything but plain files and folders below it is refused, and so is what is larger than a pack can be.
pub(super) fn unpack(archive: &Path, into: &Path) -> Result<PathBuf> {
    let mut start = [0; 2];
    File::open(archive)?.read_exact(&mut start).ok();
    ensure!(
        start == [0x1f, 0x8b],
        "it is no .tar.gz: an address must lead to a pack's archive"
    );
    fs::create_dir_all(into)?;
    let mut left = MAX_BYTES;
    let mut archive = Archive::new(GzDecoder::new(File::open(archive)?));
    for (index, entry) in archive.entries()?.enumerate() {
        let mut entry = entry.context("the archive is damaged")?;
        let path = entry.path().context("the archive is damaged")?.into_owned();
        ensure!(
            index < MAX_FILES,
            "it holds more than {MAX_FILES} files, which no pack has"
        );
        let target = into.join(inside(&path)?);
        match entry.header().entry_type() {
            EntryType::Directory => fs::create_dir_all(&target)?,
            EntryType::Regular => {
                fs::create_dir_all(target.parent().unwrap_or(into))?;
                let mut file = File::create_new(&target).with_context(|| format!("{} comes twice", path.display()))?;
                let written =
                    io::copy(&mut (&mut entry).take(left + 1), &mut file).context("the archive is damaged")?;
                ensure!(
                    written <= left,
                    "it unpacks to more than {MAX_BYTES} bytes, which no pack has"
                );
                left -= written;
            }
            EntryType::XGlobalHeader => {}
            other => bail!("it holds {}, which is no file or folder ({other:?})", path.display()),
        }
    }
    if into.join("pack.toml").is_file() {
        return Ok(into.to_owned());
    }
    let folders: Vec<PathBuf> = fs::read_dir(into)?.filter_map(|e| Some(e.ok()?.path())).collect();
    match folders.as_slice() {
        [one] if one.join("pack.toml").is_file() => Ok(one.clone()),
        _ => bail!("it holds no pack.toml, neither at its top nor in the one folder there"),
    }
}

/// The path, if it stays below the folder.
fn inside(path: &Path) -> Result<PathBuf> {
    let plain = path.components().filter(|part| *part != Component::CurDir);
    let safe = plain.clone().all(|part| matches!(part, Component::Normal(_)));
    ensure!(safe, "it holds {}, which would lie outside of it", path.display());
    Ok(plain.collect())
}
