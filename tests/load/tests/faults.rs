//! Nothing is lost and nothing is doubled when coordinators, broker, database and workers die in the middle of a job.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::PathBuf;
use std::process::Command;

use tokio::sync::Mutex;
use velatura_load::faults::{self, Options};

/// How long the successor of a killed leader may take until it has dispatched a task.
const TAKEOVER_SECONDS: f64 = 10.0;

/// One after the other: beside all that dies in one of them, the successor of the other would be late.
static ALONE: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_leader_is_followed_within_ten_seconds_and_nothing_is_lost_or_doubled() {
    let _alone = ALONE.lock().await;
    let options = Options {
        tasks: 20_000,
        leader_kills: 2,
        broker_restarts: 0,
        database_restarts: 0,
        seed: 3,
        ..options()
    };
    let survived = faults::run(&options, this()).await.unwrap();
    let seconds = survived.slowest_takeover;
    assert!((0.1..TAKEOVER_SECONDS).contains(&seconds), "{seconds} s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_task_is_done_exactly_once_whatever_dies() {
    let _alone = ALONE.lock().await;
    faults::run(&options(), this()).await.unwrap();
}

fn this() -> Command {
    Command::new(env!("CARGO_BIN_EXE_load"))
}

fn options() -> Options {
    Options {
        tasks: 5000,
        coordinators: 2,
        leader_kills: 1,
        broker_restarts: 1,
        database_restarts: 1,
        workers: 3,
        seed: 1,
        patience: 240,
        velatura: Some(PathBuf::from(velatura_e2e::velatura_command().get_program())),
    }
}
