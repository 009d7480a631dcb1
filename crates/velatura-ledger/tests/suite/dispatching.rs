use velatura_ledger::JobState;

use super::*;

pub async fn due_tasks_go_out_in_order_up_to_the_limit(ledger: &Opened) {
    let job = job_of(ledger, 5).await;
    let first = ledger.dispatch(ledger.token, job.id, 2, NOW).await.unwrap();
    assert_eq!(numbers(&first), [0, 1]);
    assert!(
        first
            .iter()
            .all(|task| task.attempt == 1 && task.state == TaskState::Dispatched),
        "{first:?}"
    );
    assert_eq!(
        numbers(&ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap()),
        [2, 3, 4]
    );
    assert_eq!(audited(ledger, &job).await.counters.dispatched, 5);
}

pub async fn a_task_goes_out_once(ledger: &Opened) {
    let job = job_of(ledger, 2).await;
    assert_eq!(ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap().len(), 2);
    assert_eq!(ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap(), []);
}

pub async fn only_running_and_expanding_jobs_are_dispatched(ledger: &Opened) {
    let paused = job_of(ledger, 1).await;
    ledger.pause(paused.id, "").await.unwrap();
    let cancelled = job_of(ledger, 1).await;
    ledger.cancel(cancelled.id, "", NOW).await.unwrap();
    let empty = job_of(ledger, 0).await;
    for job in [paused, cancelled, empty] {
        assert_eq!(ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap(), []);
    }
}

pub async fn a_dispatch_taken_back_is_not_an_attempt(ledger: &Opened) {
    let job = job_of(ledger, 3).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 2, NOW).await.unwrap();
    ledger
        .undispatch(ledger.token, job.id, &[(tasks[1].seq, tasks[1].attempt)])
        .await
        .unwrap();
    assert_eq!(audited(ledger, &job).await.counters.pending, 2);
    let again = ledger.dispatch(ledger.token, job.id, 1, NOW).await.unwrap();
    assert_eq!(
        (again[0].seq, again[0].attempt),
        (1, 1),
        "it is first in line, and its first attempt"
    );
}

pub async fn taking_back_an_old_attempt_changes_nothing(ledger: &Opened) {
    let job = job_of(ledger, 1).await;
    let old = ledger.dispatch(ledger.token, job.id, 1, NOW).await.unwrap();
    ledger.report(&reports(&old, &retry(NOW)), NOW).await.unwrap();
    let current = ledger.dispatch(ledger.token, job.id, 1, NOW).await.unwrap();
    ledger
        .undispatch(ledger.token, job.id, &[(old[0].seq, old[0].attempt)])
        .await
        .unwrap();
    assert_eq!(ledger.tasks(job.id, None, 0, 1).await.unwrap(), current);
    audited(ledger, &job).await;
}

pub async fn a_lost_attempt_is_reclaimed_and_its_late_report_ignored(ledger: &Opened) {
    let job = job_of(ledger, 1).await;
    let lost = ledger.dispatch(ledger.token, job.id, 1, NOW).await.unwrap();
    let reclaimed = ledger.reclaim(ledger.token, NOW + 1, 10, NOW + 60_000).await.unwrap();
    assert_eq!(
        reclaimed,
        [Task {
            state: TaskState::Pending,
            ..lost[0].clone()
        }]
    );
    assert_eq!(
        ledger
            .report(&reports(&lost, &Outcome::Done), NOW + 60_000)
            .await
            .unwrap(),
        []
    );

    let again = ledger.dispatch(ledger.token, job.id, 1, NOW + 60_000).await.unwrap();
    assert_eq!(again[0].attempt, 2);
    assert_eq!(
        ledger.report(&reports(&lost, &failed()), NOW + 60_000).await.unwrap(),
        [],
        "late, and not current"
    );
    let jobs = ledger
        .report(&reports(&again, &Outcome::Done), NOW + 60_000)
        .await
        .unwrap();
    assert_eq!((jobs[0].state, jobs[0].counters.done), (JobState::Done, 1));
    audited(ledger, &job).await;
}

pub async fn only_what_was_dispatched_before_is_reclaimed(ledger: &Opened) {
    let (early, late) = (job_of(ledger, 2).await, job_of(ledger, 2).await);
    ledger.dispatch(ledger.token, early.id, 2, NOW).await.unwrap();
    ledger.dispatch(ledger.token, late.id, 2, NOW + 1000).await.unwrap();
    assert_eq!(ledger.reclaim(ledger.token, NOW, 10, NOW + 2000).await.unwrap(), []);
    assert_eq!(
        ledger
            .reclaim(ledger.token, NOW + 1000, 1, NOW + 2000)
            .await
            .unwrap()
            .len(),
        1,
        "as many as asked for"
    );
    let rest = ledger.reclaim(ledger.token, NOW + 9000, 10, NOW + 2000).await.unwrap();
    assert_eq!(rest.len(), 3);
    assert_eq!(audited(ledger, &early).await.counters.pending, 2);
    assert_eq!(audited(ledger, &late).await.counters.pending, 2);
}
