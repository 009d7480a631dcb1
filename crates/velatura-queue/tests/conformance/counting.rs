//! Depths.

use velatura_queue::Depth;

use crate::setting::{Setting, eventually, take, tasks};
use crate::{Claims, claims};

pub(crate) fn claims() -> Claims<Setting> {
    claims![
        depth_counts_what_waits_and_what_is_with_consumers,
        a_queue_that_nobody_declared_has_no_depth,
        a_broker_in_order_passes_its_check,
    ]
}

async fn depth_counts_what_waits_and_what_is_with_consumers(setting: Setting) {
    setting.filled(10).await;
    let mut consumer = setting.consume(4).await;
    let _held = take(&mut consumer, 4).await;
    let mut seen = None;
    let counted = eventually(async || {
        seen = setting.broker.depth(&setting.tasks).await.ok();
        seen == Some(Depth {
            ready: 6,
            unacked: Some(4),
        })
    });
    counted.await.unwrap_or_else(|()| panic!("{seen:?}"));
    assert_eq!(setting.exact.depth(&setting.tasks).await.unwrap().ready, 6);
}

async fn a_queue_that_nobody_declared_has_no_depth(setting: Setting) {
    setting.broker.declare(&setting.tasks).await.unwrap();
    for broker in [&setting.broker, &setting.exact] {
        let error = broker.depth(&tasks("nowhere")).await.unwrap_err();
        assert_eq!(error.code(), "queue-missing", "{error}");
    }
}

async fn a_broker_in_order_passes_its_check(setting: Setting) {
    setting.broker.declare(&setting.tasks).await.unwrap();
    let mut said = None;
    let passed = eventually(async || {
        said = setting.broker.check().await.err();
        said.is_none()
    });
    passed.await.unwrap_or_else(|()| panic!("{said:?}"));
}
