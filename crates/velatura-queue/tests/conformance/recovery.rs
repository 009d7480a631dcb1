//! What a broker does to a client while both go on living.

use velatura_queue::{ConsumerState, QueueError};

use crate::setting::{
    Setting, eventually, next, number, once_subscribed, take, take_and_ack, tasks, until_interrupted, until_subscribed,
};
use crate::{Claims, claims};

pub(crate) fn claims() -> Claims<Setting> {
    claims![
        a_deleted_queue_ends_in_a_fresh_subscription,
        a_closed_connection_ends_in_a_fresh_subscription,
        a_queue_that_the_broker_lost_is_declared_again_by_its_publisher,
        a_queue_of_another_kind_is_a_mismatch,
    ]
}

async fn a_deleted_queue_ends_in_a_fresh_subscription(setting: Setting) {
    setting.filled(0).await;
    let mut consumer = setting.consume(5).await;
    let mut state = once_subscribed(&consumer).await;
    let path = format!("/api/queues/{}/{}", setting.vhost(), setting.tasks);
    setting.server().api("DELETE", &path, "").unwrap();
    until_interrupted(&mut state).await;
    until_subscribed(&consumer).await;
    setting.publish(0..3).await;
    assert_eq!(take_and_ack(&mut consumer, 3).await, [0, 1, 2]);
}

async fn a_closed_connection_ends_in_a_fresh_subscription(setting: Setting) {
    setting.filled(3).await;
    let mut consumer = setting.consume(1).await;
    let held = next(&mut consumer).await;
    assert_eq!(number(&held), 0);
    let mut state = once_subscribed(&consumer).await;
    close_connections(&setting).await;
    until_interrupted(&mut state).await;
    until_subscribed(&consumer).await;

    assert!(matches!(held.ack().await, Err(QueueError::Stale)));
    let again = next(&mut consumer).await;
    assert_eq!((number(&again), again.redelivered()), (0, true));
    again.ack().await.unwrap();
    assert_eq!(take_and_ack(&mut consumer, 2).await, [1, 2]);
    setting.publish(3..5).await;
    assert_eq!(take_and_ack(&mut consumer, 2).await, [3, 4]);
}

/// As an operator would in the management pages; it takes a while until a new connection shows up there.
async fn close_connections(setting: &Setting) {
    let path = format!("/api/vhosts/{}/connections", setting.vhost());
    let mut names = Vec::new();
    let shown = eventually(async || {
        let listed: serde_json::Value = serde_json::from_str(&setting.server().api("GET", &path, "").unwrap()).unwrap();
        let listed = listed.as_array().unwrap().iter();
        names = listed
            .filter_map(|connection| connection["name"].as_str().map(str::to_owned))
            .collect();
        names.len() >= 4
    });
    shown.await.unwrap_or_else(|()| panic!("{names:?}"));
    for name in names {
        let name = name.replace(' ', "%20").replace('>', "%3E");
        setting
            .server()
            .api("DELETE", &format!("/api/connections/{name}"), "")
            .unwrap();
    }
}

async fn a_queue_that_the_broker_lost_is_declared_again_by_its_publisher(setting: Setting) {
    setting.filled(2).await;
    let path = format!("/api/queues/{}/{}", setting.vhost(), setting.tasks);
    setting.server().api("DELETE", &path, "").unwrap();
    setting.publish(2..5).await;
    let mut consumer = setting.consume(5).await;
    assert_eq!(
        take(&mut consumer, 3).await.iter().map(number).collect::<Vec<_>>(),
        [2, 3, 4]
    );
}

async fn a_queue_of_another_kind_is_a_mismatch(setting: Setting) {
    let queue = tasks("classic");
    let path = format!("/api/queues/{}/{queue}", setting.vhost());
    setting
        .server()
        .api(
            "PUT",
            &path,
            r#"{"durable":true,"arguments":{"x-queue-type":"classic"}}"#,
        )
        .unwrap();
    let error = setting.broker.declare(&queue).await.unwrap_err();
    assert_eq!(error.code(), "queue-mismatch", "{error}");
    assert!(error.to_string().contains("velatura.tasks.classic.bulk.v1"), "{error}");

    let unharmed = setting.consume(1).await;
    let mut others = unharmed.state();
    others
        .wait_for(|state| *state == ConsumerState::Subscribed)
        .await
        .unwrap();
    let consumer = setting.broker.consume(&queue, 1).await.unwrap();
    let mut state = consumer.state();
    let told = |state: &ConsumerState| matches!(state, ConsumerState::Interrupted { reason } if reason.contains("x-queue-type"));
    state.wait_for(told).await.unwrap();
    // One queue that can't be had is no reason to lose the others.
    for _ in 0..3 {
        setting.broker.declare(&queue).await.unwrap_err();
    }
    assert!(!others.has_changed().unwrap(), "{:?}", *others.borrow());
}
