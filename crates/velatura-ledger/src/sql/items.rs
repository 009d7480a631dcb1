//! What a manifest says of photos beside where they lie, in a table of its own: most jobs have nothing in it.

use std::collections::HashMap;
use std::ops::DerefMut;

use serde::Serialize;
use sqlx::{AnyConnection, PgConnection};

use super::database::{Changes, statement};
use super::dialect::Dialect;
use super::link::Link;
use super::record::Record;
use super::rows::{number, parameter, text};
use crate::{Item, LedgerError, NewTask, Task};

/// Records the items of a page whose first task gets the number `first`.
pub(super) async fn add(
    changes: &mut Changes,
    record: &Record,
    page: &[NewTask],
    first: u64,
) -> Result<(), LedgerError> {
    #[derive(Serialize)]
    struct Row {
        seq: u64,
        item: String,
    }
    let rows: Vec<Row> = (first..)
        .zip(page)
        .filter(|(_, task)| task.item != Item::default())
        .map(|(seq, task)| Row {
            seq,
            item: serde_json::to_string(&task.item).expect("text is JSON"),
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let table = changes.dialect.rows(&["seq BIGINT", "item TEXT"]);
    let insert = format!("INSERT INTO items (job, seq, item) SELECT $2, r.seq, r.item FROM {table}");
    changes
        .execute(statement(insert).bind(parameter(&rows)).bind(record.number))
        .await?;
    let mark = statement("UPDATE jobs SET itemized = 1 WHERE number = $1 AND itemized = 0");
    changes.execute(mark.bind(record.number)).await?;
    Ok(())
}

/// Gives tasks of one job their items.
pub(super) async fn fill<P, S>(
    connection: &mut Link<P, S>,
    dialect: Dialect,
    job: i64,
    tasks: &mut [Task],
) -> Result<(), LedgerError>
where
    P: DerefMut<Target = PgConnection> + Send,
    S: DerefMut<Target = AnyConnection> + Send,
{
    #[derive(Serialize)]
    struct Row {
        seq: u64,
    }
    if tasks.is_empty() {
        return Ok(());
    }
    let wanted: Vec<Row> = tasks.iter().map(|task| Row { seq: task.seq }).collect();
    let table = dialect.rows(&["seq BIGINT"]);
    let select =
        format!("SELECT items.seq, items.item FROM {table} JOIN items ON items.job = $2 AND items.seq = r.seq");
    let rows = connection
        .fetch_all(statement(select).bind(parameter(&wanted)).bind(job))
        .await?;
    let mut items: HashMap<u64, Item> = HashMap::with_capacity(rows.len());
    for row in &rows {
        let item = text(row, "item")?;
        let item = serde_json::from_str(&item).map_err(|error| LedgerError::Corrupt {
            reason: format!("an item is {item:?}: {error}"),
        })?;
        items.insert(number(row, "seq")?, item);
    }
    for task in tasks {
        task.item = items.remove(&task.seq).unwrap_or_default();
    }
    Ok(())
}
