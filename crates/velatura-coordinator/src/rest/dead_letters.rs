use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{delete, get, post};
use velatura_proto::v1;

use super::extract::Params;
use super::{Answer, PageParams};
use crate::access::Caller;
use crate::error::ApiError;
use crate::jobs::Jobs;

pub(super) fn routes() -> Router<Jobs> {
    Router::new()
        .route("/v1/dead-letters", get(list))
        .route("/v1/dead-letters/{id}", delete(discard))
        .route("/v1/dead-letters/{id}/replay", post(replay))
}

async fn list(
    State(jobs): State<Jobs>,
    caller: Caller,
    Params(page): Params<PageParams>,
) -> Answer<v1::ListDeadLettersResponse> {
    jobs.dead_letters(&caller, page.limit, &page.cursor)
        .await
        .map(axum::Json)
}

async fn replay(State(jobs): State<Jobs>, caller: Caller, Path(id): Path<String>) -> Answer<v1::DeadLetter> {
    jobs.replay(&caller, number(&id)?).await.map(axum::Json)
}

async fn discard(State(jobs): State<Jobs>, caller: Caller, Path(id): Path<String>) -> Answer<v1::DeadLetter> {
    jobs.discard(&caller, number(&id)?).await.map(axum::Json)
}

fn number(id: &str) -> Result<u64, ApiError> {
    id.parse().map_err(|_| ApiError::Missing {
        code: "dead-letter-not-found",
        message: format!("there is no dead letter {id}: GET /v1/dead-letters lists them"),
    })
}
