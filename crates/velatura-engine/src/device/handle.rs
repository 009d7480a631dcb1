use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::thread::{Call, Limits, serve};
use super::{Run, Value};
use crate::EngineError;
use crate::pack::Graph;

/// The way to the device thread. When it is closed or dropped the thread finishes what was sent, ends, and is joined.
#[derive(Debug)]
pub(crate) struct DeviceHandle {
    calls: Mutex<Option<SyncSender<Call>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    lost: Arc<OnceLock<String>>,
}

/// Why a call was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallError {
    OutOfMemory(String),
    Failed { graph: Graph, reason: String },
    Lost(String),
    Closed,
}

/// What a call gave, and how it went.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) values: Vec<Value>,
    /// From sending to running.
    pub(crate) waited: Duration,
    /// Running, shared with the rest of the batch.
    pub(crate) ran: Duration,
    /// Calls that ran together.
    pub(crate) batch: usize,
}

/// A call under way.
#[derive(Debug)]
#[must_use = "an answer is of use only to who waits for it"]
pub(crate) struct Pending {
    answer: Receiver<Result<Answer, CallError>>,
    lost: Arc<OnceLock<String>>,
}

impl DeviceHandle {
    /// Starts the thread. `open` makes the sessions on it and says how many pixels a batch may have; its error is this
    /// function's. `queue_depth` calls may wait; who sends more waits.
    pub(crate) fn start<R: Run, T: Send + 'static>(
        queue_depth: usize,
        open: impl FnOnce() -> Result<(R, u64, T), EngineError> + Send + 'static,
    ) -> Result<(Self, T), EngineError> {
        let queue_depth = queue_depth.max(1);
        let (sender, receiver) = sync_channel(queue_depth);
        let (opened, ready) = sync_channel(1);
        let lost = Arc::new(OnceLock::new());
        let thread_lost = Arc::clone(&lost);
        let body = move || match open() {
            Ok((sessions, batch_pixels, about)) => {
                let _ = opened.send(Ok(about));
                serve(
                    sessions,
                    &receiver,
                    Limits {
                        batch_pixels,
                        queue_depth,
                    },
                    &thread_lost,
                );
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        };
        let thread = std::thread::Builder::new()
            .name("velatura-device".into())
            .spawn(body)
            .map_err(|e| EngineError::Thread(e.to_string()))?;
        let about = ready.recv().unwrap_or(Err(EngineError::Closed))?;
        Ok((
            Self {
                calls: Mutex::new(Some(sender)),
                thread: Mutex::new(Some(thread)),
                lost,
            },
            about,
        ))
    }

    /// Sends a call; waits for room in the queue, not for the answer. `pixels` are those of the picture behind it.
    pub(crate) fn call(&self, graph: Graph, inputs: Vec<Value>, pixels: u64) -> Result<Pending, CallError> {
        let sender = self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (reply, answer) = sync_channel(1);
        let call = Call {
            graph,
            inputs,
            pixels,
            sent: Instant::now(),
            reply,
        };
        match sender.map(|sender| sender.send(call)) {
            Some(Ok(())) => Ok(Pending {
                answer,
                lost: Arc::clone(&self.lost),
            }),
            Some(Err(_)) | None => Err(gone(&self.lost)),
        }
    }

    /// Takes no more calls, lets the thread finish those it has, and waits for its end.
    pub(crate) fn close(&self) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the device thread panicked");
        }
    }
}

impl Drop for DeviceHandle {
    fn drop(&mut self) {
        self.close();
    }
}

impl Pending {
    /// Waits for the answer.
    pub(crate) fn wait(self) -> Result<Answer, CallError> {
        self.answer.recv().unwrap_or_else(|_| Err(gone(&self.lost)))
    }
}

fn gone(lost: &OnceLock<String>) -> CallError {
    lost.get()
        .map_or(CallError::Closed, |reason| CallError::Lost(reason.clone()))
}
