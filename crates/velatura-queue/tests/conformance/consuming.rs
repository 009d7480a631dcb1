//! Subscriptions.

use velatura_queue::ConsumerState;

use crate::setting::{Setting, next, nothing_comes, number, set, take, take_and_ack, until_subscribed};
use crate::{Claims, claims};

pub(crate) fn claims() -> Claims<Setting> {
    claims![
        a_consumer_holds_at_most_its_prefetch,
        two_consumers_share_the_messages,
        a_consumer_says_that_it_is_subscribed_and_that_it_was_cancelled,
        a_cancelled_consumer_gets_no_more_and_settles_what_it_has,
        a_consumer_that_is_dropped_leaves_its_deliveries_to_their_holders,
        a_consumer_waits_for_messages_that_come_later,
    ]
}

async fn a_consumer_holds_at_most_its_prefetch(setting: Setting) {
    setting.filled(10).await;
    let mut consumer = setting.consume(3).await;
    let mut held = take(&mut consumer, 3).await;
    nothing_comes(&mut consumer).await;
    setting.until_ready(7).await;

    held.remove(0).ack().await.unwrap();
    let fourth = next(&mut consumer).await;
    assert_eq!(number(&fourth), 3);
    nothing_comes(&mut consumer).await;
    setting.until_ready(6).await;
}

async fn two_consumers_share_the_messages(setting: Setting) {
    setting.filled(20).await;
    let mut one = setting.consume(1).await;
    let mut other = setting.consume(1).await;
    let (first, second) = (next(&mut one).await, next(&mut other).await);
    let mut seen = vec![number(&first), number(&second)];
    first.ack().await.unwrap();
    second.ack().await.unwrap();
    // Both have had one; who gets how many of the rest is nobody's promise.
    while seen.len() < 20 {
        let delivery = tokio::select! {
            delivery = next(&mut one) => delivery,
            delivery = next(&mut other) => delivery,
        };
        seen.push(number(&delivery));
        delivery.ack().await.unwrap();
    }
    assert_eq!(set(seen), set(0..20));
    setting.until_ready(0).await;
}

async fn a_consumer_says_that_it_is_subscribed_and_that_it_was_cancelled(setting: Setting) {
    let consumer = setting.consume(5).await;
    until_subscribed(&consumer).await;
    let mut state = consumer.state();
    consumer.cancel();
    state
        .wait_for(|state| *state == ConsumerState::Cancelled)
        .await
        .unwrap();
}

async fn a_cancelled_consumer_gets_no_more_and_settles_what_it_has(setting: Setting) {
    setting.filled(10).await;
    let mut consumer = setting.consume(5).await;
    let mut held = take(&mut consumer, 3).await;
    consumer.cancel();
    assert!(consumer.next().await.is_none());
    assert!(consumer.next().await.is_none());
    // Those that it had not taken are back.
    setting.until_ready(7).await;

    held.remove(0).ack().await.unwrap();
    held.remove(0).ack().await.unwrap();
    held.remove(0).nack().await.unwrap();
    setting.until_ready(8).await;
    let mut another = setting.consume(20).await;
    assert_eq!(set(take_and_ack(&mut another, 8).await), set(2..10));
    nothing_comes(&mut another).await;
}

async fn a_consumer_that_is_dropped_leaves_its_deliveries_to_their_holders(setting: Setting) {
    setting.filled(5).await;
    let mut consumer = setting.consume(5).await;
    let held = take(&mut consumer, 2).await;
    drop(consumer);
    setting.until_ready(3).await;
    for delivery in held {
        delivery.ack().await.unwrap();
    }
    let mut another = setting.consume(5).await;
    assert_eq!(set(take_and_ack(&mut another, 3).await), set(2..5));
    nothing_comes(&mut another).await;
}

async fn a_consumer_waits_for_messages_that_come_later(setting: Setting) {
    let mut consumer = setting.consume(5).await;
    until_subscribed(&consumer).await;
    nothing_comes(&mut consumer).await;
    setting.filled(2).await;
    assert_eq!(take_and_ack(&mut consumer, 2).await, [0, 1]);
}
