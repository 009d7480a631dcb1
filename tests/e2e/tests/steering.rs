//! Pause and cancel on the real broker: they reach what lies in the queue, not only what the ledger still has.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use velatura_e2e::{Fleet, Process, square_photos};
use velatura_proto::v1;
use velatura_proto::v1::job::State;
use velatura_recipe::{Recipe, Size};

const PHOTOS: usize = 80;
/// How soon after the answer nothing is begun any more.
const WITHIN: SignedDuration = SignedDuration::from_secs(1);

fn counters(job: &v1::Job) -> v1::Counters {
    job.counters.unwrap_or_default()
}

/// When the newest attempt of a worker began that has ended, by its own log.
fn last_begun(worker: &Process) -> Result<Timestamp> {
    let log = worker.log();
    let ended = log.lines().filter(|line| line.contains("attempt ended"));
    let begun = ended.map(|line| {
        let line: serde_json::Value = serde_json::from_str(line)?;
        let at: Timestamp = line["timestamp"].as_str().context("a line has its time")?.parse()?;
        let seconds = line["seconds"].as_f64().context("an attempt took some time")?;
        anyhow::Ok(at - SignedDuration::try_from_secs_f64(seconds)?)
    });
    let begun = begun.collect::<Result<Vec<_>>>()?;
    begun.into_iter().max().context("no attempt has ended")
}

/// What the broker says of its queues is this old at most; what is begun too late shows within it.
const OLD: SignedDuration = SignedDuration::from_secs(3);

/// Waits until the broker holds no task of the fleet, as it says long enough after a time.
async fn until_nothing_is_queued(fleet: &Fleet, after: Timestamp) -> Result<()> {
    let mut client = fleet.client().await?;
    for _ in 0..600 {
        let backlog = client.get_backlog(v1::GetBacklogRequest {}).await?.into_inner();
        let bulk = backlog.queues.iter().find(|queue| queue.queue.contains(".bulk."));
        // A broker that is busy may say nothing of a queue for a while.
        let is_empty = bulk.is_some_and(|bulk| bulk.ready == 0 && bulk.unacked == Some(0));
        if is_empty && Timestamp::now() > after + OLD {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("tasks stay in the queue")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_worker_has_begun_is_not_begun_a_second_after_a_pause_or_a_cancellation() -> Result<()> {
    let photos = TempDir::new()?;
    square_photos(photos.path(), PHOTOS, 320)?;
    let fleet = Fleet::start(
        "[worker]\nin_flight = 3\n[logs]\nformat = \"json\"\nfilter = \"info,velatura_worker=debug,lapin=off\"",
    )?;
    fleet.upload(photos.path(), "photos/").await?;
    let _coordinator = fleet.coordinator()?;
    let worker = fleet.worker()?;
    let recipe = Recipe {
        size: Size::LongSide(320),
        ..Recipe::with_style("nocturne")
    };
    let job = fleet.submit("photos/", "painted", vec![(&recipe).into()]).await?;
    let all_queued = |job: &v1::Job| counters(job).done >= 3 && counters(job).pending == 0;
    let before = fleet.until(&job.id, all_queued).await?;
    ensure!(counters(&before).total == PHOTOS as u64, "{before:?}");

    let id = job.id.clone();
    fleet.client().await?.pause_job(v1::PauseJobRequest { id }).await?;
    let paused_at = Timestamp::now();
    let paused = fleet.until(&job.id, |job| counters(job).dispatched == 0).await?;
    until_nothing_is_queued(&fleet, paused_at).await?;
    let begun = last_begun(&worker)?;
    assert!(begun < paused_at + WITHIN, "begun at {begun}, paused at {paused_at}");
    let at_pause = counters(&paused);
    assert_eq!((paused.state(), at_pause.failed), (State::Paused, 0));
    assert!(
        at_pause.pending > PHOTOS as u64 / 2,
        "most of it lay in the queue: {at_pause:?}"
    );
    for task in fleet.tasks(&job.id).await? {
        let begun = task.state() != v1::task_status::State::Pending;
        assert_eq!(task.attempts, u32::from(begun), "what came back untried was no attempt");
    }

    let id = job.id.clone();
    fleet.client().await?.resume_job(v1::ResumeJobRequest { id }).await?;
    let goes_on = |job: &v1::Job| counters(job).done >= at_pause.done + 3 && counters(job).pending == 0;
    fleet.until(&job.id, goes_on).await?;
    let id = job.id.clone();
    fleet.client().await?.cancel_job(v1::CancelJobRequest { id }).await?;
    let cancelled_at = Timestamp::now();
    until_nothing_is_queued(&fleet, cancelled_at).await?;
    let begun = last_begun(&worker)?;
    assert!(
        begun < cancelled_at + WITHIN,
        "begun at {begun}, cancelled at {cancelled_at}"
    );
    let cancelled = fleet.until_over(&job.id).await?;
    let end = counters(&cancelled);
    assert_eq!(
        (cancelled.state(), end.pending, end.dispatched),
        (State::Cancelled, 0, 0)
    );
    assert!(end.cancelled > 20, "most of the rest was never begun: {end:?}");
    Ok(())
}
