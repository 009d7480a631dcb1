use velatura_ledger::{JobState, LedgerError};

use super::*;

pub async fn a_paused_job_is_not_dispatched_until_it_is_resumed(ledger: &Opened) {
    let job = job_of(ledger, 2).await;
    let paused = ledger.pause(job.id, "half of its tasks failed").await.unwrap();
    assert_eq!(
        (paused.state, paused.reason.as_str()),
        (JobState::Paused, "half of its tasks failed")
    );
    assert_eq!(ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap(), []);
    let resumed = ledger.resume(job.id).await.unwrap();
    assert_eq!((resumed.state, resumed.reason.as_str()), (JobState::Running, ""));
    assert_eq!(ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap().len(), 2);
}

pub async fn a_job_paused_while_expanding_goes_on_expanding(ledger: &Opened) {
    let job = submitted(ledger).await;
    ledger
        .expand(ledger.token, job.id, None, &photos(0, 2), Some("more"), NOW)
        .await
        .unwrap();
    ledger.pause(job.id, "").await.unwrap();
    let resumed = ledger.resume(job.id).await.unwrap();
    assert_eq!(
        (resumed.state, resumed.cursor.as_deref()),
        (JobState::Expanding, Some("more"))
    );
    let job = ledger
        .expand(ledger.token, job.id, Some("more"), &photos(2, 1), None, NOW)
        .await
        .unwrap();
    assert_eq!((job.state, job.counters.pending), (JobState::Running, 3));
}

pub async fn pages_are_recorded_while_paused(ledger: &Opened) {
    let job = submitted(ledger).await;
    ledger.pause(job.id, "").await.unwrap();
    let page = ledger
        .expand(ledger.token, job.id, None, &photos(0, 2), None, NOW)
        .await
        .unwrap();
    assert_eq!(
        (page.state, page.expanded, page.counters.pending),
        (JobState::Paused, true, 2)
    );
    assert_eq!(ledger.resume(job.id).await.unwrap().state, JobState::Running);
}

pub async fn the_tasks_under_way_end_a_paused_job(ledger: &Opened) {
    let job = job_of(ledger, 2).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 2, NOW).await.unwrap();
    ledger.pause(job.id, "").await.unwrap();
    let jobs = ledger.report(&reports(&tasks[..1], &Outcome::Done), NOW).await.unwrap();
    assert_eq!(jobs[0].state, JobState::Paused);
    let jobs = ledger.report(&reports(&tasks[1..], &Outcome::Done), NOW).await.unwrap();
    assert_eq!(jobs[0].state, JobState::Done);
}

pub async fn repeated_pauses_and_resumes_change_nothing(ledger: &Opened) {
    let job = job_of(ledger, 1).await;
    assert_eq!(ledger.resume(job.id).await.unwrap(), job, "it runs");
    let paused = ledger.pause(job.id, "first").await.unwrap();
    assert_eq!(ledger.pause(job.id, "second").await.unwrap(), paused);
}

pub async fn what_has_ended_is_neither_paused_nor_resumed(ledger: &Opened) {
    let job = job_of(ledger, 0).await;
    let illegal = |to| {
        Err(LedgerError::Illegal {
            id: job.id,
            from: JobState::Done,
            to,
        })
    };
    assert_eq!(ledger.pause(job.id, "").await, illegal(JobState::Paused));
    assert_eq!(ledger.resume(job.id).await, illegal(JobState::Running));
}
