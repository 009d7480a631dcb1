//! A broker over TLS, on a private node whose certificate is by an authority of the test's own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use velatura_queue::{Broker, Message, QueueConfig, QueueError, QueueName, RabbitMq};
use velatura_testkit::rabbitmq::{RabbitMq as Node, Version};
use velatura_testkit::tls::Authority;

const AT_MOST: Duration = Duration::from_secs(60);

fn config(url: &str, ca_file: Option<&Path>) -> QueueConfig {
    QueueConfig {
        urls: vec![url.parse().unwrap()],
        ca_file: ca_file.map(Path::to_owned),
        ..QueueConfig::default()
    }
}

async fn refused(url: &str, ca_file: Option<&Path>) -> QueueError {
    let connected = RabbitMq::connect_within(&config(url, ca_file), AT_MOST).await;
    connected.expect_err("nobody should have been trusted")
}

#[tokio::test]
async fn a_broker_is_trusted_by_its_authority_and_by_no_other() {
    let authority = Authority::new().unwrap();
    let ca_file = tempfile::NamedTempFile::new().unwrap();
    std::fs::copy(authority.ca_file(), ca_file.path()).unwrap();
    let node = Node::start_with_tls(Version::V3_10, authority).unwrap();
    let url = node.tls_url().unwrap();

    let broker = RabbitMq::connect_within(&config(&url, Some(ca_file.path())), AT_MOST)
        .await
        .unwrap();
    broker.declare(&QueueName::Results).await.unwrap();
    let message = Message {
        body: Bytes::from_static(b"over TLS"),
        id: "1".to_owned(),
    };
    let published = broker.publish(&QueueName::Results, vec![message]).await;
    assert!(published.iter().all(Result::is_ok), "{published:?}");
    let mut consumer = broker.consume(&QueueName::Results, 1).await.unwrap();
    let delivery = consumer.next().await.unwrap();
    assert_eq!(&delivery.body()[..], b"over TLS");
    delivery.ack().await.unwrap();

    let stranger = Authority::new().unwrap();
    for ca_file in [None, Some(stranger.ca_file())] {
        let error = refused(&url, ca_file.as_deref()).await;
        assert_eq!(error.code(), "queue-denied", "{error}");
        let sentence = error.to_string();
        assert!(
            sentence.contains("certificate that is not trusted") && sentence.contains("ca_file"),
            "{sentence}"
        );
        assert!(!sentence.contains("guest:guest"), "{sentence}");
    }
}

#[tokio::test]
async fn a_ca_file_that_holds_no_certificate_is_named() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    let url = format!("amqps://guest:guest@localhost:{}", velatura_testkit::free_port());
    for path in [empty.path(), Path::new("/nowhere/ca.pem")] {
        let error = refused(&url, Some(path)).await;
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
}
