//! What is called out to everybody.

use velatura_queue::{Heard, Listener};

use crate::setting::Setting;
use crate::{Claims, claims};

pub(crate) fn claims() -> Claims<Setting> {
    claims![
        everybody_who_listens_hears_it_once,
        what_nobody_hears_is_no_error_and_is_gone,
    ]
}

async fn joined(setting: &Setting) -> Listener {
    let mut listener = setting.broker.listen();
    assert_eq!(listener.next().await, Heard::Joined);
    listener
}

async fn everybody_who_listens_hears_it_once(setting: Setting) {
    let (mut one, mut other) = (joined(&setting).await, joined(&setting).await);
    for word in ["first", "second"] {
        setting.broker.call_out(word.into()).await.unwrap();
    }
    for listener in [&mut one, &mut other] {
        assert_eq!(listener.next().await, Heard::Called("first".into()));
        assert_eq!(listener.next().await, Heard::Called("second".into()));
    }
}

async fn what_nobody_hears_is_no_error_and_is_gone(setting: Setting) {
    setting.broker.call_out("to nobody".into()).await.unwrap();
    let mut listener = joined(&setting).await;
    setting.broker.call_out("to you".into()).await.unwrap();
    assert_eq!(listener.next().await, Heard::Called("to you".into()));
}
