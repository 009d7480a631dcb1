//! What becomes of a job and its tasks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::bench::{Fuse, Setup, UnreliableLedger, Worker, counters, done, eventually, outcome, tasks_queue};
use tokio::sync::Semaphore;
use velatura_proto::v1;
use velatura_proto::v1::job::State;
use velatura_proto::v1::task_report::Outcome;
use velatura_queue::QueueName;

#[tokio::test]
async fn every_photo_below_a_prefix_is_done_once() {
    let keys = (0..2500).map(|i| format!("{:02}/{i:04}.{}", i % 17, ["jpg", "JPEG", "png"][i % 3]));
    let setup = Setup::new()
        .await
        .photos(keys)
        .photos(["readme.txt", "00/.jpg", "movie.mp4"]);
    let bench = setup.start().await;
    let seen: Arc<Mutex<BTreeMap<String, u32>>> = Arc::default();
    let job = bench.submit().await;
    let worker = || {
        let seen = Arc::clone(&seen);
        Worker::start(&bench.broker, move |task| {
            *seen.lock().unwrap().entry(task.key.clone()).or_default() += 1;
            async move { vec![done(&task)] }
        })
    };
    let _workers = [worker().await, worker().await];
    let job = bench.until_ended(&job.id).await;
    assert_eq!(job.state(), State::Done);
    assert_eq!(
        counters(&job),
        v1::Counters {
            total: 2500,
            done: 2500,
            ..Default::default()
        }
    );
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2500);
    assert!(seen.values().all(|times| *times == 1));
    assert_eq!(bench.metric("velatura_coordinator_photos_found_total"), Some(2500.0));
    assert_eq!(
        bench.metric("velatura_coordinator_tasks_dispatched_total"),
        Some(2500.0)
    );
}

#[tokio::test]
async fn work_starts_before_every_photo_is_found() {
    let mut setup = Setup::new().await.photos((0..50).map(|i| format!("{i:02}.jpg")));
    setup.config.page_objects = 10;
    let ledger = UnreliableLedger {
        pages: Arc::new(Semaphore::new(1)),
        ..UnreliableLedger::new(&setup.ledger, &Fuse::default())
    };
    let pages = Arc::clone(&ledger.pages);
    setup.ledger = Arc::new(ledger);
    let bench = setup.start().await;
    let job = bench.submit().await;
    let _worker = Worker::obedient(&bench.broker).await;
    let early = bench.until(&job.id, |job| counters(job).done == 10).await;
    assert_eq!((early.state(), early.seconds_left), (State::Expanding, None));
    pages.add_permits(100);
    assert_eq!(counters(&bench.until_ended(&job.id).await).done, 50);
}

