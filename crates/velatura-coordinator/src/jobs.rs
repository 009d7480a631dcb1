//! The service under both edges: every request means the same over REST and gRPC.

mod backlog;
mod caller;
mod dead_letters;
mod dry_run;
mod paint;
mod reachable;
mod steering;
mod submit;
mod upload;
pub(crate) mod view;
mod watch;

use std::sync::Arc;

use uuid::Uuid;
use velatura_ledger::{Gate, Job, LedgerError, TaskState};
use velatura_proto::v1;

use crate::access::audit::audited;
use crate::access::{Caller, Role};
use crate::context::{Context, now};
use crate::control;
use crate::error::ApiError;
use crate::submission::Refusal;

pub(crate) use view::{counters, state};

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1000;

/// Everything a user can ask of a coordinator.
#[derive(Debug, Clone)]
pub(crate) struct Jobs {
    context: Arc<Context>,
}

impl Jobs {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// A job that exists for the caller, who needs `role` to do what comes next.
    async fn job(&self, caller: &Caller, role: Role, id: &str) -> Result<Job, ApiError> {
        caller.must(role)?;
        let job = self.context.ledger.job(job_id(id)?).await?;
        match caller.sees(&job.tenant) {
            true => Ok(job),
            false => Err(ApiError::NoJob(job.id.to_string())),
        }
    }

    /// Newest first, without the photos that were named one by one.
    pub(crate) async fn list(
        &self,
        caller: &Caller,
        limit: u32,
        cursor: &str,
    ) -> Result<v1::ListJobsResponse, ApiError> {
        caller.must(Role::Read)?;
        let limit = page_limit(limit)?;
        let before = match cursor {
            "" => None,
            cursor => Some(cursor.parse().map_err(|_| bad_cursor())?),
        };
        let jobs = self.context.ledger.jobs(caller.scope(), before, limit).await?;
        let next = jobs.last().filter(|_| jobs.len() == limit);
        Ok(v1::ListJobsResponse {
            next_cursor: next.map(|job| job.id.to_string()).unwrap_or_default(),
            jobs: jobs.iter().map(|job| view::brief(&self.context, job)).collect(),
        })
    }

    /// Ends a job and every task that has not ended.
    pub(crate) async fn cancel(&self, caller: &Caller, id: &str) -> Result<v1::Job, ApiError> {
        let ledger = &self.context.ledger;
        let cancel = async |id| ledger.cancel(id, "cancelled by a user", now()).await;
        self.steer(caller, "job.cancel", id, cancel).await
    }

    /// Lets a job go on whose samples are good.
    pub(crate) async fn approve(&self, caller: &Caller, id: &str) -> Result<v1::Job, ApiError> {
        let approve = async |id| self.context.ledger.approve(id).await;
        self.steer(caller, "job.approve", id, approve).await
    }

    /// Cancels a job whose samples are not good, with what a person says about them.
    pub(crate) async fn reject(&self, caller: &Caller, id: &str, why: &str) -> Result<v1::Job, ApiError> {
        if why.len() > 1000 {
            return Err(Refusal::new("reason-too-long", "reason", "a reason has at most 1000 bytes").into());
        }
        let reason = match why.trim() {
            "" => "its samples were rejected".to_owned(),
            why => format!("its samples were rejected: {why}"),
        };
        let reject = async |id| match self.context.ledger.job(id).await?.gate {
            Gate::Open => Err(LedgerError::NotAwaited { id }),
            Gate::Sampling | Gate::Approval => self.context.ledger.cancel(id, &reason, now()).await,
        };
        self.steer(caller, "job.reject", id, reject).await
    }

    /// Stops dispatching a job; what is under way goes on.
    pub(crate) async fn pause(&self, caller: &Caller, id: &str) -> Result<v1::Job, ApiError> {
        let pause = async |id| self.context.ledger.pause(id, "paused by a user").await;
        self.steer(caller, "job.pause", id, pause).await
    }

    /// Goes on with a paused job.
    pub(crate) async fn resume(&self, caller: &Caller, id: &str) -> Result<v1::Job, ApiError> {
        let resume = async |id| self.context.ledger.resume(id).await;
        self.steer(caller, "job.resume", id, resume).await
    }

    /// Changes a job that the caller may steer, tells everyone who has to know, and keeps record of it.
    async fn steer(
        &self,
        caller: &Caller,
        action: &'static str,
        id: &str,
        change: impl AsyncFnOnce(Uuid) -> Result<Job, LedgerError>,
    ) -> Result<v1::Job, ApiError> {
        let steered = async {
            let job = self.job(caller, Role::Submit, id).await?;
            let job = change(job.id).await?;
            Ok(self.settled(&job).await)
        };
        audited(caller, action, id, steered).await
    }

    /// Tells everyone who has to know that a user has moved a job.
    async fn settled(&self, job: &Job) -> v1::Job {
        tracing::info!(job = %job.id, state = %job.state, reason = %job.reason, "job moved");
        self.context.changed(job).await;
        self.context.call_out(control::moved(job)).await;
        self.context.signals.expand.notify_one();
        self.context.signals.dispatch.notify_one();
        view::job(&self.context, job)
    }
}

fn job_id(text: &str) -> Result<Uuid, ApiError> {
    text.parse().map_err(|_| ApiError::NoJob(text.to_owned()))
}

fn page_limit(limit: u32) -> Result<usize, ApiError> {
    match limit as usize {
        0 => Ok(DEFAULT_LIMIT),
        limit if limit <= MAX_LIMIT => Ok(limit),
        limit => {
            let message = format!("limit is {limit}, but a page has at most {MAX_LIMIT}: follow next_cursor");
            Err(Refusal::new("limit-too-large", "limit", message).into())
        }
    }
}

fn bad_cursor() -> ApiError {
    Refusal::new("cursor-invalid", "cursor", "this cursor is not from an earlier page").into()
}

fn wanted_state(state: i32) -> Result<Option<TaskState>, ApiError> {
    use v1::task_status::State;
    match State::try_from(state) {
        Ok(State::Unspecified) => Ok(None),
        Ok(State::Pending) => Ok(Some(TaskState::Pending)),
        Ok(State::Dispatched) => Ok(Some(TaskState::Dispatched)),
        Ok(State::Done) => Ok(Some(TaskState::Done)),
        Ok(State::Skipped) => Ok(Some(TaskState::Skipped)),
        Ok(State::Failed) => Ok(Some(TaskState::Failed)),
        Ok(State::Cancelled) => Ok(Some(TaskState::Cancelled)),
        Err(_) => Err(Refusal::new("state-invalid", "state", format!("{state} is no state of a task")).into()),
    }
}
