//! Tasks by what is known of them.

use uuid::Uuid;

use super::database::{Database, statement};
use super::items;
use super::list::kept_job;
use super::rows::{bigint, number};
use super::tasks::task;
use crate::{LedgerError, TaskFilter, TaskPage};

/// No index is kept for codes and keys, which would cost every task a write. So one call looks at no more than so many
/// tasks, and says from where to look on.
const AT_ONCE: u64 = 200_000;

pub(super) async fn find(
    database: &Database,
    id: Uuid,
    filter: &TaskFilter,
    from: u64,
    limit: usize,
) -> Result<TaskPage, LedgerError> {
    let mut reader = database.reader().await?;
    let (job, itemized) = kept_job(&mut reader, id).await?;
    let upto = from.saturating_add(AT_ONCE);
    let state = filter
        .state
        .map(|state| format!("AND state = '{state}'"))
        .unwrap_or_default();
    let text = format!(
        "SELECT * FROM tasks WHERE job = $1 AND seq >= $2 AND seq < $3 {state} AND ($5 = '' OR code = $5) \
         AND ($6 = '' OR substr(key, 1, length($6)) = $6) ORDER BY seq LIMIT $4"
    );
    let bound = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let query = statement(text)
        .bind(job)
        .bind(bound(from))
        .bind(bound(upto))
        .bind(bigint(limit))
        .bind(filter.code.clone().unwrap_or_default())
        .bind(filter.key_prefix.clone().unwrap_or_default());
    let rows = reader.fetch_all(query).await?;
    let mut tasks = rows.iter().map(|row| task(row, id)).collect::<Result<Vec<_>, _>>()?;
    if itemized {
        items::fill(&mut reader, database.dialect, job, &mut tasks).await?;
    }
    let next = match tasks.last() {
        Some(last) if tasks.len() == limit => Some(last.seq + 1),
        _ => {
            let beyond = statement(
                "SELECT COUNT(*) AS some FROM (SELECT 1 FROM tasks WHERE job = $1 AND seq >= $2 LIMIT 1) AS one",
            );
            let beyond = reader.fetch_one(beyond.bind(job).bind(bound(upto))).await?;
            (number::<i64>(&beyond, "some")? > 0).then_some(upto)
        }
    };
    Ok(TaskPage { tasks, next })
}
