//! A job stops and goes on.

use uuid::Uuid;

use super::database::Database;
use super::record::Record;
use crate::{Gate, Job, JobState, LedgerError};

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
    if record.job().state != to {
        record.enter(to, "")?;
        Record::save(&mut changes, std::slice::from_ref(&record)).await?;
        changes.commit().await?;
    }
    Ok(record.into_job())
}
