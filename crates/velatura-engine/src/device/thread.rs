use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Instant;

use super::batch::{self, Batchable};
use super::ladder::{Rung, below};
use super::{Answer, CallError, Run, RunError, Value};
use crate::pack::Graph;

/// One item for one graph.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) graph: Graph,
    pub(super) inputs: Vec<Value>,
    pub(super) pixels: u64,
    pub(super) sent: Instant,
    pub(super) reply: SyncSender<Result<Answer, CallError>>,
}

/// What the device thread keeps to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Pixels in a batch; a picture larger than this goes alone.
    pub(super) batch_pixels: u64,
    /// Calls that wait in the channel; who sends more waits.
    pub(super) queue_depth: usize,
}

impl Batchable for Call {
    type Key = (Graph, Vec<Vec<usize>>);

    fn key(&self) -> Self::Key {
        (self.graph, self.inputs.iter().map(Value::shape).collect())
    }

    fn pixels(&self) -> u64 {
        self.pixels
    }
}

/// Runs calls until every sender is gone, or the device is lost.
pub(super) fn serve(mut device: impl Run, calls: &Receiver<Call>, limits: Limits, lost: &OnceLock<String>) {
    let mut waiting = VecDeque::new();
    let mut budget = limits.batch_pixels;
    loop {
        if waiting.is_empty() {
            match calls.recv() {
                Ok(call) => waiting.push_back(call),
                Err(_) => return,
            }
        }
        // Only now is it decided what goes together: while the last batch ran, others have come.
        while waiting.len() < limits.queue_depth
            && let Ok(call) = calls.try_recv()
        {
            waiting.push_back(call);
        }
        let batch = batch::take(&mut waiting, budget);
        if let ControlFlow::Break(reason) = run(&mut device, batch, &mut budget) {
            tracing::error!(reason, "the device is lost");
            // Set before the channel closes, so that whoever finds it closed finds the reason too.
            let _ = lost.set(reason);
            return;
        }
    }
}

/// Runs a batch and answers every call of it; breaks if the device is lost.
fn run(device: &mut impl Run, mut batch: Vec<Call>, budget: &mut u64) -> ControlFlow<String> {
    let graph = batch[0].graph;
    let items: Vec<&[Value]> = batch.iter().map(|call| call.inputs.as_slice()).collect();
    let (count, start) = (batch.len(), Instant::now());
    match device.run(graph, &items) {
        Ok(outputs) => {
            let ran = start.elapsed();
            for (call, values) in batch.into_iter().zip(outputs) {
                let waited = start.duration_since(call.sent);
                // Who asked may have gone; that is no failure.
                let _ = call.reply.send(Ok(Answer {
                    values,
                    waited,
                    ran,
                    batch: count,
                }));
            }
            ControlFlow::Continue(())
        }
        Err(RunError::Lost(reason)) => {
            for call in batch {
                let _ = call.reply.send(Err(CallError::Lost(reason.clone())));
            }
            ControlFlow::Break(reason)
        }
        Err(error) => match below(Rung::Batch(count), 0, u64::MAX) {
            Some(Rung::Batch(smaller)) => {
                if let RunError::OutOfMemory(reason) = &error {
                    *budget = batch.iter().map(|call| call.pixels).sum::<u64>() / 2;
                    tracing::warn!(
                        reason,
                        batch = count,
                        budget_pixels = *budget,
                        "out of memory: batches are halved"
                    );
                }
                // One call that fails must not take its neighbours with it, so those are halved too.
                let rest = batch.split_off(smaller);
                run(device, batch, budget)?;
                run(device, rest, budget)
            }
            Some(Rung::Tiles(_)) | None => {
                let error = match error {
                    RunError::OutOfMemory(reason) => CallError::OutOfMemory(reason),
                    RunError::Failed(reason) => CallError::Failed { graph, reason },
                    RunError::Lost(reason) => CallError::Lost(reason),
                };
                for call in batch {
                    let _ = call.reply.send(Err(error.clone()));
                }
                ControlFlow::Continue(())
            }
        },
    }
}
