use std::error::Error;

/// What the storage said, kept for the logs.
pub(crate) type Source = Box<dyn Error + Send + Sync>;

/// Why an object could not be read, stored, listed or deleted, by meaning: one sentence that names the object and what
/// to do.
///
/// `object` is the whole location, such as `s3://photos/2020/cat.jpg`; so is `container`, without a key.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// There is no object under the key.
    #[error("{object} does not exist: check the key, and whether something has moved or deleted it")]
    NotFound {
        /// Its location.
        object: String,
    },
    /// The bucket or the folder itself is missing.
    #[error("{container} does not exist: create it, or correct the location and the region")]
    NoSuchContainer {
        /// The location of the bucket or folder.
        container: String,
    },
    /// The credentials, or the permissions of files, forbid it.
    #[error("access to {object} is denied ({reason}): check the credentials and what they may do")]
    Denied {
        /// Its location.
        object: String,
        /// What the storage calls it.
        reason: String,
        /// What the storage said.
        #[source]
        source: Option<Source>,
    },
    /// The object is larger than the reader takes.
    #[error("{object} has {size_bytes} bytes, but at most {limit_bytes} are read: raise the limit, or leave it out")]
    TooLarge {
        /// Its location.
        object: String,
        /// Its size; where the storage did not say it beforehand, how much had come when reading stopped.
        size_bytes: u64,
        /// The largest size that the caller takes.
        limit_bytes: u64,
    },
    /// The storage asks for fewer requests.
    #[error(
        "the storage asks for fewer requests at {object} ({reason}): try again later, or lower max_concurrent_requests"
    )]
    Throttled {
        /// Its location.
        object: String,
        /// What the storage calls it.
        reason: String,
        /// What the storage said.
        #[source]
        source: Option<Source>,
    },
    /// The storage can't be reached, does not answer in time, or has a fault.
    #[error("{object} can't be reached ({reason}): check that the storage is up and that its address is right")]
    Unavailable {
        /// Its location.
        object: String,
        /// What went wrong.
        reason: String,
        /// What the storage or the network said.
        #[source]
        source: Option<Source>,
    },
    /// No space is left.
    #[error("there is no space left for {object}: free some, or raise the quota")]
    Full {
        /// Its location.
        object: String,
        /// What the storage said.
        #[source]
        source: Option<Source>,
    },
    /// The storage is there, but never carries out a request like this one.
    #[error("the storage refuses {object}: {reason}")]
    Refused {
        /// Its location.
        object: String,
        /// What about it, and what to do.
        reason: String,
        /// What the storage said.
        #[source]
        source: Option<Source>,
    },
    /// The text is no location, or the key none that the store can hold.
    #[error("{location} is no valid location: {reason}")]
    Invalid {
        /// The text, as it was given.
        location: String,
        /// Which rule it breaks.
        reason: String,
    },
    /// A file outside the folders that may be used.
    #[error("{object} is outside the folders that may be used: {rule}")]
    Outside {
        /// Its location.
        object: String,
        /// The rule that forbids it, and how to allow it.
        rule: String,
    },
    /// The configuration contradicts itself or lacks something.
    #[error("the configuration of objects can't work: {0}")]
    Config(String),
}

impl ObjectError {
    /// The stable code that users and programs see.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "object-not-found",
            Self::NoSuchContainer { .. } => "bucket-not-found",
            Self::Denied { .. } => "access-denied",
            Self::TooLarge { .. } => "object-too-large",
            Self::Throttled { .. } => "storage-throttled",
            Self::Unavailable { .. } => "storage-unavailable",
            Self::Full { .. } => "storage-full",
            Self::Refused { .. } => "storage-refused",
            Self::Invalid { .. } => "location-invalid",
            Self::Outside { .. } => "location-outside",
            Self::Config(_) => "objects-config-invalid",
        }
    }

    /// Whether the same request may succeed later without anyone changing it.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Throttled { .. } | Self::Unavailable { .. } | Self::Full { .. } => true,
            Self::NotFound { .. }
            | Self::NoSuchContainer { .. }
            | Self::Denied { .. }
            | Self::TooLarge { .. }
            | Self::Refused { .. }
            | Self::Invalid { .. }
            | Self::Outside { .. }
            | Self::Config(_) => false,
        }
    }
}
