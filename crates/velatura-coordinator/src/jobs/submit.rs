use velatura_ledger::{Millis, NewJob, NewTask};
use velatura_proto::{to_json, v1};

use super::{Jobs, upload, view};
use crate::access::{Caller, Role, audit};
use crate::context::now;
use crate::control;
use crate::error::ApiError;
use crate::submission::{Photograph, Refusal, Source, Submission, terms};

impl Jobs {
    /// Validates a submission, then records it; nothing is recorded of one that is refused. The same idempotency key
    /// with the same submission gives the same job.
    pub(crate) async fn submit(&self, caller: &Caller, request: v1::SubmitJobRequest) -> Result<v1::Job, ApiError> {
        let job = self.accept(caller, request).await;
        let (object, result) = match &job {
            Ok(job) => (job.id.clone(), "ok"),
            Err(error) => (String::new(), error.code()),
        };
        audit::record(caller, "job.submit", &object, result);
        job
    }

    async fn accept(&self, caller: &Caller, request: v1::SubmitJobRequest) -> Result<v1::Job, ApiError> {
        caller.must(Role::Submit)?;
        let idempotency_key = idempotency_key(&request)?;
        let (request, upload) = upload::take(request)?;
        let submission = self.read(caller, &request)?;
        let terms = terms::read(&request)?;
        let request = to_json(&v1::SubmitJobRequest {
            idempotency_key: String::new(),
            ..request
        });
        let request_hash = blake3::hash(&request).to_hex().to_string();
        // What was accepted once stays so, whatever has become of its storage.
        if let Some(key) = &idempotency_key
            && let Some(job) = self.context.ledger.earlier(&caller.tenant, key, &request_hash).await?
        {
            return Ok(view::job(&self.context, &job));
        }
        if let Some(upload) = upload {
            self.store(upload).await?;
        }
        self.check_reachable(&submission).await?;
        let tasks = match terms.interactive {
            true => self.few(&submission)?,
            false => Vec::new(),
        };
        let job = self
            .context
            .ledger
            .submit(NewJob {
                tenant: caller.tenant.clone(),
                idempotency_key,
                request_hash,
                request: String::from_utf8(request).expect("JSON is UTF-8"),
                photos: submission.photos(),
                now: now(),
                samples: submission.plan.samples,
                waits_for_approval: submission.plan.waits_for_approval,
                retention: submission.plan.retention_days.map(|days| Millis::from(days) * DAY),
                reach: caller.sources().to_record(),
                terms,
                tasks,
            })
            .await?;
        tracing::info!(job = %job.id, recipes = submission.outputs.recipes.len(), "job submitted");
        self.context.metrics.jobs_submitted_total.inc();
        self.context.rates.observe(&job, now());
        self.context.signals.expand.notify_one();
        self.context.signals.dispatch.notify_one();
        self.context
            .call_out(control::changed(std::slice::from_ref(&job)))
            .await;
        Ok(view::job(&self.context, &job))
    }

    /// Reads a submission that this caller may make and this coordinator carry out.
    pub(super) fn read(&self, caller: &Caller, request: &v1::SubmitJobRequest) -> Result<Submission, ApiError> {
        let mut submission = Submission::read(request, self.context.config.max_objects as usize)?;
        submission.check_access(caller)?;
        submission.check_stores(&self.context.stores)?;
        submission.reach = caller.sources().clone();
        Ok(submission)
    }

    /// The tasks of a job that somebody waits for: they are recorded with it, so that nothing has to be listed first.
    fn few(&self, submission: &Submission) -> Result<Vec<NewTask>, Refusal> {
        let most = self.context.config.interactive_max_photos as usize;
        match &submission.source {
            Source::Objects(photos) if photos.len() <= most => Ok(photos.iter().map(Photograph::task).collect()),
            _ => {
                let message = format!(
                    "an interactive job overtakes all others, so it names its photos one by one, at most {most}: submit \
                     this one without interactive"
                );
                Err(Refusal::new("interactive-too-large", "interactive", message))
            }
        }
    }
}

const DAY: Millis = 86_400_000;

fn idempotency_key(request: &v1::SubmitJobRequest) -> Result<Option<String>, Refusal> {
    let key = &request.idempotency_key;
    if key.len() > 255 || key.chars().any(char::is_control) {
        let message = "an idempotency key has at most 255 bytes and no control characters";
        return Err(Refusal::new("idempotency-key-invalid", "idempotency_key", message));
    }
    Ok(Some(key.clone()).filter(|key| !key.is_empty()))
}
