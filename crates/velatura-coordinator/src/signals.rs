use tokio::sync::{Notify, broadcast};
use uuid::Uuid;

/// What wakes loops and watchers in this process, so that nothing polls in haste. A signal that is missed, or that
/// belongs to another process, is made good by the next tick.
#[derive(Debug)]
pub(crate) struct Signals {
    /// There may be tasks to dispatch, or room for them.
    pub(crate) dispatch: Notify,
    /// There may be a job to expand.
    pub(crate) expand: Notify,
    changed: broadcast::Sender<Uuid>,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self {
            dispatch: Notify::new(),
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
