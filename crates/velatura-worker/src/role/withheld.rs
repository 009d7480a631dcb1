use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;
use velatura_proto::{MESSAGE_VERSION, from_json, to_json, v1};
use velatura_queue::{Broker, Heard};

/// How long what was heard is believed: it is called out again for as long as it holds.
const BELIEVED_FOR: Duration = Duration::from_secs(10);

/// Jobs that were paused or cancelled while tasks of them lay in the queue: none of those must be begun.
#[derive(Debug, Clone, Default)]
pub(super) struct Withheld(Arc<Mutex<HashMap<Uuid, Instant>>>);

impl Withheld {
    /// Listens until the handle is dropped.
    pub(super) fn listen(&self, broker: &Arc<dyn Broker>) -> AbortOnDropHandle<()> {
        let (withheld, broker) = (self.clone(), Arc::clone(broker));
        AbortOnDropHandle::new(tokio::spawn(async move {
            let mut listener = broker.listen();
            loop {
                match listener.next().await {
                    Heard::Joined => {
                        // What was heard before may have been taken back since.
                        withheld.with(HashMap::clear);
                        ask(&broker).await;
                    }
                    Heard::Called(body) => match from_json::<v1::Control>(&body) {
                        Ok(control) => withheld.hear(&control, Instant::now()),
                        Err(error) => tracing::debug!(%error, "what was called out can't be read"),
                    },
                }
            }
        }))
    }

    /// Whether tasks of this job must not be begun.
    pub(super) fn holds(&self, job: Uuid) -> bool {
        self.holds_at(job, Instant::now())
    }

    fn holds_at(&self, job: Uuid, now: Instant) -> bool {
        self.with(|until| until.get(&job).is_some_and(|until| *until > now))
    }

    fn hear(&self, control: &v1::Control, now: Instant) {
        let ids = |texts: &[String]| texts.iter().filter_map(|id| id.parse().ok()).collect::<Vec<Uuid>>();
        self.with(|until| {
            until.retain(|_, until| *until > now);
            for id in ids(&control.withheld) {
                until.insert(id, now + BELIEVED_FOR);
            }
            for id in ids(&control.released) {
                until.remove(&id);
            }
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Uuid, Instant>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn ask(broker: &Arc<dyn Broker>) {
    let question = v1::Control {
        version: MESSAGE_VERSION,
        asks: true,
        ..Default::default()
    };
    if let Err(error) = broker.call_out(to_json(&question).into()).await {
        tracing::debug!(%error, "nobody can be asked what is withheld");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(withheld: &[Uuid], released: &[Uuid]) -> v1::Control {
        let texts = |ids: &[Uuid]| ids.iter().map(Uuid::to_string).collect();
        v1::Control {
            withheld: texts(withheld),
            released: texts(released),
            ..Default::default()
        }
    }

    #[test]
    fn what_is_withheld_is_so_until_it_is_released_or_no_longer_called_out() {
        let (withheld, now) = (Withheld::default(), Instant::now());
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        withheld.hear(&said(&[one, other], &[]), now);
        assert!(withheld.holds_at(one, now) && withheld.holds_at(other, now));
        withheld.hear(&said(&[], &[one]), now);
        assert!(!withheld.holds_at(one, now) && withheld.holds_at(other, now));
        assert!(!withheld.holds_at(other, now + BELIEVED_FOR));
    }

    #[test]
    fn what_is_no_id_is_nothing() {
        let withheld = Withheld::default();
        let control = v1::Control {
            withheld: vec!["seven".to_owned()],
            ..Default::default()
        };
        withheld.hear(&control, Instant::now());
        assert!(withheld.with(|until| until.is_empty()));
    }
}
