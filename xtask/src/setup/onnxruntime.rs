use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

use super::Need;
use crate::run::{data_dir, quietly};

const VERSION: &str = "1.31.1";
const LIBRARY: &str = "libonnxruntime.so.1.31.1";
/// The library inside the wheel, by machine.
const SHA256: [(&str, &str); 2] = [
    (
        "x86_64",
        "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
    ),
    (
        "aarch64",
        "8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467",
    ),
];

/// The library that runs the networks, from the Python package of its own project.
pub(super) struct OnnxRuntime;

impl Need for OnnxRuntime {
    fn name(&self) -> &'static str {
        "ONNX Runtime 1.31.1"
    }

    fn cost(&self) -> &'static str {
        "12 MB by pip, checked by sha256, to ~/.local/share/velatura; a few seconds"
    }

    fn is_there(&self) -> bool {
        // Written whole or not at all: to be there is to have been checked.
        place().is_ok_and(|path| path.is_file())
    }

    fn bring(&self) -> Result<()> {
        let machine = std::env::consts::ARCH;
        let Some((_, expected)) = SHA256.iter().find(|(arch, _)| *arch == machine) else {
            bail!(
                "there is no pinned ONNX Runtime for {machine}: use `cargo xtask setup onnxruntime ARCHIVE --sha256 SUM`"
            );
        };
        let work = Work::new()?;
        let wheel = format!("onnxruntime=={VERSION}");
        let platforms = [format!("manylinux_2_28_{machine}"), format!("manylinux_2_27_{machine}")];
        let mut pip = Command::new("python3");
        pip.args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--disable-pip-version-check",
        ]);
        pip.args([
            "--python-version",
            "3.12",
            "--implementation",
            "cp",
            "--platform",
            &platforms[0],
            "--platform",
            &platforms[1],
        ]);
        quietly(pip.arg("--dest").arg(&work.0).arg(&wheel)).context(
            "pip can't download it; without PyPI, fetch onnxruntime-linux-*-1.31.1.tgz from the ONNX Runtime project's \
             release page and run `cargo xtask setup onnxruntime ARCHIVE --sha256 SUM`",
        )?;
        let wheel = fs::read_dir(&work.0)?.next().context("pip downloaded nothing")??.path();
        quietly(
            Command::new("python3")
                .args(["-m", "zipfile", "-e"])
                .arg(wheel)
                .arg(&work.0),
        )?;
        let library = work.0.join("onnxruntime/capi").join(LIBRARY);
        check(&library, expected)?;
        install(&library)
    }
}

/// The same library from an archive of the project's release, whose checksum its publisher states.
pub(super) fn from_archive(archive: &Path, sha256: &str) -> Result<()> {
    check(archive, sha256)?;
    let work = Work::new()?;
    quietly(
        Command::new("tar")
            .arg("-xzf")
            .arg(archive)
            .arg("-C")
            .arg(&work.0)
            .arg("--strip-components=1"),
    )?;
    install(&work.0.join("lib").join(LIBRARY))?;
    println!("ONNX Runtime {VERSION} is in {}", place()?.display());
    Ok(())
}

fn place() -> Result<PathBuf> {
    Ok(data_dir()?.join("onnxruntime").join(VERSION).join(LIBRARY))
}

fn check(file: &Path, expected: &str) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
    let sum = hex::encode(Sha256::digest(&bytes));
    ensure!(
        sum == expected.to_lowercase(),
        "{} has the sha256 {sum}, but {expected} was expected: it is not used",
        file.display()
    );
    Ok(())
}

fn install(library: &Path) -> Result<()> {
    let place = place()?;
    let folder = place.parent().context("the library has a folder")?;
    fs::create_dir_all(folder)?;
    let part = folder.join(format!("{LIBRARY}.part{}", std::process::id()));
    fs::copy(library, &part).with_context(|| format!("{} can't be copied", library.display()))?;
    Ok(fs::rename(&part, &place)?)
}

/// A folder that goes when done.
struct Work(PathBuf);

impl Work {
    fn new() -> Result<Self> {
        let folder = data_dir()?.join(format!("work-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
