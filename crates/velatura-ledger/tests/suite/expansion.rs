use uuid::Uuid;
use velatura_ledger::{JobState, LedgerError};

use super::*;

pub async fn pages_follow_each_other_by_cursor(ledger: &Opened) {
    let job = submitted(ledger).await;
    let first = ledger
        .expand(ledger.token, job.id, None, &photos(0, 3), Some("after 2"), NOW)
        .await
        .unwrap();
    assert_eq!(
        (first.state, first.expanded, first.cursor.as_deref()),
        (JobState::Expanding, false, Some("after 2"))
    );
    // Whoever takes over after a crash finds the cursor in the record, and goes on from there.
    let found = ledger.job(job.id).await.unwrap();
    let last = ledger
        .expand(ledger.token, job.id, found.cursor.as_deref(), &photos(3, 2), None, NOW)
        .await
        .unwrap();
    assert_eq!(
        (last.state, last.expanded, last.cursor),
        (JobState::Running, true, None)
    );
    let tasks = ledger.tasks(job.id, None, 0, 10).await.unwrap();
    assert_eq!(numbers(&tasks), [0, 1, 2, 3, 4]);
    assert_eq!(
        (tasks[4].source.as_str(), tasks[4].key.as_str()),
        ("s3://photos/4.jpg", "4.jpg")
    );
    assert_eq!(audited(ledger, &job).await.counters.pending, 5);
}

pub async fn a_second_writer_of_a_page_changes_nothing(ledger: &Opened) {
    let job = submitted(ledger).await;
    let recorded = ledger
        .expand(ledger.token, job.id, None, &photos(0, 3), Some("after 2"), NOW)
        .await
        .unwrap();
    let second = ledger
        .expand(ledger.token, job.id, None, &photos(0, 3), Some("after 2"), NOW)
        .await;
    assert_eq!(second, Err(LedgerError::Conflict { id: job.id }));
    assert_eq!(audited(ledger, &job).await, recorded);
}

pub async fn a_second_writer_of_the_last_page_changes_nothing(ledger: &Opened) {
    let job = submitted(ledger).await;
    let recorded = ledger
        .expand(ledger.token, job.id, None, &photos(0, 3), None, NOW)
        .await
        .unwrap();
    let second = ledger
        .expand(ledger.token, job.id, None, &photos(0, 3), None, NOW)
        .await;
    assert_eq!(second, Err(LedgerError::Conflict { id: job.id }));
    assert_eq!(audited(ledger, &job).await, recorded);
}

pub async fn work_begins_before_the_last_page(ledger: &Opened) {
    let job = submitted(ledger).await;
    ledger
        .expand(ledger.token, job.id, None, &photos(0, 2), Some("more"), NOW)
        .await
        .unwrap();
    let tasks = ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap();
    let jobs = ledger.report(&reports(&tasks, &Outcome::Done), NOW).await.unwrap();
    assert_eq!(
        (jobs[0].state, jobs[0].counters.done),
        (JobState::Expanding, 2),
        "more may come, so it is not done"
    );
}

pub async fn a_job_without_photos_is_done(ledger: &Opened) {
    let job = submitted(ledger).await;
    let job = ledger
        .expand(ledger.token, job.id, None, &[], None, NOW + 1)
        .await
        .unwrap();
    assert_eq!(
        (job.state, job.ended_at, job.counters.total()),
        (JobState::Done, Some(NOW + 1), 0)
    );
}

pub async fn a_last_page_after_all_tasks_ended_ends_the_job(ledger: &Opened) {
    let job = submitted(ledger).await;
    ledger
        .expand(ledger.token, job.id, None, &photos(0, 2), Some("more"), NOW)
        .await
        .unwrap();
    let tasks = ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap();
    ledger.report(&reports(&tasks, &Outcome::Done), NOW).await.unwrap();
    let job = ledger
        .expand(ledger.token, job.id, Some("more"), &[], None, NOW + 1)
        .await
        .unwrap();
    assert_eq!((job.state, job.ended_at), (JobState::Done, Some(NOW + 1)));
}

pub async fn a_page_of_ten_thousand_is_one_call(ledger: &Opened) {
    let job = job_of(ledger, 10_000).await;
    assert_eq!(audited(ledger, &job).await.counters.pending, 10_000);
}

pub async fn a_job_that_is_not_there_is_not_found(ledger: &Opened) {
    let id = Uuid::max();
    let not_found = LedgerError::NotFound(id);
    assert_eq!(ledger.job(id).await, Err(not_found.clone()));
    assert_eq!(ledger.tasks(id, None, 0, 1).await, Err(not_found.clone()));
    assert_eq!(
        ledger.expand(ledger.token, id, None, &[], None, NOW).await,
        Err(not_found.clone())
    );
    assert_eq!(ledger.dispatch(ledger.token, id, 1, NOW).await, Err(not_found.clone()));
    assert_eq!(ledger.cancel(id, "", NOW).await, Err(not_found));
}
