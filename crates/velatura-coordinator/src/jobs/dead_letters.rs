//! Messages that the broker gave up: operators see them, try them once more, or forget them.

use uuid::Uuid;
use velatura_ledger::{DeadKind, DeadLetter, LedgerError, Outcome, Report};
use velatura_proto::{from_json, v1};

use super::{Jobs, bad_cursor, page_limit, view};
use crate::access::audit::audited;
use crate::access::{Caller, Role};
use crate::context::now;
use crate::error::ApiError;
use crate::loops::{POISON, decided};

impl Jobs {
    pub(crate) async fn dead_letters(
        &self,
        caller: &Caller,
        limit: u32,
        cursor: &str,
    ) -> Result<v1::ListDeadLettersResponse, ApiError> {
        caller.must(Role::Operate)?;
        let limit = page_limit(limit)?;
        let before = match cursor {
            "" => None,
            cursor => Some(cursor.parse().map_err(|_| bad_cursor())?),
        };
        let letters = self.context.ledger.dead_letters(before, limit).await?;
        let next = letters.last().filter(|_| letters.len() == limit);
        Ok(v1::ListDeadLettersResponse {
            next_cursor: next.map(|letter| letter.id.to_string()).unwrap_or_default(),
            dead_letters: letters.into_iter().map(view::dead_letter).collect(),
        })
    }

    /// Tries a message once more: a poison task is taken up again, a message that could not be read is read again.
    pub(crate) async fn replay(&self, caller: &Caller, id: u64) -> Result<v1::DeadLetter, ApiError> {
        let replayed = async {
            caller.must(Role::Operate)?;
            let dead = self.context.ledger.dead_letter(id).await?;
            match dead.letter.kind {
                DeadKind::Poison => self.replay_poison(&dead).await?,
                DeadKind::Unreadable => self.replay_unreadable(&dead).await?,
            }
            self.context.ledger.unbury(id).await?;
            Ok(view::dead_letter(dead))
        };
        audited(caller, "dead-letter.replay", &id.to_string(), replayed).await
    }

    pub(crate) async fn discard(&self, caller: &Caller, id: u64) -> Result<v1::DeadLetter, ApiError> {
        let discarded = async {
            caller.must(Role::Operate)?;
            let dead = self.context.ledger.dead_letter(id).await?;
            self.context.ledger.unbury(id).await?;
            Ok(view::dead_letter(dead))
        };
        audited(caller, "dead-letter.discard", &id.to_string(), discarded).await
    }

    async fn replay_poison(&self, dead: &DeadLetter) -> Result<(), ApiError> {
        let Some((job, seq, _)) = dead.letter.about else {
            return Err(unplayable("it does not say which task it is about: discard it"));
        };
        self.take_up(job, seq).await
    }

    /// Takes a task up again that has failed as poison.
    async fn take_up(&self, job: Uuid, seq: u64) -> Result<(), ApiError> {
        match self.context.ledger.retry_task(job, seq, POISON, now()).await {
            Ok(job) => {
                self.settled(&job).await;
                Ok(())
            }
            Err(LedgerError::NotFound(_)) => Err(unplayable("its job is not in the ledger: discard it")),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads it as a report, then as a task: this program may know what an earlier one did not.
    async fn replay_unreadable(&self, dead: &DeadLetter) -> Result<(), ApiError> {
        let body = dead.letter.body.as_bytes();
        let report = from_json::<v1::TaskReport>(body)
            .map_err(|error| error.to_string())
            .and_then(|report| decided(&report, &self.context.config, now()));
        let no_report = match report {
            Ok(report) => return self.record(report).await,
            Err(reason) => reason,
        };
        match from_json::<v1::Task>(body) {
            Ok(task) => self.replay_task(&task).await,
            Err(no_task) => Err(unplayable(&format!(
                "as a report: {no_report}; as a task: {no_task}; discard it if no program ever will"
            ))),
        }
    }

    /// The queue has lost it: if its attempt still counts it is given back untried, if it was given up it is tried anew.
    async fn replay_task(&self, task: &v1::Task) -> Result<(), ApiError> {
        let job_id = task.job_id.parse().map_err(|_| unplayable("its job_id is no UUID"))?;
        self.record(Report {
            job_id,
            seq: task.seq,
            attempt: task.attempt,
            outcome: Outcome::Returned { at: now() },
        })
        .await?;
        self.take_up(job_id, task.seq).await
    }

    async fn record(&self, report: Report) -> Result<(), ApiError> {
        for job in self.context.ledger.report(&[report], now()).await? {
            self.settled(&job).await;
        }
        Ok(())
    }
}

fn unplayable(reason: &str) -> ApiError {
    ApiError::Conflict {
        code: "dead-letter-unreadable",
        message: format!("this message still can't be used: {reason}"),
    }
}
