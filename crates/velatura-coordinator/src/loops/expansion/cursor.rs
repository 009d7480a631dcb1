use serde::{Deserialize, Serialize};
use velatura_ledger::Job;

use crate::submission::OpenStems;

/// Where an expansion goes on: recorded with each page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Cursor {
    /// Nothing is listed yet.
    Start,
    /// In a list of photos.
    Objects {
        /// The number of the first that is not recorded.
        from: usize,
    },
    /// In the listing of a prefix.
    Prefix {
        /// The key after which it goes on.
        after: String,
        /// Stems that may come again.
        open: OpenStems,
    },
}

impl Cursor {
    /// A job's cursor; the error says what is wrong with it.
    pub(super) fn of(job: &Job) -> Result<Self, String> {
        match &job.cursor {
            None => Ok(Self::Start),
            Some(text) => {
                serde_json::from_str(text).map_err(|error| format!("its recorded cursor can't be read: {error}"))
            }
        }
    }

    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("a cursor is JSON")
    }
}
