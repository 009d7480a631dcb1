//! From a message to its report and its acknowledgement.

use std::collections::BTreeSet;

use velatura_proto::to_json;
use velatura_proto::v1::{self, task_report::Outcome};
use velatura_queue::{Broker as _, Depth, Heard, Lane, QueueName};
use velatura_worker::WorkerConfig;

use crate::post::{Post, soon, tasks};
use crate::studio::{Studio, photo, recipe};

const EMPTY: Depth = Depth {
    ready: 0,
    unacked: Some(0),
};

/// A post with one photo.
async fn post() -> Post {
    let studio = Studio::new();
    studio.write("bay.png", &photo(1));
    Post::new(studio).await
}

#[tokio::test]
async fn a_task_is_reported_with_all_that_became_of_it_and_then_acknowledged() {
    let post = post().await;
    let running = post.start(post.worker());
    let recipes = [recipe("embers"), recipe("glass")];
    let task = v1::Task {
        attempt: 3,
        ..post.task(17, "bay.png", &recipes)
    };
    post.send(Lane::Bulk, &task).await;

    let report = post.report().await;

    assert_eq!(report.outcome(), Outcome::Done);
    assert_eq!(
        (report.job_id.as_str(), report.seq, report.attempt),
        (task.job_id.as_str(), 17, 3)
    );
    assert_eq!((report.code.as_str(), report.message.as_str()), ("", ""));
    assert_eq!(report.provider, "cpu");
    assert!(!report.worker.is_empty());
    assert!(report.seconds > 0.0);
    let foreseen = post
        .studio
        .pipeline
        .check(&post.studio.assignment("bay.png", &recipes))
        .await;
    assert_eq!(report.paintings.len(), 2);
    for (painting, picture) in report.paintings.iter().zip(foreseen.pictures) {
        assert_eq!(painting.output, picture.output.to_string());
        assert_eq!(painting.fingerprint, picture.fingerprint.to_string());
        assert!(painting.bytes > 0 && !painting.skipped);
    }
    assert_eq!(post.settled().await, 0);
    let at_report = post.broker.at_reports();
    assert_eq!(
        at_report,
        [Depth {
            ready: 0,
            unacked: Some(1)
        }],
        "the message was kept until the report was safe"
    );
    post.ending(running).await;
}

#[tokio::test]
async fn a_task_that_comes_a_second_time_is_reported_as_skipped() {
    let post = post().await;
    let running = post.start(post.worker());
    let task = post.task(0, "bay.png", &[recipe("embers")]);
    post.send(Lane::Bulk, &task).await;
    let first = post.report().await;
    post.send(Lane::Bulk, &task).await;
    let second = post.report().await;
    assert_eq!((first.outcome(), second.outcome()), (Outcome::Done, Outcome::Skipped));
    assert!(second.paintings[0].skipped);
    assert_eq!(first.paintings[0].fingerprint, second.paintings[0].fingerprint);
    assert_eq!(post.settled().await, 0);
    post.ending(running).await;
}

#[tokio::test]
async fn a_redelivered_task_is_worked_on_beside_fresh_ones() {
    let post = post().await;
    let task = post.task(0, "bay.png", &[recipe("embers")]);
    post.send(Lane::Bulk, &task).await;
    let mut predecessor = post.broker.consume(&tasks(Lane::Bulk), 1).await.unwrap();
    let taken = soon("a delivery", predecessor.next()).await.unwrap();
    assert!(!taken.redelivered());
    predecessor.cancel();
    drop(taken);
    assert_eq!(
        post.settled().await,
        1,
        "it is in the queue again, marked as redelivered"
    );
    post.studio.write("cape.png", &photo(2));
    for seq in 1..4 {
        post.send(Lane::Bulk, &post.task(seq, "cape.png", &[recipe("embers")]))
            .await;
    }

    let running = post.start(post.worker());

    let mut ended = BTreeSet::new();
    for _ in 0..4 {
        let report = post.report().await;
        assert!(
            matches!(report.outcome(), Outcome::Done | Outcome::Skipped),
            "{report:?}"
        );
        ended.insert(report.seq);
    }
    assert_eq!(ended, BTreeSet::from([0, 1, 2, 3]));
    assert_eq!(post.settled().await, 0);
    post.ending(running).await;
}

#[tokio::test]
async fn a_message_that_cannot_be_read_goes_to_the_dead_queue_as_it_is() {
    let post = post().await;
    let running = post.start(post.worker());
    let task = || post.task(0, "bay.png", &[recipe("embers")]);
    let unreadable = [
        b"no JSON".to_vec(),
        br#"{"version": 1, "colour": "blue"}"#.to_vec(),
        to_json(&v1::Task { version: 2, ..task() }),
        to_json(&v1::Task {
            job_id: "no UUID".to_owned(),
            ..task()
        }),
    ];
    let mut dead = post.broker.consume(&QueueName::Dead, 1).await.unwrap();
    for body in unreadable {
        post.send_body(Lane::Bulk, body.clone()).await;
        let rejected = soon("a dead message", dead.next()).await.unwrap();
        assert_eq!(rejected.body(), &body);
        rejected.ack().await.unwrap();
    }
    assert_eq!(post.settled().await, 0);
    assert_eq!(post.reports(), 0, "there is nobody to report to");
    post.ending(running).await;
}

