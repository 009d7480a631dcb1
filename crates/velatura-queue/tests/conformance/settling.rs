//! What becomes of a delivery.

use velatura_queue::{Delivery, Message, QueueName};

use crate::setting::{Setting, next, nothing_comes, number, set, take, take_and_ack};
use crate::{Claims, claims};

pub(crate) fn claims() -> Claims<Setting> {
    claims![
        an_acked_message_is_gone,
        messages_acked_together_are_gone_and_no_others,
        acking_together_leaves_what_is_being_rejected_to_the_dead_queue,
        a_nacked_message_comes_again_marked_as_redelivered,
        a_delivery_that_is_dropped_comes_again,
        a_message_may_be_handed_back_twenty_times,
        a_rejected_message_lies_in_the_dead_queue_unchanged,
    ]
}

async fn an_acked_message_is_gone(setting: Setting) {
    setting.filled(3).await;
    let mut consumer = setting.consume(1).await;
    take_and_ack(&mut consumer, 3).await;
    drop(consumer);

    setting.publish(3..4).await;
    let mut another = setting.consume(10).await;
    assert_eq!(take_and_ack(&mut another, 1).await, [3]);
    nothing_comes(&mut another).await;
    setting.until_ready(0).await;
}

async fn messages_acked_together_are_gone_and_no_others(setting: Setting) {
    setting.filled(10).await;
    let (mut one, mut other) = (setting.consume(6).await, setting.consume(4).await);
    let mut held = take(&mut one, 6).await;
    held.extend(take(&mut other, 4).await);
    let kept = [held.remove(7), held.remove(3)];
    let numbers = kept.each_ref().map(number);
    // In any order, of both consumers, and with one between them that is not among them.
    held.reverse();
    Delivery::ack_all(held).await.unwrap();
    drop((kept, one, other));
    setting.until_ready(2).await;
    let mut another = setting.consume(10).await;
    assert_eq!(set(take_and_ack(&mut another, 2).await), set(numbers));
    nothing_comes(&mut another).await;
}

async fn acking_together_leaves_what_is_being_rejected_to_the_dead_queue(setting: Setting) {
    setting.broker.declare(&QueueName::Dead).await.unwrap();
    setting.filled(5).await;
    let mut consumer = setting.consume(5).await;
    let mut held = take(&mut consumer, 5).await;
    let (rejected, acked) = tokio::join!(held.remove(0).reject(), Delivery::ack_all(held));
    rejected.unwrap();
    acked.unwrap();
    let mut dead = setting.broker.consume(&QueueName::Dead, 5).await.unwrap();
    assert_eq!(take_and_ack(&mut dead, 1).await, [0]);
    nothing_comes(&mut dead).await;
    drop(consumer);
    setting.until_ready(0).await;
}

async fn a_nacked_message_comes_again_marked_as_redelivered(setting: Setting) {
    setting.filled(1).await;
    let mut consumer = setting.consume(1).await;
    let first = next(&mut consumer).await;
    assert!(!first.redelivered());
    first.nack().await.unwrap();
    let second = next(&mut consumer).await;
    assert!(second.redelivered());
    assert_eq!(number(&second), 0);
    second.ack().await.unwrap();
    nothing_comes(&mut consumer).await;
}

async fn a_delivery_that_is_dropped_comes_again(setting: Setting) {
    setting.filled(1).await;
    let mut consumer = setting.consume(1).await;
    drop(next(&mut consumer).await);
    let again = next(&mut consumer).await;
    assert!(again.redelivered());
    again.ack().await.unwrap();
}

/// RabbitMQ 3.10 and 4.0 count every return of a message towards the delivery limit, 4.3 only failures: twenty is what
/// all of them allow, with our policy and without.
async fn a_message_may_be_handed_back_twenty_times(setting: Setting) {
    setting.filled(1).await;
    let mut consumer = setting.consume(1).await;
    for _ in 0..20 {
        next(&mut consumer).await.nack().await.unwrap();
    }
    let last = next(&mut consumer).await;
    assert!(last.redelivered());
    last.ack().await.unwrap();
    setting.until_ready(0).await;
    let dead = setting
        .exact
        .depth(&QueueName::Dead)
        .await
        .map(|depth| depth.ready)
        .unwrap_or_default();
    assert_eq!(dead, 0, "handing back is no failure");
}

async fn a_rejected_message_lies_in_the_dead_queue_unchanged(setting: Setting) {
    setting.broker.declare(&setting.tasks).await.unwrap();
    let unreadable = Message {
        id: "broken".to_owned(),
        body: vec![0xff, 0, b'{', 0xfe].into(),
    };
    setting
        .broker
        .publish(&setting.tasks, vec![unreadable.clone()])
        .await
        .remove(0)
        .unwrap();
    let mut consumer = setting.consume(1).await;
    next(&mut consumer).await.reject().await.unwrap();
    nothing_comes(&mut consumer).await;

    let mut dead = setting.broker.consume(&QueueName::Dead, 1).await.unwrap();
    let delivery = next(&mut dead).await;
    assert_eq!(
        (delivery.id(), delivery.body()),
        (unreadable.id.as_str(), &unreadable.body)
    );
    delivery.ack().await.unwrap();
    nothing_comes(&mut dead).await;
    setting.until_ready(0).await;
}
