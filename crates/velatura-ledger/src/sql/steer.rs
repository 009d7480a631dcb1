//! A job stops and goes on.

use async_trait::async_trait;
use uuid::Uuid;

use super::database::Database;
use super::record::Record;
use super::{SqlLedger, errors, find, list, reopen, within};
use crate::{ErrorCount, Gate, Job, JobState, LedgerError, Millis, NewTerms, Steering, TaskFilter, TaskPage, Token};

#[async_trait]
impl Steering for SqlLedger {
    async fn set_terms(&self, id: Uuid, terms: &NewTerms) -> Result<Job, LedgerError> {
        within(set_terms(&self.database, id, terms)).await
    }

    async fn retry_failed(&self, id: Uuid, codes: &[String], now: Millis) -> Result<Job, LedgerError> {
        within(reopen::retry(&self.database, id, codes, now)).await
    }

    async fn retry_task(&self, id: Uuid, seq: u64, code: &str, now: Millis) -> Result<Job, LedgerError> {
        within(reopen::retry_task(&self.database, id, seq, code, now)).await
    }

    async fn revise(&self, id: Uuid, revision: u32, request: &str, now: Millis) -> Result<Job, LedgerError> {
        within(reopen::revise(&self.database, id, revision, request, now)).await
    }

    async fn reopen(&self, token: Token, limit: usize, now: Millis) -> Result<usize, LedgerError> {
        within(reopen::reopen(&self.database, token, limit, now)).await
    }

    async fn errors(&self, id: Uuid) -> Result<Vec<ErrorCount>, LedgerError> {
        within(errors::errors(&self.database, id)).await
    }

    async fn find(&self, id: Uuid, filter: &TaskFilter, from: u64, limit: usize) -> Result<TaskPage, LedgerError> {
        within(find::find(&self.database, id, filter, from, limit)).await
    }

    async fn withheld(&self, since: Millis, limit: usize) -> Result<Vec<Uuid>, LedgerError> {
        within(list::withheld(&self.database, since, limit)).await
    }
}

pub(super) async fn pause(database: &Database, id: Uuid, reason: &str) -> Result<Job, LedgerError> {
    let mut changes = database.begin().await?;
    let mut record = Record::lock(&mut changes, id).await?;
    if record.job().state != JobState::Paused {
        record.enter(JobState::Paused, reason)?;
        Record::save(&mut changes, std::slice::from_ref(&record)).await?;
        changes.commit().await?;
    }
    Ok(record.into_job())
}

pub(super) async fn resume(database: &Database, id: Uuid) -> Result<Job, LedgerError> {
    let mut changes = database.begin().await?;
    let mut record = Record::lock(&mut changes, id).await?;
    if record.job().gate == Gate::Approval {
        return Err(LedgerError::AwaitsApproval { id });
    }
    let to = match record.job().expanded {
        true => JobState::Running,
        false => JobState::Expanding,
    };
    let &Job { state: from, .. } = record.job();
    if from.is_ended() {
        return Err(LedgerError::Illegal { id, from, to });
    }
    if from != to {
        record.enter(to, "")?;
        record.forgive(&mut changes).await?;
        Record::save(&mut changes, std::slice::from_ref(&record)).await?;
        changes.commit().await?;
    }
    Ok(record.into_job())
}

async fn set_terms(database: &Database, id: Uuid, new: &NewTerms) -> Result<Job, LedgerError> {
    let mut changes = database.begin().await?;
    let mut record = Record::lock(&mut changes, id).await?;
    record.set_terms(&mut changes, new).await?;
    changes.commit().await?;
    Ok(record.into_job())
}
