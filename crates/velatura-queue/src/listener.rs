use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// Hears what is called out to everybody. Dropping it ends that.
#[derive(Debug)]
pub struct Listener {
    heard: mpsc::Receiver<Heard>,
    _source: AbortOnDropHandle<()>,
}

/// What a [`Listener`] hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// From here on it hears everything. What was called out before, since the last time or ever, it may have missed.
    Joined,
    /// Somebody called this out.
    Called(Bytes),
}

impl Listener {
    /// Listens through a task that sends what it hears.
    pub(crate) fn new<F>(source: impl FnOnce(mpsc::Sender<Heard>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, heard) = mpsc::channel(64);
        Self {
            heard,
            _source: AbortOnDropHandle::new(tokio::spawn(source(sender))),
        }
    }

    /// What is heard next, waiting for it however long it takes. Nothing is lost when the future is dropped before it is
    /// done.
    pub async fn next(&mut self) -> Heard {
        match self.heard.recv().await {
            Some(heard) => heard,
            // The task never ends by itself; with its runtime gone there is nothing more to hear.
            None => std::future::pending().await,
        }
    }
}