#[tokio::test]
async fn what_will_never_go_well_is_reported_as_failed_with_its_code_and_acknowledged() {
    let post = post().await;
    post.studio.write("prose.png", b"It was a bright cold day in April.");
    let running = post.start(post.worker());
    let hopeless = [
        (post.task(0, "prose.png", &[recipe("embers")]), "unknown-format"),
        (post.task(1, "gone.png", &[recipe("embers")]), "object-not-found"),
        (post.task(2, "bay.png", &[recipe("rembrandt")]), "unknown-style"),
        (post.task(3, "bay.png", &[]), "task-without-recipe"),
    ];
    for (task, code) in hopeless {
        post.send(Lane::Bulk, &task).await;
        let report = post.report().await;
        assert_eq!((report.outcome(), report.code.as_str()), (Outcome::Failed, code));
        assert_eq!(report.seq, task.seq);
        assert!(!report.message.is_empty());
    }
    assert_eq!(post.settled().await, 0);
    assert_eq!(post.condition("storage"), "ok", "the storage is not to blame");
    post.ending(running).await;
}

#[tokio::test]
async fn a_report_that_the_broker_does_not_take_at_first_is_offered_again() {
    let post = post().await;
    post.broker.be_away_for(2);
    let running = post.start(post.worker());
    post.send(Lane::Bulk, &post.task(0, "bay.png", &[recipe("embers")]))
        .await;
    assert_eq!(post.report().await.outcome(), Outcome::Done);
    assert_eq!(post.settled().await, 0);
    assert_eq!(post.reports(), 1);
    post.ending(running).await;
}

#[tokio::test]
async fn what_somebody_waits_for_goes_before_the_bulk() {
    let post = post().await;
    let send = async |seq: u64, lane| {
        let key = format!("{seq}.png");
        post.studio.write(&key, &photo(1));
        post.send(lane, &post.task(seq, &key, &[recipe("embers")])).await;
    };
    for seq in 0..6 {
        send(seq, Lane::Bulk).await;
    }
    send(6, Lane::Interactive).await;
    let running = post.start(post.worker_with(WorkerConfig {
        in_flight: 1,
        ..WorkerConfig::default()
    }));
    let first_two = [post.report().await.seq, post.report().await.seq];
    // One may be taken while the other lane is still subscribing.
    assert!(first_two.contains(&6), "{first_two:?}");
    for _ in 2..7 {
        post.report().await;
    }
    assert_eq!(post.settled().await, 0);
    assert_eq!(post.broker.depth(&tasks(Lane::Interactive)).await.unwrap(), EMPTY);
    post.ending(running).await;
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_reported_to_be_tried_again() {
    let post = post().await;
    let running = post.start(post.worker_with(WorkerConfig {
        attempt_timeout_seconds: 0,
        ..WorkerConfig::default()
    }));
    post.send(Lane::Bulk, &post.task(0, "bay.png", &[recipe("embers")]))
        .await;
    let report = post.report().await;
    assert_eq!(
        (report.outcome(), report.code.as_str()),
        (Outcome::Retry, "attempt-timeout")
    );
    assert_eq!(post.settled().await, 0);
    post.ending(running).await;
}

#[tokio::test]
async fn a_task_of_a_job_that_was_paused_meanwhile_goes_back_untried() {
    let post = post().await;
    let control = |withheld: &[String], released: &[String]| v1::Control {
        version: 1,
        withheld: withheld.to_vec(),
        released: released.to_vec(),
        ..v1::Control::default()
    };
    let mut listener = post.broker.listen();
    assert_eq!(listener.next().await, Heard::Joined);
    let running = post.start(post.worker());
    // The worker asks as soon as it listens; then it is told.
    let asked = soon("the worker's question", listener.next()).await;
    assert!(matches!(asked, Heard::Called(body) if String::from_utf8_lossy(&body).contains("asks")));
    let job = [post.job_id.to_string()];
    post.broker.call_out(to_json(&control(&job, &[])).into()).await.unwrap();
    soon("what was called out", listener.next()).await;
    let task = post.task(0, "bay.png", &[recipe("embers")]);
    let returned = loop {
        // The worker hears it in its own time: whatever it begins before is painted.
        post.send(Lane::Bulk, &task).await;
        let report = post.report().await;
        if report.outcome() == Outcome::Returned {
            break report;
        }
    };
    assert_eq!((returned.job_id.as_str(), returned.attempt), (job[0].as_str(), 1));
    post.broker.call_out(to_json(&control(&[], &job)).into()).await.unwrap();
    loop {
        post.send(Lane::Bulk, &task).await;
        if post.report().await.outcome() != Outcome::Returned {
            break;
        }
    }
    assert_eq!(post.settled().await, 0);
    post.ending(running).await;
}
