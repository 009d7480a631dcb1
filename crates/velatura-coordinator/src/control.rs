//! What is called out to all coordinators and workers.

use std::time::Duration;

use uuid::Uuid;
use velatura_ledger::{Job, JobState};
use velatura_proto::{MESSAGE_VERSION, to_json, v1};

use crate::context::Context;

/// No caller waits longer: what matters is in the ledger, and is called out again.
const WITHIN: Duration = Duration::from_millis(500);

impl Context {
    /// Calls something out, if the broker can be reached now.
    pub(crate) async fn call_out(&self, control: v1::Control) {
        let body = to_json(&control).into();
        match tokio::time::timeout(WITHIN, self.broker.call_out(body)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "nothing can be called out now"),
            Err(_) => tracing::debug!("nothing can be called out in time"),
        }
    }
}

fn empty() -> v1::Control {
    v1::Control {
        version: MESSAGE_VERSION,
        ..Default::default()
    }
}

/// A job is no longer what it was: whoever leads looks at it, workers begin its tasks or don't.
pub(crate) fn moved(job: &Job) -> v1::Control {
    let id = || vec![job.id.to_string()];
    let (withheld, released) = match job.state {
        JobState::Paused | JobState::Cancelled | JobState::Failed => (id(), vec![]),
        JobState::Expanding | JobState::Running | JobState::Done => (vec![], id()),
    };
    v1::Control {
        withheld,
        released,
        changed: id(),
        ..empty()
    }
}

/// Jobs have changed in a way that workers need not know about.
pub(crate) fn changed(jobs: &[Job]) -> v1::Control {
    v1::Control {
        changed: jobs.iter().map(|job| job.id.to_string()).collect(),
        ..empty()
    }
}

/// The tasks of these jobs must not be begun.
pub(crate) fn withheld(jobs: &[Uuid]) -> v1::Control {
    v1::Control {
        withheld: jobs.iter().map(Uuid::to_string).collect(),
        ..empty()
    }
}
