use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::access::Caller;
use crate::error::ApiError;
use crate::jobs::Jobs;

/// A message as JSON. Unknown fields are refused, so that a misspelt one is not silently ignored.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Jobs> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, jobs: &Jobs) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::MediaType);
        }
        let limit = jobs.context().config.max_body_bytes as usize;
        json(request, jobs, limit).await.map(Self)
    }
}

/// A message as JSON; `limit` is what its route takes.
pub(super) async fn json<T: DeserializeOwned>(request: Request, jobs: &Jobs, limit: usize) -> Result<T, ApiError> {
    let bytes = Bytes::from_request(request, jobs).await;
    let bytes = bytes.map_err(|rejection| too_large(rejection, limit))?;
    serde_json::from_slice(&bytes).map_err(|error| ApiError::Malformed(error.to_string()))
}

/// Why a body was not read.
pub(super) fn too_large(rejection: BytesRejection, limit: usize) -> ApiError {
    let message = rejection.to_string();
    match rejection.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(limit),
        _ => ApiError::Malformed(message),
    }
}

/// A message as JSON, or nothing, which is the message's default.
pub(super) struct Optional<T>(pub(super) T);

impl<T: DeserializeOwned + Default> FromRequest<Jobs> for Optional<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, jobs: &Jobs) -> Result<Self, ApiError> {
        let empty = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .is_none_or(|length| length == "0");
        match empty && !is_json(request.headers()) {
            true => Ok(Self(T::default())),
            false => Body::from_request(request, jobs)
                .await
                .map(|Body(message)| Self(message)),
        }
    }
}

pub(super) fn is_json(headers: &HeaderMap) -> bool {
    is_of_type(headers, "application/json")
}

/// Whether a body is of a media type, whatever its parameters.
pub(super) fn is_of_type(headers: &HeaderMap, wanted: &str) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|text| {
        let essence = text.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case(wanted)
    })
}

/// Whoever shows the key in the `Authorization` header.
impl FromRequestParts<Jobs> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, jobs: &Jobs) -> Result<Self, ApiError> {
        jobs.caller(&parts.headers).await
    }
}

/// What stands behind the question mark.
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Jobs> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _jobs: &Jobs) -> Result<Self, ApiError> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(params)| Self(params))
            .map_err(|rejection| ApiError::Malformed(rejection.body_text()))
    }
}
