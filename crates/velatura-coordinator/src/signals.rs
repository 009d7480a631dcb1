use tokio::sync::{Notify, broadcast};
use uuid::Uuid;
use velatura_queue::Lane;

/// What wakes loops and watchers in this process, so that nothing polls in haste. A signal that is missed, or that
/// belongs to another process, is made good by the next tick.
#[derive(Debug)]
pub(crate) struct Signals {
    /// There may be tasks to dispatch, or room for them.
    pub(crate) dispatch: Wake,
    /// There may be a job to expand.
    pub(crate) expand: Notify,
    /// Somebody wants to know what is withheld.
    pub(crate) announce: Notify,
    changed: broadcast::Sender<Uuid>,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self {
            dispatch: Wake::default(),
            announce: Notify::new(),
            expand: Notify::new(),
            // A watcher that falls behind looks at its job again, so that little needs to be kept.
            changed: broadcast::channel(256).0,
        }
    }

    /// A job is not what it was.
    pub(crate) fn changed(&self, id: Uuid) {
        // Without watchers nobody has to know.
        let _ = self.changed.send(id);
    }

    /// The jobs that change from now on.
    pub(crate) fn changes(&self) -> broadcast::Receiver<Uuid> {
        self.changed.subscribe()
    }
}

/// Wakes the dispatch of both lanes.
#[derive(Debug, Default)]
pub(crate) struct Wake {
    bulk: Notify,
    interactive: Notify,
}

impl Wake {
    /// Each lane looks once more.
    pub(crate) fn notify_one(&self) {
        self.bulk.notify_one();
        self.interactive.notify_one();
    }

    /// Waits until this lane is to look.
    pub(crate) async fn notified(&self, lane: Lane) {
        match lane {
            Lane::Bulk => self.bulk.notified().await,
            Lane::Interactive => self.interactive.notified().await,
        }
    }
}
