//! Tenants and keys.

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::database::{Database, statement};
use super::rows::{optional, parameter, text};
use super::{SqlLedger, within};
use crate::{Access, ApiKey, LedgerError, Millis, Tenant};

#[async_trait]
impl Access for SqlLedger {
    async fn tenants(&self) -> Result<Vec<Tenant>, LedgerError> {
        within(tenants(&self.database)).await
    }

    async fn put_tenant(&self, tenant: &Tenant) -> Result<(), LedgerError> {
        within(put_tenant(&self.database, tenant)).await
    }

    async fn add_key(&self, key: &ApiKey) -> Result<(), LedgerError> {
        within(add_key(&self.database, key)).await
    }

    async fn key(&self, id: &str) -> Result<Option<ApiKey>, LedgerError> {
        within(find_key(&self.database, id)).await
    }

    async fn keys(&self) -> Result<Vec<ApiKey>, LedgerError> {
        within(keys(&self.database)).await
    }

    async fn revoke_key(&self, id: &str, now: Millis) -> Result<Option<ApiKey>, LedgerError> {
        within(revoke_key(&self.database, id, now)).await
    }

    async fn touch_key(&self, id: &str, now: Millis) -> Result<(), LedgerError> {
        within(touch_key(&self.database, id, now)).await
    }
}

async fn tenants(database: &Database) -> Result<Vec<Tenant>, LedgerError> {
    let all = statement("SELECT * FROM tenants ORDER BY name");
    let rows = database.reader().await?.fetch_all(all).await?;
    rows.iter().map(tenant).collect()
}

async fn put_tenant(database: &Database, tenant: &Tenant) -> Result<(), LedgerError> {
    let bigint = |limit: Option<u64>| limit.map(|limit| i64::try_from(limit).unwrap_or(i64::MAX));
    let put = statement(
        "INSERT INTO tenants (name, weight, max_running, max_open_jobs, max_tasks_per_job, submissions_per_minute) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET weight = excluded.weight, \
         max_running = excluded.max_running, max_open_jobs = excluded.max_open_jobs, \
         max_tasks_per_job = excluded.max_tasks_per_job, submissions_per_minute = excluded.submissions_per_minute",
    )
    .bind(&tenant.name)
    .bind(tenant.weight)
    .bind(bigint(tenant.max_running))
    .bind(bigint(tenant.max_open_jobs))
    .bind(bigint(tenant.max_tasks_per_job))
    .bind(bigint(tenant.submissions_per_minute));
    let mut changes = database.begin().await?;
    changes.execute(put).await?;
    changes.commit().await
}

async fn add_key(database: &Database, key: &ApiKey) -> Result<(), LedgerError> {
    let mut changes = database.begin().await?;
    let owner = statement("SELECT name FROM tenants WHERE name = $1").bind(&key.tenant);
    if changes.fetch_optional(owner).await?.is_none() {
        return Err(LedgerError::NoTenant(key.tenant.clone()));
    }
    let add = statement(
        "INSERT INTO api_keys (id, tenant, description, hash, roles, sources, destinations, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&key.id)
    .bind(&key.tenant)
    .bind(&key.description)
    .bind(&key.hash)
    .bind(parameter(&key.roles))
    .bind(parameter(&key.sources))
    .bind(parameter(&key.destinations))
    .bind(key.created_at)
    .bind(key.expires_at);
    changes.execute(add).await?;
    changes.commit().await
}

async fn find_key(database: &Database, id: &str) -> Result<Option<ApiKey>, LedgerError> {
    let one = statement("SELECT * FROM api_keys WHERE id = $1").bind(id);
    let row = database.reader().await?.fetch_optional(one).await?;
    row.as_ref().map(key).transpose()
}

async fn keys(database: &Database) -> Result<Vec<ApiKey>, LedgerError> {
    let all = statement("SELECT * FROM api_keys ORDER BY created_at DESC, id");
    let rows = database.reader().await?.fetch_all(all).await?;
    rows.iter().map(key).collect()
}

async fn revoke_key(database: &Database, id: &str, now: Millis) -> Result<Option<ApiKey>, LedgerError> {
    let mut changes = database.begin().await?;
    let revoke = statement("UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1 RETURNING *");
    let row = changes.fetch_optional(revoke.bind(id).bind(now)).await?;
    changes.commit().await?;
    row.as_ref().map(key).transpose()
}

async fn touch_key(database: &Database, id: &str, now: Millis) -> Result<(), LedgerError> {
    let mut changes = database.begin().await?;
    let touch = "UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND COALESCE(last_used_at, 0) < $2";
    changes.execute(statement(touch).bind(id).bind(now)).await?;
    changes.commit().await
}

pub(super) fn tenant(row: &AnyRow) -> Result<Tenant, LedgerError> {
    Ok(Tenant {
        name: text(row, "name")?,
        weight: row.try_get("weight")?,
        max_running: optional(row, "max_running")?,
        max_open_jobs: optional(row, "max_open_jobs")?,
        max_tasks_per_job: optional(row, "max_tasks_per_job")?,
        submissions_per_minute: optional(row, "submissions_per_minute")?,
    })
}

fn key(row: &AnyRow) -> Result<ApiKey, LedgerError> {
    Ok(ApiKey {
        id: text(row, "id")?,
        tenant: text(row, "tenant")?,
        description: text(row, "description")?,
        hash: text(row, "hash")?,
        roles: list(row, "roles")?,
        sources: list(row, "sources")?,
        destinations: list(row, "destinations")?,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
        revoked_at: row.try_get("revoked_at")?,
        last_used_at: row.try_get("last_used_at")?,
    })
}

/// A JSON array.
fn list<T: DeserializeOwned>(row: &AnyRow, column: &str) -> Result<Vec<T>, LedgerError> {
    serde_json::from_str(&text(row, column)?).map_err(|error| LedgerError::Corrupt {
        reason: format!("{column} is no list: {error}"),
    })
}
