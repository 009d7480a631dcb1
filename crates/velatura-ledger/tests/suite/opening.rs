//! What opening a ledger promises, whatever database it is. These tests get an address of an empty one.

use futures_util::future::join_all;
use sqlx::{AnyConnection, Connection};
use velatura_ledger::{LedgerError, connect};

use super::{HOUR, NOW, submission};

pub async fn what_was_recorded_is_there_when_it_is_opened_again(url: &str) {
    let job = connect(url)
        .await
        .unwrap()
        .submit(submission(Some("kept"), "{}"))
        .await
        .unwrap();
    let again = connect(url).await.unwrap();
    assert_eq!(again.job(job.id).await.unwrap(), job);
    let token = again.lead("tests", HOUR).await.unwrap().unwrap();
    again
        .expand(token, job.id, None, &super::photos(0, 1), None, NOW)
        .await
        .unwrap();
}

pub async fn many_may_open_it_at_once(url: &str) {
    for opened in join_all((0..8).map(|_| connect(url))).await {
        opened.unwrap().submit(submission(None, "{}")).await.unwrap();
    }
    assert_eq!(
        connect(url).await.unwrap().jobs(None, None, 100).await.unwrap().len(),
        8
    );
}

pub async fn tables_of_a_newer_program_are_refused(url: &str) {
    connect(url).await.unwrap();
    let mut database = AnyConnection::connect(url).await.unwrap();
    sqlx::query("INSERT INTO ledger_migrations (version) VALUES (99)")
        .execute(&mut database)
        .await
        .unwrap();
    let refused = connect(url).await.unwrap_err();
    let LedgerError::Schema { found: 99, known } = refused else {
        panic!("{refused:?}")
    };
    let sentence =
        format!("the ledger's tables have version 99, this program knows up to {known}: use the newer program");
    assert_eq!(refused.to_string(), sentence);
}
