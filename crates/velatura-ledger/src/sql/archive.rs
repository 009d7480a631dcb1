//! What is left of a job: its report, then less and less.

use sqlx::Row;
use uuid::Uuid;

use super::database::{Database, statement};
use super::record;
use super::rows::{bigint, number, storable, text};
use crate::{Job, LedgerError, Millis, ReportPart};

pub(super) async fn unreported(database: &Database, limit: usize) -> Result<Vec<Job>, LedgerError> {
    let due = statement(
        "SELECT * FROM jobs WHERE ended_at IS NOT NULL AND (reported IS NULL OR reported <> ended_at) \
         AND unsettled = 0 AND purged_at IS NULL ORDER BY number LIMIT $1",
    );
    let rows = database.reader().await?.fetch_all(due.bind(bigint(limit))).await?;
    rows.iter().map(record::job).collect()
}

pub(super) async fn parts(database: &Database, id: Uuid, ended_at: Millis) -> Result<Vec<ReportPart>, LedgerError> {
    let stored = statement(
        "SELECT part, tasks, bytes, sha256 FROM report_parts \
         WHERE job = (SELECT number FROM jobs WHERE id = $1) AND ended_at = $2 ORDER BY part",
    );
    let rows = database
        .reader()
        .await?
        .fetch_all(stored.bind(id.to_string()).bind(ended_at))
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ReportPart {
                part: number(row, "part")?,
                tasks: number(row, "tasks")?,
                bytes: number(row, "bytes")?,
                sha256: text(row, "sha256")?,
            })
        })
        .collect()
}

pub(super) async fn add_part(
    database: &Database,
    id: Uuid,
    ended_at: Millis,
    part: &ReportPart,
) -> Result<(), LedgerError> {
    let mut changes = database.begin().await?;
    let insert = statement(
        "INSERT INTO report_parts (job, ended_at, part, tasks, bytes, sha256) \
         SELECT number, $2, $3, $4, $5, $6 FROM jobs WHERE id = $1 \
         ON CONFLICT (job, ended_at, part) DO NOTHING",
    );
    changes
        .execute(
            insert
                .bind(id.to_string())
                .bind(ended_at)
                .bind(i64::from(part.part))
                .bind(bigint(part.tasks as usize))
                .bind(bigint(part.bytes as usize))
                .bind(&part.sha256),
        )
        .await?;
    changes.commit().await
}

pub(super) async fn reported(
    database: &Database,
    id: Uuid,
    ended_at: Millis,
    error: Option<&str>,
) -> Result<(), LedgerError> {
    let mut changes = database.begin().await?;
    let update = match error {
        None => statement("UPDATE jobs SET reported = $2, report_error = $3 WHERE id = $1 AND ended_at = $2"),
        Some(_) => statement("UPDATE jobs SET report_error = $3 WHERE id = $1 AND ended_at = $2"),
    };
    let error = storable(error.unwrap_or_default()).into_owned();
    changes
        .execute(update.bind(id.to_string()).bind(ended_at).bind(error))
        .await?;
    changes.commit().await
}

pub(super) async fn purge(
    database: &Database,
    keep: Option<Millis>,
    limit: usize,
    now: Millis,
) -> Result<usize, LedgerError> {
    let mut changes = database.begin().await?;
    // Whose job says nothing, and whose coordinator keeps everything, is kept.
    let due = format!(
        "SELECT number FROM jobs WHERE ended_at IS NOT NULL AND purged = 0 AND reported = ended_at AND unsettled = 0 \
         AND ended_at <= $1 - COALESCE(retention, $2) AND COALESCE(retention, $2) > 0 \
         ORDER BY ended_at LIMIT 1 {}",
        changes.dialect.lock()
    );
    let keep = keep.unwrap_or(0);
    let Some(row) = changes.fetch_optional(statement(due).bind(now).bind(keep)).await? else {
        return Ok(0);
    };
    let job: i64 = row.try_get("number")?;
    let mut deleted = 0;
    for table in ["tasks", "items"] {
        let some = format!("SELECT seq FROM {table} WHERE job = $1 ORDER BY seq LIMIT $2");
        let delete = format!(
            "DELETE FROM {table} WHERE job = $1 AND seq {}",
            changes.dialect.among(&some)
        );
        let gone = changes.execute(statement(delete).bind(job).bind(bigint(limit))).await?;
        deleted += gone as usize;
    }
    let done = i64::from(deleted < limit);
    let mark = statement("UPDATE jobs SET purged_at = COALESCE(purged_at, $2), purged = $3 WHERE number = $1");
    changes.execute(mark.bind(job).bind(now).bind(done)).await?;
    changes.commit().await?;
    Ok(deleted.max(1))
}
