use std::borrow::Cow;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use velatura_objects::Location;

use super::entry::Entry;
use super::{Trouble, check_size, csv, unreadable};
use crate::context::Context;
use crate::submission::Format;

/// The largest manifest.json: it names some files of many megabytes each.
const MOST_BYTES: u64 = 16 << 20;

/// What an S3 Inventory's manifest.json says:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html>
pub(super) struct Inventory {
    pub(super) version: String,
    files: Vec<Location>,
    columns: Vec<Column>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Bucket,
    Key,
    IsLatest,
    IsDeleteMarker,
    Size,
    LastModified,
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    destination_bucket: String,
    file_format: String,
    file_schema: String,
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    key: String,
}

impl Inventory {
    pub(super) async fn read(context: &Context, location: &Location) -> Result<Self, Trouble> {
        let (store, key) = context.stores.open(location).map_err(Trouble::of_manifest)?;
        let meta = store.head(&key).await.map_err(Trouble::of_manifest)?;
        check_size(context, location, meta.size_bytes)?;
        let object = store.get(&key, MOST_BYTES).await.map_err(Trouble::of_manifest)?;
        let invalid = |why: String| unreadable(Format::Inventory, location, why);
        let written: Written = serde_json::from_slice(&object.body).map_err(|error| invalid(error.to_string()))?;
        let (files, columns) = written.read().map_err(invalid)?;
        Ok(Self {
            version: object.meta.version,
            files,
            columns,
        })
    }

    pub(super) fn files(&self) -> usize {
        self.files.len()
    }

    pub(super) fn file(&self, number: usize) -> Result<&Location, Trouble> {
        let missing = || Trouble::last("manifest-unreadable", "the inventory names no files");
        self.files.get(number).ok_or_else(missing)
    }

    /// What a row names, unless it is an old version or a mark of what was deleted.
    pub(super) fn entry<'a>(&self, line: &'a str) -> Result<Option<Entry<'a>>, String> {
        let fields = csv::fields(line)?;
        if fields.len() != self.columns.len() {
            let (has, wanted) = (fields.len(), self.columns.len());
            return Err(format!("it has {has} fields, but the inventory's schema has {wanted}"));
        }
        let mut entry = Entry {
            is_listing: true,
            ..Entry::default()
        };
        let (mut bucket, mut key) = (Cow::Borrowed(""), String::new());
        for (field, column) in fields.into_iter().zip(&self.columns) {
            match column {
                Column::Bucket => bucket = field,
                Column::Key => key = decoded(&field)?,
                Column::IsLatest if field == "false" => return Ok(None),
                Column::IsDeleteMarker if field == "true" => return Ok(None),
                Column::Size => entry.bytes = field.parse().ok(),
                Column::LastModified => entry.modified = field.parse::<Timestamp>().ok().map(Into::into),
                Column::IsLatest | Column::IsDeleteMarker | Column::Other => {}
            }
        }
        entry.source = Cow::Owned(format!("s3://{bucket}/{key}"));
        Ok(Some(entry))
    }
}

impl Written {
    fn read(self) -> Result<(Vec<Location>, Vec<Column>), String> {
        if !self.file_format.eq_ignore_ascii_case("csv") {
            return Err(format!(
                "its files are {}, but only CSV is read: set the inventory's output format to CSV",
                self.file_format
            ));
        }
        let columns: Vec<Column> = self
            .file_schema
            .split(',')
            .map(|name| match name.trim() {
                "Bucket" => Column::Bucket,
                "Key" => Column::Key,
                "IsLatest" => Column::IsLatest,
                "IsDeleteMarker" => Column::IsDeleteMarker,
                "Size" => Column::Size,
                "LastModifiedDate" => Column::LastModified,
                _ => Column::Other,
            })
            .collect();
        for (column, name) in [(Column::Bucket, "Bucket"), (Column::Key, "Key")] {
            if !columns.contains(&column) {
                return Err(format!("its fileSchema {:?} has no {name}", self.file_schema));
            }
        }
        let bucket = self.destination_bucket.rsplit(':').next().unwrap_or_default();
        let files = self
            .files
            .iter()
            .map(|file| Location::parse(&format!("s3://{bucket}/{}", file.key)));
        let files = files
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| error.to_string())?;
        match files.is_empty() {
            true => Err("it names no files".to_owned()),
            false => Ok((files, columns)),
        }
    }
}

/// Keys are written as forms are: a space as `+`, other signs as `%` and two digits.
fn decoded(key: &str) -> Result<String, String> {
    let spaced = key.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(key) => Ok(key.into_owned()),
        Err(_) => Err(format!("the key {key:?} is not UTF-8")),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn inventory(schema: &str) -> Inventory {
        let written = Written {
            destination_bucket: "arn:aws:s3:::reports".to_owned(),
            file_format: "CSV".to_owned(),
            file_schema: schema.to_owned(),
            files: vec![File {
                key: "inv/data/1.csv.gz".to_owned(),
            }],
        };
        let (files, columns) = written.read().unwrap();
        assert_eq!(files[0].to_string(), "s3://reports/inv/data/1.csv.gz");
        Inventory {
            version: String::new(),
            files,
            columns,
        }
    }

    #[test]
    fn keys_are_decoded_and_facts_are_read() {
        let inventory = inventory("Bucket, Key, Size, LastModifiedDate, ETag");
        let row = r#""photos","a+b%2Bc%20%25/%C3%BC.jpg","1024","1970-01-01T00:00:10.000Z","abc""#;
        let entry = inventory.entry(row).unwrap().unwrap();
        assert_eq!(entry.source, "s3://photos/a b+c %/ü.jpg");
        assert_eq!(entry.bytes, Some(1024));
        assert_eq!(entry.modified, Some(UNIX_EPOCH + Duration::from_secs(10)));
    }

    #[test]
    fn old_versions_and_deleted_keys_are_passed_over() {
        let inventory = inventory("Bucket, Key, VersionId, IsLatest, IsDeleteMarker");
        let row = |latest, deleted| format!(r#""b","a.jpg","v","{latest}","{deleted}""#);
        assert!(inventory.entry(&row("true", "false")).unwrap().is_some());
        assert_eq!(inventory.entry(&row("false", "false")).unwrap(), None);
        assert_eq!(inventory.entry(&row("true", "true")).unwrap(), None);
    }

    #[test]
    fn other_formats_are_refused_with_what_to_do() {
        let written = |format: &str| Written {
            destination_bucket: "arn:aws:s3:::reports".to_owned(),
            file_format: format.to_owned(),
            file_schema: "Bucket, Key".to_owned(),
            files: vec![],
        };
        for format in ["ORC", "Parquet"] {
            let error = written(format).read().unwrap_err();
            assert!(error.contains("CSV") && error.contains(format), "{error}");
        }
        assert!(written("CSV").read().unwrap_err().contains("no files"));
    }
}
