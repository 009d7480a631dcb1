//! How fast the ledger is on this machine, beside a bare bulk insert into a table without indexes:
//! `cargo run --release -p velatura-ledger --example rates [TASKS]`.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;
use velatura_ledger::{Job, Ledger, NewJob, NewTask, Outcome, Report, Token, connect};
use velatura_testkit::postgres::Postgres;

/// Tasks a page, a dispatch and a batch of reports.
const BATCH: usize = 1000;

#[tokio::main]
async fn main() -> Result<()> {
    let tasks = std::env::args()
        .nth(1)
        .map_or(Ok(200_000), |tasks| tasks.parse())
        .context("TASKS is a number")?;
    sqlx::any::install_default_drivers();
    println!("{tasks} tasks, {BATCH} a call; tasks a second:");
    println!(
        "{:<12}{:>10}{:>10}{:>10}{:>10}{:>10}",
        "", "bare", "expand", "dispatch", "report", "cancel"
    );
    let folder = TempDir::new()?;
    measure(
        "SQLite",
        &format!("sqlite://{}/ledger.db?mode=rwc", folder.path().display()),
        tasks,
    )
    .await?;
    let server = Postgres::start()?;
    measure("PostgreSQL", &server.create_database()?, tasks).await
}

async fn measure(name: &str, url: &str, tasks: usize) -> Result<()> {
    let ledger = connect(url).await?;
    let token = ledger
        .lead("rates", Duration::from_secs(3600))
        .await?
        .context("somebody else leads")?;
    let bare = timed(tasks, bare_insert(url, tasks)).await?;
    let job = submit(&*ledger).await?;
    let expand = timed(tasks, expand(&*ledger, token, &job, tasks)).await?;
    let mut window = Vec::new();
    let dispatch = timed(tasks, async {
        loop {
            let dispatched = ledger.dispatch(token, job.id, BATCH, now()).await?;
            if dispatched.is_empty() {
                return Ok(());
            }
            window.push(dispatched);
        }
    });
    let dispatch = dispatch.await?;
    let report = timed(tasks, async {
        for dispatched in &window {
            let report = |seq, attempt| Report {
                job_id: job.id,
                seq,
                attempt,
                outcome: Outcome::Done,
            };
            let reports: Vec<_> = dispatched.iter().map(|task| report(task.seq, task.attempt)).collect();
            ledger.report(&reports, now()).await?;
        }
        Ok(())
    });
    let report = report.await?;
    anyhow::ensure!(
        ledger.job(job.id).await?.counters.done == tasks as u64,
        "the job is done"
    );

    let job = submit(&*ledger).await?;
    self::expand(&*ledger, token, &job, tasks).await?;
    let cancel = timed(tasks, async {
        ledger.cancel(job.id, "", now()).await?;
        while ledger.settle(token, 10 * BATCH, now()).await? > 0 {}
        Ok(())
    });
    let cancel = cancel.await?;
    println!("{name:<12}{bare:>10.0}{expand:>10.0}{dispatch:>10.0}{report:>10.0}{cancel:>10.0}");
    Ok(())
}

/// The same rows in the same pages, and nothing else.
async fn bare_insert(url: &str, tasks: usize) -> Result<()> {
    let mut database = AnyConnection::connect(url).await?;
    database
        .execute("CREATE TABLE bare (seq BIGINT, source TEXT, key TEXT)")
        .await?;
    for first in (0..tasks).step_by(BATCH) {
        let rows: Vec<_> = (first..first + BATCH)
            .map(|n| format!("({n}, '{}', '{}')", source(n), key(n)))
            .collect();
        database
            .execute(AssertSqlSafe(format!("INSERT INTO bare VALUES {}", rows.join(", "))))
            .await?;
    }
    Ok(())
}

async fn submit(ledger: &dyn Ledger) -> Result<Job> {
    let (tenant, request) = ("default".to_owned(), "{}".to_owned());
    let job = NewJob {
        tenant,
        idempotency_key: None,
        request_hash: String::new(),
        request,
        photos: None,
        now: now(),
        ..NewJob::default()
    };
    Ok(ledger.submit(job).await?)
}

async fn expand(ledger: &dyn Ledger, token: Token, job: &Job, tasks: usize) -> Result<()> {
    let mut expected = None;
    for first in (0..tasks).step_by(BATCH) {
        let page: Vec<_> = (first..first + BATCH)
            .map(|n| NewTask::photo(source(n), key(n)))
            .collect();
        let cursor = (first + BATCH < tasks).then(|| format!("after {first}"));
        ledger
            .expand(token, job.id, expected.as_deref(), &page, cursor.as_deref(), now())
            .await?;
        expected = cursor;
    }
    Ok(())
}

fn source(n: usize) -> String {
    format!("s3://a-bucket-of-photos/2026/holidays/{}", key(n))
}

fn key(n: usize) -> String {
    format!("album-{:03}/photo-{n:08}.jpg", n / 1000)
}

async fn timed(tasks: usize, work: impl Future<Output = Result<()>>) -> Result<f64> {
    let start = Instant::now();
    work.await?;
    Ok(tasks as f64 / start.elapsed().as_secs_f64())
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
