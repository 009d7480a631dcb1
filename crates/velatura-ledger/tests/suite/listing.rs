use velatura_ledger::{Backlog, JobState};

use super::*;

pub async fn jobs_are_listed_newest_first_by_cursor(ledger: &Opened) {
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(submitted(ledger).await.id);
    }
    ids.reverse();
    let first: Vec<_> = ledger
        .jobs(None, None, 2)
        .await
        .unwrap()
        .into_iter()
        .map(|job| job.id)
        .collect();
    assert_eq!(first, ids[..2]);
    let rest: Vec<_> = ledger
        .jobs(None, Some(first[1]), 10)
        .await
        .unwrap()
        .into_iter()
        .map(|job| job.id)
        .collect();
    assert_eq!(rest, ids[2..]);
}

pub async fn a_tenant_s_jobs_are_listed_alone(ledger: &Opened) {
    let mine = submitted(ledger).await;
    let other = NewJob {
        tenant: "other".to_owned(),
        ..submission(None, "{}")
    };
    let other = ledger.submit(other).await.unwrap();
    let listed = |tenant| ledger.jobs(Some(tenant), None, 10);
    assert_eq!(listed("default").await.unwrap(), [mine]);
    assert_eq!(listed("other").await.unwrap(), [other]);
    assert_eq!(listed("nobody").await.unwrap(), []);
}

pub async fn jobs_are_found_by_state_oldest_first(ledger: &Opened) {
    let expanding = submitted(ledger).await.id;
    let running = job_of(ledger, 1).await.id;
    let done = job_of(ledger, 0).await.id;
    let late = submitted(ledger).await.id;
    let found = async |states: &[JobState], limit| {
        let jobs = ledger.jobs_in(states, limit).await.unwrap();
        jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(
        found(&[JobState::Expanding, JobState::Running], 10).await,
        [expanding, running, late]
    );
    assert_eq!(
        found(&[JobState::Expanding, JobState::Running], 2).await,
        [expanding, running]
    );
    assert_eq!(found(&[JobState::Done], 10).await, [done]);
    assert!(found(&[], 10).await.is_empty());
}

pub async fn tasks_are_listed_by_number_and_state(ledger: &Opened) {
    let job = job_of(ledger, 10).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 6, NOW).await.unwrap();
    ledger.report(&reports(&tasks[1..4], &failed()), NOW).await.unwrap();
    let listed = async |state, from, limit| numbers(&ledger.tasks(job.id, state, from, limit).await.unwrap());
    assert_eq!(listed(None, 0, 100).await, (0..10).collect::<Vec<_>>());
    assert_eq!(listed(None, 7, 2).await, [7, 8]);
    assert_eq!(listed(Some(TaskState::Failed), 0, 100).await, [1, 2, 3]);
    assert_eq!(listed(Some(TaskState::Failed), 2, 100).await, [2, 3]);
    assert_eq!(listed(Some(TaskState::Dispatched), 0, 2).await, [0, 4]);
    assert_eq!(listed(Some(TaskState::Pending), 0, 100).await, [6, 7, 8, 9]);
    assert!(listed(Some(TaskState::Done), 0, 100).await.is_empty());
}

pub async fn the_backlog_is_what_waits(ledger: &Opened) {
    assert_eq!(ledger.backlog().await.unwrap(), Backlog::default());
    job_of(ledger, 0).await;
    let oldest = ledger
        .submit(NewJob {
            now: NOW - 5000,
            ..submission(None, "{}")
        })
        .await
        .unwrap();
    ledger
        .expand(ledger.token, oldest.id, None, &photos(0, 3), Some("more"), NOW)
        .await
        .unwrap();
    let running = job_of(ledger, 4).await;
    ledger.dispatch(ledger.token, running.id, 1, NOW).await.unwrap();
    let paused = job_of(ledger, 7).await;
    ledger.dispatch(ledger.token, paused.id, 2, NOW).await.unwrap();
    ledger.pause(paused.id, "").await.unwrap();
    let backlog = ledger.backlog().await.unwrap();
    assert_eq!(
        (backlog.pending, backlog.dispatched),
        (3 + 3, 1 + 2),
        "a paused job's pending tasks wait for a person"
    );
    assert_eq!((backlog.oldest, backlog.jobs), (Some(NOW - 5000), 3));
}

pub async fn the_ledger_says_that_it_can_be_used(ledger: &Opened) {
    ledger.check().await.unwrap();
}
