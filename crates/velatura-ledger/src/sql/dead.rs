//! Messages that the broker gave up, kept for a person. Only the newest: a sender that has lost its mind must not fill the
//! database.

use async_trait::async_trait;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::database::{Database, statement};
use super::rows::{bigint, number, storable, text};
use super::{SqlLedger, within};
use crate::{DeadKind, DeadLetter, DeadLetters, LedgerError, NewDeadLetter};

/// The most that are kept.
const KEPT: i64 = 10_000;

#[async_trait]
impl DeadLetters for SqlLedger {
    async fn bury(&self, letter: &NewDeadLetter) -> Result<(), LedgerError> {
        within(bury(&self.database, letter)).await
    }

    async fn dead_letters(&self, before: Option<u64>, limit: usize) -> Result<Vec<DeadLetter>, LedgerError> {
        within(dead_letters(&self.database, before, limit)).await
    }

    async fn dead_letter(&self, id: u64) -> Result<DeadLetter, LedgerError> {
        within(dead_letter(&self.database, id)).await
    }

    async fn unbury(&self, id: u64) -> Result<(), LedgerError> {
        within(unbury(&self.database, id)).await
    }
}

async fn bury(database: &Database, letter: &NewDeadLetter) -> Result<(), LedgerError> {
    let mut changes = database.begin().await?;
    let (job, seq, attempt) = letter
        .about
        .map_or((None, 0, 0), |(job, seq, attempt)| (Some(job), seq, attempt));
    // A message that could not be acked comes again.
    let known = statement("SELECT 1 FROM dead_letters WHERE message_id = $1 AND body = $2 LIMIT 1");
    let (message_id, body) = (storable(&letter.message_id), storable(&letter.body));
    let known = known.bind(message_id.as_ref()).bind(body.as_ref());
    if changes.fetch_optional(known).await?.is_some() {
        return Ok(());
    }
    let insert = statement(
        "INSERT INTO dead_letters (at, kind, reason, message_id, job, seq, attempt, body, bytes) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    );
    let insert = insert
        .bind(letter.now)
        .bind(letter.kind.as_str())
        .bind(storable(&letter.reason).into_owned())
        .bind(message_id.into_owned())
        .bind(job.map(|job| job.to_string()))
        .bind(i64::try_from(seq).unwrap_or(i64::MAX))
        .bind(i64::from(attempt))
        .bind(body.into_owned())
        .bind(i64::try_from(letter.bytes).unwrap_or(i64::MAX));
    changes.execute(insert).await?;
    let oldest = "DELETE FROM dead_letters WHERE id <= (SELECT MAX(id) FROM dead_letters) - $1";
    changes.execute(statement(oldest).bind(KEPT)).await?;
    changes.commit().await
}

async fn dead_letters(database: &Database, before: Option<u64>, limit: usize) -> Result<Vec<DeadLetter>, LedgerError> {
    let before = before.map_or(i64::MAX, |id| i64::try_from(id).unwrap_or(i64::MAX));
    let page = statement("SELECT * FROM dead_letters WHERE id < $1 ORDER BY id DESC LIMIT $2");
    let rows = database
        .reader()
        .await?
        .fetch_all(page.bind(before).bind(bigint(limit)))
        .await?;
    rows.iter().map(letter).collect()
}

async fn dead_letter(database: &Database, id: u64) -> Result<DeadLetter, LedgerError> {
    let number = i64::try_from(id).unwrap_or(i64::MAX);
    let one = statement("SELECT * FROM dead_letters WHERE id = $1").bind(number);
    let row = database.reader().await?.fetch_optional(one).await?;
    letter(&row.ok_or(LedgerError::NoDeadLetter(id))?)
}

async fn unbury(database: &Database, id: u64) -> Result<(), LedgerError> {
    let mut changes = database.begin().await?;
    let number = i64::try_from(id).unwrap_or(i64::MAX);
    changes
        .execute(statement("DELETE FROM dead_letters WHERE id = $1").bind(number))
        .await?;
    changes.commit().await
}

fn letter(row: &AnyRow) -> Result<DeadLetter, LedgerError> {
    let kind = text(row, "kind")?;
    let job: Option<String> = row.try_get("job")?;
    let job = job
        .map(|job| job.parse())
        .transpose()
        .map_err(|_| LedgerError::Corrupt {
            reason: "a dead letter's job is no id".to_owned(),
        })?;
    let (seq, attempt) = (number(row, "seq")?, number(row, "attempt")?);
    Ok(DeadLetter {
        id: number(row, "id")?,
        letter: NewDeadLetter {
            kind: DeadKind::named(&kind).ok_or_else(|| LedgerError::Corrupt {
                reason: format!("there is no kind {kind:?} of dead letters"),
            })?,
            reason: text(row, "reason")?,
            message_id: text(row, "message_id")?,
            about: job.map(|job| (job, seq, attempt)),
            body: text(row, "body")?,
            bytes: number(row, "bytes")?,
            now: number(row, "at")?,
        },
    })
}
