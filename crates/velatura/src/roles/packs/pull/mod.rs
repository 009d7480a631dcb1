//! Fetching a published network: downloaded, checked, converted or unpacked, and put in its place as a whole or not at all.

mod archive;
mod catalogue;
mod converter;
mod download;
mod place;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use velatura_engine::{PackFolder, Places};

pub(super) use catalogue::{Catalogue, Entry};

use crate::exit::Ended;
use converter::Converter;
use download::{Downloader, Wanted};
use place::{Place, Work};

/// Fetch a published network by name, or a ready-made pack by the address of its .tar.gz
///
/// What was downloaded of a file stays when it breaks off: run it again to go on. Converting needs Python 3.11 or newer
/// with numpy and onnx.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// A name of `velatura packs list`, or the address of a pack's archive
    #[arg(value_name = "NAME|URL")]
    what: String,
    /// The sha256 that a file must have: SUM, or ROLE=SUM for one of several (see `velatura packs show`)
    #[arg(long = "sha256", value_name = "SUM|ROLE=SUM")]
    sums: Vec<String>,
    /// The folder in which packs lie [default: velatura/models in the user's data folder]
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
    /// Fetch it even if it is there
    #[arg(long)]
    force: bool,
    /// The largest archive to download from an address
    #[arg(long, value_name = "BYTES", default_value_t = 2 << 30)]
    max_bytes: u64,
    /// The Python that converts [default: the set-up's own, else python3]
    #[arg(long, value_name = "PROGRAM")]
    python: Option<PathBuf>,
    /// Another catalogue than the one compiled in, such as one of your own mirror
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
}

pub(super) fn main(options: &Options) -> Result<Ended> {
    let catalogue = match &options.catalogue {
        Some(path) => Catalogue::read(path)?,
        None => Catalogue::compiled_in()?,
    };
    let into = match (&options.into, Places::of_this_process().data_dir) {
        (Some(folder), _) => std::path::absolute(folder)?,
        (None, Some(data)) => data.join("velatura/models"),
        (None, None) => bail!("neither XDG_DATA_HOME nor HOME is set: say where packs lie, with --into"),
    };
    let place = Place::open(&into)?;
    let runtime = tokio::runtime::Runtime::new().context("the asynchronous runtime does not start")?;
    if options.what.contains("://") {
        runtime.block_on(archived(options, &place))
    } else {
        match catalogue.find(&options.what) {
            Some(entry) => runtime.block_on(published(options, &catalogue, entry, &place)),
            None => bail!(
                "{:?} is neither an address nor one of: {}",
                options.what,
                catalogue.names()
            ),
        }
    }
}

/// A network of the catalogue.
async fn published(options: &Options, catalogue: &Catalogue, entry: &Entry, place: &Place) -> Result<Ended> {
    if !options.force
        && let Some(there) = place.existing(&entry.name)?
    {
        println!(
            "{} {} is there already: {}",
            there.name(),
            there.version(),
            there.dir().display()
        );
        return Ok(Ended::AllDone);
    }
    println!("{} {}: {}", entry.name, entry.version, entry.description);
    println!("Licence: {} ({})", entry.licence, entry.page);
    // What is missing is said before anything is downloaded.
    let converter = Converter::find(options.python.as_deref())?;
    let downloader = Downloader::new()?;
    let mut files = Vec::new();
    for file in &entry.files {
        let wanted = Wanted {
            url: &file.url,
            sha256: given(&options.sums, &file.role, entry.files.len())?.or(file.sha256.known()),
            max_bytes: file.bytes,
        };
        files.push((file.role.as_str(), downloader.fetch(&wanted, place.downloads()).await?));
    }
    let work = Work::new(place)?;
    println!("Converting {}", entry.name);
    let made = work.path().join("pack");
    converter.convert(catalogue, entry, &files, work.path(), &made)?;
    let pack = finish(place, &made, &entry.name)?;
    for (_, path) in &files {
        let _ = std::fs::remove_file(path);
    }
    Ok(said(&pack))
}

/// A pack's archive at an address.
async fn archived(options: &Options, place: &Place) -> Result<Ended> {
    let wanted = Wanted {
        url: &options.what,
        sha256: given(&options.sums, "archive", 1)?,
        max_bytes: options.max_bytes,
    };
    let file = Downloader::new()?.fetch(&wanted, place.downloads()).await?;
    let work = Work::new(place)?;
    let made = archive::unpack(&file, &work.path().join("unpacked"))
        .with_context(|| format!("{} is not unpacked", options.what))?;
    let name = PackFolder::open(&made)?.name().to_owned();
    if !options.force && place.existing(&name)?.is_some() {
        bail!("there is a pack {name} already: fetch this one in its place with --force");
    }
    let pack = finish(place, &made, &name)?;
    println!("Licence: {}", pack.licence());
    let _ = std::fs::remove_file(&file);
    Ok(said(&pack))
}

/// Opens what was made, and only then puts it in its place.
fn finish(place: &Place, made: &std::path::Path, name: &str) -> Result<PackFolder> {
    let pack = PackFolder::open(made)?;
    ensure!(
        pack.name() == name,
        "what was made calls itself {}, not {name}",
        pack.name()
    );
    place.install(made, name)
}

fn said(pack: &PackFolder) -> Ended {
    println!("{} {} is in {}", pack.name(), pack.version(), pack.dir().display());
    let flag = if pack.paint().is_some() {
        "--pack"
    } else {
        "--depth-pack"
    };
    println!(
        "Use it: velatura stylize photos/ {flag} {} --style nocturne --out painted/",
        pack.name()
    );
    Ended::AllDone
}

/// The checksum that the user gave for a file.
fn given<'a>(sums: &'a [String], role: &str, files: usize) -> Result<Option<&'a str>> {
    let named = sums.iter().find_map(|text| match text.split_once('=') {
        Some((name, sum)) => (name == role).then_some(sum),
        None => (files == 1).then_some(text.as_str()),
    });
    if let Some(sum) = named {
        ensure!(
            sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()),
            "{sum:?} is no sha256: give its 64 hexadecimal digits"
        );
    } else if files > 1 && sums.iter().any(|text| !text.contains('=')) {
        bail!("there are several files: say which one a checksum is of, as --sha256 ROLE=SUM");
    }
    Ok(named)
}
