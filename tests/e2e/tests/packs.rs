//! `velatura packs`: published networks are fetched, checked and converted, ready-made packs unpacked; whatever goes wrong on
//! the way leaves nothing behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use velatura_e2e::{Publisher, Ran, Serving, scenes, velatura};
use velatura_testkit::free_port;

/// A published single-style network with random weights, and a folder for packs.
struct Shop {
    publisher: Publisher,
    weights: Vec<u8>,
    folder: TempDir,
}

impl Shop {
    fn open() -> Result<Self> {
        let folder = TempDir::new()?;
        let weights = folder.path().join("weights.npz");
        let program = "import sys, numpy; from velatura_convert import johnson; rng = numpy.random.default_rng(1)\n\
                       numpy.savez(sys.argv[1], **{n: rng.normal(0, 0.1, s).astype('f4') for n, s in johnson.shapes().items()})";
        let made = Command::new(python()?)
            .args(["-c", program])
            .arg(&weights)
            .env("PYTHONPATH", root().join("models/convert"))
            .status()?;
        ensure!(made.success(), "the weights can't be made");
        Ok(Self {
            publisher: Publisher::start()?,
            weights: fs::read(weights)?,
            folder,
        })
    }

    fn packs(&self) -> PathBuf {
        self.folder.path().join("packs")
    }

    /// A catalogue of one network, `sketch`.
    fn catalogue(&self, url: &str, sha256: &str, bytes: usize) -> Result<String> {
        let path = self.folder.path().join("catalogue.toml");
        let text = format!(
            "[[pack]]\nname = \"sketch\"\narchitecture = \"johnson\"\nversion = \"3.1.0\"\nlicence = \"BSD-3-Clause\"\n\
             description = \"Random.\"\npage = \"https://example.org/sketch\"\n\
             [[pack.file]]\nrole = \"network\"\nurl = \"{url}\"\nsha256 = \"{sha256}\"\nbytes = {bytes}\n"
        );
        fs::write(&path, text)?;
        text_of(&path)
    }

    fn pull(&self, what: &str, more: &[&str]) -> Result<Ran> {
        let into = text_of(&self.packs())?;
        let mut arguments = vec!["packs", "pull", what, "--into", &into];
        arguments.extend(more);
        Ok(velatura(&arguments))
    }

    /// A pull that must fail, with words that its one sentence must have. Nothing is installed.
    fn refused(&self, what: &str, more: &[&str], named: &[&str]) -> Result<Ran> {
        let ran = self.pull(what, more)?;
        assert_eq!(ran.code, 2, "{what}: {}{}", ran.stdout, ran.stderr);
        for part in named {
            assert!(
                ran.stderr.contains(part),
                "{what} does not say {part:?}: {}",
                ran.stderr
            );
        }
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        let left = names(&self.packs())?;
        assert_eq!(left, [".pull"], "something was left behind");
        Ok(ran)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The Python that the set-up brings.
fn python() -> Result<PathBuf> {
    let data = match std::env::var_os("XDG_DATA_HOME").filter(|home| !home.is_empty()) {
        Some(home) => PathBuf::from(home),
        None => PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?).join(".local/share"),
    };
    let python = data.join("velatura/python/1/bin/python");
    ensure!(
        python.is_file(),
        "{} is not there: run `cargo xtask setup`",
        python.display()
    );
    Ok(python)
}

fn text_of(path: &Path) -> Result<String> {
    Ok(path.to_str().context("a path in UTF-8")?.to_owned())
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names: Vec<_> = fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// An archive of entries: path, kind, content. Paths are written as they are, however evil.
fn archive(entries: &[(&str, tar::EntryType, &[u8])]) -> Result<Vec<u8>> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, kind, content) in entries {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        if kind.is_symlink() {
            header.set_link_name("/etc/passwd")?;
        }
        header.set_cksum();
        tar.append(&header, *content)?;
    }
    Ok(tar.into_inner()?.finish()?)
}

/// The engine's smallest pack that paints, as an archive below a folder.
fn tiny_pack() -> Result<Vec<u8>> {
    let folder = root().join("crates/velatura-engine/tests/fixtures/tiny-measured");
    let mut files = Vec::new();
    for name in names(&folder)? {
        files.push((format!("./tiny/{name}"), fs::read(folder.join(&name))?));
    }
    let entries: Vec<_> = files
        .iter()
        .map(|(path, bytes)| (path.as_str(), tar::EntryType::Regular, bytes.as_slice()))
        .collect();
    archive(&entries)
}

