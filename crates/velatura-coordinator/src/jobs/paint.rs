//! One photo while somebody waits: a job of one photo in the interactive lane, its picture staged in object storage.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;
use velatura_ledger::{Job, JobState, NewJob};
use velatura_objects::{Location, ObjectError, PutOptions};
use velatura_proto::{to_json, v1};

use super::{Jobs, view};
use crate::access::{Caller, Role, audit};
use crate::context::{now, request};
use crate::control;
use crate::error::ApiError;
use crate::staging::Staging;
use crate::submission::{Refusal, Source, Submission, terms};

/// How long a caller waits who does not say.
const DEFAULT_DEADLINE: f64 = 30.0;
/// The longest that anybody waits on one request.
const LONGEST_DEADLINE: f64 = 300.0;
/// Looks at the job at least this often: what another coordinator records may not be heard.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The largest picture that is given back.
const MOST_PICTURE_BYTES: u64 = 1024 * 1024 * 1024;

impl Jobs {
    /// Paints one photo; without a picture if it was not ready within the deadline.
    pub(crate) async fn paint(&self, caller: &Caller, wanted: v1::PaintRequest) -> Result<v1::PaintResponse, ApiError> {
        let until = Instant::now() + deadline(wanted.deadline_seconds, DEFAULT_DEADLINE)?;
        let job = self.begin(caller, wanted).await;
        let (object, result) = match &job {
            Ok(job) => (job.id.to_string(), "ok"),
            Err(error) => (String::new(), error.code()),
        };
        audit::record(caller, "paint", &object, result);
        self.picture(job?, until).await
    }

    /// The picture of a photo that was not ready in time.
    pub(crate) async fn get_picture(
        &self,
        caller: &Caller,
        wanted: &v1::GetPictureRequest,
    ) -> Result<v1::PaintResponse, ApiError> {
        let until = Instant::now() + deadline(wanted.deadline_seconds, 0.0)?;
        // Who may have a photo painted may have its picture, however long it took.
        let role = match caller.must(Role::Submit) {
            Ok(()) => Role::Submit,
            Err(_) => Role::Read,
        };
        let job = self.job(caller, role, &wanted.id).await?;
        let staged = request(&job)?.destination.unwrap_or_default().prefix;
        match Staging::of(&self.context.config)?.is_within(&staged) {
            true => self.picture(job, until).await,
            false => Err(ApiError::Missing {
                code: "not-a-paint-job",
                message: format!("job {} stores its pictures in {staged}: fetch them there", job.id),
            }),
        }
    }

    /// Records the job. Whatever can be refused is refused before the photo is stored.
    async fn begin(&self, caller: &Caller, wanted: v1::PaintRequest) -> Result<Job, ApiError> {
        caller.must(Role::Submit)?;
        let place = Staging::of(&self.context.config)?.place(Uuid::now_v7());
        let uploaded = match (wanted.source.is_empty(), wanted.photo.is_empty()) {
            (false, true) => None,
            (true, false) => Some(place.photo()),
            (true, true) => {
                let message = "send a photo, or name one: s3://bucket/key or file:///path";
                return Err(Refusal::new("source-missing", "source", message).into());
            }
            (false, false) => {
                let message = "give either the photo or its source, not both";
                return Err(Refusal::new("source-ambiguous", "source", message).into());
            }
        };
        let source = uploaded.as_ref().map_or(wanted.source, Location::to_string);
        let request = v1::SubmitJobRequest {
            source: Some(v1::Source {
                objects: vec![source],
                ..Default::default()
            }),
            recipes: wanted.recipe.into_iter().collect(),
            destination: Some(v1::Destination {
                prefix: place.pictures().to_string(),
                ..Default::default()
            }),
            description: "paint".to_owned(),
            interactive: true,
            ..Default::default()
        };
        let submission = Submission::read(&request, 1)?;
        submission.check_reading(caller, uploaded.is_some())?;
        submission.check_stores(&self.context.stores)?;
        if let Some(location) = &uploaded {
            self.upload(location, wanted.photo.into()).await?;
        }
        let Source::Objects(photos) = &submission.source else {
            return Err(Refusal::new("source-missing", "source", "name one photo").into());
        };
        let text = to_json(&request);
        let job = self
            .context
            .ledger
            .submit(NewJob {
                tenant: caller.tenant.clone(),
                request_hash: blake3::hash(&text).to_hex().to_string(),
                request: String::from_utf8(text).expect("JSON is UTF-8"),
                photos: submission.photos(),
                now: now(),
                reach: caller.sources().to_record(),
                terms: terms::read(&request)?,
                tasks: photos.iter().map(crate::submission::Photograph::task).collect(),
                ..NewJob::default()
            })
            .await?;
        self.context.metrics.jobs_submitted_total.inc();
        self.context.signals.dispatch.notify_one();
        self.context
            .call_out(control::changed(std::slice::from_ref(&job)))
            .await;
        Ok(job)
    }

