//! Keys and tenants over REST.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use velatura_proto::v1;

use super::Answer;
use super::extract::Body;
use crate::access::Caller;
use crate::error::ApiError;
use crate::jobs::Jobs;
use crate::submission::Refusal;

pub(super) fn routes() -> Router<Jobs> {
    Router::new()
        .route("/v1/keys", post(create_key).get(list_keys))
        .route("/v1/keys/{id}/revoke", post(revoke_key))
        .route("/v1/tenants", get(list_tenants))
        .route("/v1/tenants/{name}", put(put_tenant))
}

async fn create_key(
    State(jobs): State<Jobs>,
    caller: Caller,
    body: Body<v1::CreateKeyRequest>,
) -> Result<(StatusCode, axum::Json<v1::CreatedKey>), ApiError> {
    let created = jobs.admin().create_key(&caller, &body.0).await?;
    Ok((StatusCode::CREATED, axum::Json(created)))
}

async fn list_keys(State(jobs): State<Jobs>, caller: Caller) -> Answer<v1::ListKeysResponse> {
    jobs.admin().list_keys(&caller).await.map(axum::Json)
}

async fn revoke_key(State(jobs): State<Jobs>, caller: Caller, Path(id): Path<String>) -> Answer<v1::ApiKey> {
    jobs.admin().revoke_key(&caller, &id).await.map(axum::Json)
}

async fn list_tenants(State(jobs): State<Jobs>, caller: Caller) -> Answer<v1::ListTenantsResponse> {
    jobs.admin().list_tenants(&caller).await.map(axum::Json)
}

async fn put_tenant(
    State(jobs): State<Jobs>,
    caller: Caller,
    Path(name): Path<String>,
    Body(tenant): Body<v1::Tenant>,
) -> Answer<v1::Tenant> {
    if !tenant.name.is_empty() && tenant.name != name {
        let message = format!("the path names tenant {name:?}, the body {:?}", tenant.name);
        return Err(Refusal::new("tenant-invalid", "name", message).into());
    }
    let tenant = v1::Tenant { name, ..tenant };
    jobs.admin().put_tenant(&caller, tenant).await.map(axum::Json)
}
