use std::error::Error;
use std::time::Duration;

use aws_sdk_s3::error::{BoxError, ProvideErrorMetadata, SdkError};

use crate::ObjectError;

/// What a request was about, to say it in errors. An empty key means the bucket.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) endpoint: &'a str,
}

/// Whether it is about who the server is, by the words of rustls, which the layers between hand on as text.
fn is_certificate(error: &(dyn Error + 'static)) -> bool {
    innermost(error).to_string().contains("invalid peer certificate")
}

impl Asked<'_> {
    pub(super) fn location(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }

    pub(super) fn not_found(&self) -> ObjectError {
        ObjectError::NotFound {
            object: self.location(),
        }
    }

    pub(super) fn invalid(&self, reason: String) -> ObjectError {
        ObjectError::Invalid {
            location: self.location(),
            reason,
        }
    }

    pub(super) fn refused(&self, reason: String) -> ObjectError {
        ObjectError::Refused {
            object: self.location(),
            reason,
            source: None,
        }
    }

    pub(super) fn broken_off(&self, error: BoxError) -> ObjectError {
        ObjectError::Unavailable {
            object: self.location(),
            reason: format!("{} broke off: {}", self.endpoint, innermost(error.as_ref())),
            source: Some(error),
        }
    }

    pub(super) fn too_slow(&self, after: Duration) -> ObjectError {
        ObjectError::Unavailable {
            object: self.location(),
            reason: format!("{} did not deliver it within {after:?}", self.endpoint),
            source: None,
        }
    }

    /// What an error of the SDK means.
    pub(super) fn explain<E>(&self, error: SdkError<E>) -> ObjectError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let object = self.location();
        let endpoint = self.endpoint;
        let reason = match &error {
            SdkError::ServiceError(answer) => {
                let status = answer.raw().status().as_u16();
                let (code, message) = (answer.err().code(), answer.err().message());
                if (200..300).contains(&status) {
                    let reason = format!("{endpoint} gave no S3 answer: {}", innermost(&error));
                    return Meaning::Unavailable.into_error(*self, reason, error);
                }
                return self
                    .meaning(status, code, message)
                    .into_error(*self, describe(status, code, message), error);
            }
            SdkError::ConstructionFailure(_) => {
                return ObjectError::Refused {
                    object,
                    reason: format!("no request can be made for it: {}", innermost(&error)),
                    source: Some(Box::new(error)),
                };
            }
            SdkError::TimeoutError(_) => format!("{endpoint} did not answer in time"),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => format!("{endpoint} did not answer in time"),
            SdkError::ResponseError(_) => format!("{endpoint} gave no S3 answer: {}", innermost(&error)),
            SdkError::DispatchFailure(_) if is_certificate(&error) => {
                return ObjectError::Config(format!(
                    "{endpoint} shows a certificate that is not trusted ({}): name the file of its CA in s3.ca_file",
                    innermost(&error)
                ));
            }
            // Also what the SDK may add one day: it has not got an answer.
            _ => format!("no answer from {endpoint}: {}", innermost(&error)),
        };
        ObjectError::Unavailable {
            object,
            reason,
            source: Some(Box::new(error)),
        }
    }

    /// What an answer means, by its code, or by its status where it has no body, as for HEAD.
    fn meaning(&self, status: u16, code: Option<&str>, message: Option<&str>) -> Meaning {
        match code.unwrap_or_default() {
            "NoSuchBucket" => Meaning::NoSuchContainer,
            "NoSuchKey" => Meaning::NotFound,
            "SlowDown" | "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequests" => {
                Meaning::Throttled
            }
            // Both come with the status 400.
            "RequestTimeout" | "InternalError" => Meaning::Unavailable,
            "ExpiredToken" | "InvalidToken" | "RequestTimeTooSkewed" => Meaning::Denied,
            "XMinioStorageFull" | "QuotaExceeded" | "InsufficientStorage" => Meaning::Full,
            "KeyTooLongError" | "InvalidBucketName" | "InvalidURI" => Meaning::Invalid,
            "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
                Meaning::Refused("the bucket is in another region, so correct s3.region".into())
            }
            _ => match status {
                404 if self.key.is_empty() => Meaning::NoSuchContainer,
                404 => Meaning::NotFound,
                401 | 403 => Meaning::Denied,
                408 | 500 | 502..=504 => Meaning::Unavailable,
                429 => Meaning::Throttled,
                507 => Meaning::Full,
                301 | 307 => Meaning::Refused("the bucket is in another region, so correct s3.region".into()),
                _ => Meaning::Refused(format!(
                    "{}; where the server is not AWS, s3.compat = \"generic\" may help",
                    describe(status, code, message)
                )),
            },
        }
    }
}

