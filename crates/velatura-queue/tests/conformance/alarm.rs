//! A broker whose memory runs out.

use std::time::{Duration, Instant};

use crate::setting::{Outage, eventually, messages, take_and_ack, until_subscribed};
use crate::{Claims, claims};

pub(crate) fn claims() -> Claims<Outage> {
    claims![an_alarm_stops_publishers_with_an_error_and_consumers_not_at_all]
}

async fn an_alarm_stops_publishers_with_an_error_and_consumers_not_at_all(outage: Outage) {
    let broker = outage.broker();
    broker.declare(&outage.tasks).await.unwrap();
    for outcome in broker.publish(&outage.tasks, messages(0..20)).await {
        outcome.unwrap();
    }
    let mut consumer = broker.consume(&outage.tasks, 2).await.unwrap();
    until_subscribed(&consumer).await;

    let asking = outage.with_management();
    let alarms = async || asking.alarms().await.unwrap().unwrap();
    assert_eq!(alarms().await["memory"], 0);
    assert_eq!(
        broker.alarms().await.unwrap(),
        None,
        "without a management API nobody can say"
    );

    outage
        .server
        .ctl(&["set_vm_memory_high_watermark", "absolute", "1MB"])
        .unwrap();
    let mut said = String::new();
    let impatient = outage.impatient();
    let blocked = eventually(async || {
        let since = Instant::now();
        let outcome = impatient.publish(&outage.tasks, messages(100..101)).await.remove(0);
        assert!(since.elapsed() < Duration::from_secs(20), "{:?}", since.elapsed());
        outcome.is_err_and(|error| {
            said = error.to_string();
            error.code() == "queue-blocked" && error.is_transient()
        })
    });
    blocked.await.unwrap_or_else(|()| panic!("{said}"));
    assert_eq!(impatient.check().await.unwrap_err().code(), "queue-blocked");
    assert_eq!((alarms().await["memory"], alarms().await["disk"]), (1, 0));
    assert_eq!(take_and_ack(&mut consumer, 20).await, (0..20).collect::<Vec<_>>());

    outage
        .server
        .ctl(&["set_vm_memory_high_watermark", "absolute", "1GB"])
        .unwrap();
    let again = eventually(async || {
        broker
            .publish(&outage.tasks, messages(200..201))
            .await
            .remove(0)
            .is_ok()
    });
    again.await.expect("publishing should work again");
    assert_eq!(alarms().await["memory"], 0);
    while take_and_ack(&mut consumer, 1).await != [200] {}
}