#[test]
fn a_published_network_is_fetched_checked_converted_and_paints() -> Result<()> {
    let shop = Shop::open()?;
    let url = shop.publisher.serve("sketch.npz", Serving::Whole(shop.weights.clone()));
    let catalogue = shop.catalogue(&url, &sha256(&shop.weights), shop.weights.len())?;
    let pulled = shop.pull("sketch", &["--catalogue", &catalogue])?;
    assert_eq!(pulled.code, 0, "{}", pulled.stderr);
    assert!(
        pulled
            .stdout
            .contains("Licence: BSD-3-Clause (https://example.org/sketch)"),
        "{}",
        pulled.stdout
    );
    assert!(!pulled.stderr.contains("WARNING"), "{}", pulled.stderr);
    assert_eq!(names(&shop.packs())?, [".pull", "sketch"]);
    assert_eq!(
        names(&shop.packs().join(".pull"))?,
        ["lock"],
        "nothing of the work stays"
    );

    let pack = text_of(&shop.packs().join("sketch"))?;
    let manifest = fs::read_to_string(shop.packs().join("sketch/pack.toml"))?;
    assert!(
        manifest.contains(&format!("{url}, sha256 {}", sha256(&shop.weights))),
        "{manifest}"
    );
    let shown = velatura(&["packs", "show", &pack]);
    assert!(
        shown.code == 0 && shown.stdout.contains("in one style of its own"),
        "{}{}",
        shown.stdout,
        shown.stderr
    );
    let verified = velatura(&["packs", "verify", &pack, "--device", "cpu", "--against-cpu"]);
    let same = "cpu paints what the CPU paints, to 0/255\nphotos of 1024 pixels in three shapes: ";
    assert!(
        verified.code == 0 && verified.stdout.starts_with("sketch is whole") && verified.stdout.contains(same),
        "{}{}",
        verified.stdout,
        verified.stderr
    );

    // Its style is in the weights: none is named. Its strength follows the shipped pack's depth.
    let harbour = scenes()?
        .into_iter()
        .find(|path| path.ends_with("harbour.jpg"))
        .context("the harbour")?;
    let (photo, out) = (text_of(&harbour)?, TempDir::new()?);
    let out_dir = text_of(out.path())?;
    let painted = velatura(&["stylize", &photo, "--pack", &pack, "--size", "128", "--out", &out_dir]);
    assert_eq!(painted.code, 0, "{}", painted.stderr);
    let picture = fs::metadata(out.path().join("harbour.sketch.jpg"))?;
    assert!(picture.len() > 1000, "named after the pack's own style");

    let before = shop.publisher.requests().len();
    let again = shop.pull("sketch", &["--catalogue", &catalogue])?;
    assert!(
        again.code == 0 && again.stdout.contains("there already"),
        "{}",
        again.stdout
    );
    assert_eq!(shop.publisher.requests().len(), before, "nothing was fetched");
    let forced = shop.pull("sketch", &["--catalogue", &catalogue, "--force"])?;
    assert_eq!(
        (forced.code, names(&shop.packs())?),
        (0, vec![".pull".to_owned(), "sketch".to_owned()])
    );
    Ok(())
}

