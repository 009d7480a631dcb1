//! Messages that the broker gave up: operators see them, try them once more, or forget them.

use velatura_ledger::{DeadKind, DeadLetter, LedgerError};
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
        match self.context.ledger.retry_task(job, seq, POISON, now()).await {
            Ok(job) => {
                self.settled(&job).await;
                Ok(())
            }
            Err(LedgerError::NotFound(_)) => Err(unplayable("its job is not in the ledger: discard it")),
            Err(error) => Err(error.into()),
        }
    }

    async fn replay_unreadable(&self, dead: &DeadLetter) -> Result<(), ApiError> {
        let body = dead.letter.body.as_bytes();
        let report: v1::TaskReport =
            from_json(body).map_err(|error| unplayable(&format!("{error}; discard it if no program ever will")))?;
        let report = decided(&report, &self.context.config, now()).map_err(|reason| unplayable(&reason))?;
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
