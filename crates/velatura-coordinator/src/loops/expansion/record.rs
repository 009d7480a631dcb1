use std::sync::Arc;

use velatura_ledger::{Job, LedgerError, NewTask, Refusal, Taken};

use crate::context::now;
use crate::lead::Lead;
use crate::submission::Submission;

/// What became of a batch of photos.
pub(super) enum Recorded {
    /// It is recorded, and this is the job now.
    Job(Box<Job>),
    /// Somebody else was quicker, or the job was cancelled: what is recorded counts.
    Otherwise,
    /// Its photos can't belong to one job.
    Refused { code: &'static str, reason: String },
    /// The ledger is away.
    Not(LedgerError),
}

/// Records a batch and where the search goes on after it, in one transaction. Photos whose outputs others have fail alone
/// where the user wants that.
pub(super) async fn record(
    lead: Lead,
    submission: Arc<Submission>,
    job: Job,
    mut page: Vec<NewTask>,
    cursor: Option<String>,
) -> Recorded {
    loop {
        let expanded = lead
            .ledger
            .expand(
                lead.token,
                job.id,
                job.cursor.as_deref(),
                &page,
                cursor.as_deref(),
                now(),
            )
            .await;
        match expanded {
            Ok(job) => {
                lead.metrics.photos_found_total.inc_by(page.len() as u64);
                lead.signals.dispatch.notify_one();
                lead.changed(&job).await;
                return Recorded::Job(Box::new(job));
            }
            Err(LedgerError::Taken { taken, .. }) => {
                for Taken { index, by } in taken {
                    let first = match other(&lead, &job, &page, by).await {
                        Ok(first) => first,
                        Err(error) => return Recorded::Not(error),
                    };
                    let clash = submission
                        .outputs
                        .collision(&first, &page[index].source, &page[index].key);
                    if !submission.outputs.skips_collisions {
                        let (code, reason) = (clash.code(), clash.to_string());
                        return Recorded::Refused { code, reason };
                    }
                    page[index].claims.clear();
                    page[index].refusal = Some(Refusal {
                        code: clash.code().to_owned(),
                        message: clash.to_string(),
                    });
                }
            }
            Err(LedgerError::Conflict { .. } | LedgerError::Illegal { .. }) => return Recorded::Otherwise,
            Err(error @ LedgerError::TooManyTasks { .. }) => {
                let (code, reason) = (error.code(), error.to_string());
                return Recorded::Refused { code, reason };
            }
            Err(error) => return Recorded::Not(error),
        }
    }
}

/// Where the photo lies that has an output already: an earlier one of the job, or of this page.
async fn other(lead: &Lead, job: &Job, page: &[NewTask], by: u64) -> Result<String, LedgerError> {
    match by.checked_sub(job.counters.total()) {
        Some(index) => Ok(page
            .get(index as usize)
            .map(|task| task.source.clone())
            .unwrap_or_default()),
        None => {
            let task = lead.ledger.tasks(job.id, None, by, 1).await?.pop();
            Ok(task.map(|task| task.source).unwrap_or_default())
        }
    }
}
