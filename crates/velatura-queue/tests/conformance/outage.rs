//! A broker that goes away and comes back.

use std::time::{Duration, Instant};

use velatura_queue::{Broker, ConsumerState, QueueError};

use crate::setting::{
    Outage, eventually, messages, nothing_comes, number, once_subscribed, set, take, take_and_ack, until_interrupted,
    until_subscribed,
};
use crate::{Claims, claims};

pub(crate) fn claims() -> Claims<Outage> {
    claims![
        a_restarted_broker_has_all_that_was_confirmed_and_nothing_that_was_acked,
        publishing_errs_in_time_while_the_broker_is_away_and_works_afterwards,
    ]
}

async fn publish(broker: &dyn Broker, outage: &Outage, numbers: std::ops::Range<usize>) -> Result<(), QueueError> {
    broker
        .publish(&outage.tasks, messages(numbers))
        .await
        .into_iter()
        .collect()
}

async fn a_restarted_broker_has_all_that_was_confirmed_and_nothing_that_was_acked(mut outage: Outage) {
    let broker = outage.broker();
    broker.declare(&outage.tasks).await.unwrap();
    publish(&*broker, &outage, 0..100).await.unwrap();
    let mut consumer = broker.consume(&outage.tasks, 10).await.unwrap();
    let acked = take_and_ack(&mut consumer, 30).await;
    let held = take(&mut consumer, 10).await;
    // Acks are not answered; this tells that the broker has heard of them all.
    let heard = eventually(async || broker.depth(&outage.tasks).await.is_ok_and(|depth| depth.ready == 60));
    heard.await.expect("30 acks should have arrived");

    let mut state = once_subscribed(&consumer).await;
    outage.server.stop().unwrap();
    until_interrupted(&mut state).await;
    assert!(
        matches!(*state.borrow(), ConsumerState::Interrupted { .. }),
        "{state:?}"
    );
    outage.server.start_again().unwrap();
    until_subscribed(&consumer).await;
    for delivery in held {
        assert!(matches!(delivery.ack().await, Err(QueueError::Stale)));
    }
    let rest = take(&mut consumer, 10).await;
    assert!(rest.iter().all(velatura_queue::Delivery::redelivered), "{rest:?}");
    let mut resumed = Vec::new();
    for delivery in rest {
        resumed.push(number(&delivery));
        delivery.ack().await.unwrap();
    }
    resumed.extend(take_and_ack(&mut consumer, 60).await);
    assert_eq!(acked, (0..30).collect::<Vec<_>>());
    assert_eq!(resumed.len(), 70);
    assert_eq!(set(resumed), set(30..100));
    nothing_comes(&mut consumer).await;

    // Now without warning. (In its first second a new queue would not outlive that: RabbitMQ 3.10 notes its name late.)
    drop(consumer);
    publish(&*broker, &outage, 100..600).await.unwrap();
    outage.server.kill();
    outage.server.start_again().unwrap();
    let mut consumer = broker.consume(&outage.tasks, 50).await.unwrap();
    assert_eq!(take_and_ack(&mut consumer, 500).await, (100..600).collect::<Vec<_>>());
}

async fn publishing_errs_in_time_while_the_broker_is_away_and_works_afterwards(mut outage: Outage) {
    let broker = outage.broker();
    broker.declare(&outage.tasks).await.unwrap();
    publish(&*broker, &outage, 0..1).await.unwrap();
    let impatient = outage.impatient();
    eventually(async || impatient.check().await.is_ok())
        .await
        .expect("it should connect");
    outage.server.stop().unwrap();

    let since = Instant::now();
    let error = publish(&*impatient, &outage, 1..2500).await.unwrap_err();
    assert!(since.elapsed() < Duration::from_secs(20), "{:?}", since.elapsed());
    assert!(error.is_transient(), "{error}");
    assert_eq!(impatient.check().await.unwrap_err().code(), "queue-unavailable");
    // Someone who starts while the broker is away is not turned away either.
    let latecomer = outage.broker();
    assert_eq!(latecomer.check().await.unwrap_err().code(), "queue-unavailable");
    let mut consumer = latecomer.consume(&outage.tasks, 10).await.unwrap();

    outage.server.start_again().unwrap();
    until_subscribed(&consumer).await;
    let again = eventually(async || publish(&*broker, &outage, 7000..7001).await.is_ok());
    again.await.expect("publishing should work again");
    for client in [&broker, &impatient, &latecomer] {
        eventually(async || client.check().await.is_ok())
            .await
            .expect("it should be connected again");
    }
    while take_and_ack(&mut consumer, 1).await != [7000] {}
}
