//! Filling the window, and recording what became of it, each beside the bare loop with the same messages.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use uuid::Uuid;
use velatura_queue::Lane;

use super::Bench;
use crate::row::Row;
use crate::worker;

/// Tasks that are looked at, at each place of a large job.
const SAMPLE: u64 = 20_000;

pub(super) async fn measure(bench: &mut Bench, job: Uuid, place: u64) -> Result<()> {
    let sample = SAMPLE.min(bench.tasks / 10);
    let dispatch = dispatch(bench, job, sample).await?;
    let (assignments, reports) = paint(bench, sample).await?;
    let bare = bench.bare.publish(&assignments).await?;
    bench.bare.empty().await?;
    bench
        .table
        .row(&Row::tasks("dispatch", Some(place), dispatch, Some(bare)));

    let results = results(bench, job, sample).await?;
    bench.bare.publish(&reports).await?;
    let table = &mut bench.bare_table;
    let bare = bench
        .bare
        .consume(reports.len(), async |bodies| table.update(bodies).await)
        .await?;
    bench
        .table
        .row(&Row::tasks("results", Some(place), results, Some(bare)));
    Ok(())
}

/// How fast a coordinator fills an empty window, from the first task on.
async fn dispatch(bench: &Bench, job: Uuid, sample: u64) -> Result<f64> {
    let coordinator = bench.coordinator(u32::try_from(sample)?).await?;
    let (mut began, mut first) = (Instant::now(), 0);
    bench
        .until(job, |job| {
            if first == 0 {
                (began, first) = (Instant::now(), job.counters.dispatched);
            }
            job.counters.dispatched >= sample
        })
        .await?;
    let rate = (sample - first) as f64 / began.elapsed().as_secs_f64();
    bench.ledger.pause(job, "the window is full").await?;
    coordinator.stop().await?;
    Ok(rate)
}

/// Paints what is in the window, and gives what was sent back and forth.
async fn paint(bench: &Bench, sample: u64) -> Result<(Vec<Vec<u8>>, Vec<Vec<u8>>)> {
    let (mut assignments, mut reports) = (Vec::new(), Vec::new());
    let saw = |task: &velatura_proto::v1::Task| {
        assignments.push(velatura_proto::to_json(task));
        reports.push(worker::done(task).body.to_vec());
    };
    let queue = worker::tasks(Lane::Bulk)?;
    worker::paint(&bench.broker, &queue, Duration::ZERO, saw, |painted| {
        painted as u64 >= sample
    })
    .await?;
    ensure!(
        assignments.len() as u64 == sample,
        "{} tasks for {sample} places",
        assignments.len()
    );
    Ok((assignments, reports))
}

/// How fast a coordinator records what waits in the queue of reports.
async fn results(bench: &Bench, job: Uuid, sample: u64) -> Result<f64> {
    let before = bench.ledger.job(job).await?.counters.done;
    let coordinator = bench.coordinator(1).await?;
    let (mut began, mut first) = (Instant::now(), 0);
    bench
        .until(job, |job| {
            let recorded = job.counters.done - before;
            if first == 0 {
                (began, first) = (Instant::now(), recorded);
            }
            recorded >= sample
        })
        .await?;
    let rate = (sample - first) as f64 / began.elapsed().as_secs_f64();
    coordinator.stop().await?;
    // The last sample may have been all that was left.
    if !bench.ledger.job(job).await?.state.is_ended() {
        bench.ledger.resume(job).await?;
    }
    Ok(rate)
}
