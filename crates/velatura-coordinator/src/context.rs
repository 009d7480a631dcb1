use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use velatura_ledger::{Job, JobState, Ledger, Millis};
use velatura_objects::Stores;
use velatura_proto::v1;
use velatura_queue::{Broker, Lane, QueueName};

use crate::CoordinatorConfig;
use crate::access::{Keyring, Reach};
use crate::breaker::Breaker;
use crate::control;
use crate::metrics::Metrics;
use crate::rates::Rates;
use crate::signals::Signals;
use crate::submission::{Refusal, Submission};
use crate::webhooks::Sender;

/// What the service and every loop share.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) config: CoordinatorConfig,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) broker: Arc<dyn Broker>,
    pub(crate) stores: Arc<Stores>,
    /// Delivers news.
    pub(crate) sender: Arc<Sender>,
    /// Who may ask.
    pub(crate) keyring: Keyring,
    pub(crate) metrics: Metrics,
    pub(crate) signals: Signals,
    pub(crate) rates: Rates,
    pub(crate) breaker: Breaker,
    /// Where tasks go.
    pub(crate) queues: Queues,
    /// Ends everything.
    pub(crate) stop: CancellationToken,
    /// The submissions of jobs that are under way, read once.
    pub(crate) submissions: Submissions,
    /// How many pages of sources may be on their way at once, of all jobs together.
    pub(crate) listings: Semaphore,
}

/// Pages of sources that may be on their way at once.
pub(crate) const LISTINGS: usize = 16;

impl Context {
    /// What the job's user submitted. Refused where an older program accepted what this one can't carry out.
    pub(crate) fn submission(&self, job: &Job) -> Result<Arc<Submission>, Refusal> {
        if let Some(known) = self.submissions.get(job) {
            return Ok(known);
        }
        let mut submission = Submission::read(&request(job)?, usize::MAX)?;
        if let Some(reach) = &job.reach {
            submission.reach = Reach::recorded(reach);
        }
        let submission = Arc::new(submission);
        self.submissions.keep(job, &submission);
        Ok(submission)
    }

    /// A job has changed: whoever watches it, the rates and the breaker take note.
    pub(crate) async fn changed(&self, job: &Job) {
        self.rates.observe(job, now());
        self.signals.changed(job.id);
        if let Some(reason) = self.breaker.trips(job) {
            match self.ledger.pause(job.id, &reason).await {
                Ok(paused) => {
                    self.call_out(control::moved(&paused)).await;
                    self.metrics.breaker_trips_total.inc();
                    self.signals.changed(job.id);
                    tracing::warn!(job = %job.id, %reason, "job paused");
                }
                // The next report of this job asks again.
                Err(error) => tracing::warn!(job = %job.id, %error, "a job could not be paused"),
            }
        }
    }

    /// Forgets what was kept of jobs that are over.
    pub(crate) fn forget_all_but(&self, open: &[Job]) {
        let is_open = |id: Uuid| open.iter().any(|job| job.id == id);
        self.submissions.retain(is_open);
    }

    /// Sleeps, unless everything is to end: then false.
    pub(crate) async fn pause(&self, time: Duration) -> bool {
        self.stop.run_until_cancelled(tokio::time::sleep(time)).await.is_some()
    }

    /// Waits before the next try of something that has failed `failures` times in a row; false when all is to end.
    pub(crate) async fn back_off(&self, failures: u32) -> bool {
        self.pause(self.config.outage().delay(failures, rand::random())).await
    }
}

/// The queues of a pool.
#[derive(Debug)]
pub(crate) struct Queues {
    pub(crate) bulk: QueueName,
    pub(crate) interactive: QueueName,
}

impl Queues {
    pub(crate) fn of(&self, lane: Lane) -> &QueueName {
        match lane {
            Lane::Bulk => &self.bulk,
            Lane::Interactive => &self.interactive,
        }
    }
}

/// The states of jobs that have not ended.
pub(crate) const OPEN: [JobState; 3] = [JobState::Expanding, JobState::Running, JobState::Paused];
/// The most open jobs that are served at a time, the oldest first; the others wait for them.
pub(crate) const OPEN_JOBS: usize = 1000;

/// The request as it was submitted.
pub(crate) fn request(job: &Job) -> Result<v1::SubmitJobRequest, Refusal> {
    serde_json::from_str(&job.request).map_err(|error| {
        let message = format!("the recorded submission of job {} can't be read: {error}", job.id);
        Refusal::new("submission-unreadable", "request", message)
    })
}

/// The time by this machine's clock.
pub(crate) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

/// A time for people and programs.
pub(crate) fn rfc3339(at: Millis) -> String {
    Timestamp::from_millisecond(at)
        .map(|at| at.to_string())
        .unwrap_or_default()
}

/// A duration as the ledger counts time.
pub(crate) fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}

#[derive(Default)]
pub(crate) struct Submissions(Mutex<HashMap<Uuid, Known>>);

/// A submission, and which revision of its job it is.
type Known = (u32, Arc<Submission>);

impl Submissions {
    fn get(&self, job: &Job) -> Option<Arc<Submission>> {
        let current = |(revision, _): &&Known| *revision == job.revision;
        self.with(|known| {
            known
                .get(&job.id)
                .filter(current)
                .map(|(_, submission)| Arc::clone(submission))
        })
    }

    fn keep(&self, job: &Job, submission: &Arc<Submission>) {
        self.with(|known| known.insert(job.id, (job.revision, Arc::clone(submission))));
    }

    /// A job needs no more of it.
    pub(crate) fn forget(&self, id: Uuid) {
        self.with(|known| known.remove(&id));
    }

    fn retain(&self, keep: impl Fn(Uuid) -> bool) {
        self.with(|known| known.retain(|id, _| keep(*id)));
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Uuid, Known>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Submissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submissions")
            .field("jobs", &self.with(|known| known.len()))
            .finish()
    }
}
