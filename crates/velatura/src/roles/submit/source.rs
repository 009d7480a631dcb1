//! Which photos: flags, as a request has them.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};
use velatura_proto::v1;
use velatura_proto::v1::manifest::{Format, OnBadLine};

use crate::recipe_flags::as_location;

#[derive(Debug, Args)]
pub(super) struct SourceFlags {
    /// Photos, or one folder or prefix ending in / : paths, s3:// or file://. Beside a manifest: what its keys are
    /// relative to
    #[arg(required_unless_present = "manifest", value_name = "SOURCE")]
    sources: Vec<String>,
    /// A list of photos, CSV with a header or JSON Lines, also packed with gzip, or an S3 Inventory's manifest.json: a
    /// file, which is handed over, or s3:// or file:// where the coordinator finds it. Columns: source (or key, below
    /// SOURCE), and if wanted version_id, mask, depth_map
    #[arg(long, value_name = "FILE|URL")]
    manifest: Option<String>,
    /// How the manifest is written, where its name does not say so
    #[arg(long, value_enum, requires = "manifest")]
    manifest_format: Option<FormatFlag>,
    /// Let the first bad line of the manifest fail the job; else each becomes a failed task that says its number
    #[arg(long, requires = "manifest")]
    refuse_bad_lines: bool,
    /// Only photos whose names end so, in any case of letters; may be repeated
    #[arg(long, value_name = "ENDING")]
    suffix: Vec<String>,
    /// Only photos of at least so many bytes; k, M and G count in thousands
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    min_bytes: Option<u64>,
    /// Only photos of at most so many bytes
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    max_bytes: Option<u64>,
    /// Only photos changed at this time or later, as 2026-11-25T00:00:00Z
    #[arg(long, value_name = "TIME", default_value = "")]
    modified_after: String,
    /// Only photos changed before this time
    #[arg(long, value_name = "TIME", default_value = "")]
    modified_before: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatFlag {
    Csv,
    Jsonl,
    S3Inventory,
}

impl SourceFlags {
    pub(super) fn source(&self) -> Result<v1::Source> {
        let mut source = match self.sources.as_slice() {
            [] => v1::Source::default(),
            sources => named(sources)?,
        };
        if let Some(manifest) = &self.manifest {
            ensure!(
                source.objects.is_empty(),
                "beside --manifest, SOURCE is the folder or prefix that its keys are relative to: end it in /"
            );
            source.manifest = Some(self.manifest(manifest)?);
        }
        source.filter = self.filter();
        Ok(source)
    }

    fn manifest(&self, manifest: &str) -> Result<v1::Manifest> {
        let format = match self.manifest_format {
            None => Format::Unspecified,
            Some(FormatFlag::Csv) => Format::Csv,
            Some(FormatFlag::Jsonl) => Format::Jsonl,
            Some(FormatFlag::S3Inventory) => Format::S3Inventory,
        };
        let on_bad_line = match self.refuse_bad_lines {
            true => OnBadLine::Refuse,
            false => OnBadLine::Skip,
        };
        let (url, content) = match manifest.contains("://") {
            true => (manifest.to_owned(), Vec::new()),
            false => (String::new(), packed(manifest)?),
        };
        Ok(v1::Manifest {
            url,
            content,
            format: format.into(),
            on_bad_line: on_bad_line.into(),
        })
    }

    fn filter(&self) -> Option<v1::Filter> {
        let filter = v1::Filter {
            suffixes: self.suffix.clone(),
            min_bytes: self.min_bytes,
            max_bytes: self.max_bytes,
            modified_after: self.modified_after.clone(),
            modified_before: self.modified_before.clone(),
        };
        Some(filter).filter(|filter| *filter != v1::Filter::default())
    }
}

/// A file's bytes, packed if they are not: lists shrink to a tenth.
fn packed(path: &str) -> Result<Vec<u8>> {
    let content = std::fs::read(path).with_context(|| format!("the manifest {path:?} can't be read"))?;
    ensure!(!content.is_empty(), "the manifest {path:?} is empty");
    if content.starts_with(&[0x1f, 0x8b]) {
        return Ok(content);
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&content).context("memory takes no more")?;
    packed.finish().context("memory takes no more")
}

fn bytes(text: &str) -> Result<u64, String> {
    let (number, factor) = match text.char_indices().next_back() {
        Some((at, 'k')) => (&text[..at], 1_000),
        Some((at, 'M')) => (&text[..at], 1_000_000),
        Some((at, 'G')) => (&text[..at], 1_000_000_000),
        _ => (text, 1),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "write it as 500k, 20M or 1000000".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "it is too large".to_owned())
}

fn named(sources: &[String]) -> Result<v1::Source> {
    let is_prefix = |source: &String| source.ends_with('/') || Path::new(source).is_dir();
    if !sources.iter().any(is_prefix) {
        let objects = sources
            .iter()
            .map(|source| as_location(source))
            .collect::<Result<_>>()?;
        return Ok(v1::Source {
            objects,
            ..Default::default()
        });
    }
    ensure!(
        sources.len() == 1,
        "a job has photos or one folder or prefix as its source: submit {} jobs",
        sources.len()
    );
    let location = if sources[0].contains("://") {
        sources[0].clone()
    } else {
        let folder =
            std::fs::canonicalize(&sources[0]).with_context(|| format!("there is no folder {:?}", sources[0]))?;
        format!(
            "file://{}/",
            folder
                .to_str()
                .context("the folder's name is not UTF-8")?
                .trim_end_matches('/')
        )
    };
    Ok(v1::Source {
        prefix: location,
        ..Default::default()
    })
}
