//! How a worker ends.

use velatura_queue::{Broker as _, Lane, QueueName};
use velatura_worker::{Ending, PipelineConfig};

use crate::post::{Post, soon, until};
use crate::studio::{Studio, photo, recipe, start_engine};

#[tokio::test]
async fn a_worker_without_work_drains_at_once_and_says_that_it_takes_nothing() {
    let post = Post::new(Studio::new()).await;
    let worker = post.worker();
    assert!(!post.readiness.report().ready, "it does not run yet");
    let running = post.start(worker);
    until("readiness", async || post.readiness.report().ready).await;
    assert_eq!(post.condition("taking"), "ok");
    assert_eq!(post.ending(running).await, Ending::Drained);
    assert_eq!(post.condition("taking"), "draining");
    assert!(!post.readiness.report().ready);
}

#[tokio::test]
async fn what_is_under_way_at_a_stop_is_finished_or_given_back_and_nothing_is_lost() {
    const TASKS: u64 = 16;
    let post = Post::new(Studio::new()).await;
    for seq in 0..TASKS {
        let key = format!("{seq}.png");
        post.studio.write(&key, &photo(1));
        post.send(Lane::Bulk, &post.task(seq, &key, &[recipe("embers")])).await;
    }
    let running = post.start(post.worker());
    // One has ended, whichever, and others are under way.
    post.report().await;

    assert_eq!(post.ending(running).await, Ending::Drained);

    let given_back = post.settled().await;
    assert_eq!(post.reports() as u64 + given_back, TASKS);
    assert!(given_back > 0, "it stopped before the end");
    assert_eq!(post.studio.metrics.in_flight.get(), 0);
    assert_eq!(post.studio.metrics.decoded_pixels.get(), 0);
    let done = post.studio.metrics.attempts_total.with_label_values(&["done"]).get();
    assert_eq!(done, post.reports() as u64, "what was painted was reported");
}

#[tokio::test]
async fn a_lost_device_ends_the_worker_with_the_reason_and_gives_the_task_back() {
    // An engine of its own, since it does not survive.
    let engine = start_engine();
    let post = Post::new(Studio::around(engine.clone(), &PipelineConfig::default())).await;
    post.studio.write("bay.png", &photo(1));
    engine.close();
    post.send(Lane::Bulk, &post.task(0, "bay.png", &[recipe("embers")]))
        .await;

    let running = post.start(post.worker());

    let ending = soon("the worker's end, unasked", running).await.unwrap().unwrap();
    let Ending::DeviceLost { reason } = ending else {
        panic!("{ending}");
    };
    assert!(reason.contains("engine-closed"), "{reason}");
    assert_eq!(post.settled().await, 1, "another process shall try it");
    assert_eq!(post.reports(), 0);
    assert_eq!(post.broker.depth(&QueueName::Dead).await.unwrap().ready, 0);
}
