use velatura_ledger::{JobState, LedgerError};

use super::*;

/// More than are cancelled along with their job.
const LARGE: usize = 10_500;

pub async fn a_cancelled_job_has_no_unfinished_task(ledger: &Opened) {
    let job = job_of(ledger, 6).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 4, NOW).await.unwrap();
    ledger.report(&reports(&tasks[..2], &Outcome::Done), NOW).await.unwrap();
    let job = ledger.cancel(job.id, "no longer wanted", NOW + 5).await.unwrap();
    assert_eq!(
        (job.state, job.reason.as_str(), job.ended_at),
        (JobState::Cancelled, "no longer wanted", Some(NOW + 5))
    );
    assert_eq!(
        job.counters,
        Counters {
            done: 2,
            cancelled: 4,
            ..Counters::default()
        }
    );
    assert_eq!(audited(ledger, &job).await, job);
    assert_eq!(
        ledger.settle(ledger.token, 10, NOW).await.unwrap(),
        0,
        "nothing is left over"
    );
}

pub async fn cancelling_twice_changes_nothing(ledger: &Opened) {
    let job = job_of(ledger, 2).await;
    let cancelled = ledger.cancel(job.id, "first", NOW).await.unwrap();
    assert_eq!(ledger.cancel(job.id, "second", NOW + 1).await.unwrap(), cancelled);
}

pub async fn a_job_can_be_cancelled_while_it_expands_and_while_it_is_paused(ledger: &Opened) {
    let expanding = submitted(ledger).await;
    ledger
        .expand(ledger.token, expanding.id, None, &photos(0, 3), Some("more"), NOW)
        .await
        .unwrap();
    let paused = job_of(ledger, 3).await;
    ledger.pause(paused.id, "").await.unwrap();
    for job in [&expanding, &paused] {
        let cancelled = ledger.cancel(job.id, "", NOW).await.unwrap();
        assert_eq!(
            (cancelled.state, cancelled.counters.cancelled),
            (JobState::Cancelled, 3)
        );
        audited(ledger, job).await;
    }
    let page = ledger
        .expand(ledger.token, expanding.id, Some("more"), &photos(3, 3), None, NOW)
        .await;
    let illegal = LedgerError::Illegal {
        id: expanding.id,
        from: JobState::Cancelled,
        to: JobState::Running,
    };
    assert_eq!(page, Err(illegal), "the page comes too late");
    assert_eq!(audited(ledger, &expanding).await.counters.total(), 3);
}

pub async fn what_has_ended_cannot_be_cancelled(ledger: &Opened) {
    let job = job_of(ledger, 0).await;
    let refused = ledger.cancel(job.id, "", NOW).await.unwrap_err();
    assert_eq!(
        refused,
        LedgerError::Illegal {
            id: job.id,
            from: JobState::Done,
            to: JobState::Cancelled
        }
    );
    assert_eq!(
        refused.to_string(),
        format!("job {} is done and cannot become cancelled", job.id)
    );
}

pub async fn a_report_after_the_cancellation_changes_nothing(ledger: &Opened) {
    let job = job_of(ledger, 3).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 3, NOW).await.unwrap();
    let cancelled = ledger.cancel(job.id, "", NOW).await.unwrap();
    let outcomes = [Outcome::Done, failed(), retry(NOW)];
    let late: Vec<_> = tasks
        .iter()
        .zip(outcomes)
        .map(|(task, outcome)| report(task, outcome))
        .collect();
    assert_eq!(ledger.report(&late, NOW).await.unwrap(), []);
    assert_eq!(audited(ledger, &job).await, cancelled);
}

pub async fn a_large_job_is_cancelled_in_slices(ledger: &Opened) {
    let job = job_of(ledger, LARGE).await;
    ledger.dispatch(ledger.token, job.id, 200, NOW).await.unwrap();
    let at_once = ledger.cancel(job.id, "", NOW).await.unwrap();
    assert_eq!(
        (at_once.state, at_once.counters.cancelled),
        (JobState::Cancelled, 10_000)
    );
    assert_eq!(audited(ledger, &job).await.counters.unfinished(), 500);
    assert_eq!(
        ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap(),
        [],
        "nothing goes out from the first moment on"
    );

    assert_eq!(ledger.settle(ledger.token, 300, NOW).await.unwrap(), 300);
    assert_eq!(
        audited(ledger, &job).await.counters.cancelled,
        10_300,
        "the counters are right in between"
    );
    assert_eq!(ledger.settle(ledger.token, 300, NOW).await.unwrap(), 200);
    assert_eq!(ledger.settle(ledger.token, 300, NOW).await.unwrap(), 0);
    assert_eq!(audited(ledger, &job).await.counters.cancelled, LARGE as u64);
}

pub async fn until_its_slice_comes_a_task_is_recorded_as_what_it_became(ledger: &Opened) {
    let job = job_of(ledger, LARGE).await;
    let tasks = ledger.dispatch(ledger.token, job.id, LARGE, NOW).await.unwrap();
    ledger.cancel(job.id, "", NOW).await.unwrap();
    let open = &tasks[LARGE - 3..];
    let outcomes = [Outcome::Done, failed(), retry(NOW)];
    let batch: Vec<_> = open
        .iter()
        .zip(outcomes)
        .map(|(task, outcome)| report(task, outcome))
        .collect();
    let jobs = ledger.report(&batch, NOW).await.unwrap();
    assert_eq!(jobs[0].state, JobState::Cancelled);
    while ledger.settle(ledger.token, 1000, NOW).await.unwrap() > 0 {}
    let counters = Counters {
        done: 1,
        failed: 1,
        cancelled: LARGE as u64 - 2,
        ..Counters::default()
    };
    assert_eq!(
        audited(ledger, &job).await.counters,
        counters,
        "a retry is not tried again but cancelled"
    );
}

pub async fn a_job_that_cannot_be_expanded_fails_and_its_tasks_are_cancelled(ledger: &Opened) {
    let job = submitted(ledger).await;
    ledger
        .expand(ledger.token, job.id, None, &photos(0, 4), Some("more"), NOW)
        .await
        .unwrap();
    ledger.dispatch(ledger.token, job.id, 2, NOW).await.unwrap();
    ledger.pause(job.id, "").await.unwrap();
    let job = ledger.fail(ledger.token, job.id, &gone(), NOW + 1).await.unwrap();
    let why = gone();
    assert_eq!((job.state, job.ended_at), (JobState::Failed, Some(NOW + 1)));
    assert_eq!((&job.code, &job.reason), (&why.code, &why.message));
    assert_eq!(
        audited(ledger, &job).await.counters,
        Counters {
            cancelled: 4,
            ..Counters::default()
        }
    );
    let again = Refusal {
        code: "again".to_owned(),
        ..why
    };
    assert_eq!(
        ledger.fail(ledger.token, job.id, &again, NOW + 2).await.unwrap(),
        job,
        "failing twice changes nothing"
    );
}

pub async fn a_job_that_is_expanded_cannot_fail(ledger: &Opened) {
    let job = job_of(ledger, 1).await;
    let illegal = |from| {
        Err(LedgerError::Illegal {
            id: job.id,
            from,
            to: JobState::Failed,
        })
    };
    assert_eq!(
        ledger.fail(ledger.token, job.id, &gone(), NOW).await,
        illegal(JobState::Running)
    );
    ledger.pause(job.id, "").await.unwrap();
    assert_eq!(
        ledger.fail(ledger.token, job.id, &gone(), NOW).await,
        illegal(JobState::Paused)
    );
}
