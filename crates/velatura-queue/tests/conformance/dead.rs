//! The policies of RabbitMQ, as they are shipped.

use lapin::options::BasicGetOptions;
use lapin::{Connection, ConnectionProperties};
use velatura_queue::QueueName;

use crate::setting::{Setting, eventually, next, number};
use crate::{Claims, claims};

pub(crate) fn claims() -> Claims<Setting> {
    claims![
        a_message_that_ends_every_process_ends_in_the_dead_queue,
        the_policies_are_in_force_for_each_of_our_queues
    ]
}

/// A consumer that dies with the message, again and again.
async fn a_message_that_ends_every_process_ends_in_the_dead_queue(setting: Setting) {
    setting.filled(1).await;
    let queue = setting.tasks.to_string();
    let mut deaths = 0;
    // The statistics of a broker lag; what the queue gives out does not.
    while deaths < 40 {
        let connection = Connection::connect(&setting.url(), ConnectionProperties::default())
            .await
            .unwrap();
        let channel = connection.create_channel().await.unwrap();
        let given = channel
            .basic_get(queue.as_str().into(), BasicGetOptions::default())
            .await
            .unwrap();
        let dying = given.is_some();
        connection.close(200, "dying".into()).await.unwrap();
        if dying {
            deaths += 1;
        } else if setting.exact.depth(&QueueName::Dead).await.unwrap().ready == 1 {
            break;
        }
    }
    assert_eq!(deaths, 21, "twenty deliveries are forgiven");

    let mut dead = setting.broker.consume(&QueueName::Dead, 1).await.unwrap();
    let delivery = next(&mut dead).await;
    assert_eq!(number(&delivery), 0);
    assert_eq!(&delivery.body()[..], br#"{"task":0}"#);
    delivery.ack().await.unwrap();
}

async fn the_policies_are_in_force_for_each_of_our_queues(setting: Setting) {
    let expected = [
        (&setting.tasks, "velatura"),
        (&QueueName::Results, "velatura"),
        (&QueueName::Dead, "velatura-dead"),
    ];
    for (queue, policy) in expected {
        setting.broker.declare(queue).await.unwrap();
        let path = format!("/api/queues/{}/{queue}", setting.vhost());
        let mut said = String::new();
        let in_force = eventually(async || {
            said = setting.server().api("GET", &path, "").unwrap_or_default();
            said.contains(&format!(r#""policy":"{policy}""#))
        });
        in_force.await.unwrap_or_else(|()| panic!("{queue}: {said}"));
    }
}
