//! Who gets how much of the workers, and how long somebody waits who wants one photo now.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;
use velatura_ledger::{NewJob, Tenant};
use velatura_proto::{to_json, v1};
use velatura_queue::Lane;

use super::Bench;
use crate::row::Row;
use crate::{client, library, worker};

/// Tenants by their weight; the shares of the work are to be the same.
const TENANTS: [(&str, f64); 3] = [("one", 1.0), ("two", 2.0), ("four", 4.0)];
/// What waits in the broker, at most.
const WINDOW: u32 = 1000;
/// What 200 tasks take: 4,000 a second.
const HANDFUL: Duration = Duration::from_millis(50);
/// Photos that somebody waits for, one after the other.
const WAITS: usize = 100;
/// A share may be off by this much of itself.
const TOLERANCE: f64 = 0.05;
/// The longest that somebody should wait while the window is full, milliseconds.
const WAIT_LIMIT: f64 = 1000.0;

/// When tasks reached a worker, by their job.
type Seen = Arc<Mutex<Vec<(Uuid, Instant)>>>;

pub(super) async fn measure(bench: &Bench) -> Result<()> {
    let mut jobs = Vec::new();
    for (name, weight) in TENANTS {
        let tenant = Tenant {
            weight,
            ..Tenant::new(name)
        };
        bench.ledger.put_tenant(&tenant).await?;
        let request = client::request(client::below("0000/"));
        let job = NewJob {
            tenant: name.to_owned(),
            request: String::from_utf8(to_json(&request))?,
            ..NewJob::default()
        };
        jobs.push(bench.ledger.submit(job).await?.id);
    }
    let photos = library::FOLDER.min(bench.tasks);
    let coordinator = bench.coordinator(WINDOW).await?;
    for &job in &jobs {
        let expanded = bench.until(job, |job| job.expanded || job.state.is_ended()).await?;
        let total = expanded.counters.total();
        ensure!(total == photos, "{total} photos of {photos}: {}", expanded.reason);
    }
    let (bulk, _painting) = painter(bench, Lane::Bulk, HANDFUL)?;
    let (interactive, _serving) = painter(bench, Lane::Interactive, Duration::ZERO)?;
    let waits = wait_for_photos(&coordinator.address(), &interactive).await?;
    bench.until(jobs[2], |job| job.counters.done == photos).await?;
    let order = seen(&bulk).clone();
    for &job in &jobs {
        bench.until(job, |job| job.state.is_ended()).await?;
    }
    coordinator.stop().await?;

    // Until the heaviest has no more, everybody has work. What was in the window before all had come is left out.
    let last = order.iter().rposition(|(job, _)| *job == jobs[2]).unwrap_or_default();
    let contested = &order[WINDOW as usize..=last];
    for (job, (name, weight)) in jobs.iter().zip(TENANTS) {
        let count = contested.iter().filter(|(of, _)| of == job).count();
        let share = count as f64 / contested.len() as f64;
        let due = weight / TENANTS.iter().map(|(_, weight)| weight).sum::<f64>();
        bench.table.row(&Row::figure(
            &format!("share of the tenant of weight {name}"),
            100.0 * share,
            Some(100.0 * due),
            "%",
        ));
        ensure!(
            (share / due - 1.0).abs() <= TOLERANCE,
            "{name} got {share:.3} instead of {due:.3}"
        );
    }
    for (what, part) in [("median", 0.5), ("99th percentile", 0.99)] {
        let wait = quantile(&waits, part).as_secs_f64() * 1000.0;
        let name = format!("wait for one photo while the window is full, {what}");
        bench.table.row(&Row::figure(&name, wait, Some(WAIT_LIMIT), "ms"));
    }
    Ok(())
}

/// A worker on one lane, until it is dropped; and what it has seen.
fn painter(bench: &Bench, lane: Lane, handful: Duration) -> Result<(Seen, AbortOnDropHandle<Result<()>>)> {
    let (seen, broker, queue) = (Seen::default(), Arc::clone(&bench.broker), worker::tasks(lane)?);
    let noted = Arc::clone(&seen);
    let painting = tokio::spawn(async move {
        let note = |task: &v1::Task| {
            let job = task.job_id.parse().unwrap_or_default();
            self::seen(&noted).push((job, Instant::now()));
        };
        worker::paint(&broker, &queue, handful, note, |_| false).await
    });
    Ok((seen, AbortOnDropHandle::new(painting)))
}

/// Submits one photo after the other, each as soon as the one before has reached a worker; says how long that took.
async fn wait_for_photos(address: &str, interactive: &Seen) -> Result<Vec<Duration>> {
    let mut client = client::connect(address).await?;
    let mut waits = Vec::with_capacity(WAITS);
    for photo in 0..WAITS as u64 {
        let request = v1::SubmitJobRequest {
            interactive: true,
            ..client::request(client::one(photo))
        };
        let began = Instant::now();
        let job: Uuid = client.submit_job(request).await?.into_inner().id.parse()?;
        let came = loop {
            let came = seen(interactive)
                .iter()
                .rev()
                .find(|(of, _)| *of == job)
                .map(|(_, at)| *at);
            match came {
                Some(came) => break came,
                None => tokio::time::sleep(Duration::from_millis(1)).await,
            }
            ensure!(began.elapsed() < Duration::from_secs(60), "nobody begins {job}");
        };
        waits.push(came.saturating_duration_since(began));
    }
    waits.sort_unstable();
    Ok(waits)
}

fn seen(seen: &Seen) -> MutexGuard<'_, Vec<(Uuid, Instant)>> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Of times in order.
fn quantile(sorted: &[Duration], part: f64) -> Duration {
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}
