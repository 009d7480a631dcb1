//! Output names that a job's photos have taken, so that no two get the same: a unique index that holds for millions in
//! nobody's memory.

use std::collections::HashMap;

use super::database::{Changes, Database, statement};
use super::given::Given;
use super::record::Record;
use super::rows::{bigint, number};
use crate::{Claim, LedgerError, NewTask, Taken};

struct Row {
    claim: Claim,
    seq: u64,
}

/// Takes the claims of a page whose first task gets the number `first`. What others have already is told, and then the
/// caller gives up the transaction.
pub(super) async fn take(
    changes: &mut Changes,
    record: &Record,
    page: &[NewTask],
    first: u64,
) -> Result<Vec<Taken>, LedgerError> {
    let rows: Vec<Row> = (first..)
        .zip(page)
        .flat_map(|(seq, task)| task.claims.iter().map(move |&claim| Row { claim, seq }))
        .collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let claims = || {
        Given::new(changes.dialect)
            .numbers("hi", rows.iter().map(|row| row.claim.hi))
            .numbers("lo", rows.iter().map(|row| row.claim.lo))
    };
    let given = claims().numbers("seq", rows.iter().map(|row| row.seq as i64));
    // `WHERE true` keeps SQLite from reading ON as a join's.
    let insert = format!(
        "INSERT INTO claims (job, hi, lo, seq) SELECT $1, r.hi, r.lo, r.seq FROM {} WHERE true \
         ON CONFLICT (job, hi, lo) DO NOTHING",
        given.table(2)
    );
    let insert = given.bind(statement(insert).bind(record.number));
    let given = claims();
    let inserted = changes.execute(insert).await?;
    let mark = statement("UPDATE jobs SET claiming = 1 WHERE number = $1 AND claiming = 0");
    changes.execute(mark.bind(record.number)).await?;
    if inserted == rows.len() as u64 {
        return Ok(Vec::new());
    }
    let owners = format!(
        "SELECT claims.hi, claims.lo, claims.seq FROM {} JOIN claims \
         ON claims.job = $1 AND claims.hi = r.hi AND claims.lo = r.lo",
        given.table(2)
    );
    let owners = given.bind(statement(owners).bind(record.number));
    let mut owner: HashMap<(i64, i64), u64> = HashMap::new();
    for row in changes.fetch_all(owners).await? {
        owner.insert((number(&row, "hi")?, number(&row, "lo")?), number(&row, "seq")?);
    }
    let mut taken: Vec<Taken> = Vec::new();
    for row in &rows {
        match owner.get(&(row.claim.hi, row.claim.lo)) {
            Some(&by) if by != row.seq => {
                let index = (row.seq - first) as usize;
                if taken.last().is_none_or(|last| last.index != index) {
                    taken.push(Taken { index, by });
                }
            }
            _ => {}
        }
    }
    Ok(taken)
}

/// Gives back up to `limit` claims of jobs that need them no more; says how many.
pub(super) async fn give_back(database: &Database, limit: usize) -> Result<usize, LedgerError> {
    let mut changes = database.begin().await?;
    let idle = statement(
        "SELECT number FROM jobs WHERE claiming = 1 AND (expanded = 1 OR ended_at IS NOT NULL) ORDER BY number LIMIT 1",
    );
    let Some(row) = changes.fetch_optional(idle).await? else {
        return Ok(0);
    };
    let job: i64 = number(&row, "number")?;
    let given_back = changes
        .execute(
            statement(
                "DELETE FROM claims WHERE job = $1 AND (hi, lo) IN \
                 (SELECT hi, lo FROM claims WHERE job = $1 ORDER BY hi, lo LIMIT $2)",
            )
            .bind(job)
            .bind(bigint(limit)),
        )
        .await?;
    if given_back < limit as u64 {
        let done = statement("UPDATE jobs SET claiming = 0 WHERE number = $1");
        changes.execute(done.bind(job)).await?;
    }
    changes.commit().await?;
    // A job whose last claims went counts, so that the next one gets its turn.
    Ok((given_back as usize).max(1))
}
