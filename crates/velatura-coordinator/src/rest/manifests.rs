use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use bytes::Bytes;
use serde::Deserialize;
use velatura_proto::v1;

use super::extract::{Params, too_large};
use crate::access::Caller;
use crate::error::ApiError;
use crate::jobs::Jobs;

/// Takes manifests as they are, with a limit of their own.
pub(super) fn router(jobs: &Jobs) -> Router {
    let limit = jobs.context().config.max_upload_bytes as usize;
    Router::new()
        .route("/v1/manifests", post(keep))
        .layer(DefaultBodyLimit::max(limit))
        .with_state(jobs.clone())
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
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<(StatusCode, axum::Json<v1::StoredManifest>), ApiError> {
    let limit = jobs.context().config.max_upload_bytes as usize;
    let body = body.map_err(|rejection| too_large(rejection, limit))?;
    let kept = jobs
        .keep_manifest(&caller, &wanted.destination, &wanted.format, body)
        .await?;
    Ok((StatusCode::CREATED, axum::Json(kept)))
}
