//! Storage or broker away: the worker says so, and nothing is reported as failed.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use velatura_proto::v1::task_report::Outcome;
use velatura_queue::{Depth, Lane, QueueConfig};
use velatura_telemetry::Readiness;
use velatura_worker::{Ending, Worker, WorkerConfig};

use crate::post::{Post, soon, until};
use crate::studio::{Studio, photo, recipe};

/// While a link leads nowhere but to itself, the system answers neither that a file is there nor that it is not: to a
/// folder of objects that is `storage-unavailable`.
fn take_away(post: &Post, folder: &str) {
    std::os::unix::fs::symlink(folder, post.studio.path(folder)).unwrap();
}

fn bring_back(post: &Post, folder: &str) {
    std::fs::remove_file(post.studio.path(folder)).unwrap();
}

/// A post whose results can't be stored, with a task for it.
async fn without_results() -> Post {
    let studio = Studio::new();
    studio.write("bay.png", &photo(1));
    let post = Post::new(studio).await;
    take_away(&post, "results");
    post.send(Lane::Bulk, &post.task(0, "bay.png", &[recipe("embers")]))
        .await;
    post
}

/// Waits until storage was tried so often without an answer.
async fn unanswered(post: &Post, times: u64) {
    let tried = post
        .studio
        .metrics
        .faults_total
        .with_label_values(&["storage-unavailable"]);
    until("an outage", async || tried.get() >= times).await;
}

const HELD: Depth = Depth {
    ready: 0,
    unacked: Some(1),
};

#[tokio::test]
async fn a_storage_outage_shows_in_readiness_and_the_same_attempt_goes_well_when_it_is_over() {
    let post = without_results().await;
    let running = post.start(post.worker());

    until("unreadiness", async || post.condition("storage").contains("results")).await;
    assert!(!post.readiness.report().ready);
    unanswered(&post, 2).await;
    assert_eq!(post.reports(), 0, "nothing has failed");
    assert_eq!(post.backlog().await, HELD, "it waits in hand");

    bring_back(&post, "results");
    let report = post.report().await;
    assert_eq!((report.outcome(), report.attempt), (Outcome::Done, 1));
    assert_eq!(post.settled().await, 0);
    assert_eq!(post.reports(), 1);
    assert_eq!(post.broker.at_reports(), [HELD], "it was in hand all the time");
    assert_eq!(post.condition("storage"), "ok");
    assert!(post.readiness.report().ready);
    post.ending(running).await;
}

#[tokio::test]
async fn an_outage_longer_than_an_attempt_may_take_is_nobodys_attempt() {
    let post = without_results().await;
    let running = post.start(post.worker_with(WorkerConfig {
        attempt_timeout_seconds: 6,
        ..WorkerConfig::default()
    }));
    // The fourth look comes after pauses of one, two and four seconds, when the attempt's time would be over.
    unanswered(&post, 4).await;
    assert_eq!(post.reports(), 0);
    assert_eq!(post.backlog().await, HELD);
    bring_back(&post, "results");
    assert_eq!(post.report().await.outcome(), Outcome::Done);
    post.ending(running).await;
}

#[tokio::test]
async fn after_an_outage_a_photo_that_fails_for_good_shows_that_storage_is_back() {
    let post = Post::new(Studio::new()).await;
    take_away(&post, "photos");
    let running = post.start(post.worker());
    post.send(Lane::Bulk, &post.task(0, "photos/bay.png", &[recipe("embers")]))
        .await;
    unanswered(&post, 1).await;
    bring_back(&post, "photos");
    let report = post.report().await;
    assert_eq!(
        (report.outcome(), report.code.as_str()),
        (Outcome::Failed, "object-not-found")
    );
    assert_eq!(post.condition("storage"), "ok");
    post.ending(running).await;
}

#[tokio::test]
async fn a_stop_in_an_outage_gives_the_task_back_unreported() {
    let post = without_results().await;
    let running = post.start(post.worker());
    unanswered(&post, 1).await;
    assert_eq!(post.ending(running).await, Ending::Drained);
    assert_eq!(post.settled().await, 1);
    assert_eq!(post.reports(), 0);
}

#[tokio::test]
async fn a_broker_that_is_away_shows_in_readiness_and_in_time_as_no_life() {
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let broker = velatura_queue::connect(&QueueConfig {
        urls: vec![format!("amqp://guest:guest@{nobody}").parse().unwrap()],
        ..QueueConfig::default()
    });
    let Studio {
        pipeline,
        metrics,
        registry,
        ..
    } = Studio::new();
    let readiness = Readiness::default();
    let config = WorkerConfig {
        stuck_seconds: 0,
        ..WorkerConfig::default()
    };
    let worker = Worker::new(config, pipeline, broker.unwrap(), metrics, readiness.clone());
    let alive = Arc::clone(&worker.probes(registry).alive);
    assert_eq!(alive(), Ok(()), "it has not begun");
    let stop = CancellationToken::new();
    let running = tokio::spawn(worker.run(stop.clone()));

    let port = nobody.port().to_string();
    let reason = || readiness.report().conditions.get("queue").cloned().unwrap_or_default();
    until("the reason", async || reason().contains(&port)).await;
    assert!(!readiness.report().ready);
    assert!(alive().unwrap_err().contains("not subscribed"));

    stop.cancel();
    assert_eq!(
        soon("the worker's end", running).await.unwrap().unwrap(),
        Ending::Drained
    );
}
