//! A job begins.

use std::sync::Mutex;

use sqlx::any::AnyRow;
use uuid::{ContextV7, Timestamp, Uuid};

use super::database::{Changes, Database, statement};
use super::quota;
use super::record::{Record, job};
use super::rows::text;
use super::tasks;
use crate::{Gate, Job, JobState, LedgerError, Millis, NewJob, NewTask};

const EARLIER: &str = "SELECT * FROM jobs WHERE tenant = $1 AND idempotency_key = $2";

/// Makes ids that rise, even within a millisecond.
#[derive(Debug)]
pub(super) struct Ids(Mutex<ContextV7>);

impl Default for Ids {
    fn default() -> Self {
        Self(Mutex::new(ContextV7::new()))
    }
}

impl Ids {
    fn next(&self, now: Millis) -> Uuid {
        let now = u64::try_from(now).unwrap_or(0);
        let nanoseconds = (now % 1000) as u32 * 1_000_000;
        Uuid::new_v7(Timestamp::from_unix(&self.0, now / 1000, nanoseconds))
    }
}

pub(super) async fn submit(database: &Database, ids: &Ids, new: &NewJob) -> Result<Job, LedgerError> {
    let mut changes = database.begin().await?;
    let tenant = quota::lock(&mut changes, &new.tenant).await?;
    let gate = match new.samples {
        0 => Gate::Open,
        _ => Gate::Sampling,
    };
    let insert = format!(
        "INSERT INTO jobs (id, tenant, idempotency_key, request_hash, request, state, reason, created_at, samples, \
             approval, gate, retention, reach, share, priority, max_running, interactive) \
         VALUES ($1, $2, $3, $4, $5, '{}', '', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
         ON CONFLICT (tenant, idempotency_key) DO NOTHING RETURNING *",
        JobState::Expanding
    );
    let insert = statement(insert)
        .bind(ids.next(new.now).to_string())
        .bind(&new.tenant)
        .bind(&new.idempotency_key)
        .bind(&new.request_hash)
        .bind(&new.request)
        .bind(new.now)
        .bind(i64::from(new.samples))
        .bind(i64::from(new.waits_for_approval))
        .bind(gate.name())
        .bind(new.retention)
        .bind(&new.reach)
        .bind(new.terms.share)
        .bind(i64::from(new.terms.priority))
        .bind(
            new.terms
                .max_running
                .map(|most| i64::try_from(most).unwrap_or(i64::MAX)),
        )
        .bind(i64::from(new.terms.interactive));
    let row = match changes.fetch_optional(insert).await? {
        Some(row) => {
            if let Some(tenant) = tenant {
                quota::check(&mut changes, &tenant, new).await?;
            }
            let recorded = match new.tasks.as_slice() {
                [] => job(&row)?,
                tasks => whole(&mut changes, job(&row)?.id, tasks).await?,
            };
            changes.commit().await?;
            return Ok(recorded);
        }
        None => {
            let earlier = statement(EARLIER);
            changes
                .fetch_one(earlier.bind(&new.tenant).bind(&new.idempotency_key))
                .await?
        }
    };
    changes.commit().await?;
    same(
        &row,
        new.idempotency_key.as_deref().unwrap_or_default(),
        &new.request_hash,
    )
}

pub(super) async fn earlier(
    database: &Database,
    tenant: &str,
    key: &str,
    request_hash: &str,
) -> Result<Option<Job>, LedgerError> {
    let earlier = statement(EARLIER).bind(tenant).bind(key);
    let row = database.reader().await?.fetch_optional(earlier).await?;
    row.map(|row| same(&row, key, request_hash)).transpose()
}

/// The job of a row, if just this was submitted.
fn same(row: &AnyRow, key: &str, request_hash: &str) -> Result<Job, LedgerError> {
    match text(row, "request_hash")? == request_hash {
        true => job(row),
        false => Err(LedgerError::KeyReused { key: key.to_owned() }),
    }
}

/// Records all tasks of a new job at once.
async fn whole(changes: &mut Changes, id: Uuid, tasks: &[NewTask]) -> Result<Job, LedgerError> {
    let mut record = Record::lock(changes, id).await?;
    tasks::add(changes, &record, tasks).await?;
    record.expanded_to(None, tasks.len())?;
    Record::save(changes, std::slice::from_ref(&record)).await?;
    Ok(record.into_job())
}
