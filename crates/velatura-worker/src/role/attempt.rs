//! One delivery, from its message to its acknowledgement.

use std::time::Duration;

use tokio::task::JoinError;
use velatura_proto::{from_json, v1};
use velatura_queue::{Delivery, QueueError};

use super::{Shared, report};
use crate::gate::Busy;
use crate::{Assignment, AttemptId, Fault, FaultKind, Finished, Outcome};

/// Between two looks at a storage that does not answer.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Shared {
    pub(super) async fn handle(&self, delivery: Delivery) {
        let task: v1::Task = match from_json(delivery.body()) {
            Ok(task) => task,
            Err(error) => {
                tracing::error!(message = delivery.id(), %error, "rejecting a message that can't be read");
                return settled(delivery.reject().await);
            }
        };
        let Ok(job_id) = task.job_id.parse() else {
            tracing::error!(
                message = delivery.id(),
                job_id = task.job_id,
                "rejecting a task whose job is no UUID"
            );
            return settled(delivery.reject().await);
        };
        let id = AttemptId {
            job_id,
            seq: task.seq,
            attempt: task.attempt,
        };
        if self.withheld.holds(job_id) {
            return self.return_untried(delivery, id).await;
        }
        let finished = {
            let _busy = Busy::new(&self.metrics.in_flight);
            self.liveness.began();
            let finished = self.attempt(task, delivery.redelivered()).await;
            self.liveness.ended();
            finished
        };
        self.note(id, &finished);
        if matches!(finished.outcome, Outcome::NotTried(_)) {
            return settled(delivery.nack().await);
        }
        // The report is safe before the message is forgotten: a crash in between costs a second, skipped, attempt.
        match report::publish(&self.broker, &report::message(self, id, &finished), &self.turn_back).await {
            Ok(()) => settled(delivery.ack().await),
            Err(error) => {
                tracing::warn!(%error, job_id = %id.job_id, seq = id.seq, "giving back a task that can't be reported");
                settled(delivery.nack().await);
            }
        }
    }

    /// Gives a task back to the ledger: its job was paused or cancelled after it had been put into the queue.
    async fn return_untried(&self, delivery: Delivery, id: AttemptId) {
        match report::publish(&self.broker, &report::untried(self, id), &self.turn_back).await {
            Ok(()) => settled(delivery.ack().await),
            Err(error) => {
                tracing::debug!(%error, "a task that must not be begun goes back to the queue");
                settled(delivery.nack().await);
            }
        }
    }

    async fn attempt(&self, task: v1::Task, redelivered: bool) -> Finished {
        let (_together, _alone);
        if redelivered {
            _alone = self.quarantine.write().await;
        } else {
            _together = self.quarantine.read().await;
        }
        let assignment = match Assignment::of(task) {
            Ok(assignment) => assignment,
            Err(fault) => {
                return Finished {
                    outcome: fault.into(),
                    pictures: Vec::new(),
                    seconds: 0.0,
                };
            }
        };
        self.outlast(&assignment).await
    }

    /// Tries until storage answers. An outage is nobody's attempt: what is in hand waits here, however long, nothing more
    /// is taken, and the worker says that it is not ready.
    async fn outlast(&self, assignment: &Assignment) -> Finished {
        let mut pause = FIRST_PAUSE;
        let mut waited = false;
        loop {
            let finished = self.in_time(assignment).await;
            let Some(fault) = finished.outcome.fault().filter(|fault| is_outage(fault)) else {
                // It came past the place where storage had not answered.
                if waited && matches!(finished.outcome, Outcome::Failed(_)) {
                    self.storage.holds();
                }
                return finished;
            };
            waited = true;
            self.storage.fails(fault.message.clone());
            self.liveness.progressed();
            if self
                .turn_back
                .run_until_cancelled(tokio::time::sleep(pause))
                .await
                .is_none()
            {
                let outcome = Outcome::NotTried(fault.message.clone());
                return Finished { outcome, ..finished };
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One try, given up when it takes too long.
    async fn in_time(&self, assignment: &Assignment) -> Finished {
        let run = self.pipeline.run(assignment, &self.turn_back);
        tokio::time::timeout(self.attempt_timeout, run)
            .await
            .unwrap_or_else(|_| {
                let seconds = self.attempt_timeout.as_secs_f64();
                let fault = Fault::transient(
                    "attempt-timeout",
                    format!("{} took longer than {seconds} s", assignment.source),
                );
                Finished {
                    outcome: fault.into(),
                    pictures: Vec::new(),
                    seconds,
                }
            })
    }

    /// Says what happened, once, and draws the conclusions for this process.
    fn note(&self, id: AttemptId, finished: &Finished) {
        let AttemptId { job_id, seq, attempt } = id;
        let (outcome, seconds) = (finished.outcome.word(), finished.seconds);
        match &finished.outcome {
            Outcome::Done | Outcome::Skipped => {
                self.storage.holds();
                tracing::debug!(%job_id, seq, attempt, outcome, seconds, "attempt ended");
            }
            Outcome::Retry(fault) | Outcome::Failed(fault) => {
                tracing::warn!(%job_id, seq, attempt, outcome, code = fault.code, error = fault.message, "attempt ended");
            }
            Outcome::NotTried(reason) => {
                if !self.turn_back.is_cancelled() && self.fatal.set(reason.clone()).is_ok() {
                    tracing::error!(reason, "the device is lost: this process ends");
                    self.turn_back.cancel();
                    self.lost.cancel();
                }
            }
        }
    }
}

fn is_outage(fault: &Fault) -> bool {
    fault.kind == FaultKind::Transient && fault.code.starts_with("storage-")
}

/// A settlement that fails means that the message is delivered again, which changes nothing but costs a look.
fn settled(result: Result<(), QueueError>) {
    if let Err(error) = result {
        tracing::info!(%error, "a message could not be settled and will come again");
    }
}

/// A panic outside the contained steps is a mistake of ours: say so, go on; the dropped delivery comes again.
pub(super) fn check(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "an attempt panicked; please report it");
    }
}
