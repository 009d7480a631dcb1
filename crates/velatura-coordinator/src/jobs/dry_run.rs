mod findings;
mod look;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use velatura_proto::v1;

use self::findings::Findings;
use super::{Jobs, upload};
use crate::access::audit::audited;
use crate::access::{Caller, Role};
use crate::context::now;
use crate::error::ApiError;
use crate::sources::{Trouble, Walk};
use crate::submission::{Refusal, Submission};

impl Jobs {
    /// What a submission would do, as far as can be found out in a bounded time. Nothing is recorded or painted.
    pub(crate) async fn dry_run(
        &self,
        caller: &Caller,
        request: v1::SubmitJobRequest,
    ) -> Result<v1::DryRunReport, ApiError> {
        caller.must(Role::Submit)?;
        let (request, upload) = upload::take(request)?;
        let submission = self.read(caller, &request)?;
        if let Some(upload) = upload {
            let kept = upload.location().to_string();
            audited(caller, "manifest.keep", &kept, self.store(upload)).await?;
        }
        self.check_reachable(&submission).await?;
        let submission = Arc::new(self.read(caller, &lenient(request))?);
        let findings = self.find(&submission).await?;
        let outputs = self.look(&submission, &findings.sample).await;
        let rate = self.expected_rate(caller).await?;
        Ok(findings.report(&submission, &outputs, rate, self.context.config.dry_run_seconds))
    }

    async fn find(&self, submission: &Arc<Submission>) -> Result<Findings, ApiError> {
        let deadline = Instant::now() + Duration::from_secs_f64(self.context.config.dry_run_seconds);
        let mut walk = Walk::new(&self.context, submission, None);
        let mut findings = Findings::default();
        loop {
            match timeout_at(deadline, walk.next()).await {
                Ok(Some(Ok(page))) => page.into_iter().for_each(|found| findings.take(submission, found)),
                Ok(None) => {
                    findings.complete = true;
                    return Ok(findings);
                }
                Err(_) => return Ok(findings),
                Ok(Some(Err(Trouble::Passing(error)))) => {
                    let (code, message) = (error.code(), error.to_string());
                    return Err(ApiError::Away { code, message });
                }
                Ok(Some(Err(Trouble::Final { code, reason }))) => {
                    return Err(Refusal::new(code, "source", reason).into());
                }
            }
        }
    }

    /// Photos a second, and how that is known.
    async fn expected_rate(&self, caller: &Caller) -> Result<Option<(f64, String)>, ApiError> {
        let now_rate = self.context.rates.of_all(now());
        if now_rate > 0.0 {
            let basis =
                format!("{now_rate:.2} photos a second were painted in the last minute, by all workers for all jobs");
            return Ok(Some((now_rate, basis)));
        }
        let jobs = self.context.ledger.jobs(caller.scope(), None, 100).await?;
        Ok(jobs.iter().find_map(|job| {
            let seconds = (job.ended_at? - job.created_at) as f64 / 1000.0;
            let rate = job.counters.done as f64 / seconds;
            let basis = format!(
                "job {} painted {rate:.2} photos a second from its submission to its end",
                job.id
            );
            (job.counters.done > 0 && seconds > 0.0).then_some((rate, basis))
        }))
    }
}

/// The same, but for problems: they are told rather than met.
fn lenient(mut request: v1::SubmitJobRequest) -> v1::SubmitJobRequest {
    if let Some(destination) = &mut request.destination {
        destination.set_on_collision(v1::destination::OnCollision::Skip);
    }
    if let Some(manifest) = request.source.as_mut().and_then(|source| source.manifest.as_mut()) {
        manifest.set_on_bad_line(v1::manifest::OnBadLine::Skip);
    }
    request
}
