//! A table like that of the tasks, and the fastest ways into it.

use std::fmt::Write as _;
use std::time::Instant;

use anyhow::Result;
use serde::Deserialize;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::library;

/// Rows a transaction, where there is no `COPY`.
const TRANSACTION: u64 = 10_000;
/// Rows a statement, where there is no `COPY`.
const STATEMENT: u64 = 500;

/// The bare table in the ledger's own database.
pub(crate) enum BareTable {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl BareTable {
    /// Makes it with all that the ledger's table of tasks has, indexes too: what a row costs there it costs here.
    pub(crate) async fn make(url: &str) -> Result<Self> {
        match url.starts_with("postgres") {
            true => {
                let mut database = PgConnection::connect(url).await?;
                database.execute("CREATE TABLE bare (LIKE tasks INCLUDING ALL)").await?;
                // By the key, as the ledger does: left to itself PostgreSQL goes through a table that it has not counted yet.
                let by_key = "SET enable_seqscan = off; SET enable_bitmapscan = off; \
                              SET plan_cache_mode = force_generic_plan";
                database.execute(by_key).await?;
                Ok(Self::Postgres(database))
            }
            false => {
                let mut database = SqliteConnection::connect(url).await?;
                let pragmas = "PRAGMA busy_timeout = 60000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL";
                sqlx::raw_sql(pragmas).execute(&mut database).await?;
                let makings = "SELECT sql FROM sqlite_master WHERE tbl_name = 'tasks' AND sql IS NOT NULL";
                let makings: Vec<String> = sqlx::query_scalar(makings).fetch_all(&mut database).await?;
                for making in makings {
                    let making = AssertSqlSafe(making.replace("tasks", "bare"));
                    database.execute(making).await?;
                }
                Ok(Self::Sqlite(database))
            }
        }
    }

    /// Puts the rows of these photos in; gives rows a second.
    pub(crate) async fn fill(&mut self, first: u64, end: u64) -> Result<f64> {
        let began = Instant::now();
        match self {
            Self::Postgres(database) => copy(database, first, end).await?,
            Self::Sqlite(database) => insert(database, first, end).await?,
        }
        Ok((end - first) as f64 / began.elapsed().as_secs_f64())
    }

    /// Records the reports in these bodies as done.
    pub(crate) async fn update(&mut self, bodies: &[Vec<u8>]) -> Result<()> {
        let seqs = bodies
            .iter()
            .map(|body| Ok(serde_json::from_slice::<Said>(body)?.seq.parse()?));
        let seqs = seqs.collect::<Result<Vec<i64>>>()?;
        match self {
            Self::Postgres(database) => {
                let update = "UPDATE bare SET state = 'done', attempt = 1, at = 1 WHERE job = 1 AND seq = ANY ($1)";
                sqlx::query(update).bind(seqs).execute(database).await?;
            }
            Self::Sqlite(database) => {
                let update = "UPDATE bare SET state = 'done', attempt = 1, at = 1 \
                              WHERE job = 1 AND seq IN (SELECT value FROM json_each($1))";
                let seqs = serde_json::to_string(&seqs)?;
                sqlx::query(update).bind(seqs).execute(database).await?;
            }
        }
        Ok(())
    }
}

/// Of a report, what the bare loop needs. Large numbers are text in proto3's JSON; what is zero is left out.
#[derive(Deserialize)]
struct Said {
    #[serde(default = "zero")]
    seq: String,
}

fn zero() -> String {
    "0".to_owned()
}

async fn copy(database: &mut PgConnection, first: u64, end: u64) -> Result<()> {
    let mut copy = database.copy_in_raw("COPY bare FROM STDIN").await?;
    let mut rows = String::with_capacity(1 << 17);
    for photo in first..end {
        let key = library::key(photo);
        let below = &key[library::PREFIX.len()..];
        let bucket = library::BUCKET;
        writeln!(rows, "1\t{photo}\tpending\ts3://{bucket}/{key}\t{below}\t0\t-1\t\t")?;
        if rows.len() > 1 << 16 {
            copy.send(rows.as_bytes()).await?;
            rows.clear();
        }
    }
    copy.send(rows.as_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

async fn insert(database: &mut SqliteConnection, first: u64, end: u64) -> Result<()> {
    for start in (first..end).step_by(TRANSACTION as usize) {
        let mut transaction = database.begin().await?;
        let stop = end.min(start + TRANSACTION);
        for start in (start..stop).step_by(STATEMENT as usize) {
            let photos = start..stop.min(start + STATEMENT);
            let row = |n: u64| {
                format!(
                    "(1, ${}, 'pending', ${}, ${}, 0, -1, '', '')",
                    3 * n + 1,
                    3 * n + 2,
                    3 * n + 3
                )
            };
            let values: Vec<_> = (0..photos.end - photos.start).map(row).collect();
            let text = format!("INSERT INTO bare VALUES {}", values.join(", "));
            let mut insert = sqlx::query(AssertSqlSafe(text));
            for photo in photos {
                let key = library::key(photo);
                let below = key[library::PREFIX.len()..].to_owned();
                let source = format!("s3://{}/{key}", library::BUCKET);
                insert = insert.bind(photo as i64).bind(source).bind(below);
            }
            insert.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
    }
    Ok(())
}
