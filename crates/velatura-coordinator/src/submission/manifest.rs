use velatura_objects::Location;
use velatura_proto::v1;
use velatura_proto::v1::manifest::{Format as Named, OnBadLine};

use super::{Filter, Refusal};

/// A list of photos in object storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) location: Location,
    pub(crate) format: Format,
    /// What keys are relative to.
    pub(crate) prefix: Option<Location>,
    /// Whether a bad line fails the job, or only itself.
    pub(crate) refuses_bad_lines: bool,
    pub(crate) filter: Filter,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    JsonLines,
    Inventory,
}

impl Manifest {
    pub(super) fn read(wire: &v1::Manifest, prefix: Option<Location>, filter: Filter) -> Result<Self, Refusal> {
        let location = Location::parse(&wire.url).map_err(|error| Refusal::location("source.manifest.url", &error))?;
        let format = Format::read(wire)?;
        if format != Format::Inventory && filter.needs_sizes_or_times() {
            let message =
                "this manifest says neither sizes nor times: filter by suffixes only, or leave lines out of it";
            return Err(Refusal::new("filter-without-facts", "source.filter", message));
        }
        Ok(Self {
            location,
            format,
            prefix,
            refuses_bad_lines: wire.on_bad_line() == OnBadLine::Refuse,
            filter,
        })
    }
}

impl Format {
    /// What the request says, or what the name's ending does.
    pub(crate) fn read(wire: &v1::Manifest) -> Result<Self, Refusal> {
        match wire.format() {
            Named::Csv => Ok(Self::Csv),
            Named::Jsonl => Ok(Self::JsonLines),
            Named::S3Inventory => Ok(Self::Inventory),
            Named::Unspecified => Self::of_name(&wire.url).ok_or_else(|| {
                let message = format!(
                    "the name {:?} does not say how the manifest is written: set source.manifest.format to CSV, JSONL or \
                     S3_INVENTORY",
                    wire.url
                );
                Refusal::new("manifest-format-unknown", "source.manifest.format", message)
            }),
        }
    }

    fn of_name(url: &str) -> Option<Self> {
        let name = url.rsplit('/').next().unwrap_or(url).to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        match name.rsplit_once('.') {
            Some((_, "csv")) => Some(Self::Csv),
            Some((_, "jsonl" | "ndjson")) => Some(Self::JsonLines),
            Some(("manifest", "json")) => Some(Self::Inventory),
            Some(_) | None => None,
        }
    }

    /// The ending of a name that says so.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Inventory => "json",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_how_it_is_written() {
        for (name, format) in [
            ("s3://b/list.csv", Some(Format::Csv)),
            ("s3://b/a.b/list.CSV.gz", Some(Format::Csv)),
            ("file:///x/list.jsonl", Some(Format::JsonLines)),
            ("file:///x/list.ndjson.gz", Some(Format::JsonLines)),
            ("s3://b/inv/2026-11-25T00-00Z/manifest.json", Some(Format::Inventory)),
            ("s3://b/list.json", None),
            ("s3://b/list", None),
        ] {
            assert_eq!(Format::of_name(name), format, "{name}");
        }
    }
}
