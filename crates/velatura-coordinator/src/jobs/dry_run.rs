use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};
use velatura_ledger::{Claim, NewTask};
use velatura_objects::{Location, ObjectError};
use velatura_proto::v1;
use velatura_recipe::{ORIGIN_KEY, Origin, Recipe};

use super::{Jobs, upload};
use crate::access::audit::audited;
use crate::access::{Caller, Role};
use crate::context::now;
use crate::error::ApiError;
use crate::sources::{Found, Trouble, Walk};
use crate::submission::{Refusal, Submission};

/// Photos whose outputs are looked at.
const SAMPLE: usize = 200;
/// How long that may take.
const LOOK: Duration = Duration::from_secs(10);
/// Requests for them at a time.
const LOOKS_AT_ONCE: usize = 16;
/// Problems and outputs that are told.
const TOLD: usize = 10;
/// Output names that are kept to find two alike.
const MOST_CLAIMS: usize = 100_000;

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

    /// Looks whether the outputs of some photos are there and would be skipped, and how large they are.
    async fn look(&self, submission: &Submission, sample: &[NewTask]) -> Outputs {
        let deadline = Instant::now() + LOOK;
        let looks: Vec<_> = sample.iter().map(|photo| self.look_at(submission, photo)).collect();
        let mut looks = stream::iter(looks).buffer_unordered(LOOKS_AT_ONCE);
        let mut outputs = Outputs::default();
        while let Ok(Some(look)) = timeout_at(deadline, looks.next()).await {
            // A place that can't be looked at says nothing.
            let Ok(seen) = look else { continue };
            outputs.looked_at += 1;
            outputs.skipped += usize::from(seen.skipped);
            outputs.pictures += seen.sizes.len();
            outputs.bytes += seen.sizes.iter().sum::<u64>();
        }
        outputs
    }

    /// Which of a photo's pictures are there, and whether they are just those that the job would paint, as far as can be
    /// said without a worker.
    async fn look_at(&self, submission: &Submission, photo: &NewTask) -> Result<Seen, ObjectError> {
        let mut seen = Seen::default();
        let mut origins = Vec::new();
        for output in submission.outputs.of(&photo.key).collect::<Vec<Location>>() {
            let (store, key) = self.context.stores.open(&output)?;
            match store.head(&key).await {
                Ok(mut meta) => {
                    seen.sizes.push(meta.size_bytes);
                    origins.push(meta.metadata.remove(ORIGIN_KEY));
                }
                Err(ObjectError::NotFound { .. }) => origins.push(None),
                Err(error) => return Err(error),
            }
        }
        if origins.iter().all(Option::is_some) {
            let version = self.version(photo).await?;
            let wanted = submission.outputs.recipes.iter().map(|recipe| {
                let recipe = Recipe::try_from(recipe.for_photo(&photo.item)).ok()?;
                Some(Origin::new(&version, &recipe).to_string())
            });
            seen.skipped = wanted.eq(origins);
        }
        Ok(seen)
    }

    async fn version(&self, photo: &NewTask) -> Result<String, ObjectError> {
        let (store, key) = self.context.stores.open(&Location::parse(&photo.source)?)?;
        let meta = match &photo.item.version_id {
            Some(id) => store.head_version(&key, id).await?,
            None => store.head(&key).await?,
        };
        Ok(meta.version)
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

/// What lies where a photo's pictures would go.
#[derive(Default)]
struct Seen {
    /// Of those that are there.
    sizes: Vec<u64>,
    /// Whether all are there, made from the same photo by the same recipes.
    skipped: bool,
}

/// What lies where pictures would go.
#[derive(Default)]
struct Outputs {
    looked_at: usize,
    skipped: usize,
    pictures: usize,
    bytes: u64,
}

#[derive(Default)]
struct Findings {
    photos: u64,
    /// Photos whose size is known, and what they have together.
    sized: u64,
    bytes: u64,
    complete: bool,
    /// Each photo with the same chance.
    sample: Vec<NewTask>,
    examples: Vec<String>,
    claims: HashMap<Claim, String>,
    problems: Vec<v1::Problem>,
    problem_count: u64,
}

impl Findings {
    fn take(&mut self, submission: &Submission, found: Found) {
        let task = found.task;
        if let Some(refusal) = task.refusal {
            self.problem(refusal.code, refusal.message);
            return;
        }
        for &claim in &task.claims {
            if let Some(first) = self.claims.get(&claim) {
                let clash = submission.outputs.collision(first, &task.source, &task.key);
                self.problem(clash.code().to_owned(), clash.to_string());
                return;
            }
            if self.claims.len() < MOST_CLAIMS {
                self.claims.insert(claim, task.source.clone());
            }
        }
        self.photos += 1;
        if let Some(bytes) = found.bytes {
            self.sized += 1;
            self.bytes += bytes;
        }
        if self.examples.len() < TOLD {
            self.examples
                .extend(submission.outputs.of(&task.key).map(|output| output.to_string()));
        }
        // Vitter's algorithm R.
        match self.sample.len() < SAMPLE {
            true => self.sample.push(task),
            false => {
                let place = rand::random_range(0..self.photos);
                if let Some(drawn) = usize::try_from(place).ok().and_then(|place| self.sample.get_mut(place)) {
                    *drawn = task;
                }
            }
        }
    }

    fn problem(&mut self, code: String, message: String) {
        self.problem_count += 1;
        if self.problems.len() < TOLD {
            self.problems.push(v1::Problem { code, message });
        }
    }

    fn report(
        mut self,
        submission: &Submission,
        outputs: &Outputs,
        rate: Option<(f64, String)>,
        seconds: f64,
    ) -> v1::DryRunReport {
        let mut basis = Vec::new();
        if !self.complete {
            basis.push(format!(
                "the source was read for {seconds} seconds and has more than the {} photos found: figures are about those",
                self.photos
            ));
        }
        if self.claims.len() >= MOST_CLAIMS {
            basis.push(format!(
                "only the first {MOST_CLAIMS} output names were compared with each other"
            ));
        }
        let share = outputs.skipped as f64 / outputs.looked_at.max(1) as f64;
        let skipped = (share * self.photos as f64).round() as u64;
        basis.push(format!(
            "of {} photos drawn evenly {} have all their pictures already, made from the same photo by the same recipe; \
             whether style pictures, masks, maps and pack are the same is found out by the worker",
            outputs.looked_at, outputs.skipped
        ));
        let left = self.photos - skipped.min(self.photos);
        let hours = rate.as_ref().map(|(rate, _)| left as f64 / rate / 3600.0);
        let rate = rate.map(|(rate, how)| {
            basis.push(how);
            rate
        });
        if rate.is_none() {
            basis.push("nothing was painted yet, so that no rate is known: paint a few photos first".to_owned());
        }
        let pictures = left * submission.outputs.recipes.len() as u64;
        let output_bytes = if outputs.pictures > 0 {
            let each = outputs.bytes as f64 / outputs.pictures as f64;
            basis.push(format!(
                "{} pictures that are there have {each:.0} bytes on average",
                outputs.pictures
            ));
            Some((each * pictures as f64) as u64)
        } else if self.sized > 0 {
            let each = self.bytes as f64 / self.sized as f64;
            basis.push(format!(
                "pictures are taken to be as large as the photos, {each:.0} bytes on average"
            ));
            Some((each * pictures as f64) as u64)
        } else {
            None
        };
        self.examples.truncate(TOLD);
        v1::DryRunReport {
            photos: self.photos,
            bytes: (self.sized > 0 && self.sized == self.photos).then_some(self.bytes),
            complete: self.complete,
            skipped,
            sampled: outputs.looked_at as u32,
            sampled_skipped: outputs.skipped as u32,
            rate,
            hours,
            output_bytes,
            basis,
            problems: self.problems,
            problem_count: self.problem_count,
            example_outputs: self.examples,
        }
    }
}