/// An answer's meaning before it is told of an object.
enum Meaning {
    NotFound,
    NoSuchContainer,
    Denied,
    Throttled,
    Unavailable,
    Full,
    Invalid,
    Refused(String),
}

impl Meaning {
    fn into_error(self, asked: Asked<'_>, reason: String, source: impl Error + Send + Sync + 'static) -> ObjectError {
        let object = asked.location();
        let source = Some(Box::new(source) as BoxError);
        match self {
            Self::NotFound => ObjectError::NotFound { object },
            Self::NoSuchContainer => ObjectError::NoSuchContainer {
                container: Asked { key: "", ..asked }.location(),
            },
            Self::Denied => ObjectError::Denied { object, reason, source },
            Self::Throttled => ObjectError::Throttled { object, reason, source },
            Self::Unavailable => ObjectError::Unavailable { object, reason, source },
            Self::Full => ObjectError::Full { object, source },
            Self::Invalid => asked.invalid(reason),
            Self::Refused(reason) => ObjectError::Refused { object, reason, source },
        }
    }
}

fn describe(status: u16, code: Option<&str>, message: Option<&str>) -> String {
    match (code, message) {
        (Some(code), Some(message)) => format!("{code}: {}", message.trim_end_matches('.')),
        (Some(code), None) => code.to_owned(),
        (None, _) => format!("HTTP status {status}"),
    }
}

/// The cause at the bottom, which says what happened: `Connection refused`.
fn innermost<'a>(mut error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    while let Some(cause) = error.source() {
        error = cause;
    }
    error
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::config::http::HttpResponse;
    use aws_sdk_s3::error::ErrorMetadata;
    use aws_sdk_s3::operation::get_object::GetObjectError;
    use aws_sdk_s3::primitives::SdkBody;

    use super::*;

    fn answered(status: u16, code: Option<&str>) -> ObjectError {
        let mut meta = ErrorMetadata::builder();
        if let Some(code) = code {
            meta = meta.code(code).message("said the server.");
        }
        let raw = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        let asked = Asked {
            bucket: "photos",
            key: "a.jpg",
            endpoint: "http://s3",
        };
        asked.explain(SdkError::service_error(GetObjectError::generic(meta.build()), raw))
    }

    #[test]
    fn answers_have_their_meaning() {
        for (status, code, expected) in [
            (404, Some("NoSuchKey"), "object-not-found"),
            (404, None, "object-not-found"),
            (404, Some("NoSuchBucket"), "bucket-not-found"),
            (403, Some("SignatureDoesNotMatch"), "access-denied"),
            (400, Some("ExpiredToken"), "access-denied"),
            (403, None, "access-denied"),
            (503, Some("SlowDown"), "storage-throttled"),
            (429, None, "storage-throttled"),
            (503, None, "storage-unavailable"),
            (400, Some("RequestTimeout"), "storage-unavailable"),
            (500, Some("InternalError"), "storage-unavailable"),
            (507, Some("XMinioStorageFull"), "storage-full"),
            (400, Some("KeyTooLongError"), "location-invalid"),
            (301, Some("PermanentRedirect"), "storage-refused"),
            (501, Some("NotImplemented"), "storage-refused"),
            (400, Some("XAmzContentSHA256Mismatch"), "storage-refused"),
        ] {
            assert_eq!(answered(status, code).code(), expected, "{status} {code:?}");
        }
    }

    #[test]
    fn a_message_names_the_object_and_what_the_server_said() {
        let message = answered(403, Some("SignatureDoesNotMatch")).to_string();
        assert_eq!(
            message,
            "access to s3://photos/a.jpg is denied (SignatureDoesNotMatch: said the server): check the credentials and \
             what they may do"
        );
        let message = answered(501, Some("NotImplemented")).to_string();
        assert!(
            message.contains("NotImplemented") && message.contains("s3.compat"),
            "{message}"
        );
    }
}
