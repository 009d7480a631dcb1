//! REST: the messages of `proto/` as JSON under `/v1`, and what the role says of itself.

mod admin;
mod dead_letters;
mod error;
mod events;
mod extract;
mod manifests;
mod measure;
mod paint;
mod webhooks;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use velatura_proto::v1;
use velatura_telemetry::Probes;

use crate::access::Caller;
use crate::error::ApiError;
use crate::jobs::Jobs;
use crate::submission::Refusal;
use extract::{Body, Optional, Params};

type Answer<T> = Result<axum::Json<T>, ApiError>;

pub(crate) fn router(jobs: &Jobs, probes: Probes) -> Router {
    let limit = jobs.context().config.max_body_bytes as usize;
    Router::new()
        .route("/v1/jobs", post(submit).get(list))
        .route("/v1/jobs/{id}", get(job).patch(update))
        .route("/v1/jobs/{id}/tasks", get(tasks))
        .route("/v1/jobs/{id}/cancel", post(cancel))
        .route("/v1/jobs/{id}/pause", post(pause))
        .route("/v1/jobs/{id}/resume", post(resume))
        .route("/v1/jobs/{id}/approve", post(approve))
        .route("/v1/jobs/{id}/reject", post(reject))
        .route("/v1/jobs/{id}/events", get(events::of_job))
        .route("/v1/jobs/{id}/recipes", post(add_recipes))
        .route("/v1/jobs/{id}/retry", post(retry))
        .route("/v1/backlog", get(backlog))
        .route("/v1/dry-run", post(dry_run))
        .route("/v1/openapi.json", get(openapi))
        .merge(admin::routes())
        .merge(dead_letters::routes())
        .merge(paint::routes(jobs.context().config.max_photo_bytes as usize))
        .merge(manifests::routes(jobs.context().config.max_upload_bytes as usize))
        .merge(webhooks::routes())
        .method_not_allowed_fallback(method)
        .fallback(no_route)
        .with_state(jobs.clone())
        .merge(probes.router())
        .layer(DefaultBodyLimit::max(limit))
        .layer(from_fn_with_state(jobs.clone(), measure::request))
}

async fn submit(
    State(jobs): State<Jobs>,
    caller: Caller,
    body: Body<v1::SubmitJobRequest>,
) -> Result<Response, ApiError> {
    let job = jobs.submit(&caller, body.0).await?;
    let location = [(header::LOCATION, format!("/v1/jobs/{}", job.id))];
    Ok((StatusCode::CREATED, location, axum::Json(job)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct PageParams {
    limit: u32,
    cursor: String,
}

async fn list(
    State(jobs): State<Jobs>,
    caller: Caller,
    Params(page): Params<PageParams>,
) -> Answer<v1::ListJobsResponse> {
    jobs.list(&caller, page.limit, &page.cursor).await.map(axum::Json)
}

async fn job(State(jobs): State<Jobs>, caller: Caller, Path(id): Path<String>) -> Answer<v1::Job> {
    jobs.get(&caller, &id).await.map(axum::Json)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct TasksParams {
    state: String,
    limit: u32,
    cursor: String,
    code: String,
    key_prefix: String,
}

async fn tasks(
    State(jobs): State<Jobs>,
    caller: Caller,
    Path(id): Path<String>,
    Params(wanted): Params<TasksParams>,
) -> Answer<v1::ListTasksResponse> {
    let request = v1::ListTasksRequest {
        id,
        state: state(&wanted.state)?.into(),
        limit: wanted.limit,
        cursor: wanted.cursor,
        code: wanted.code,
        key_prefix: wanted.key_prefix,
    };
    jobs.tasks(&caller, &request).await.map(axum::Json)
}

fn state(text: &str) -> Result<v1::task_status::State, Refusal> {
    if text.is_empty() {
        return Ok(v1::task_status::State::Unspecified);
    }
    v1::task_status::State::from_str_name(&text.to_ascii_uppercase()).ok_or_else(|| {
        let message = format!("{text:?} is no state: use PENDING, DISPATCHED, DONE, SKIPPED, FAILED or CANCELLED");
        Refusal::new("state-invalid", "state", message)
    })
}

async fn cancel(State(jobs): State<Jobs>, caller: Caller, Path(id): Path<String>) -> Answer<v1::Job> {
    jobs.cancel(&caller, &id).await.map(axum::Json)
}

async fn pause(State(jobs): State<Jobs>, caller: Caller, Path(id): Path<String>) -> Answer<v1::Job> {
    jobs.pause(&caller, &id).await.map(axum::Json)
}

async fn resume(State(jobs): State<Jobs>, caller: Caller, Path(id): Path<String>) -> Answer<v1::Job> {
    jobs.resume(&caller, &id).await.map(axum::Json)
}

async fn dry_run(
    State(jobs): State<Jobs>,
    caller: Caller,
    body: Body<v1::SubmitJobRequest>,
) -> Answer<v1::DryRunReport> {
    jobs.dry_run(&caller, body.0).await.map(axum::Json)
}

async fn approve(State(jobs): State<Jobs>, caller: Caller, Path(id): Path<String>) -> Answer<v1::Job> {
    jobs.approve(&caller, &id).await.map(axum::Json)
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RejectParams {
    reason: String,
}

async fn reject(
    State(jobs): State<Jobs>,
    caller: Caller,
    Path(id): Path<String>,
    Params(rejected): Params<RejectParams>,
) -> Answer<v1::Job> {
    jobs.reject(&caller, &id, &rejected.reason).await.map(axum::Json)
}

/// The body says what changes; the path says which job.
async fn update(
    State(jobs): State<Jobs>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body<v1::UpdateJobRequest>,
) -> Answer<v1::Job> {
    let request = v1::UpdateJobRequest { id, ..body.0 };
    jobs.update(&caller, &request).await.map(axum::Json)
}

async fn add_recipes(
    State(jobs): State<Jobs>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body<v1::AddRecipesRequest>,
) -> Answer<v1::Job> {
    let request = v1::AddRecipesRequest { id, ..body.0 };
    jobs.add_recipes(&caller, request).await.map(axum::Json)
}

/// Without a body everything that has failed is tried anew.
async fn retry(
    State(jobs): State<Jobs>,
    caller: Caller,
    Path(id): Path<String>,
    body: Optional<v1::RetryFailedRequest>,
) -> Answer<v1::Job> {
    let request = v1::RetryFailedRequest { id, ..body.0 };
    jobs.retry_failed(&caller, &request).await.map(axum::Json)
}

async fn backlog(State(jobs): State<Jobs>, caller: Caller) -> Answer<v1::Backlog> {
    jobs.backlog(&caller).await.map(axum::Json)
}

/// What all of this looks like; anyone may know.
async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], velatura_proto::OPENAPI)
}

async fn method(method: Method) -> ApiError {
    ApiError::Method(method.to_string())
}

async fn no_route(uri: Uri) -> ApiError {
    ApiError::NoRoute(uri.path().to_owned())
}
