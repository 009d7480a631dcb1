//! Tasks by PostgreSQL's `COPY`, which writes whole pages where an `INSERT` writes row after row. It is a part of the
//! transaction like any statement.
//!
//! In the binary format: lengths instead of characters that would have to be escaped.
//! <https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.55.9.4>

use tokio::sync::mpsc::{Receiver, channel};

use super::database::Changes;
use super::link::Link;
use super::record::Record;
use super::tasks::NEVER;
use crate::{LedgerError, NewTask, TaskState};

const COPY: &str = "COPY tasks (job, seq, state, source, key, attempt, at, code, message) FROM STDIN (FORMAT binary)";
const COLUMNS: i16 = 9;
/// Then follow flags and the length of an extension, both zero.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Stands where the next row's number of columns would.
const END: i16 = -1;
/// Fewer rows are quicker by an `INSERT`: the driver sends the end of a `COPY` as a packet of its own, and TCP holds that
/// back until the one before is acknowledged, up to 40 ms. While so many rows are written that passes unnoticed.
pub(super) const LEAST: usize = 10_000;
/// So much is sent at once: PostgreSQL reads it while the next is being written.
const CHUNK: usize = 1 << 16;
/// Chunks that are written and not yet sent.
const AHEAD: usize = 4;

/// Adds a page of tasks behind those that the job has.
pub(super) async fn pending(changes: Changes, record: &Record, tasks: &[NewTask]) -> Result<Changes, LedgerError> {
    let (chunks, written) = channel(AHEAD);
    // In a task of its own: where nobody waits any more for what is recorded, its connection would go to another call with
    // the answer to this one still to come.
    let copied = tokio::spawn(copy(changes, written));
    let mut rows = chunk();
    rows.extend(SIGNATURE);
    rows.extend([0; 8]);
    for (seq, task) in (record.total()..).zip(tasks) {
        row(&mut rows, (record.number, seq), task);
        if rows.len() >= CHUNK && chunks.send(std::mem::replace(&mut rows, chunk())).await.is_err() {
            break;
        }
    }
    rows.extend(END.to_be_bytes());
    // It has an error to tell where it takes no more.
    let _ = chunks.send(rows).await;
    drop(chunks);
    match copied.await {
        Ok(copied) => copied,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(ended) => Err(LedgerError::Unavailable {
                reason: ended.to_string(),
            }),
        },
    }
}

async fn copy(mut changes: Changes, mut chunks: Receiver<Vec<u8>>) -> Result<Changes, LedgerError> {
    let Link::Postgres(transaction) = &mut *changes else {
        unreachable!("only PostgreSQL has it")
    };
    let mut copy = transaction.copy_in_raw(COPY).await?;
    while let Some(chunk) = chunks.recv().await {
        copy.send(chunk).await?;
    }
    copy.finish().await?;
    Ok(changes)
}

fn chunk() -> Vec<u8> {
    Vec::with_capacity(CHUNK + CHUNK / 8)
}

fn row(rows: &mut Vec<u8>, (job, seq): (i64, i64), task: &NewTask) {
    rows.extend(COLUMNS.to_be_bytes());
    number(rows, job);
    number(rows, seq);
    text(rows, TaskState::Pending.as_str());
    text(rows, &task.source);
    text(rows, &task.key);
    number(rows, 0);
    number(rows, NEVER);
    text(rows, "");
    text(rows, "");
}

fn number(rows: &mut Vec<u8>, number: i64) {
    field(rows, &number.to_be_bytes());
}

fn text(rows: &mut Vec<u8>, text: &str) {
    field(rows, text.as_bytes());
}

fn field(rows: &mut Vec<u8>, bytes: &[u8]) {
    let length = i32::try_from(bytes.len()).expect("keys are shorter than a gigabyte");
    rows.extend(length.to_be_bytes());
    rows.extend(bytes);
}
