use serde::{Deserialize, Serialize};
use velatura_ledger::Job;

use super::Trouble;
use crate::submission::OpenStems;

/// Where the search goes on: all places of the source from which there is more to come. Recorded with each page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Cursor(pub(super) Vec<Place>);

/// One of several places at which photos are looked for, each in an order of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Place {
    /// In a list of photos.
    Objects {
        /// The number of the first that was not found yet.
        from: usize,
    },
    /// In the listing of a prefix.
    Range(Range),
    /// In a manifest.
    Manifest(Line),
}

/// Keys of a listing, in byte order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Range {
    /// The key after which it begins.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) after: Option<String>,
    /// The last key that may belong to it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) until: Option<String>,
    /// Stems that may come again.
    #[serde(skip_serializing_if = "OpenStems::is_empty", default)]
    pub(super) open: OpenStems,
}

/// A line of a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Which of an inventory's files; 0 in others.
    pub(super) file: usize,
    /// Bytes before it, unpacked.
    pub(super) offset: u64,
    /// Lines before it.
    pub(super) lines: u64,
    /// The version of the manifest that was begun, which the rest has to have.
    pub(super) version: String,
}

impl Cursor {
    /// Where a job's expansion goes on, `None` at its start.
    pub(crate) fn of(job: &Job) -> Result<Option<Self>, Trouble> {
        let read = |text: &String| {
            serde_json::from_str(text).map_err(|error| {
                Trouble::last(
                    "cursor-unreadable",
                    format!("its recorded cursor can't be read: {error}"),
                )
            })
        };
        job.cursor.as_ref().map(read).transpose()
    }

    /// As it is recorded; `None` when nothing is left.
    pub(crate) fn to_text(&self) -> Option<String> {
        let text = || serde_json::to_string(self).expect("a cursor is JSON");
        (!self.0.is_empty()).then(text)
    }
}
