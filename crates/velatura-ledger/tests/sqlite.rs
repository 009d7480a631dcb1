//! SQLite keeps the ledger's promises, in memory and in a file.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod suite;

use std::fs;

use tempfile::TempDir;
use velatura_ledger::connect;

use suite::{Opened, interleaving, opening, random};

async fn open_in_memory() -> Opened {
    Opened::led(connect("sqlite::memory:").await.unwrap(), ()).await
}

async fn open_a_file() -> Opened {
    let (folder, url) = empty();
    Opened::led(connect(&url).await.unwrap(), folder).await
}

fn empty() -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}/a ledger.db", folder.path().display());
    (folder, url)
}

mod in_memory {
    crate::suite::conformance!(crate::open_in_memory);
}

mod in_a_file {
    crate::suite::conformance!(crate::open_a_file);
}

#[tokio::test]
async fn a_random_life_agrees_with_the_model() {
    for seed in 0..4 {
        random::a_random_life_agrees_with_the_model(&open_in_memory().await, seed, 2000).await;
    }
    random::a_random_life_agrees_with_the_model(&open_a_file().await, 4, 400).await;
}

#[tokio::test]
async fn any_interleaving_keeps_every_task() {
    let in_memory = async || ((), "sqlite::memory:".to_owned());
    interleaving::any_interleaving_keeps_every_task(0..30, 150, in_memory).await;
    interleaving::any_interleaving_keeps_every_task(30..36, 100, async || empty()).await;
}

#[tokio::test]
async fn what_was_recorded_is_there_when_it_is_opened_again() {
    let (_folder, url) = empty();
    opening::what_was_recorded_is_there_when_it_is_opened_again(&url).await;
}

#[tokio::test]
async fn many_may_open_it_at_once() {
    let (_folder, url) = empty();
    opening::many_may_open_it_at_once(&url).await;
}

#[tokio::test]
async fn tables_of_a_newer_program_are_refused() {
    let (_folder, url) = empty();
    opening::tables_of_a_newer_program_are_refused(&url).await;
}

#[tokio::test]
async fn a_file_that_is_no_ledger_is_refused() {
    let (folder, url) = empty();
    let path = folder.path().join("a ledger.db");
    fs::write(
        &path,
        "a diary, not a database; long enough to be read as one".repeat(100),
    )
    .unwrap();
    let refused = connect(&url).await.unwrap_err();
    assert_eq!(refused.code(), "ledger-corrupt", "{refused}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let refused = connect("sqlite:///not/there/ledger.db").await.unwrap_err();
    let sentence = "the ledger's database refused: /not/there/ledger.db: unable to open database file";
    assert_eq!(refused.to_string(), sentence);
}

#[tokio::test]
async fn an_address_that_is_no_address_is_explained() {
    for url in [
        "mysql://root:secret@db/x",
        "ledger.db",
        "sqlite://ledger.db",
        "postgres://user:secret@host:port/x",
    ] {
        let refused = connect(url).await.unwrap_err();
        assert_eq!(refused.code(), "ledger-address", "{refused}");
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
}
