//! What is away comes back, and nothing is lost.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::bench::{Fuse, Setup, UnreliableBroker, UnreliableLedger, Worker, counters, eventually, tasks_queue};
use axum::http::StatusCode;
use velatura_coordinator::Ending;
use velatura_objects::S3Config;
use velatura_proto::{to_json, v1};
use velatura_queue::{Message, QueueName};

async fn on_unreliable_broker(confirms_are_lost: bool) -> (Setup, Fuse) {
    let mut setup = Setup::new().await.photos((0..40).map(|i| format!("{i:02}.jpg")));
    let fuse = Fuse::default();
    setup.broker = Arc::new(UnreliableBroker {
        inner: setup.broker,
        fuse: fuse.clone(),
        loses_confirms: AtomicBool::new(confirms_are_lost),
    });
    (setup, fuse)
}

#[tokio::test]
async fn without_the_broker_nothing_is_lost_and_it_says_why() {
    let (setup, fuse) = on_unreliable_broker(false).await;
    let bench = setup.start().await;
    fuse.cut();
    let job = bench.submit().await;
    let reason = "the test has cut the line to the broker";
    eventually("not ready", async || {
        bench.client.get("/readyz").await.text.contains(reason)
    })
    .await;
    assert_eq!(bench.client.get("/readyz").await.status, 503);
    // Who only submits, asks and steers is served all the while: a load balancer asks for what that needs.
    assert_eq!(bench.client.get("/readyz/ledger").await.status, 200);
    eventually("tried again", async || fuse.struck() > 3).await;
    // What waits is still told, without queues nobody knows anything about. A try takes tasks and gives them back.
    bench
        .until(&job.id, |job| (counters(job).total, counters(job).pending) == (40, 40))
        .await;
    eventually("the backlog is told", async || {
        let backlog: v1::Backlog = bench.client.read("/v1/backlog").await;
        (backlog.pending, backlog.queues.len()) == (40, 0)
    })
    .await;

    fuse.mend();
    let _worker = Worker::obedient(&bench.broker).await;
    assert_eq!(counters(&bench.until_ended(&job.id).await).done, 40);
    let tasks = bench.client.tasks(&job.id, "").await.tasks;
    assert!(
        tasks.iter().all(|task| task.attempts == 1),
        "a dispatch that failed is no attempt"
    );
    eventually("ready again", async || bench.client.get("/readyz").await.status == 200).await;
}

#[tokio::test]
async fn lost_confirmations_lead_to_doubles_that_change_nothing() {
    let (setup, _) = on_unreliable_broker(true).await;
    let bench = setup.start().await;
    let job = bench.submit().await;
    let _worker = Worker::obedient(&bench.broker).await;
    let job = bench.until_ended(&job.id).await;
    assert_eq!(
        counters(&job),
        v1::Counters {
            total: 40,
            done: 40,
            ..Default::default()
        }
    );
    assert!(bench.metric("velatura_coordinator_publish_failures_total").unwrap() > 0.0);
}

#[tokio::test]
async fn without_the_ledger_reports_wait_and_requests_are_told_to_come_again() {
    let mut setup = Setup::new().await.photos((0..40).map(|i| format!("{i:02}.jpg")));
    let fuse = Fuse::default();
    setup.ledger = Arc::new(UnreliableLedger::new(&setup.ledger, &fuse));
    let bench = setup.start().await;
    let job = bench.submit().await;
    bench.until(&job.id, |job| counters(job).dispatched == 40).await;
    fuse.cut();
    let _worker = Worker::obedient(&bench.broker).await;
    eventually("all tasks are worked on", async || {
        let depth = bench.broker.depth(&tasks_queue()).await.unwrap();
        (depth.ready, depth.unacked) == (0, Some(0))
    })
    .await;
    let reason = "the test has cut the line to the ledger";
    eventually("not ready", async || {
        let answer = bench.client.get("/readyz/ledger").await;
        answer.status == 503 && answer.text.contains(reason)
    })
    .await;
    assert_eq!(bench.client.get("/readyz").await.status, 503);
    let answer = bench.client.get(&format!("/v1/jobs/{}", job.id)).await;
    assert_eq!(answer.error(), (503, "ledger-unavailable".into()));
    assert_eq!(answer.headers["retry-after"], "5");
    let submitted = bench.client.post_json("/v1/jobs", &bench.request()).await;
    assert_eq!(submitted.status, 503);

    fuse.mend();
    assert_eq!(counters(&bench.until_ended(&job.id).await).done, 40);
    eventually("ready again", async || bench.client.get("/readyz").await.status == 200).await;
}

#[tokio::test]
async fn reports_in_hand_at_the_end_are_left_to_the_next_coordinator() {
    let mut setup = Setup::new().await.photos(["a.jpg"]);
    let fuse = Fuse::default();
    setup.ledger = Arc::new(UnreliableLedger::new(&setup.ledger, &fuse));
    let bench = setup.start().await;
    let job = bench.submit().await;
    bench.until(&job.id, |job| counters(job).dispatched == 1).await;
    fuse.cut();
    let worker = Worker::obedient(&bench.broker).await;
    eventually("the report is in hand", async || {
        bench.broker.depth(&QueueName::Results).await.unwrap().unacked == Some(1) && fuse.struck() > 2
    })
    .await;
    drop(worker);
    let (broker, ledger) = (Arc::clone(&bench.broker), Arc::clone(&bench.ledger));
    assert_eq!(bench.stop().await, Ending::Finished);
    eventually("the report is back", async || {
        broker.depth(&QueueName::Results).await.unwrap().ready == 1
    })
    .await;

    fuse.mend();
    let mut next = Setup::new().await;
    (next.broker, next.ledger) = (broker, ledger);
    let next = next.start().await;
    assert_eq!(counters(&next.until_ended(&job.id).await).done, 1);
}

