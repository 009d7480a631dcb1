//! `velatura jobs`: see and steer a coordinator's jobs.

mod show;
mod steer;
pub(crate) mod target;
pub(crate) mod watch;

use anyhow::{Context as _, Result, anyhow};
use clap::{Args, Subcommand, ValueEnum};
use velatura_proto::v1::{self, task_status::State};

use crate::exit::Ended;
pub(crate) use target::{Client, Target};

#[derive(Debug, Args)]
pub(crate) struct One {
    /// The job's id
    id: String,
    #[command(flatten)]
    target: Target,
}

/// See and steer a coordinator's jobs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The newest jobs, a line each
    List {
        /// How many at most
        #[arg(long, default_value_t = 20)]
        limit: u32,
        #[command(flatten)]
        target: Target,
    },
    /// One job, whole
    Show(One),
    /// A job's tasks, with what went wrong
    Tasks {
        #[command(flatten)]
        job: One,
        /// Only tasks in this state
        #[arg(long, value_enum)]
        state: Option<StateFlag>,
        /// Only tasks whose last error has this code
        #[arg(long)]
        code: Option<String>,
        /// Only photos whose key begins so
        #[arg(long, value_name = "PREFIX")]
        key_prefix: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Follow a job to its end
    Watch(One),
    /// End a job; what has not reached a worker is not painted
    Cancel(One),
    /// Stop dispatching a job
    Pause(One),
    /// Go on with a paused job
    Resume(One),
    /// The samples are good: paint the rest of a job that waits for approval
    Approve(One),
    /// The samples are not good: cancel a job that waits for approval
    Reject {
        #[command(flatten)]
        job: One,
        /// Why, for people
        #[arg(long, default_value = "")]
        reason: String,
    },
    #[command(flatten)]
    Steer(steer::Steer),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum StateFlag {
    Pending,
    Dispatched,
    Done,
    Skipped,
    Failed,
    Cancelled,
}

pub(crate) fn main(command: &Command) -> Result<Ended> {
    block_on(run(command))
}

async fn run(command: &Command) -> Result<Ended> {
    match command {
        Command::List { limit, target } => {
            let request = v1::ListJobsRequest {
                limit: *limit,
                cursor: String::new(),
            };
            let listed = target
                .connect()
                .await?
                .list_jobs(request)
                .await
                .map_err(refusal)?
                .into_inner();
            listed.jobs.iter().for_each(show::line);
        }
        Command::Show(one) => {
            let request = v1::GetJobRequest { id: one.id.clone() };
            show::whole(
                &one.target
                    .connect()
                    .await?
                    .get_job(request)
                    .await
                    .map_err(refusal)?
                    .into_inner(),
            );
        }
        Command::Tasks {
            job,
            state,
            code,
            key_prefix,
            limit,
        } => {
            let request = v1::ListTasksRequest {
                id: job.id.clone(),
                state: state.map_or(State::Unspecified, Into::into).into(),
                code: code.clone().unwrap_or_default(),
                key_prefix: key_prefix.clone().unwrap_or_default(),
                ..Default::default()
            };
            list_tasks(&job.target, request, *limit).await?;
        }
        Command::Steer(steer) => steer.run().await?,
        Command::Watch(one) => return watch::follow(&mut one.target.connect().await?, &one.id).await,
        Command::Cancel(one) => {
            let request = v1::CancelJobRequest { id: one.id.clone() };
            show::line(
                &one.target
                    .connect()
                    .await?
                    .cancel_job(request)
                    .await
                    .map_err(refusal)?
                    .into_inner(),
            );
        }
        Command::Pause(one) => {
            let request = v1::PauseJobRequest { id: one.id.clone() };
            show::line(
                &one.target
                    .connect()
                    .await?
                    .pause_job(request)
                    .await
                    .map_err(refusal)?
                    .into_inner(),
            );
        }
        Command::Approve(one) => {
            let request = v1::ApproveJobRequest { id: one.id.clone() };
            let mut client = one.target.connect().await?;
            show::line(&client.approve_job(request).await.map_err(refusal)?.into_inner());
        }
        Command::Reject { job, reason } => {
            let request = v1::RejectJobRequest {
                id: job.id.clone(),
                reason: reason.clone(),
            };
            let mut client = job.target.connect().await?;
            show::line(&client.reject_job(request).await.map_err(refusal)?.into_inner());
        }
        Command::Resume(one) => {
            let request = v1::ResumeJobRequest { id: one.id.clone() };
            show::line(
                &one.target
                    .connect()
                    .await?
                    .resume_job(request)
                    .await
                    .map_err(refusal)?
                    .into_inner(),
            );
        }
    }
    Ok(Ended::AllDone)
}

/// Prints up to `limit` tasks. A page may hold few or none of those that are looked for, and still not be the last.
async fn list_tasks(target: &Target, mut request: v1::ListTasksRequest, limit: u32) -> Result<()> {
    let mut client = target.connect().await?;
    let mut left = limit;
    while left > 0 {
        request.limit = left.min(1000);
        let page = client.list_tasks(request.clone()).await.map_err(refusal)?.into_inner();
        page.tasks.iter().for_each(show::task);
        left -= u32::try_from(page.tasks.len()).unwrap_or(left).min(left);
        request.cursor = page.next_cursor;
        if request.cursor.is_empty() {
            return Ok(());
        }
    }
    println!("… and more: --limit");
    Ok(())
}

/// Runs a client's future on a runtime of its own.
pub(crate) fn block_on(client: impl Future<Output = Result<Ended>>) -> Result<Ended> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime
        .context("the asynchronous runtime does not start")?
        .block_on(client)
}

/// The coordinator's own sentence.
#[allow(clippy::needless_pass_by_value, reason = "so that it can stand in `map_err`")]
pub(crate) fn refusal(status: tonic::Status) -> anyhow::Error {
    let message = status.message();
    match status.code() {
        // It did not come as far as the coordinator's own words.
        tonic::Code::OutOfRange => anyhow!(
            "the coordinator takes less in one request ({message}): put it into storage, and name it by its URL"
        ),
        _ => anyhow!("{message}"),
    }
}

impl From<StateFlag> for State {
    fn from(flag: StateFlag) -> Self {
        match flag {
            StateFlag::Pending => Self::Pending,
            StateFlag::Dispatched => Self::Dispatched,
            StateFlag::Done => Self::Done,
            StateFlag::Skipped => Self::Skipped,
            StateFlag::Failed => Self::Failed,
            StateFlag::Cancelled => Self::Cancelled,
        }
    }
}
