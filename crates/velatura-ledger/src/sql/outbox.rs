//! News: written with what they tell of, taken and settled one by one.

use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::database::{Changes, Database, statement};
use super::rows::{bigint, number, parameter, storable, text};
use super::{SqlLedger, within};
use crate::{Delivered, Delivery, Job, LedgerError, Millis, News, Outbox, Webhook};

#[async_trait]
impl Outbox for SqlLedger {
    async fn add_webhook(&self, webhook: &Webhook) -> Result<(), LedgerError> {
        within(add_webhook(&self.database, webhook)).await
    }

    async fn webhooks(&self, tenant: Option<&str>) -> Result<Vec<Webhook>, LedgerError> {
        within(webhooks(&self.database, tenant)).await
    }

    async fn delete_webhook(&self, id: &str) -> Result<(), LedgerError> {
        within(delete_webhook(&self.database, id)).await
    }

    async fn take_news(&self, limit: usize, now: Millis, until: Millis) -> Result<Vec<Delivery>, LedgerError> {
        within(take(&self.database, limit, now, until)).await
    }

    async fn settle_news(&self, delivery: &Delivery, ending: &Delivered) -> Result<(), LedgerError> {
        within(settle(&self.database, delivery, ending)).await
    }
}

/// Adds news of these jobs for each address that wants them, in the transaction that changes the jobs.
pub(super) async fn add(changes: &mut Changes, jobs: impl Iterator<Item = &Job>) -> Result<(), LedgerError> {
    #[derive(Serialize)]
    struct Added<'a> {
        id: String,
        tenant: &'a str,
        news: String,
    }
    let at = clock();
    let added: Vec<_> = jobs
        .map(|job| Added {
            id: format!("msg_{}", Uuid::new_v4().simple()),
            tenant: &job.tenant,
            news: parameter(&News {
                job: job.id,
                state: job.state,
                reason: job.reason.clone(),
                code: job.code.clone(),
                counters: job.counters,
                created_at: job.created_at,
                ended_at: job.ended_at,
                at: job.ended_at.unwrap_or(at),
            }),
        })
        .collect();
    if added.is_empty() {
        return Ok(());
    }
    let rows = changes.dialect.rows(&["id TEXT", "tenant TEXT", "news TEXT"]);
    let add = format!(
        "INSERT INTO outbox (id, webhook, news, due_at) \
         SELECT r.id || '_' || webhooks.id, webhooks.id, r.news, 0 FROM {rows}, webhooks \
         WHERE webhooks.tenant = r.tenant AND webhooks.disabled_at IS NULL"
    );
    changes.execute(statement(add).bind(parameter(&added))).await?;
    Ok(())
}

/// By this machine's clock: when a job was paused is said nowhere else.
fn clock() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

async fn add_webhook(database: &Database, webhook: &Webhook) -> Result<(), LedgerError> {
    let add = statement("INSERT INTO webhooks (id, tenant, url, secret, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(&webhook.id)
        .bind(&webhook.tenant)
        .bind(&webhook.url)
        .bind(&webhook.secret)
        .bind(webhook.created_at);
    let mut changes = database.begin().await?;
    changes.execute(add).await?;
    changes.commit().await
}

async fn webhooks(database: &Database, tenant: Option<&str>) -> Result<Vec<Webhook>, LedgerError> {
    let only = tenant.map(|_| "WHERE tenant = $1").unwrap_or_default();
    let all = statement(format!("SELECT * FROM webhooks {only} ORDER BY created_at DESC, id"));
    let all = match tenant {
        Some(tenant) => all.bind(tenant),
        None => all,
    };
    let rows = database.reader().await?.fetch_all(all).await?;
    rows.iter().map(webhook).collect()
}

async fn delete_webhook(database: &Database, id: &str) -> Result<(), LedgerError> {
    let mut changes = database.begin().await?;
    for delete in [
        "DELETE FROM outbox WHERE webhook = $1",
        "DELETE FROM webhooks WHERE id = $1",
    ] {
        changes.execute(statement(delete).bind(id)).await?;
    }
    changes.commit().await
}

async fn take(database: &Database, limit: usize, now: Millis, until: Millis) -> Result<Vec<Delivery>, LedgerError> {
    let mut changes = database.begin().await?;
    // Whoever else takes news at the same time passes over these rows instead of waiting for them.
    let due = format!(
        "SELECT id FROM outbox WHERE due_at <= $1 ORDER BY due_at, id LIMIT $3 {}",
        changes.dialect.pass_over_locked()
    );
    let take = format!(
        "UPDATE outbox SET due_at = $2, attempt = attempt + 1 WHERE id {} \
         RETURNING *, (SELECT url FROM webhooks WHERE webhooks.id = outbox.webhook) AS url, \
         (SELECT secret FROM webhooks WHERE webhooks.id = outbox.webhook) AS secret",
        changes.dialect.among(&due)
    );
    let take = statement(take).bind(now).bind(until).bind(bigint(limit));
    let rows = changes.fetch_all(take).await?;
    changes.commit().await?;
    rows.iter().map(delivery).collect()
}

async fn settle(database: &Database, delivery: &Delivery, ending: &Delivered) -> Result<(), LedgerError> {
    const CURRENT: &str = "id = $1 AND attempt = $2";
    let mut changes = database.begin().await?;
    let change = match ending {
        Delivered::Again { .. } => format!("UPDATE outbox SET due_at = $3 WHERE {CURRENT}"),
        Delivered::Taken | Delivered::GivenUp { .. } | Delivered::Disabled { .. } => {
            format!("DELETE FROM outbox WHERE {CURRENT}")
        }
    };
    let change = statement(change).bind(&delivery.id).bind(i64::from(delivery.attempt));
    let change = match ending {
        Delivered::Again { at, .. } => change.bind(*at),
        _ => change,
    };
    if changes.execute(change).await? == 0 {
        return Ok(());
    }
    let error = match ending {
        Delivered::Taken => "",
        Delivered::Again { error, .. } | Delivered::GivenUp { error } => error,
        Delivered::Disabled { .. } => "it answered that it is gone for good",
    };
    let note = statement("UPDATE webhooks SET error = $2 WHERE id = $1 AND error <> $2");
    let note = note.bind(&delivery.webhook).bind(storable(error).into_owned());
    changes.execute(note).await?;
    if let Delivered::Disabled { at } = ending {
        let disable = statement("UPDATE webhooks SET disabled_at = $2 WHERE id = $1");
        changes.execute(disable.bind(&delivery.webhook).bind(*at)).await?;
        let forget = statement("DELETE FROM outbox WHERE webhook = $1");
        changes.execute(forget.bind(&delivery.webhook)).await?;
    }
    changes.commit().await
}

fn webhook(row: &AnyRow) -> Result<Webhook, LedgerError> {
    Ok(Webhook {
        id: text(row, "id")?,
        tenant: text(row, "tenant")?,
        url: text(row, "url")?,
        secret: text(row, "secret")?,
        created_at: row.try_get("created_at")?,
        disabled_at: row.try_get("disabled_at")?,
        error: text(row, "error")?,
    })
}

fn delivery(row: &AnyRow) -> Result<Delivery, LedgerError> {
    Ok(Delivery {
        id: text(row, "id")?,
        webhook: text(row, "webhook")?,
        url: text(row, "url")?,
        secret: text(row, "secret")?,
        news: serde_json::from_str(&text(row, "news")?).map_err(|error| LedgerError::Corrupt {
            reason: format!("news can't be read: {error}"),
        })?,
        attempt: number(row, "attempt")?,
    })
}
