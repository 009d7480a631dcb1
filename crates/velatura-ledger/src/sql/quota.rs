//! What a tenant may have at most, checked in the transaction that would pass it.

use sqlx::Row;

use super::access::tenant;
use super::database::{Changes, statement};
use super::rows::{bigint, number};
use crate::{LedgerError, Millis, NewJob, Tenant};

/// The span of `submissions_per_minute`.
const MINUTE: Millis = 60_000;

/// Locks a tenant, so that two submissions at once don't both find room for one; `None` when it is not recorded.
pub(super) async fn lock(changes: &mut Changes, name: &str) -> Result<Option<Tenant>, LedgerError> {
    let text = format!("SELECT * FROM tenants WHERE name = $1 {}", changes.dialect.lock());
    let row = changes.fetch_optional(statement(text).bind(name)).await?;
    row.as_ref().map(tenant).transpose()
}

/// Refuses a job, already inserted, that its tenant may not have.
pub(super) async fn check(changes: &mut Changes, tenant: &Tenant, new: &NewJob) -> Result<(), LedgerError> {
    if let Some(photos) = new.photos {
        check_tasks(tenant, photos)?;
    }
    if let Some(limit) = tenant.max_open_jobs {
        let count = "SELECT COUNT(*) AS open FROM jobs WHERE tenant = $1 AND ended_at IS NULL";
        let row = changes.fetch_one(statement(count).bind(&tenant.name)).await?;
        if number::<u64>(&row, "open")? > limit {
            return Err(LedgerError::OpenJobs {
                tenant: tenant.name.clone(),
                limit,
            });
        }
    }
    if let Some(limit) = tenant.submissions_per_minute {
        // With this one there are more than `limit` in a minute if the one that many places before it is not older.
        let earlier = "SELECT created_at FROM jobs WHERE tenant = $1 ORDER BY id DESC LIMIT 1 OFFSET $2";
        let earlier = statement(earlier).bind(&tenant.name);
        let earlier = earlier.bind(bigint(usize::try_from(limit).unwrap_or(usize::MAX)));
        if let Some(row) = changes.fetch_optional(earlier).await? {
            let after = row.try_get::<Millis, _>("created_at")? + MINUTE - new.now;
            if after > 0 {
                return Err(LedgerError::TooFast {
                    tenant: tenant.name.clone(),
                    limit,
                    after,
                });
            }
        }
    }
    Ok(())
}

/// Refuses more photos than a job of this tenant may have.
pub(super) fn check_tasks(tenant: &Tenant, tasks: u64) -> Result<(), LedgerError> {
    match tenant.max_tasks_per_job {
        Some(limit) if tasks > limit => Err(LedgerError::TooManyTasks {
            tenant: tenant.name.clone(),
            limit,
        }),
        Some(_) | None => Ok(()),
    }
}

/// The tenant of a job that grows, if it is recorded.
pub(super) async fn find(changes: &mut Changes, name: &str) -> Result<Option<Tenant>, LedgerError> {
    let one = statement("SELECT * FROM tenants WHERE name = $1").bind(name);
    let row = changes.fetch_optional(one).await?;
    row.as_ref().map(tenant).transpose()
}
