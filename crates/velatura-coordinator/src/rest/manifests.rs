use axum::Router;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use bytes::Bytes;
use serde::Deserialize;
use velatura_proto::v1;
use velatura_proto::v1::manifest::Format;

use super::extract::{Params, too_large};
use crate::access::Caller;
use crate::error::ApiError;
use crate::jobs::Jobs;
use crate::submission::Refusal;

/// Takes manifests as they are, with a limit of their own.
pub(super) fn routes(most_upload_bytes: usize) -> Router<Jobs> {
    let limit = DefaultBodyLimit::max(most_upload_bytes);
    Router::new().route("/v1/manifests", post(keep).layer(limit))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct KeepParams {
    destination: String,
    format: String,
}

async fn keep(
    State(jobs): State<Jobs>,
    caller: Caller,
    Params(wanted): Params<KeepParams>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, axum::Json<v1::StoredManifest>), ApiError> {
    let limit = jobs.context().config.max_upload_bytes as usize;
    let request = v1::KeepManifestRequest {
        format: format(&wanted.format)?.into(),
        destination: wanted.destination,
        content: body.map_err(|rejection| too_large(rejection, limit))?.into(),
    };
    let kept = jobs.keep_manifest(&caller, request).await?;
    Ok((StatusCode::CREATED, axum::Json(kept)))
}

fn format(text: &str) -> Result<Format, Refusal> {
    if text.is_empty() {
        return Ok(Format::Unspecified);
    }
    Format::from_str_name(&text.to_ascii_uppercase()).ok_or_else(|| {
        let message = format!("{text:?} is no format of a manifest: use CSV or JSONL, or leave it out");
        Refusal::new("manifest-format-unknown", "format", message)
    })
}
