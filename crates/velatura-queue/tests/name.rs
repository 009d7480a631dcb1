//! Names of queues and pools.

use velatura_queue::{Lane, QueueName};

#[test]
fn a_queue_is_named_after_its_pool_and_lane() {
    let bulk = QueueName::tasks("gpu-a", Lane::Bulk).unwrap();
    assert_eq!(bulk.to_string(), "velatura.tasks.gpu-a.bulk.v1");
    assert_eq!(QueueName::Results.to_string(), "velatura.results.v1");
    assert_eq!(QueueName::Dead.to_string(), "velatura.dead.v1");
}

#[test]
fn every_name_is_read_back_from_its_text() {
    let tasks = Lane::ALL.map(|lane| QueueName::tasks("default", lane).unwrap());
    for name in tasks.into_iter().chain([QueueName::Results, QueueName::Dead]) {
        assert_eq!(name.to_string().parse::<QueueName>().unwrap(), name);
    }
}

#[test]
fn a_pool_name_that_would_confuse_a_broker_is_refused() {
    for name in ["", "GPU", "a.b", "a b", "a*", "#", "pool/1", "ä", &"x".repeat(33)] {
        let refused = QueueName::tasks(name, Lane::Bulk).unwrap_err();
        assert_eq!(refused.code(), "queue-name", "{name:?}");
        assert!(!refused.is_transient());
    }
    assert!(QueueName::tasks(&"x".repeat(32), Lane::Bulk).is_ok());
}

#[test]
fn a_foreign_queue_is_not_taken_for_one_of_ours() {
    for name in [
        "velatura.tasks.a.b.bulk.v1",
        "velatura.tasks.a.slow.v1",
        "velatura.tasks.a.bulk.v2",
        "amq.gen-x",
    ] {
        assert!(name.parse::<QueueName>().is_err(), "{name}");
    }
}
