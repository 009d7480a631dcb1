use velatura_ledger::LedgerError;

use crate::submission::Refusal;

/// Why a request was not carried out. Both edges give it by the same code and sentence.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum ApiError {
    /// Not the message it should be: syntax, an unknown field, a wrong type.
    #[error("the request can't be read: {0}")]
    Malformed(String),
    /// A field holds what can't be carried out.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The caller does not say who they are, or nobody believes it.
    #[error("{message}")]
    Unauthenticated { code: &'static str, message: String },
    /// The caller asks too often.
    #[error("{message}")]
    TooMany {
        code: &'static str,
        message: String,
        after_seconds: u32,
    },
    /// Nobody made such a key.
    #[error("there is no key {0}: GET /v1/keys lists them")]
    NoKey(String),
    /// Nobody registered such an address.
    #[error("there is no webhook {0}: GET /v1/webhooks lists them")]
    NoWebhook(String),
    /// The caller may not do this; the sentence says which rule forbids it.
    #[error("{message}")]
    Forbidden {
        code: &'static str,
        field: Option<String>,
        message: String,
    },
    /// Nobody submitted such a job, or somebody else did.
    #[error("there is no job {0}: GET /v1/jobs lists them")]
    NoJob(String),
    /// There is no such thing.
    #[error("{message}")]
    Missing { code: &'static str, message: String },
    /// The path is not one of ours.
    #[error("there is nothing at {0}: the API begins at /v1/jobs")]
    NoRoute(String),
    /// The path is, with another method.
    #[error("{0} can't be done here: see the Allow header")]
    Method(String),
    /// The body is larger than `max_body_bytes`.
    #[error(
        "the request is larger than {0} bytes: name a prefix, a manifest that lies in storage, or the photo of /v1/paint by \
         its key"
    )]
    TooLarge(usize),
    /// The body is something other than JSON.
    #[error("the body must be JSON, with content-type: application/json")]
    MediaType,
    /// The job's or the key's state does not allow it.
    #[error("{message}")]
    Conflict { code: &'static str, message: String },
    /// It was there once.
    #[error("{message}")]
    Gone { code: &'static str, message: String },
    /// Something that is needed is away; the same request may succeed later.
    #[error("{message}")]
    Away { code: &'static str, message: String },
    /// Ours to mend.
    #[error("{message}")]
    Internal { code: &'static str, message: String },
}

/// What an error means at either edge.
pub(crate) enum Meaning {
    Malformed,
    Invalid,
    Unauthenticated,
    Forbidden,
    TooMany,
    NotFound,
    Method,
    TooLarge,
    MediaType,
    Conflict,
    Gone,
    Away,
    Internal,
}

impl ApiError {
    /// In how many seconds the same request may succeed, where time is all that it takes.
    pub(crate) fn retry_after_seconds(&self) -> Option<u32> {
        match self {
            Self::TooMany { after_seconds, .. } => Some(*after_seconds),
            Self::Away { .. } => Some(5),
            _ => None,
        }
    }

    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "request-malformed",
            Self::Refused(refusal) => refusal.code,
            Self::NoJob(_) => "job-not-found",
            Self::NoRoute(_) => "route-not-found",
            Self::Method(_) => "method-not-allowed",
            Self::TooLarge(_) => "request-too-large",
            Self::MediaType => "media-type-unsupported",
            Self::NoKey(_) => "key-not-found",
            Self::NoWebhook(_) => "webhook-not-found",
            Self::Unauthenticated { code, .. }
            | Self::TooMany { code, .. }
            | Self::Missing { code, .. }
            | Self::Forbidden { code, .. }
            | Self::Conflict { code, .. }
            | Self::Gone { code, .. }
            | Self::Away { code, .. }
            | Self::Internal { code, .. } => code,
        }
    }

    /// The field that is to blame, as it is written in the request.
    pub(crate) fn field(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => Some(&refusal.field),
            Self::Forbidden { field, .. } => field.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn meaning(&self) -> Meaning {
        match self {
            Self::Malformed(_) => Meaning::Malformed,
            Self::Refused(_) => Meaning::Invalid,
            Self::Forbidden { .. } => Meaning::Forbidden,
            Self::Unauthenticated { .. } => Meaning::Unauthenticated,
            Self::TooMany { .. } => Meaning::TooMany,
            Self::NoJob(_) | Self::NoKey(_) | Self::NoWebhook(_) | Self::NoRoute(_) | Self::Missing { .. } => {
                Meaning::NotFound
            }
            Self::Method(_) => Meaning::Method,
            Self::TooLarge(_) => Meaning::TooLarge,
            Self::MediaType => Meaning::MediaType,
            Self::Conflict { .. } => Meaning::Conflict,
            Self::Gone { .. } => Meaning::Gone,
            Self::Away { .. } => Meaning::Away,
            Self::Internal { .. } => Meaning::Internal,
        }
    }
}

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        let (code, message) = (error.code(), error.to_string());
        match error {
            LedgerError::NotFound(id) => Self::NoJob(id.to_string()),
            LedgerError::NoDeadLetter(_) => Self::Missing { code, message },
            LedgerError::OpenJobs { .. } | LedgerError::TooManyTasks { .. } => Self::Forbidden {
                code,
                field: None,
                message,
            },
            LedgerError::TooFast { after, .. } => Self::TooMany {
                code,
                message,
                after_seconds: u32::try_from(after.div_euclid(1000) + 1).unwrap_or(60),
            },
            LedgerError::NoTenant(_) => Refusal::new(code, "tenant", message).into(),
            LedgerError::KeyReused { .. }
            | LedgerError::Conflict { .. }
            | LedgerError::Illegal { .. }
            | LedgerError::Revised { .. }
            | LedgerError::Reopening { .. }
            | LedgerError::Taken { .. }
            | LedgerError::AwaitsApproval { .. }
            | LedgerError::NotAwaited { .. } => Self::Conflict { code, message },
            LedgerError::Purged { .. } => Self::Gone { code, message },
            // Nothing that a request does needs the lead.
            LedgerError::NotLeading | LedgerError::Unavailable { .. } => Self::Away { code, message },
            LedgerError::Refused { .. }
            | LedgerError::Address { .. }
            | LedgerError::Schema { .. }
            | LedgerError::Corrupt { .. } => {
                tracing::error!(%message, "the ledger failed");
                Self::Internal { code, message }
            }
        }
    }
}
