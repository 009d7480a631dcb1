//! One of several coordinators leads.
//!
//! The lease ends by the database's clock, so that the coordinators' clocks need not agree. Whatever the leader changes
//! it changes in a transaction that begins with [`begin`]: this holds the row with a lock that renewals pass and taking
//! over waits for. So nothing of an earlier leader is ever committed after its successor has begun.

use std::time::Duration;

use sqlx::Row;

use super::database::{Changes, Database, statement};
use super::rows::text;
use crate::{Leader, LedgerError, Token};

const NAME: &str = "leader";

pub(super) async fn lead(database: &Database, holder: &str, ttl: Duration) -> Result<Option<Token>, LedgerError> {
    let mut changes = database.begin().await?;
    let (clock, lock) = (changes.dialect.clock(), changes.dialect.lock());
    // Looked at first without a lock: those who wait for the leader's end must not stand in its way.
    let held = format!("SELECT 1 FROM leases WHERE name = '{NAME}' AND holder <> $1 AND until >= {clock}");
    if changes.fetch_optional(statement(held).bind(holder)).await?.is_some() {
        return Ok(None);
    }
    let first = format!("INSERT INTO leases VALUES ('{NAME}', '', 0, 0) ON CONFLICT (name) DO NOTHING");
    changes.execute(statement(first)).await?;
    changes
        .fetch_one(statement(format!("SELECT 1 FROM leases WHERE name = '{NAME}' {lock}")))
        .await?;
    let take = format!(
        "UPDATE leases SET holder = $1, token = token + 1, until = {clock} + $2 \
         WHERE name = '{NAME}' AND (holder = $1 OR until < {clock}) RETURNING token"
    );
    let taken = changes
        .fetch_optional(statement(take).bind(holder).bind(milliseconds(ttl)))
        .await?;
    changes.commit().await?;
    taken.map(|row| Ok(Token(row.try_get("token")?))).transpose()
}

pub(super) async fn renew(database: &Database, token: Token, ttl: Duration) -> Result<bool, LedgerError> {
    let mut changes = database.begin().await?;
    let clock = changes.dialect.clock();
    let renew = format!("UPDATE leases SET until = {clock} + $2 WHERE name = '{NAME}' AND token = $1");
    let renewed = changes
        .execute(statement(renew).bind(token.0).bind(milliseconds(ttl)))
        .await?;
    changes.commit().await?;
    Ok(renewed == 1)
}

pub(super) async fn resign(database: &Database, token: Token) -> Result<(), LedgerError> {
    let mut changes = database.begin().await?;
    let resign = format!("UPDATE leases SET until = 0 WHERE name = '{NAME}' AND token = $1");
    changes.execute(statement(resign).bind(token.0)).await?;
    changes.commit().await
}

pub(super) async fn leader(database: &Database) -> Result<Option<Leader>, LedgerError> {
    let clock = database.dialect.clock();
    let now = format!("SELECT holder, token FROM leases WHERE name = '{NAME}' AND until >= {clock}");
    let row = database.reader().await?.fetch_optional(statement(now)).await?;
    row.map(|row| {
        Ok(Leader {
            holder: text(&row, "holder")?,
            token: Token(row.try_get("token")?),
        })
    })
    .transpose()
}

/// Begins a transaction of the leader's; refused when it no longer is.
pub(super) async fn begin(database: &Database, token: Token) -> Result<Changes, LedgerError> {
    let mut changes = database.begin().await?;
    let hold = changes.dialect.hold();
    let current = format!("SELECT token FROM leases WHERE name = '{NAME}' {hold}");
    let current = changes.fetch_optional(statement(current)).await?;
    match current.map(|row| row.try_get::<i64, _>("token")).transpose()? {
        Some(current) if current == token.0 => Ok(changes),
        Some(_) | None => Err(LedgerError::NotLeading),
    }
}

fn milliseconds(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX)
}
