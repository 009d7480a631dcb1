//! Messages in.

use std::time::Instant;

use futures_util::future::join_all;
use velatura_queue::QueueError;

use crate::setting::{Setting, messages, next, take_and_ack, tasks};
use crate::{Claims, claims};

pub(crate) fn claims() -> Claims<Setting> {
    claims![
        messages_arrive_in_the_order_published,
        body_and_id_arrive_unchanged,
        a_message_for_a_queue_that_nobody_declared_is_an_error,
        publishing_nothing_is_no_error,
        ten_thousand_messages_are_handed_over_within_seconds,
        of_many_publishers_each_learns_of_its_own_messages,
    ]
}

async fn messages_arrive_in_the_order_published(setting: Setting) {
    setting.filled(300).await;
    let mut consumer = setting.consume(10).await;
    assert_eq!(take_and_ack(&mut consumer, 300).await, (0..300).collect::<Vec<_>>());
}

async fn body_and_id_arrive_unchanged(setting: Setting) {
    setting.broker.declare(&setting.tasks).await.unwrap();
    let mut message = messages(7..8).remove(0);
    message.body = (0..=255).cycle().take(200_000).collect::<Vec<u8>>().into();
    setting
        .broker
        .publish(&setting.tasks, vec![message.clone()])
        .await
        .remove(0)
        .unwrap();
    let mut consumer = setting.consume(1).await;
    let delivery = next(&mut consumer).await;
    assert_eq!((delivery.body(), delivery.id()), (&message.body, message.id.as_str()));
    assert!(!delivery.redelivered());
    delivery.ack().await.unwrap();
}

async fn a_message_for_a_queue_that_nobody_declared_is_an_error(setting: Setting) {
    setting.broker.declare(&setting.tasks).await.unwrap();
    let nowhere = tasks("nowhere");
    let outcomes = setting.broker.publish(&nowhere, messages(0..3)).await;
    assert_eq!(outcomes.len(), 3);
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert_eq!(error.code(), "queue-returned");
        assert!(error.to_string().contains("velatura.tasks.nowhere.bulk.v1"), "{error}");
    }
}

async fn publishing_nothing_is_no_error(setting: Setting) {
    setting.broker.declare(&setting.tasks).await.unwrap();
    assert!(setting.broker.publish(&setting.tasks, Vec::new()).await.is_empty());
}

async fn ten_thousand_messages_are_handed_over_within_seconds(setting: Setting) {
    setting.broker.declare(&setting.tasks).await.unwrap();
    let mut all = messages(0..10_000);
    for message in &mut all {
        // The size of a task.
        message.body = format!("{:01$}", 0, 1024).into();
    }
    let since = Instant::now();
    let outcomes = setting.broker.publish(&setting.tasks, all).await;
    let took = since.elapsed();
    outcomes.into_iter().collect::<Result<(), QueueError>>().unwrap();
    println!(
        "10,000 messages of 1 KiB in {took:.2?}: {:.0} messages/s",
        10_000.0 / took.as_secs_f64()
    );
    // Confirmed one after the other it would take minutes on a busy machine.
    assert!(took.as_secs() < 30, "{took:?}");
    setting.until_ready(10_000).await;
}

/// lapin pairs a returned message with whichever confirmation of its channel comes next, not with its own.
async fn of_many_publishers_each_learns_of_its_own_messages(setting: Setting) {
    setting.broker.declare(&setting.tasks).await.unwrap();
    let nowhere = tasks("nowhere");
    let publishing = (0..60).map(|publisher| {
        let queue = if publisher % 3 == 0 { &nowhere } else { &setting.tasks };
        let publishing = setting
            .broker
            .publish(queue, messages(publisher * 5..publisher * 5 + 5));
        async move { (publisher, publishing.await) }
    });
    for (publisher, outcomes) in join_all(publishing).await {
        let handed_over = publisher % 3 != 0;
        assert!(
            outcomes.iter().all(|outcome| outcome.is_ok() == handed_over),
            "{publisher}: {outcomes:?}"
        );
    }
    setting.until_ready(200).await;
}
