use std::io::{self, ErrorKind};

use crate::ObjectError;
use crate::error::Source;

/// What an error of the file system means for an object; `NotFound` is taken as said of the object itself.
pub(super) fn explain(object: String, error: io::Error) -> ObjectError {
    let reason = error.to_string();
    let source = Some(error.into());
    match kind(&source) {
        ErrorKind::NotFound => ObjectError::NotFound { object },
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => ObjectError::Denied { object, reason, source },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            ObjectError::Full { object, source }
        }
        ErrorKind::NotADirectory | ErrorKind::IsADirectory | ErrorKind::AlreadyExists => ObjectError::Refused {
            object,
            reason: "in a folder, `a` and `a/b` can't both be objects, so choose another key".into(),
            source,
        },
        ErrorKind::InvalidFilename => ObjectError::Invalid {
            location: object,
            reason: "the file system allows no such name, or none as long".into(),
        },
        // The rest are faults of the disk, of the network behind it, or of the moment.
        _ => ObjectError::Unavailable { object, reason, source },
    }
}

fn kind(source: &Option<Source>) -> ErrorKind {
    let error = source.as_ref().and_then(|source| source.downcast_ref::<io::Error>());
    error.map_or(ErrorKind::Other, io::Error::kind)
}

/// As [`explain`], for those who read: below a file there is nothing.
pub(super) fn explain_reading(object: String, error: io::Error) -> ObjectError {
    match error.kind() {
        ErrorKind::NotADirectory => ObjectError::NotFound { object },
        _ => explain(object, error),
    }
}
