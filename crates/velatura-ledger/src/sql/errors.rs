//! What went wrong in a job, by code: kept in the transaction that changes the tasks.

use std::borrow::Cow;
use std::collections::BTreeMap;

use uuid::Uuid;

use super::database::{Changes, Database, statement};
use super::given::Given;
use super::list::job_number;
use super::rows::{number, text};
use crate::{ErrorCount, LedgerError};

/// Changes of counters, by job and code.
#[derive(Debug, Default)]
pub(super) struct Errors(BTreeMap<(i64, String), (i64, i64)>);

impl Errors {
    /// So many tasks more have failed with a code, or fewer.
    pub(super) fn failed(&mut self, job: i64, code: String, tasks: i64) {
        self.0.entry((job, code)).or_default().0 += tasks;
    }

    /// An attempt ended with a code, and another one follows.
    pub(super) fn retried(&mut self, job: i64, code: String) {
        self.0.entry((job, code)).or_default().1 += 1;
    }

    /// Adds them to what is recorded.
    pub(super) async fn save(self, changes: &mut Changes) -> Result<(), LedgerError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let (keys, counts): (Vec<_>, Vec<_>) = self.0.into_iter().unzip();
        let given = Given::new(changes.dialect)
            .numbers("job", keys.iter().map(|(job, _)| *job))
            .texts("code", keys.iter().map(|(_, code)| Some(Cow::Borrowed(code.as_str()))))
            .numbers("failed", counts.iter().map(|(failed, _)| *failed))
            .numbers("retried", counts.iter().map(|(_, retried)| *retried));
        // Without the WHERE SQLite would take the ON for a join's.
        let text = format!(
            "INSERT INTO errors (job, code, failed, retried) SELECT r.job, r.code, r.failed, r.retried FROM {} WHERE true \
             ON CONFLICT (job, code) DO UPDATE SET failed = errors.failed + excluded.failed, \
             retried = errors.retried + excluded.retried",
            given.table(1)
        );
        changes.execute(given.bind(statement(text))).await?;
        Ok(())
    }
}

pub(super) async fn errors(database: &Database, id: Uuid) -> Result<Vec<ErrorCount>, LedgerError> {
    let mut reader = database.reader().await?;
    let job = job_number(&mut reader, id).await?;
    let counts = statement(
        "SELECT code, failed, retried FROM errors WHERE job = $1 AND (failed > 0 OR retried > 0) \
         ORDER BY failed DESC, retried DESC, code LIMIT 100",
    );
    let rows = reader.fetch_all(counts.bind(job)).await?;
    let count = |row| {
        Ok(ErrorCount {
            code: text(row, "code")?,
            failed: number(row, "failed")?,
            retried: number(row, "retried")?,
        })
    };
    rows.iter().map(count).collect()
}