#[test]
fn a_file_that_is_not_as_published_is_removed_and_nothing_installed() -> Result<()> {
    let shop = Shop::open()?;
    let mut other = shop.weights.clone();
    other[1000] ^= 1;
    let url = shop.publisher.serve("sketch.npz", Serving::Whole(other));
    let catalogue = shop.catalogue(&url, &sha256(&shop.weights), shop.weights.len())?;
    shop.refused(
        "sketch",
        &["--catalogue", &catalogue],
        &[&sha256(&shop.weights), "nothing was installed"],
    )?;
    assert_eq!(names(&shop.packs().join(".pull"))?, ["lock"]);

    // Where nobody states a checksum, a warning names what came, and one of one's own is kept to.
    let catalogue = shop.catalogue(&url, "unknown", shop.weights.len())?;
    shop.refused(
        "sketch",
        &["--catalogue", &catalogue, "--sha256", &sha256(&shop.weights)],
        &["was expected"],
    )?;
    shop.refused(
        "sketch",
        &["--catalogue", &catalogue, "--sha256", "12ab"],
        &["no sha256"],
    )?;
    shop.publisher.serve("sketch.npz", Serving::Whole(shop.weights.clone()));
    let taken = shop.pull("sketch", &["--catalogue", &catalogue])?;
    assert_eq!(taken.code, 0, "{}", taken.stderr);
    assert!(
        taken.stderr.contains("WARNING") && taken.stderr.contains(&sha256(&shop.weights)),
        "{}",
        taken.stderr
    );
    Ok(())
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_ended() -> Result<()> {
    let shop = Shop::open()?;
    let cut = shop.weights.len() / 3;
    let url = shop
        .publisher
        .serve("sketch.npz", Serving::CutAfter(shop.weights.clone(), cut));
    let catalogue = shop.catalogue(&url, &sha256(&shop.weights), shop.weights.len())?;
    shop.refused("sketch", &["--catalogue", &catalogue], &["broke off", "run it again"])?;
    shop.publisher.serve("sketch.npz", Serving::Whole(shop.weights.clone()));
    let pulled = shop.pull("sketch", &["--catalogue", &catalogue])?;
    assert_eq!(pulled.code, 0, "{}", pulled.stderr);
    let requests = shop.publisher.requests();
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(
        requests[1].starts_with("/sketch.npz from "),
        "the rest is asked for: {requests:?}"
    );
    Ok(())
}

#[test]
fn what_is_not_there_not_reachable_or_too_large_says_so() -> Result<()> {
    let shop = Shop::open()?;
    let catalogue = shop.catalogue(&shop.publisher.url("gone.npz"), "unknown", 1000)?;
    shop.refused("sketch", &["--catalogue", &catalogue], &["404", "gone.npz"])?;
    let nobody = format!("http://127.0.0.1:{}/sketch.npz", free_port());
    let catalogue = shop.catalogue(&nobody, "unknown", 1000)?;
    shop.refused(
        "sketch",
        &["--catalogue", &catalogue],
        &["check the network", "refused"],
    )?;
    let url = shop.publisher.serve("sketch.npz", Serving::Whole(shop.weights.clone()));
    let catalogue = shop.catalogue(&url, "unknown", 1000)?;
    shop.refused("sketch", &["--catalogue", &catalogue], &["larger than the 1000 bytes"])?;
    shop.refused("skitch", &["--catalogue", &catalogue], &["\"skitch\"", "sketch"])?;
    // What is no such network is found out by the converter.
    let html = b"<html>moved</html>".to_vec();
    shop.publisher.serve("sketch.npz", Serving::Whole(html));
    shop.refused(
        "sketch",
        &["--catalogue", &catalogue],
        &["can't be converted", "nothing was installed"],
    )?;
    Ok(())
}

#[test]
fn without_python_it_is_said_before_anything_is_fetched() -> Result<()> {
    let shop = Shop::open()?;
    let url = shop.publisher.serve("sketch.npz", Serving::Whole(shop.weights.clone()));
    let catalogue = shop.catalogue(&url, "unknown", shop.weights.len())?;
    let named = [
        "/nowhere/python",
        "pip install numpy onnx",
        "--python",
        "packs pull https://",
    ];
    shop.refused(
        "sketch",
        &["--catalogue", &catalogue, "--python", "/nowhere/python"],
        &named,
    )?;
    assert!(shop.publisher.requests().is_empty());
    Ok(())
}

#[test]
fn a_ready_made_pack_is_unpacked_from_its_archive() -> Result<()> {
    let shop = Shop::open()?;
    let bytes = tiny_pack()?;
    let url = shop.publisher.serve("tiny.tar.gz", Serving::Whole(bytes.clone()));
    shop.refused(&url, &["--sha256", &sha256(b"another")], &["was expected"])?;
    let pulled = shop.pull(&url, &["--sha256", &sha256(&bytes)])?;
    assert_eq!(pulled.code, 0, "{}", pulled.stderr);
    assert!(pulled.stdout.contains("Licence: Apache-2.0"), "{}", pulled.stdout);
    assert_eq!(names(&shop.packs())?, [".pull", "tiny-measured"]);
    let twice = shop.pull(&url, &[])?;
    assert!(twice.code == 2 && twice.stderr.contains("--force"), "{}", twice.stderr);
    Ok(())
}

#[test]
fn archives_that_reach_outside_or_hold_no_pack_are_refused() -> Result<()> {
    use tar::EntryType::{Regular, Symlink};

    let shop = Shop::open()?;
    let pack = b"schema = 1".as_slice();
    let damaged = {
        let mut bytes = tiny_pack()?;
        bytes.truncate(bytes.len() / 2);
        bytes
    };
    let cases = [
        ("outside", archive(&[("../evil", Regular, pack)])?, "outside"),
        ("deep", archive(&[("pack/../../../evil", Regular, pack)])?, "outside"),
        (
            "absolute",
            archive(&[("/tmp/velatura-evil", Regular, pack)])?,
            "outside",
        ),
        ("link", archive(&[("pack.toml", Symlink, b"")])?, "no file or folder"),
        (
            "twice",
            archive(&[("pack.toml", Regular, pack), ("pack.toml", Regular, pack)])?,
            "twice",
        ),
        ("empty", archive(&[("readme.md", Regular, b"hello")])?, "no pack.toml"),
        ("page", b"<html>moved</html>".to_vec(), "no .tar.gz"),
        ("damaged", damaged, "damaged"),
        ("broken", archive(&[("pack.toml", Regular, pack)])?, "manifest"),
    ];
    for (name, bytes, part) in cases {
        let url = shop.publisher.serve(name, Serving::Whole(bytes));
        shop.refused(&url, &[], &[part])?;
        assert!(!shop.folder.path().join("evil").exists() && !shop.packs().join("evil").exists());
    }
    assert!(!Path::new("/tmp/velatura-evil").exists());
    Ok(())
}

#[test]
fn the_list_names_what_is_installed_and_what_can_be_fetched() {
    let listed = velatura(&["packs"]);
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    for name in [
        "velatura-light",
        "adain-vgg19",
        "microast",
        "ghiasi",
        "mosaic",
        "midas-small",
        "depth-anything-v2-small",
    ] {
        assert!(listed.stdout.contains(name), "{name} is not in {}", listed.stdout);
    }
    let shown = velatura(&["packs", "show", "midas-small"]);
    assert!(
        shown.code == 0 && shown.stdout.contains("MIT") && shown.stdout.contains("sha256 2d8c6cb8"),
        "{}",
        shown.stdout
    );
}
