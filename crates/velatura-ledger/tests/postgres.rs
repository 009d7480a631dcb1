//! PostgreSQL keeps the ledger's promises, on a private server.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod suite;

use std::sync::Arc;
use std::time::Duration;

use sqlx::{AnyConnection, Connection};
use velatura_ledger::{LedgerError, Outcome, connect};
use velatura_testkit::postgres::Postgres;
use velatura_testkit::tls::Authority;

use suite::{HOUR, NOW, Opened, interleaving, job_of, opening, photos, random, submission};

async fn open() -> Opened {
    let (server, url) = empty();
    Opened::led(connect(&url).await.unwrap(), server).await
}

fn empty() -> (Arc<Postgres>, String) {
    let server = Postgres::shared().unwrap();
    let url = server.create_database().unwrap();
    (server, url)
}

mod promises {
    crate::suite::conformance!(crate::open);
}

#[tokio::test]
async fn a_random_life_agrees_with_the_model() {
    random::a_random_life_agrees_with_the_model(&open().await, 5, 600).await;
}

#[tokio::test]
async fn any_interleaving_keeps_every_task() {
    interleaving::any_interleaving_keeps_every_task(40..43, 120, async || empty()).await;
}

#[tokio::test]
async fn what_was_recorded_is_there_when_it_is_opened_again() {
    let (_server, url) = empty();
    opening::what_was_recorded_is_there_when_it_is_opened_again(&url).await;
}

#[tokio::test]
async fn many_may_open_it_at_once() {
    let (_server, url) = empty();
    opening::many_may_open_it_at_once(&url).await;
}

#[tokio::test]
async fn tables_of_a_newer_program_are_refused() {
    let (_server, url) = empty();
    opening::tables_of_a_newer_program_are_refused(&url).await;
}

