//! How a job's photos are found: page by page, from several places of the source at once, for expansion and dry runs
//! alike. What is found so far and where it goes on are always told together, so that nothing is missed or doubled
//! whoever goes on, and when.

mod listing;
mod manifest;
mod middle;
mod named;
mod place;
mod split;
mod walk;

use velatura_ledger::NewTask;
use velatura_objects::ObjectError;

use crate::submission::{Clash, Format};

pub(crate) use place::Cursor;
pub(crate) use walk::Walk;

/// A photo, or a line of a manifest that is none.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) task: NewTask,
    /// Its size, where the source says it.
    pub(crate) bytes: Option<u64>,
}

impl Found {
    /// A line that can't become a photo: it fails with its page.
    fn bad(source: &str, code: &str, message: String) -> Self {
        let task = NewTask {
            refusal: Some(velatura_ledger::Refusal {
                code: code.to_owned(),
                message,
            }),
            ..NewTask::photo(clipped(source), "")
        };
        Self { task, bytes: None }
    }
}

/// So much of a text as a record of it needs.
fn clipped(text: &str) -> String {
    const MOST: usize = 1100;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Why no more photos can be found.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// They may be found later.
    Passing(ObjectError),
    /// They never will.
    Final { code: &'static str, reason: String },
}

impl Trouble {
    fn last(code: &'static str, reason: impl Into<String>) -> Self {
        Self::Final {
            code,
            reason: reason.into(),
        }
    }

    /// What happened to a manifest.
    fn of_manifest(error: ObjectError) -> Self {
        match error.is_transient() {
            true => Self::Passing(error),
            false => Self::last(error.code(), format!("its manifest can't be read: {error}")),
        }
    }
}

impl From<ObjectError> for Trouble {
    fn from(error: ObjectError) -> Self {
        match error.is_transient() {
            true => Self::Passing(error),
            false => Self::last(error.code(), format!("its photos can't be listed: {error}")),
        }
    }
}

impl From<Clash> for Trouble {
    fn from(clash: Clash) -> Self {
        Self::last(clash.code(), clash.to_string())
    }
}

/// What a manifest of a format is called, for a sentence.
fn spoken(format: Format) -> &'static str {
    match format {
        Format::Csv => "CSV",
        Format::JsonLines => "JSON Lines",
        Format::Inventory => "S3 Inventory",
    }
}
