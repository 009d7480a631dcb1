//! Brokers that do not let us in.

use std::time::{Duration, Instant};

use velatura_queue::{Broker, QueueError, RabbitMq};

use crate::setting::{Setting, config};
use crate::{Claims, claims};

const AT_MOST: Duration = Duration::from_secs(60);

pub(crate) fn claims() -> Claims<Setting> {
    claims![
        a_wrong_password_is_a_sentence_without_the_password,
        an_unknown_vhost_is_a_sentence_with_the_remedy,
        nobody_at_the_address_is_a_sentence_in_time,
        another_protocol_at_the_address_is_a_sentence_in_time,
        the_next_address_is_tried_when_one_does_not_answer,
    ]
}

async fn refused(url: &str, at_most: Duration) -> QueueError {
    let mut config = config(url, None);
    config.connect_timeout_seconds = 5;
    RabbitMq::connect_within(&config, at_most)
        .await
        .expect_err("nobody should have let us in")
}

async fn a_wrong_password_is_a_sentence_without_the_password(setting: Setting) {
    let url = setting.url().replace("guest:guest", "guest:s3cret");
    let error = refused(&url, AT_MOST).await;
    assert_eq!(error.code(), "queue-denied", "{error}");
    let sentence = error.to_string();
    assert!(
        sentence.contains("\"guest\"") && sentence.contains("correct"),
        "{sentence}"
    );
    assert!(!format!("{sentence} {error:?}").contains("s3cret"), "{error:?}");
}

async fn an_unknown_vhost_is_a_sentence_with_the_remedy(setting: Setting) {
    let error = refused(&format!("{}/nowhere", setting.server().url()), AT_MOST).await;
    assert_eq!(error.code(), "queue-denied", "{error}");
    let sentence = error.to_string();
    assert!(
        sentence.contains("nowhere") && sentence.contains("rabbitmqctl add_vhost"),
        "{sentence}"
    );
}

async fn nobody_at_the_address_is_a_sentence_in_time(_: Setting) {
    let since = Instant::now();
    let url = format!("amqp://guest:s3cret@127.0.0.1:{}", velatura_testkit::free_port());
    let error = refused(&url, Duration::from_secs(2)).await;
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    assert_eq!(error.code(), "queue-unavailable", "{error}");
    let sentence = error.to_string();
    assert!(
        sentence.contains("127.0.0.1") && sentence.contains("is RabbitMQ running there?"),
        "{sentence}"
    );
    assert!(!sentence.contains("s3cret"), "{sentence}");
}

async fn another_protocol_at_the_address_is_a_sentence_in_time(setting: Setting) {
    let web = setting.server().management_url();
    let error = refused(&web.replace("http://", "amqp://guest:guest@"), Duration::from_secs(15)).await;
    assert_eq!(error.code(), "queue-unavailable", "{error}");
    let error = refused(&setting.url().replace("amqp://", "amqps://"), Duration::from_secs(15)).await;
    assert_eq!(error.code(), "queue-unavailable", "TLS where none is spoken: {error}");
}

async fn the_next_address_is_tried_when_one_does_not_answer(setting: Setting) {
    let mut config = config(&setting.url(), None);
    config.urls.insert(
        0,
        format!("amqp://127.0.0.1:{}", velatura_testkit::free_port())
            .parse()
            .unwrap(),
    );
    let broker = RabbitMq::connect_within(&config, AT_MOST).await.unwrap();
    broker.declare(&setting.tasks).await.unwrap();
    broker.check().await.unwrap();
}
