//! The tables, made and brought up to date at start.

use sqlx::Row;

use super::database::{Changes, Database, statement};
use crate::LedgerError;

/// In order; the first is version 1. What has been released is never changed.
const MIGRATIONS: &[&str] = &[include_str!("../../migrations/0001_schema.sql")];

/// The version that this program makes and understands.
pub(super) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Applies what the database does not have yet, all of it or nothing. Programs that start at once wait for each other.
pub(super) async fn migrate(database: &Database) -> Result<(), LedgerError> {
    let mut changes = database.begin().await?;
    if let Some(lock) = changes.dialect.migration_lock() {
        changes.execute(statement(lock)).await?;
    }
    let found = version(&mut changes).await?;
    if found > KNOWN {
        return Err(LedgerError::Schema { found, known: KNOWN });
    }
    for (migration, version) in MIGRATIONS.iter().zip(1..).filter(|(_, version)| *version > found) {
        let text = changes.dialect.migration(migration);
        changes.run(text).await?;
        let record = statement("INSERT INTO ledger_migrations (version) VALUES ($1)").bind::<i64>(version);
        changes.execute(record).await?;
        tracing::info!(version, "migrated the ledger");
    }
    changes.commit().await
}

/// The last migration that was applied; 0 for an empty database.
async fn version(changes: &mut Changes) -> Result<i64, LedgerError> {
    changes
        .execute(statement(
            "CREATE TABLE IF NOT EXISTS ledger_migrations (version BIGINT PRIMARY KEY)",
        ))
        .await?;
    let last = statement("SELECT COALESCE(MAX(version), 0) AS version FROM ledger_migrations");
    Ok(changes.fetch_one(last).await?.try_get("version")?)
}
