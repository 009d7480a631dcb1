use bytes::Bytes;
use uuid::Uuid;

use crate::{ObjectError, ObjectStore, Operation, PutOptions};

const BODY: &[u8] = b"written by velatura to see whether this storage can be used, and deleted at once";

/// Why a store can't be used: which step failed, and how.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// A request failed.
    #[error("the storage was tried with PUT, GET and DELETE of a small object, and {step} failed: {error}")]
    Failed {
        /// Which of them.
        step: Operation,
        /// How it failed.
        #[source]
        error: ObjectError,
    },
    /// The storage gave back something else than was stored.
    #[error("the storage was tried with a small object, and {key} came back changed: do not trust it with pictures")]
    Changed {
        /// The object's key.
        key: String,
    },
}

impl ProbeError {
    /// The stable code that users and programs see.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Failed { error, .. } => error.code(),
            Self::Changed { .. } => "storage-corrupts",
        }
    }

    /// Whether the storage may be fit for use later without anyone changing something.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Failed { error, .. } => error.is_transient(),
            Self::Changed { .. } => false,
        }
    }
}

/// Whether a place for results can be used: stores a small object below `prefix`, reads it and deletes it.
///
/// # Errors
/// The first step that failed. What was stored is deleted as far as possible.
pub async fn probe(store: &dyn ObjectStore, prefix: &str) -> Result<(), ProbeError> {
    let failed = |step| move |error| ProbeError::Failed { step, error };
    let key = format!("{prefix}velatura-probe-{}", Uuid::new_v4().simple());
    let body = Bytes::from_static(BODY);
    store
        .put(&key, body.clone(), PutOptions::default())
        .await
        .map_err(failed(Operation::Put))?;
    let got = store.get(&key, BODY.len() as u64).await;
    let deleted = store.delete(&key).await;
    if got.map_err(failed(Operation::Get))?.body != body {
        return Err(ProbeError::Changed { key });
    }
    deleted.map_err(failed(Operation::Delete))
}

/// Whether a place that photos come from can be read: lists one object below `prefix`.
///
/// # Errors
/// What the listing failed with.
pub async fn probe_reading(store: &dyn ObjectStore, prefix: &str) -> Result<(), ProbeError> {
    let step = Operation::List;
    store
        .list(prefix, None, 1)
        .await
        .map(drop)
        .map_err(|error| ProbeError::Failed { step, error })
}