#[tokio::test]
async fn a_report_that_can_not_be_read_goes_to_the_dead_queue_and_stops_nothing() {
    let bench = Setup::new().await.photos(["a.jpg"]).start().await;
    let message = |body: &[u8]| Message {
        body: body.to_vec().into(),
        id: "odd".into(),
    };
    let future = to_json(&v1::TaskReport {
        version: 9,
        ..Default::default()
    });
    let silent = to_json(&v1::TaskReport {
        version: 1,
        job_id: "seven".into(),
        ..Default::default()
    });
    let odd = vec![message(b"{"), message(&future), message(&silent)];
    assert!(
        bench
            .broker
            .publish(&QueueName::Results, odd)
            .await
            .iter()
            .all(Result::is_ok)
    );
    let dead = r#"velatura_coordinator_dead_letters_total{kind="unreadable"}"#;
    eventually("all three are dead", async || bench.metric(dead) == Some(3.0)).await;
    let job = bench.submit().await;
    let _worker = Worker::obedient(&bench.broker).await;
    assert_eq!(counters(&bench.until_ended(&job.id).await).done, 1);
}

#[tokio::test]
async fn a_task_in_the_dead_queue_has_failed_as_poison() {
    let bench = Setup::new().await.photos(["a.jpg", "b.jpg"]).start().await;
    let job = bench.submit().await;
    // A worker that can't read one task, as it seems to the broker.
    let mut consumer = bench.broker.consume(&tasks_queue(), 2).await.unwrap();
    consumer.next().await.unwrap().reject().await.unwrap();
    let _worker = Worker::obedient(&bench.broker).await;
    drop(consumer);
    let job = bench.until_ended(&job.id).await;
    assert_eq!((counters(&job).done, counters(&job).failed), (1, 1));
    let failed = bench.client.tasks(&job.id, "state=failed").await.tasks;
    assert_eq!((failed[0].key.as_str(), failed[0].code.as_str()), ("a.jpg", "poison"));
    assert!(failed[0].message.contains("a.jpg"));
}

/// Enough of an S3 server to list one bucket, once it is up.
async fn storage_that_starts_badly(failures: usize) -> SocketAddr {
    const LISTING: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
        <ListBucketResult><Name>photos</Name><KeyCount>2</KeyCount><IsTruncated>false</IsTruncated>
        <Contents><Key>june/a.jpg</Key><Size>1</Size></Contents><Contents><Key>june/b.png</Key><Size>1</Size></Contents>
        </ListBucketResult>"#;
    let asked = Arc::new(AtomicUsize::new(0));
    let answer = move || {
        let up = asked.fetch_add(1, Ordering::SeqCst) >= failures;
        let status = if up {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        async move {
            (
                status,
                [("content-type", "application/xml")],
                if up { LISTING } else { "" },
            )
        }
    };
    let router = axum::Router::new().fallback(answer);
    let (address, serving) = velatura_telemetry::serve(([127, 0, 0, 1], 0).into(), router, std::future::pending())
        .await
        .unwrap();
    tokio::spawn(serving);
    address
}

#[tokio::test]
async fn a_listing_that_fails_for_a_while_is_tried_again() {
    let storage = storage_that_starts_badly(3).await;
    let mut setup = Setup::new().await;
    setup.s3 = S3Config {
        endpoint_url: Some(format!("http://{storage}").parse().unwrap()),
        access_key_id: Some("key".into()),
        secret_access_key: Some("secret".into()),
        retries: 0,
        ..S3Config::default()
    };
    let bench = setup.start().await;
    let mut request = bench.request();
    request.source.as_mut().unwrap().prefix = "s3://photos/june".into();
    let job = bench.client.submit(&request).await;
    let _worker = Worker::obedient(&bench.broker).await;
    assert_eq!(counters(&bench.until_ended(&job.id).await).done, 2);
    assert_eq!(bench.metric("velatura_coordinator_listing_failures_total"), Some(2.0));
    let tasks = bench.client.tasks(&job.id, "").await.tasks;
    assert_eq!(
        (tasks[0].source.as_str(), tasks[0].key.as_str()),
        ("s3://photos/june/a.jpg", "a.jpg")
    );
}

#[tokio::test]
async fn told_to_stop_it_finishes_and_says_so() {
    let bench = Setup::new().await.photos(["a.jpg"]).start().await;
    let job = bench.submit().await;
    let mut events = bench.client.events(&job.id);
    assert!(events.next().await.is_some());
    let client = bench.client.clone();
    assert_eq!(bench.stop().await, Ending::Finished);
    while events.next().await.is_some() {}
    assert!(
        client
            .http
            .get(format!("{}/healthz", client.base))
            .send()
            .await
            .is_err()
    );
}
