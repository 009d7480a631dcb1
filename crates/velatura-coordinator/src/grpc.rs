//! gRPC: the services of `proto/` over the same service as REST.

mod admin;
mod manifests;
mod webhooks;

use std::pin::Pin;

use axum::Router;
use axum::extract::State;
use axum::middleware::{Next, from_fn_with_state};
use futures_util::{Stream, StreamExt as _};
use tonic::metadata::MetadataValue;
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status};
use velatura_proto::v1;
use velatura_proto::v1::admin_server::AdminServer;
use velatura_proto::v1::dead_letters_server::{DeadLetters as DeadLettersService, DeadLettersServer};
use velatura_proto::v1::interactive_server::{Interactive as InteractiveService, InteractiveServer};
use velatura_proto::v1::jobs_server::{Jobs as JobsService, JobsServer};
use velatura_proto::v1::manifests_server::ManifestsServer;
use velatura_proto::v1::webhooks_server::WebhooksServer;

use crate::access::Caller;
use crate::error::{ApiError, Meaning};
use crate::jobs::Jobs;

/// Where a status carries the same code that REST gives in its body.
const CODE: &str = "velatura-code";

pub(crate) fn router(jobs: &Jobs) -> Router {
    let limit = jobs.context().config.max_body_bytes as usize;
    let edge = Edge(jobs.clone());
    // A photo, and what else a request says.
    let most = jobs.context().config.max_photo_bytes as usize + limit;
    let list = jobs.context().config.max_upload_bytes as usize + limit;
    Routes::new(JobsServer::new(edge.clone()).max_decoding_message_size(limit))
        .add_service(WebhooksServer::new(edge.clone()).max_decoding_message_size(limit))
        .add_service(AdminServer::new(edge.clone()).max_decoding_message_size(limit))
        .add_service(ManifestsServer::new(edge.clone()).max_decoding_message_size(list))
        .add_service(DeadLettersServer::new(edge.clone()))
        .add_service(InteractiveServer::new(edge).max_decoding_message_size(most))
        .into_axum_router()
        .layer(from_fn_with_state(jobs.clone(), authenticated))
}

/// Finds out who calls before anything else of the call is read; the methods get it by [`caller`].
async fn authenticated(
    State(jobs): State<Jobs>,
    mut request: axum::extract::Request,
    next: Next,
) -> axum::response::Response {
    match jobs.caller(request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => {
            let status = Status::from(error);
            count(&jobs, "none", status.code());
            status.into_http()
        }
    }
}

/// Calls that are refused before they reach their method count under `none`.
fn count(jobs: &Jobs, method: &str, code: Code) {
    let calls = &jobs.context().metrics.grpc_requests_total;
    calls.with_label_values(&[method, &format!("{code:?}")]).inc();
}

/// Who calls.
fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    let caller = request.extensions().get::<Caller>().cloned();
    caller.ok_or_else(|| Status::internal("a call came past its authentication"))
}

#[derive(Clone)]
struct Edge(Jobs);

type Answer<T> = Result<Response<T>, Status>;

impl Edge {
    /// Counts the call, and turns its result into gRPC's.
    fn answer<T>(&self, method: &str, result: Result<T, ApiError>) -> Answer<T> {
        let answer = result.map(Response::new).map_err(Status::from);
        let code = answer.as_ref().err().map_or(Code::Ok, Status::code);
        count(&self.0, method, code);
        answer
    }
}

#[tonic::async_trait]
impl JobsService for Edge {
    type WatchJobStream = Pin<Box<dyn Stream<Item = Result<v1::Job, Status>> + Send>>;

    async fn submit_job(&self, request: Request<v1::SubmitJobRequest>) -> Answer<v1::Job> {
        self.answer(
            "SubmitJob",
            self.0.submit(&caller(&request)?, request.into_inner()).await,
        )
    }

    async fn get_job(&self, request: Request<v1::GetJobRequest>) -> Answer<v1::Job> {
        self.answer("GetJob", self.0.get(&caller(&request)?, &request.get_ref().id).await)
    }

    async fn list_jobs(&self, request: Request<v1::ListJobsRequest>) -> Answer<v1::ListJobsResponse> {
        let page = request.get_ref();
        self.answer(
            "ListJobs",
            self.0.list(&caller(&request)?, page.limit, &page.cursor).await,
        )
    }

    async fn list_tasks(&self, request: Request<v1::ListTasksRequest>) -> Answer<v1::ListTasksResponse> {
        self.answer("ListTasks", self.0.tasks(&caller(&request)?, request.get_ref()).await)
    }

    async fn cancel_job(&self, request: Request<v1::CancelJobRequest>) -> Answer<v1::Job> {
        self.answer(
            "CancelJob",
            self.0.cancel(&caller(&request)?, &request.get_ref().id).await,
        )
    }

    async fn pause_job(&self, request: Request<v1::PauseJobRequest>) -> Answer<v1::Job> {
        self.answer(
            "PauseJob",
            self.0.pause(&caller(&request)?, &request.get_ref().id).await,
        )
    }

