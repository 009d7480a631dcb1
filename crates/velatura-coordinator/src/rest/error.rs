use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::error::{ApiError, Meaning};

/// `{"error": {"code", "message", "field"}}`.
#[derive(Serialize)]
pub(super) struct ErrorBody {
    error: Details,
}

#[derive(Serialize)]
struct Details {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

impl From<&ApiError> for ErrorBody {
    fn from(error: &ApiError) -> Self {
        Self {
            error: Details {
                code: error.code(),
                message: error.to_string(),
                field: error.field().map(str::to_owned),
            },
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = match self.meaning() {
            Meaning::Malformed => StatusCode::BAD_REQUEST,
            Meaning::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Meaning::Unauthenticated => StatusCode::UNAUTHORIZED,
            Meaning::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Meaning::Forbidden => StatusCode::FORBIDDEN,
            Meaning::NotFound => StatusCode::NOT_FOUND,
            Meaning::Method => StatusCode::METHOD_NOT_ALLOWED,
            Meaning::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Meaning::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Meaning::Conflict => StatusCode::CONFLICT,
            Meaning::Gone => StatusCode::GONE,
            Meaning::Away => StatusCode::SERVICE_UNAVAILABLE,
            Meaning::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut response = (status, Json(ErrorBody::from(&self))).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_seconds() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Self::Unauthenticated { code, .. } = self {
            let challenge = match code {
                "key-missing" => r#"Bearer realm="velatura""#,
                _ => r#"Bearer realm="velatura", error="invalid_token""#,
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}
