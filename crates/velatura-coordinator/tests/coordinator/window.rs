//! How much is in the broker at a time, and whose it is.

use std::sync::Arc;
use std::sync::Mutex;

use crate::bench::{Setup, Worker, counters, done, eventually, tasks_queue};

#[tokio::test]
async fn the_window_is_filled_and_never_exceeded() {
    let mut setup = Setup::new().await.photos((0..200).map(|i| format!("{i:03}.jpg")));
    setup.config.window_tasks = 7;
    let bench = setup.start().await;
    let job = bench.submit().await;
    eventually("the window is full", async || {
        bench.broker.depth(&tasks_queue()).await.unwrap().ready == 7
    })
    .await;
    let broker = Arc::clone(&bench.broker);
    let most: Arc<Mutex<u64>> = Arc::default();
    let seen = Arc::clone(&most);
    let _worker = Worker::start(&bench.broker, move |task| {
        let (broker, seen) = (Arc::clone(&broker), Arc::clone(&seen));
        async move {
            let depth = broker.depth(&tasks_queue()).await.unwrap();
            let held = depth.ready + depth.unacked.unwrap();
            let mut seen = seen.lock().unwrap();
            *seen = held.max(*seen);
            vec![done(&task)]
        }
    })
    .await;
    assert_eq!(counters(&bench.until_ended(&job.id).await).done, 200);
    let most = *most.lock().unwrap();
    assert!((2..=7).contains(&most), "{most}");
}

#[tokio::test]
async fn two_jobs_share_the_window() {
    let mut setup = Setup::new().await.photos((0..60).map(|i| format!("{i:02}.jpg")));
    setup.config.window_tasks = 10;
    let bench = setup.start().await;
    let first = bench.submit().await;
    eventually("the window is full", async || {
        bench.broker.depth(&tasks_queue()).await.unwrap().ready == 10
    })
    .await;
    let second = bench.submit().await;
    bench.until(&second.id, |job| counters(job).total == 60).await;

    let (_worker, order) = Worker::noting(&bench.broker, |task| &task.job_id).await;
    bench.until_ended(&first.id).await;
    bench.until_ended(&second.id).await;
    let order = order.lock().unwrap();
    // The first ten are the first job's; from then on neither is far ahead of the other.
    let of_second = |tasks: &[String]| tasks.iter().filter(|id| **id == second.id).count();
    assert_eq!(of_second(&order[..10]), 0);
    let shared = of_second(&order[10..80]);
    assert!((30..=45).contains(&shared), "{shared} of 70");
}

#[tokio::test]
async fn a_lost_task_is_tried_anew() {
    let mut setup = Setup::new().await.photos(["a.jpg", "b.jpg"]);
    setup.config.lease_seconds = 0.2;
    let bench = setup.start().await;
    let job = bench.submit().await;
    let _worker = Worker::start(&bench.broker, |task| async move {
        // The first attempt at one photo is acked, and never heard of again.
        if task.key == "a.jpg" && task.attempt == 1 {
            vec![]
        } else {
            vec![done(&task)]
        }
    })
    .await;
    assert_eq!(counters(&bench.until_ended(&job.id).await).done, 2);
    let tasks = bench.client.tasks(&job.id, "").await.tasks;
    assert_eq!(tasks.iter().map(|task| task.attempts).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(bench.metric("velatura_coordinator_tasks_reclaimed_total"), Some(1.0));
}

#[tokio::test]
async fn a_task_that_is_lost_every_time_fails() {
    let mut setup = Setup::new().await.photos(["a.jpg"]);
    setup.config.lease_seconds = 0.1;
    setup.config.max_attempts = 2;
    let bench = setup.start().await;
    let job = bench.submit().await;
    let _worker = Worker::start(&bench.broker, |_| async { vec![] }).await;
    let job = bench.until_ended(&job.id).await;
    assert_eq!(counters(&job).failed, 1);
    assert_eq!(bench.client.tasks(&job.id, "").await.tasks[0].code, "lost");
}

#[tokio::test]
async fn tasks_that_wait_for_a_worker_are_not_taken_for_lost() {
    let mut setup = Setup::new().await.photos(["a.jpg", "b.jpg"]);
    setup.config.lease_seconds = 0.2;
    let bench = setup.start().await;
    let job = bench.submit().await;
    let rounds = || {
        bench
            .metric(r#"velatura_coordinator_loop_seconds_count{loop="reconcile"}"#)
            .unwrap_or(0.0)
    };
    bench.until(&job.id, |job| counters(job).dispatched == 2).await;
    let before = rounds();
    eventually("many leases are over", async || rounds() > before + 40.0).await;
    assert_eq!(bench.broker.depth(&tasks_queue()).await.unwrap().ready, 2);
    let _worker = Worker::obedient(&bench.broker).await;
    bench.until_ended(&job.id).await;
    assert_eq!(bench.metric("velatura_coordinator_tasks_reclaimed_total"), Some(0.0));
}

#[tokio::test]
async fn a_broker_that_forgot_everything_is_filled_again_at_start() {
    let bench = Setup::new().await.photos(["a.jpg", "b.jpg"]).start().await;
    let job = bench.submit().await;
    bench.until(&job.id, |job| counters(job).dispatched == 2).await;
    let (ledger, folder) = (Arc::clone(&bench.ledger), bench.folder.path().to_owned());
    bench.stop.cancel();
    bench.running.join().await.unwrap();

    let mut setup = Setup::new().await;
    setup.ledger = ledger;
    setup.config.reclaim_at_start = true;
    drop(std::mem::replace(
        &mut setup.folder,
        tempfile::TempDir::new_in(&folder).unwrap(),
    ));
    let bench = setup.start().await;
    let _worker = Worker::obedient(&bench.broker).await;
    assert_eq!(counters(&bench.until_ended(&job.id).await).done, 2);
}
