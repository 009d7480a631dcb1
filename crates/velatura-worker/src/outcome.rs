use velatura_objects::Location;

use crate::{Fault, FaultKind, Fingerprint};

/// What became of an assignment.
#[derive(Debug)]
pub struct Finished {
    /// How it ended as a whole.
    pub outcome: Outcome,
    /// What became of each recipe that went well, in their order.
    pub pictures: Vec<StoredPicture>,
    /// Seconds from taking it to storing its last picture.
    pub seconds: f64,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every picture is stored.
    Done,
    /// Every picture was there already.
    Skipped,
    /// It may go well later.
    Retry(Fault),
    /// It will never go well.
    Failed(Fault),
    /// It was given back before it reached the device, or the device was lost: nobody's attempt.
    NotTried(String),
}

/// A picture at its place.
#[derive(Debug, Clone)]
pub struct StoredPicture {
    /// Where it is.
    pub output: Location,
    /// What it was made from.
    pub fingerprint: Fingerprint,
    /// Its size; 0 when it was there already.
    pub bytes: u64,
    /// Whether it was there already.
    pub skipped: bool,
}

impl Outcome {
    /// The word for metrics and logs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Retry(_) => "retry",
            Self::Failed(_) => "failed",
            Self::NotTried(_) => "not_tried",
        }
    }

    /// What went wrong, if anything did.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Retry(fault) | Self::Failed(fault) => Some(fault),
            Self::Done | Self::Skipped | Self::NotTried(_) => None,
        }
    }
}

impl From<Fault> for Outcome {
    fn from(fault: Fault) -> Self {
        match fault.kind {
            FaultKind::Permanent => Self::Failed(fault),
            FaultKind::Transient => Self::Retry(fault),
            FaultKind::Fatal => Self::NotTried(fault.to_string()),
        }
    }
}
