//! What the coordinator is told.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio_util::sync::CancellationToken;
use velatura_proto::v1::task_report;
use velatura_proto::{MESSAGE_VERSION, to_json, v1};
use velatura_queue::{Broker, Message, QueueError, QueueName};

use super::Shared;
use crate::{AttemptId, Finished, Outcome, StoredPicture};

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How often a report is offered; with the pauses between, over a minute of outage.
const OFFERS: u32 = 12;

pub(super) fn message(shared: &Shared, id: AttemptId, finished: &Finished) -> Message {
    let (code, sentence) = finished
        .outcome
        .fault()
        .map(|f| (f.code.clone(), f.message.clone()))
        .unwrap_or_default();
    let report = v1::TaskReport {
        outcome: outcome(&finished.outcome).into(),
        code,
        message: sentence,
        paintings: finished.pictures.iter().map(painting).collect(),
        provider: shared.provider.clone(),
        seconds: finished.seconds,
        ..about(shared, id)
    };
    sealed(&report, id)
}

/// The report of an attempt that was not begun.
pub(super) fn untried(shared: &Shared, id: AttemptId) -> Message {
    let report = v1::TaskReport {
        outcome: task_report::Outcome::Returned.into(),
        ..about(shared, id)
    };
    sealed(&report, id)
}

fn about(shared: &Shared, id: AttemptId) -> v1::TaskReport {
    v1::TaskReport {
        version: MESSAGE_VERSION,
        job_id: id.job_id.to_string(),
        seq: id.seq,
        attempt: id.attempt,
        worker: shared.worker_id.clone(),
        ..Default::default()
    }
}

fn sealed(report: &v1::TaskReport, id: AttemptId) -> Message {
    Message {
        body: Bytes::from(to_json(report)),
        id: format!("{}/{}/{}", id.job_id, id.seq, id.attempt),
    }
}

fn outcome(outcome: &Outcome) -> task_report::Outcome {
    match outcome {
        Outcome::Done => task_report::Outcome::Done,
        Outcome::Skipped => task_report::Outcome::Skipped,
        Outcome::Failed(_) => task_report::Outcome::Failed,
        Outcome::Retry(_) | Outcome::NotTried(_) => task_report::Outcome::Retry,
    }
}

fn painting(picture: &StoredPicture) -> v1::PaintingReport {
    v1::PaintingReport {
        output: picture.output.to_string(),
        fingerprint: picture.fingerprint.to_string(),
        bytes: picture.bytes,
        skipped: picture.skipped,
    }
}

/// Offers a report until the broker has it. Once the worker drains, an offer that fails is the last.
pub(super) async fn publish(
    broker: &Arc<dyn Broker>,
    message: &Message,
    draining: &CancellationToken,
) -> Result<(), QueueError> {
    let mut pause = FIRST_PAUSE;
    let mut offers = 1;
    loop {
        let mut results = broker.publish(&QueueName::Results, vec![message.clone()]).await;
        match results.pop().unwrap_or(Err(QueueError::Closed)) {
            Ok(()) => return Ok(()),
            Err(error) if error.is_transient() && offers < OFFERS && !draining.is_cancelled() => {
                tracing::debug!(%error, ?pause, "offering a report again");
            }
            Err(error) => return Err(error),
        }
        offers += 1;
        let _ = draining.run_until_cancelled(tokio::time::sleep(pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