    async fn upload(&self, location: &Location, photo: Bytes) -> Result<(), ApiError> {
        let (store, key) = self.context.stores.open(location).map_err(|error| away(&error))?;
        let stored = store.put(&key, photo, PutOptions::default()).await;
        stored.map(drop).map_err(|error| away(&error))
    }

    /// Waits for a job's one picture.
    async fn picture(&self, job: Job, until: Instant) -> Result<v1::PaintResponse, ApiError> {
        let job = self.ended(job, until).await?;
        let mut response = v1::PaintResponse {
            job: Some(view::job(&self.context, &job)),
            ..Default::default()
        };
        match job.state {
            JobState::Done if job.counters.failed == 0 => {
                let submission = self.context.submission(&job)?;
                let task = self.context.ledger.tasks(job.id, None, 0, 1).await?.pop();
                let output = task.and_then(|task| submission.outputs.of(&task.key).next());
                let output = output.ok_or_else(|| gone(&job))?;
                let (store, key) = self.context.stores.open(&output).map_err(|error| away(&error))?;
                let object = store.get(&key, MOST_PICTURE_BYTES).await.map_err(|error| match error {
                    ObjectError::NotFound { .. } => gone(&job),
                    error => away(&error),
                })?;
                response.content_type = media_type(&key).to_owned();
                response.picture = object.body.into();
                Ok(response)
            }
            JobState::Done => {
                let task = self.context.ledger.tasks(job.id, None, 0, 1).await?.pop();
                let why = task.map_or_else(String::new, |task| format!("{} ({})", task.message, task.code));
                Err(Refusal::new("painting-failed", "photo", why).into())
            }
            JobState::Cancelled | JobState::Failed => Err(ApiError::Conflict {
                code: "job-state",
                message: format!("job {} was {} before its picture was painted", job.id, job.state),
            }),
            JobState::Expanding | JobState::Running | JobState::Paused => Ok(response),
        }
    }

    /// The job once it has ended, or as it is when the time is over.
    async fn ended(&self, mut job: Job, until: Instant) -> Result<Job, ApiError> {
        // Subscribed before the first look, so that no change falls in between.
        let mut changes = self.context.signals.changes();
        loop {
            job = self.context.ledger.job(job.id).await?;
            if job.state.is_ended() || Instant::now() >= until || self.context.stop.is_cancelled() {
                return Ok(job);
            }
            let look = until.min(Instant::now() + LOOK_EVERY);
            let mine = async { while changes.recv().await.is_ok_and(|id| id != job.id) {} };
            let _ = timeout_at(look, mine).await;
        }
    }
}

fn deadline(seconds: f64, default: f64) -> Result<Duration, Refusal> {
    match seconds {
        0.0 => Ok(Duration::from_secs_f64(default)),
        seconds if seconds > 0.0 && seconds <= LONGEST_DEADLINE => Ok(Duration::from_secs_f64(seconds)),
        seconds => {
            let message = format!("deadline_seconds is {seconds}, but must be above 0 and at most {LONGEST_DEADLINE}");
            Err(Refusal::new("deadline-invalid", "deadline_seconds", message))
        }
    }
}

fn away(error: &ObjectError) -> ApiError {
    ApiError::Away {
        code: "staging-unavailable",
        message: format!("the place where photos are staged can't be used now: {error}"),
    }
}

fn gone(job: &Job) -> ApiError {
    ApiError::Gone {
        code: "picture-gone",
        message: format!("the picture of job {} is no longer kept: paint the photo again", job.id),
    }
}

fn media_type(key: &str) -> &'static str {
    match key.rsplit('.').next() {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("avif") => "image/avif",
        Some("tif" | "tiff") => "image/tiff",
        _ => "application/octet-stream",
    }
}
