//! A bucket that disappears while it is painted: each photo has its outcome with a code, the job is paused with the reason, and
//! when the bucket is back everything is painted.

use std::fs;

use anyhow::Result;
use bytes::Bytes;
use tempfile::TempDir;
use velatura_e2e::{Fleet, square_photos};
use velatura_objects::PutOptions;
use velatura_proto::v1;
use velatura_proto::v1::job::State;
use velatura_recipe::{Recipe, Size};

const PHOTOS: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_lost_bucket_took_away_is_painted_when_it_is_back() -> Result<()> {
    let photos = TempDir::new()?;
    square_photos(photos.path(), PHOTOS, 320)?;
    let fleet = Fleet::start("[worker]\nin_flight = 2")?;
    let keys: Vec<String> = (0..PHOTOS).map(|index| format!("{index:05}.jpg")).collect();
    let lent = fleet.open("s3://lent/")?;
    let bring = async || {
        fleet.s3.create_bucket("lent")?;
        for key in &keys {
            let body = Bytes::from(fs::read(photos.path().join(key))?);
            lent.put(key, body, PutOptions::default()).await?;
        }
        anyhow::Ok(())
    };
    bring().await?;
    let _coordinator = fleet.coordinator()?;
    let _worker = fleet.worker()?;
    let recipe = Recipe {
        size: Size::LongSide(320),
        ..Recipe::with_style("nocturne")
    };
    let job = fleet
        .submit_from("s3://lent/", "painted", vec![(&recipe).into()])
        .await?;
    fleet.until_ended(&job.id, 3).await?;
    fleet.s3.delete_bucket("lent", &keys)?;

    let go_on = async || {
        let mut client = fleet.client().await?;
        let id = job.id.clone();
        let retry = v1::RetryFailedRequest { id, codes: Vec::new() };
        client.retry_failed(retry).await?;
        let id = job.id.clone();
        client.resume_job(v1::ResumeJobRequest { id }).await?;
        anyhow::Ok(())
    };
    // Keys go before their bucket does; what is tried after that misses the bucket itself.
    lost(&fleet, &job.id, &["object-not-found", "bucket-not-found"]).await?;
    go_on().await?;
    lost(&fleet, &job.id, &["bucket-not-found"]).await?;

    bring().await?;
    go_on().await?;
    let over = fleet.until_over(&job.id).await?;
    let counters = over.counters.unwrap_or_default();
    assert_eq!((over.state(), counters.failed), (State::Done, 0));
    assert_eq!(counters.done + counters.skipped, PHOTOS as u64);
    assert_eq!(fleet.download("painted/").await?.len(), PHOTOS);
    Ok(())
}

/// Waits until the job is paused, with a code of these for each photo that failed.
async fn lost(fleet: &Fleet, job: &str, codes: &[&str]) -> Result<()> {
    let settled = |job: &v1::Job| {
        let counters = job.counters.unwrap_or_default();
        job.state() == State::Paused && counters.dispatched == 0
    };
    let paused = fleet.until(job, settled).await?;
    assert!(paused.reason.contains("breaker"), "{}", paused.reason);
    let mut failed = fleet.tasks(job).await?;
    failed.retain(|task| task.state() == v1::task_status::State::Failed);
    assert!(failed.len() > PHOTOS / 4, "{}", failed.len());
    for task in &failed {
        assert!(codes.contains(&task.code.as_str()), "{}: {}", task.code, task.message);
        assert!(task.message.contains("lent"), "{}", task.message);
    }
    Ok(())
}
