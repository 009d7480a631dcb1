//! Webhooks over REST.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, post};
use velatura_proto::v1;

use super::Answer;
use super::extract::Body;
use crate::access::Caller;
use crate::error::ApiError;
use crate::jobs::Jobs;

pub(super) fn routes() -> Router<Jobs> {
    Router::new()
        .route("/v1/webhooks", post(create).get(list))
        .route("/v1/webhooks/{id}", delete(remove))
}

async fn create(
    State(jobs): State<Jobs>,
    caller: Caller,
    body: Body<v1::CreateWebhookRequest>,
) -> Result<(StatusCode, axum::Json<v1::CreatedWebhook>), ApiError> {
    let created = jobs.webhooks().create(&caller, &body.0).await?;
    Ok((StatusCode::CREATED, axum::Json(created)))
}

async fn list(State(jobs): State<Jobs>, caller: Caller) -> Answer<v1::ListWebhooksResponse> {
    jobs.webhooks().list(&caller).await.map(axum::Json)
}

async fn remove(State(jobs): State<Jobs>, caller: Caller, Path(id): Path<String>) -> Answer<v1::Webhook> {
    jobs.webhooks().delete(&caller, &id).await.map(axum::Json)
}
