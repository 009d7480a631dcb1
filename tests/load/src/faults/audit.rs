//! What the ledger says, asked past its own program: rows are counted, not believed.

use std::time::Duration;

use anyhow::{Result, ensure};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection as _, Row as _};

/// How far a leader is.
pub(super) struct Lead {
    /// Rises with every taking over.
    pub(super) token: i64,
    /// The first task that was never dispatched, and how many there are.
    fresh: i64,
    total: i64,
}

/// A look at the ledger's tables, that outlives the database's restarts.
pub(super) struct Audit {
    url: String,
    database: Option<PgConnection>,
}

impl Audit {
    pub(super) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            database: None,
        }
    }

    /// How many tasks of a job are done by its counter; none while the database is away.
    pub(super) async fn done(&mut self, job: &str) -> Option<u64> {
        let row = self
            .ask("SELECT done AS value FROM jobs WHERE id = $1", job)
            .await
            .ok()?;
        u64::try_from(row.try_get::<i64, _>("value").ok()?).ok()
    }

    /// The name under which somebody leads.
    pub(super) async fn leader(&mut self) -> Option<String> {
        let row = self
            .ask("SELECT holder AS value FROM leases WHERE name <> $1", "")
            .await
            .ok()?;
        row.try_get("value").ok()
    }

    /// Who leads, and how far; none while the database is away.
    pub(super) async fn lead(&mut self, job: &str) -> Option<Lead> {
        let question = "SELECT fresh, pending + dispatched + done AS total, (SELECT MAX(token) FROM leases) AS token \
                        FROM jobs WHERE id = $1";
        let row = self.ask(question, job).await.ok()?;
        Some(Lead {
            token: row.try_get("token").ok()?,
            fresh: row.try_get("fresh").ok()?,
            total: row.try_get("total").ok()?,
        })
    }

    /// Waits until somebody leads after that token, and has dispatched a task, if any is left.
    pub(super) async fn successor(&mut self, job: &str, token: i64) {
        let mut first = None;
        loop {
            if let Some(lead) = self.lead(job).await.filter(|lead| lead.token > token) {
                let fresh = *first.get_or_insert(lead.fresh);
                if lead.fresh > fresh || lead.fresh >= lead.total {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Holds the end against what it must be; gives how many attempts there were above one a task.
    pub(super) async fn check(&mut self, job: &str, tasks: u64) -> Result<u64> {
        let counters = "SELECT state, pending, dispatched, done, skipped, failed, cancelled FROM jobs WHERE id = $1";
        let counted = self.ask(counters, job).await?;
        let rows = "SELECT COUNT(*) AS rows, COUNT(DISTINCT seq) AS seqs, COUNT(DISTINCT key) AS keys, \
                    COUNT(*) FILTER (WHERE state = 'done') AS done, MIN(attempt) AS least, \
                    CAST(SUM(attempt) AS BIGINT) AS attempts, MIN(seq) AS first, MAX(seq) AS last \
                    FROM tasks WHERE job = (SELECT number FROM jobs WHERE id = $1)";
        let found = self.ask(rows, job).await?;
        let n = i64::try_from(tasks)?;
        let of = |row: &PgRow, column: &str| -> Result<i64> { Ok(row.try_get(column)?) };
        for column in ["rows", "seqs", "keys", "done"] {
            let value = of(&found, column)?;
            ensure!(value == n, "of {tasks} tasks the ledger has {value} {column}");
        }
        ensure!(
            of(&found, "first")? == 0 && of(&found, "last")? == n - 1,
            "tasks are numbered with gaps"
        );
        ensure!(of(&found, "least")? >= 1, "a task is done without an attempt");
        ensure!(
            of(&counted, "done")? == n,
            "the counter says {} done",
            of(&counted, "done")?
        );
        for column in ["pending", "dispatched", "skipped", "failed", "cancelled"] {
            let value = of(&counted, column)?;
            ensure!(
                value == 0,
                "the counter says {value} {column} tasks, and there are none"
            );
        }
        let state: String = counted.try_get("state")?;
        ensure!(state == "done", "every task is done, and the job is {state}");
        Ok(u64::try_from(of(&found, "attempts")? - n)?)
    }

    async fn ask(&mut self, question: &'static str, parameter: &str) -> Result<PgRow> {
        let mut database = match self.database.take() {
            Some(database) => database,
            None => PgConnection::connect(&self.url).await?,
        };
        let row = sqlx::query(question).bind(parameter).fetch_one(&mut database).await?;
        // A connection that failed is not kept.
        self.database = Some(database);
        Ok(row)
    }
}