    async fn resume_job(&self, request: Request<v1::ResumeJobRequest>) -> Answer<v1::Job> {
        self.answer(
            "ResumeJob",
            self.0.resume(&caller(&request)?, &request.get_ref().id).await,
        )
    }

    async fn watch_job(&self, request: Request<v1::GetJobRequest>) -> Answer<Self::WatchJobStream> {
        let jobs = self.0.watch(&caller(&request)?, &request.get_ref().id).await;
        let stream = jobs.map(|jobs| jobs.map(|job| job.map_err(Status::from)).boxed());
        self.answer("WatchJob", stream)
    }

    async fn update_job(&self, request: Request<v1::UpdateJobRequest>) -> Answer<v1::Job> {
        self.answer("UpdateJob", self.0.update(&caller(&request)?, request.get_ref()).await)
    }

    async fn add_recipes(&self, request: Request<v1::AddRecipesRequest>) -> Answer<v1::Job> {
        let caller = caller(&request)?;
        self.answer("AddRecipes", self.0.add_recipes(&caller, request.into_inner()).await)
    }

    async fn retry_failed(&self, request: Request<v1::RetryFailedRequest>) -> Answer<v1::Job> {
        let retried = self.0.retry_failed(&caller(&request)?, request.get_ref()).await;
        self.answer("RetryFailed", retried)
    }

    async fn get_backlog(&self, request: Request<v1::GetBacklogRequest>) -> Answer<v1::Backlog> {
        self.answer("GetBacklog", self.0.backlog(&caller(&request)?).await)
    }

    async fn dry_run(&self, request: Request<v1::SubmitJobRequest>) -> Answer<v1::DryRunReport> {
        let caller = caller(&request)?;
        self.answer("DryRun", self.0.dry_run(&caller, request.into_inner()).await)
    }

    async fn approve_job(&self, request: Request<v1::ApproveJobRequest>) -> Answer<v1::Job> {
        self.answer(
            "ApproveJob",
            self.0.approve(&caller(&request)?, &request.get_ref().id).await,
        )
    }

    async fn reject_job(&self, request: Request<v1::RejectJobRequest>) -> Answer<v1::Job> {
        let rejected = request.get_ref();
        let caller = caller(&request)?;
        self.answer(
            "RejectJob",
            self.0.reject(&caller, &rejected.id, &rejected.reason).await,
        )
    }
}

#[tonic::async_trait]
impl DeadLettersService for Edge {
    async fn list_dead_letters(
        &self,
        request: Request<v1::ListDeadLettersRequest>,
    ) -> Answer<v1::ListDeadLettersResponse> {
        let page = request.get_ref();
        let listed = self.0.dead_letters(&caller(&request)?, page.limit, &page.cursor).await;
        self.answer("ListDeadLetters", listed)
    }

    async fn replay_dead_letter(&self, request: Request<v1::ReplayDeadLetterRequest>) -> Answer<v1::DeadLetter> {
        let replayed = self.0.replay(&caller(&request)?, request.get_ref().id).await;
        self.answer("ReplayDeadLetter", replayed)
    }

    async fn discard_dead_letter(&self, request: Request<v1::DiscardDeadLetterRequest>) -> Answer<v1::DeadLetter> {
        let discarded = self.0.discard(&caller(&request)?, request.get_ref().id).await;
        self.answer("DiscardDeadLetter", discarded)
    }
}

#[tonic::async_trait]
impl InteractiveService for Edge {
    async fn paint(&self, request: Request<v1::PaintRequest>) -> Answer<v1::PaintResponse> {
        let caller = caller(&request)?;
        self.answer("Paint", self.0.paint(&caller, request.into_inner()).await)
    }

    async fn get_picture(&self, request: Request<v1::GetPictureRequest>) -> Answer<v1::PaintResponse> {
        let picture = self.0.get_picture(&caller(&request)?, request.get_ref()).await;
        self.answer("GetPicture", picture)
    }
}

impl From<ApiError> for Status {
    fn from(error: ApiError) -> Self {
        let code = match error.meaning() {
            Meaning::Malformed | Meaning::Invalid | Meaning::MediaType => Code::InvalidArgument,
            Meaning::Unauthenticated => Code::Unauthenticated,
            Meaning::TooMany => Code::ResourceExhausted,
            Meaning::Forbidden => Code::PermissionDenied,
            Meaning::NotFound | Meaning::Gone => Code::NotFound,
            Meaning::Method => Code::Unimplemented,
            Meaning::TooLarge => Code::ResourceExhausted,
            Meaning::Conflict => Code::FailedPrecondition,
            Meaning::Away => Code::Unavailable,
            Meaning::Internal => Code::Internal,
        };
        let mut status = Self::new(code, error.to_string());
        status
            .metadata_mut()
            .insert(CODE, MetadataValue::from_static(error.code()));
        // What gRPC's own retries heed: https://github.com/grpc/proposal/blob/master/A6-client-retries.md
        if let Some(seconds) = error.retry_after_seconds() {
            status
                .metadata_mut()
                .insert("grpc-retry-pushback-ms", MetadataValue::from(u64::from(seconds) * 1000));
        }
        status
    }
}