#[tokio::test]
async fn a_retry_waits_and_the_last_one_fails() {
    let mut setup = Setup::new().await.photos(["a.jpg", "b.jpg"]);
    setup.config.max_attempts = 3;
    let bench = setup.start().await;
    let job = bench.submit().await;
    let attempts: Arc<Mutex<Vec<(String, u32)>>> = Arc::default();
    let seen = Arc::clone(&attempts);
    let _worker = Worker::start(&bench.broker, move |task| {
        seen.lock().unwrap().push((task.key.clone(), task.attempt));
        // The second photo goes well the second time.
        let report = match (task.key.as_str(), task.attempt) {
            ("b.jpg", 2) => done(&task),
            _ => outcome(&task, Outcome::Retry, "storage-unavailable"),
        };
        async move { vec![report] }
    })
    .await;
    let job = bench.until_ended(&job.id).await;
    assert_eq!(
        (job.state(), counters(&job).done, counters(&job).failed),
        (State::Done, 1, 1)
    );
    let mut attempts = attempts.lock().unwrap().clone();
    attempts.sort();
    let expected = [("a.jpg", 1), ("a.jpg", 2), ("a.jpg", 3), ("b.jpg", 1), ("b.jpg", 2)];
    assert_eq!(attempts, expected.map(|(key, attempt)| (key.to_owned(), attempt)));

    let failed = bench.client.tasks(&job.id, "state=FAILED").await.tasks;
    assert_eq!(failed.len(), 1);
    assert_eq!(
        (failed[0].key.as_str(), failed[0].attempts, failed[0].code.as_str()),
        ("a.jpg", 3, "storage-unavailable")
    );
    assert_eq!(
        bench.metric(r#"velatura_coordinator_reports_total{outcome="retry"}"#),
        Some(4.0)
    );
}

#[tokio::test]
async fn late_and_doubled_reports_change_nothing() {
    let bench = Setup::new().await.photos(["a.jpg", "b.jpg"]).start().await;
    let job = bench.submit().await;
    let _worker = Worker::start(&bench.broker, |task| async move {
        let done = done(&task);
        match (task.key.as_str(), task.attempt) {
            ("a.jpg", _) => vec![done.clone(), outcome(&task, Outcome::Failed, "late"), done],
            ("b.jpg", 1) => vec![outcome(&task, Outcome::Retry, "passing")],
            // The first attempt, which was given up, says something at last.
            _ => vec![
                outcome(
                    &v1::Task {
                        attempt: 1,
                        ..task.clone()
                    },
                    Outcome::Failed,
                    "late",
                ),
                done,
            ],
        }
    })
    .await;
    let job = bench.until_ended(&job.id).await;
    assert_eq!(
        counters(&job),
        v1::Counters {
            total: 2,
            done: 2,
            ..Default::default()
        }
    );
}

#[tokio::test]
async fn skipped_and_failed_are_counted_apart() {
    let bench = Setup::new().await.photos(["a.jpg", "b.jpg", "c.jpg"]).start().await;
    let job = bench.submit().await;
    let _worker = Worker::start(&bench.broker, |task| async move {
        vec![match task.key.as_str() {
            "a.jpg" => done(&task),
            "b.jpg" => outcome(&task, Outcome::Skipped, ""),
            _ => outcome(&task, Outcome::Failed, "photo-truncated"),
        }]
    })
    .await;
    let job = bench.until_ended(&job.id).await;
    let expected = v1::Counters {
        total: 3,
        done: 1,
        skipped: 1,
        failed: 1,
        ..Default::default()
    };
    assert_eq!((job.state(), counters(&job)), (State::Done, expected));
}

#[tokio::test]
async fn a_cancelled_job_dispatches_nothing_more() {
    let mut setup = Setup::new().await.photos((0..30).map(|i| format!("{i:02}.jpg")));
    setup.config.window_tasks = 10;
    let bench = setup.start().await;
    let job = bench.submit().await;
    eventually("the window is full", async || {
        bench.broker.depth(&tasks_queue()).await.unwrap().ready == 10
    })
    .await;
    let answer = bench.client.post(&format!("/v1/jobs/{}/cancel", job.id)).await;
    assert_eq!(answer.json()["state"], "CANCELLED");
    // What is in the broker is still worked on, but changes nothing.
    let _worker = Worker::obedient(&bench.broker).await;
    eventually("the queue is empty", async || {
        let (tasks, results) = (
            bench.broker.depth(&tasks_queue()).await,
            bench.broker.depth(&QueueName::Results).await,
        );
        [tasks.unwrap(), results.unwrap()]
            .iter()
            .all(|depth| depth.ready == 0 && depth.unacked == Some(0))
    })
    .await;
    let job = bench.client.job(&job.id).await;
    assert_eq!(
        counters(&job),
        v1::Counters {
            total: 30,
            cancelled: 30,
            ..Default::default()
        }
    );
    assert!(!job.reason.is_empty());
    assert_eq!(
        bench.client.post(&format!("/v1/jobs/{}/cancel", job.id)).await.status,
        200
    );
    let paused = bench.client.post(&format!("/v1/jobs/{}/pause", job.id)).await;
    assert_eq!(paused.error(), (409, "job-state".into()));
}

#[tokio::test]
async fn a_paused_job_waits_until_it_is_resumed() {
    let mut setup = Setup::new().await.photos((0..30).map(|i| format!("{i:02}.jpg")));
    setup.config.window_tasks = 5;
    let bench = setup.start().await;
    let job = bench.submit().await;
    let path = |verb: &str| format!("/v1/jobs/{}/{verb}", job.id);
    eventually("the window is full", async || {
        bench.broker.depth(&tasks_queue()).await.unwrap().ready == 5
    })
    .await;
    assert_eq!(bench.client.post(&path("pause")).await.json()["state"], "PAUSED");
    let _worker = Worker::obedient(&bench.broker).await;
    let paused = bench.until(&job.id, |job| counters(job).dispatched == 0).await;
    assert_eq!(
        (paused.state(), counters(&paused).done, counters(&paused).pending),
        (State::Paused, 5, 25)
    );
    assert_eq!(bench.client.post(&path("resume")).await.status, 200);
    assert_eq!(counters(&bench.until_ended(&job.id).await).done, 30);
}

#[tokio::test]
async fn a_job_that_mostly_fails_is_paused_with_the_reason() {
    let mut setup = Setup::new().await.photos((0..100).map(|i| format!("{i:02}.jpg")));
    setup.config.window_tasks = 4;
    let bench = setup.start().await;
    let job = bench.submit().await;
    let broken = Arc::new(Mutex::new(true));
    let is_broken = Arc::clone(&broken);
    let _worker = Worker::start(&bench.broker, move |task| {
        let report = match *is_broken.lock().unwrap() {
            true => outcome(&task, Outcome::Failed, "access-denied"),
            false => done(&task),
        };
        async move { vec![report] }
    })
    .await;
    let paused = bench
        .until(&job.id, |job| {
            job.state() == State::Paused && counters(job).dispatched == 0
        })
        .await;
    assert!(paused.reason.contains("breaker"), "{}", paused.reason);
    let failed = counters(&paused).failed;
    assert!((20..50).contains(&failed), "{failed}");
    assert_eq!(bench.metric("velatura_coordinator_breaker_trips_total"), Some(1.0));

    *broken.lock().unwrap() = false;
    bench.client.post(&format!("/v1/jobs/{}/resume", job.id)).await;
    let job = bench.until_ended(&job.id).await;
    assert_eq!((counters(&job).failed, counters(&job).done), (failed, 100 - failed));
}

#[tokio::test]
async fn a_prefix_without_pictures_fails_with_the_reason() {
    let bench = Setup::new().await.photos(["readme.txt"]).start().await;
    let job = bench.submit().await;
    let job = bench.until_ended(&job.id).await;
    assert_eq!(job.state(), State::Failed);
    assert!(job.reason.contains("no picture below"), "{}", job.reason);
}

#[tokio::test]
async fn photos_with_one_output_fail_the_job_and_are_named() {
    for (template, keys) in [
        ("", ["f/a.jpg", "f/a.m/x.jpg", "f/a.png"]),
        ("{stem}.{ext}", ["e/a.jpg", "f/b.jpg", "g/a.jpg"]),
    ] {
        let mut setup = Setup::new().await.photos(keys);
        setup.config.page_objects = 1;
        let bench = setup.start().await;
        let mut request = bench.request();
        request.destination.as_mut().unwrap().template = template.into();
        let job = bench.client.submit(&request).await;
        let job = bench.until_ended(&job.id).await;
        assert_eq!(job.state(), State::Failed);
        assert!(
            job.reason.contains(keys[0]) && job.reason.contains(keys[2]),
            "{}",
            job.reason
        );
    }
}