#[tokio::test]
async fn over_tls_a_server_is_trusted_by_its_authority_and_by_no_other() {
    let (authority, stranger) = (Authority::new().unwrap(), Authority::new().unwrap());
    let server = Postgres::start_with_tls(&authority).unwrap();
    let url = server.create_database().unwrap().replace("127.0.0.1", "localhost");
    let trusting = |ca: &std::path::Path| format!("{url}?sslmode=verify-full&sslrootcert={}", ca.display());
    let ledger = connect(&trusting(&authority.ca_file())).await.unwrap();
    ledger.check().await.unwrap();

    for untrusted in [trusting(&stranger.ca_file()), format!("{url}?sslmode=verify-full")] {
        let LedgerError::Refused { reason } = connect(&untrusted).await.unwrap_err() else {
            panic!("it should have been refused for its certificate")
        };
        assert!(
            reason.contains("localhost") && reason.contains("sslrootcert"),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn a_server_that_restarts_is_missed_and_found_again() {
    let mut server = Postgres::start().unwrap();
    let ledger = connect(&server.create_database().unwrap()).await.unwrap();
    let job = ledger.submit(submission(None, "{}")).await.unwrap();

    for gently in [true, false] {
        match gently {
            true => server.stop().unwrap(),
            false => server.kill(),
        }
        let missing = ledger.job(job.id).await.unwrap_err();
        assert!(missing.is_transient(), "{missing:?}");
        assert!(ledger.check().await.unwrap_err().is_transient());
        server.start_again().unwrap();
        assert_eq!(ledger.job(job.id).await.unwrap(), job);
        ledger.check().await.unwrap();
    }
    let token = ledger.lead("tests", HOUR).await.unwrap().unwrap();
    ledger
        .expand(token, job.id, None, &photos(0, 3), None, NOW)
        .await
        .unwrap();
    assert_eq!(ledger.dispatch(token, job.id, 10, NOW).await.unwrap().len(), 3);
}

/// A job's rows come faster than PostgreSQL counts them, and a planner that knows of few goes through all.
#[tokio::test]
async fn a_hundred_tasks_cost_the_same_in_a_job_of_many_that_nobody_has_counted() {
    let (server, url) = empty();
    let ledger = Opened::led(connect(&url).await.unwrap(), server).await;
    let mut database = AnyConnection::connect(&url).await.unwrap();
    sqlx::query("ALTER TABLE tasks SET (autovacuum_enabled = off)")
        .execute(&mut database)
        .await
        .unwrap();
    let job = job_of(&ledger, 50_000).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 100, NOW).await.unwrap();
    let reports = suite::reports(&tasks, &Outcome::Done);
    assert_eq!(ledger.report(&reports, NOW).await.unwrap()[0].counters.done, 100);
    // A connection tells what it has read within a second after it is done.
    let read = async {
        let counted = "SELECT CAST(seq_tup_read + idx_tup_fetch AS BIGINT), n_tup_upd FROM pg_stat_user_tables WHERE relname = 'tasks'";
        loop {
            let (read, updated): (i64, i64) = sqlx::query_as(counted).fetch_one(&mut database).await.unwrap();
            if updated == 200 {
                return read;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let read = tokio::time::timeout(Duration::from_secs(60), read).await.unwrap();
    assert!((200..1000).contains(&read), "{read} rows were read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_crashes_in_the_middle_loses_nothing_that_was_answered() {
    let mut server = Postgres::start().unwrap();
    let url = server.create_database().unwrap();
    let opened = Opened::led(connect(&url).await.unwrap(), ()).await;
    let job = job_of(&opened, 5000).await;
    let (ledger, token) = (Arc::clone(&opened.ledger), opened.token);
    let (progress, mut told) = tokio::sync::watch::channel(0);
    let dispatcher = tokio::spawn(async move {
        let mut answered = 0;
        loop {
            match ledger.dispatch(token, job.id, 10, NOW).await {
                Ok(tasks) => answered += tasks.len(),
                Err(error) => return (answered, error),
            }
            progress.send_replace(answered);
        }
    });
    told.wait_for(|answered| *answered >= 200).await.unwrap();
    server.kill();
    let (answered, error) = dispatcher.await.unwrap();
    assert!(error.is_transient(), "{error:?}");
    server.start_again().unwrap();
    let dispatched = suite::audited(&opened, &job).await.counters.dispatched as usize;
    // The call that the crash interrupted may have happened or not.
    assert!(
        dispatched == answered || dispatched == answered + 10,
        "{dispatched} recorded, {answered} answered"
    );
}

/// A coordinator that gives up while it records a page, at any moment; then somebody goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_page_that_is_broken_off_is_recorded_whole_or_not_at_all() {
    let ledger = open().await;
    let page = photos(0, 12_000);
    let (mut whole, mut broken_off) = (0, 0);
    for microseconds in (0..20).map(|nth| nth * nth * 250) {
        let job = ledger.submit(submission(None, "{}")).await.unwrap();
        let expand = || ledger.expand(ledger.token, job.id, None, &page, Some("more"), NOW);
        let in_time = tokio::time::timeout(Duration::from_micros(microseconds), expand()).await;
        match expand().await {
            Ok(_) => {
                assert!(in_time.is_err(), "what was answered is recorded");
                broken_off += 1;
            }
            Err(LedgerError::Conflict { .. }) => whole += 1,
            Err(other) => panic!("{other:?} after {microseconds} µs"),
        }
        assert_eq!(suite::audited(&ledger, &job).await.counters.pending, 12_000);
    }
    assert!(broken_off > 0, "{whole} pages were recorded in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_page_that_a_crash_interrupts_leaves_nothing_and_is_recorded_afterwards() {
    let mut server = Postgres::start().unwrap();
    let url = server.create_database().unwrap();
    let opened = Opened::led(connect(&url).await.unwrap(), ()).await;
    let mut database = AnyConnection::connect(&url).await.unwrap();
    let job = opened.submit(submission(None, "{}")).await.unwrap();
    let (ledger, token) = (Arc::clone(&opened.ledger), opened.token);
    let expand = move || {
        let ledger = Arc::clone(&ledger);
        let page = photos(0, 200_000);
        async move { ledger.expand(token, job.id, None, &page, Some("more"), NOW).await }
    };
    let expanding = tokio::spawn(expand());
    let begun = async {
        let copied = "SELECT CAST(COALESCE(MAX(tuples_processed), 0) AS BIGINT) FROM pg_stat_progress_copy";
        while sqlx::query_scalar::<_, i64>(copied)
            .fetch_one(&mut database)
            .await
            .unwrap()
            == 0
        {}
    };
    tokio::time::timeout(Duration::from_secs(60), begun).await.unwrap();
    server.kill();
    let error = expanding.await.unwrap().unwrap_err();
    assert!(error.is_transient(), "{error:?}");

    server.start_again().unwrap();
    assert_eq!(suite::audited(&opened, &job).await, job);
    expand().await.unwrap();
    assert_eq!(suite::audited(&opened, &job).await.counters.pending, 200_000);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_the_password() {
    let port = velatura_testkit::free_port();
    let missing = connect(&format!("postgres://me:secret@127.0.0.1:{port}/ledger"))
        .await
        .unwrap_err();
    let sentence =
        format!("the ledger's database can't be used now: 127.0.0.1:{port}/ledger: Connection refused (os error 111)");
    assert_eq!(missing.to_string(), sentence);
    assert!(missing.is_transient());
}

#[tokio::test]
async fn a_wrong_password_is_said_and_not_shown() {
    let (server, url) = empty();
    let role = Postgres::PASSWORD_ROLE;
    sqlx::any::install_default_drivers();
    let mut administrator = AnyConnection::connect(&url).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE ROLE {role} LOGIN PASSWORD 'right'"));
    sqlx::query(create).execute(&mut administrator).await.unwrap();
    let url = format!("postgres://{role}:secret@127.0.0.1:{}/postgres", server.port());
    let refused = connect(&url).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Refused { .. }), "{refused:?}");
    let said = refused.to_string();
    assert!(
        said.contains("password authentication failed") && !said.contains("secret"),
        "{said}"
    );
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named() {
    let server = Postgres::shared().unwrap();
    let refused = connect(&server.url("elsewhere")).await.unwrap_err();
    let said = refused.to_string();
    assert!(
        said.ends_with("/elsewhere: database \"elsewhere\" does not exist"),
        "{said}"
    );
    assert_eq!(refused.code(), "ledger-refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_that_hangs_in_a_transaction_does_not_stop_the_others_from_reading() {
    let (_server, url) = empty();
    let ledger = connect(&url).await.unwrap();
    let job = ledger.submit(submission(None, "{}")).await.unwrap();
    let mut hanging = AnyConnection::connect(&url).await.unwrap();
    let mut transaction = hanging.begin().await.unwrap();
    sqlx::query("SELECT * FROM jobs FOR UPDATE")
        .execute(&mut *transaction)
        .await
        .unwrap();
    let read = tokio::time::timeout(Duration::from_secs(20), ledger.job(job.id)).await;
    assert_eq!(read.expect("reading does not wait for writers").unwrap(), job);
    transaction.rollback().await.unwrap();
    let token = ledger.lead("tests", HOUR).await.unwrap().unwrap();
    ledger
        .expand(token, job.id, None, &photos(0, 1), None, NOW)
        .await
        .unwrap();
}
