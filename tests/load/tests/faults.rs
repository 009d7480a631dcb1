//! Nothing is lost and nothing is doubled when coordinators, broker, database and workers die in the middle of a job.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::PathBuf;
use std::process::Command;

use velatura_load::faults::{self, Options};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_task_is_done_exactly_once_whatever_dies() {
    let options = Options {
        tasks: 5000,
        coordinators: 2,
        leader_kills: 1,
        broker_restarts: 1,
        database_restarts: 1,
        workers: 3,
        seed: 1,
        patience: 240,
        velatura: Some(PathBuf::from(velatura_e2e::velatura_command().get_program())),
    };
    let this = Command::new(env!("CARGO_BIN_EXE_load"));
    faults::run(&options, this).await.unwrap();
}
