use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use velatura_engine::Places;

use super::{Catalogue, Entry};

macro_rules! sources {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/convert/velatura_convert/", $name)))),+]
    };
}

/// The converters, compiled in: no release is without those of its time.
const SOURCES: [(&str, &str); 18] = sources![
    "__init__.py",
    "__main__.py",
    "adain_vgg.py",
    "catalogue.py",
    "convert.py",
    "depth_onnx.py",
    "ghiasi.py",
    "graph.py",
    "inception.py",
    "johnson.py",
    "layers.py",
    "measured.py",
    "microast.py",
    "pack.py",
    "runtime.py",
    "tensor_bundle.py",
    "torch_file.py",
    "weights.py",
];

/// What the converters need, as a program of Python.
const NEEDS: &str = "import sys; assert sys.version_info >= (3, 11), sys.version; import numpy, onnx";

/// The converters on a Python that can run them.
pub(super) struct Converter {
    python: PathBuf,
}

impl Converter {
    /// The Python asked for, or else the one of the set-up, or else `python3`.
    pub(super) fn find(asked: Option<&Path>) -> Result<Self> {
        let of_setup = Places::of_this_process()
            .data_dir
            .map(|data| data.join("velatura/python/1/bin/python"))
            .filter(|path| path.is_file());
        let python = asked
            .map(Path::to_owned)
            .or(of_setup)
            .unwrap_or_else(|| "python3".into());
        let output = Command::new(&python).args(["-c", NEEDS]).output();
        let why = match output {
            Ok(output) if output.status.success() => return Ok(Self { python }),
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                said.lines().last().unwrap_or("it failed").to_owned()
            }
            Err(error) => error.to_string(),
        };
        bail!(
            "converting needs Python 3.11 or newer with numpy and onnx, and {} is not that ({why}): make one with `python3 -m \
             venv ENV && ENV/bin/pip install numpy onnx` and name it with --python ENV/bin/python; where there can be none, \
             as in an image, convert elsewhere and fetch the archive of the pack: packs pull https://… --sha256 …",
            python.display()
        )
    }

    /// Makes the pack of a published network in the folder `out`; `work` is for whatever that takes.
    pub(super) fn convert(
        &self,
        catalogue: &Catalogue,
        entry: &Entry,
        files: &[(&str, PathBuf)],
        work: &Path,
        out: &Path,
    ) -> Result<()> {
        let home = work.join("converter");
        fs::create_dir_all(home.join("velatura_convert"))?;
        fs::write(home.join("catalogue.toml"), &catalogue.text)?;
        for (name, text) in SOURCES {
            fs::write(home.join("velatura_convert").join(name), text)?;
        }
        let mut command = Command::new(&self.python);
        command.current_dir(&home).env("PYTHONDONTWRITEBYTECODE", "1");
        command.args(["-m", "velatura_convert", &entry.name, "--out"]).arg(out);
        for (role, path) in files {
            let path = path.to_str().context("a path that is not UTF-8")?;
            command.args(["--file", &format!("{role}={path}")]);
        }
        let output = command.output().context("Python does not start")?;
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().last().unwrap_or_default();
        ensure!(
            output.status.success(),
            "{} can't be converted, and nothing was installed: {}",
            entry.name,
            said.trim_start_matches("velatura_convert: ")
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_converters_is_compiled_in() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/convert/velatura_convert");
        let mut there: Vec<_> = fs::read_dir(folder)
            .expect("it is there")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".py"))
            .collect();
        there.sort();
        assert_eq!(there, SOURCES.map(|(name, _)| name));
    }
}
