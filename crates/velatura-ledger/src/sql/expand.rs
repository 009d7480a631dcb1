//! A job gets its tasks, page by page.

use uuid::Uuid;

use super::database::Database;
use super::lease;
use super::record::Record;
use super::tasks;
use crate::{Job, JobState, LedgerError, Millis, NewTask, Token};

pub(super) async fn expand(
    database: &Database,
    token: Token,
    id: Uuid,
    expected: Option<&str>,
    page: &[NewTask],
    cursor: Option<&str>,
    now: Millis,
) -> Result<Job, LedgerError> {
    let mut changes = lease::begin(database, token).await?;
    let mut record = Record::lock(&mut changes, id).await?;
    let job = record.job();
    if job.expanded || job.cursor.as_deref() != expected {
        return Err(LedgerError::Conflict { id });
    }
    if job.state.is_ended() {
        return Err(LedgerError::Illegal {
            id,
            from: job.state,
            to: JobState::Running,
        });
    }
    tasks::add(&mut changes, &record, page).await?;
    record.expanded_to(cursor, page.len())?;
    record.end_if_over(now)?;
    Record::save(&mut changes, std::slice::from_ref(&record)).await?;
    changes.commit().await?;
    Ok(record.into_job())
}
