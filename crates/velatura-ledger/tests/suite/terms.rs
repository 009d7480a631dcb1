use velatura_ledger::{JobState, NewTerms, TaskFilter, Terms};

use super::*;

pub async fn terms_are_recorded_and_changed(ledger: &Opened) {
    let terms = Terms {
        share: 2.5,
        priority: -3,
        max_running: Some(7),
        interactive: true,
    };
    let new = NewJob {
        terms,
        ..submission(None, "{}")
    };
    let job = ledger.submit(new).await.unwrap();
    assert_eq!(ledger.job(job.id).await.unwrap().terms, terms);
    assert_eq!(submitted(ledger).await.terms, Terms::default());
    let new = NewTerms {
        share: Some(0.5),
        max_running: Some(None),
        priority: None,
    };
    let changed = ledger.set_terms(job.id, &new).await.unwrap();
    let expected = Terms {
        share: 0.5,
        max_running: None,
        ..terms
    };
    assert_eq!(
        (changed.terms, ledger.job(job.id).await.unwrap().terms),
        (expected, expected)
    );
}

pub async fn a_job_may_come_with_all_its_tasks(ledger: &Opened) {
    let new = || NewJob {
        tasks: photos(0, 3),
        ..submission(Some("whole"), "{}")
    };
    let job = ledger.submit(new()).await.unwrap();
    assert_eq!(
        (job.state, job.expanded, job.counters.pending),
        (JobState::Running, true, 3)
    );
    assert_eq!(ledger.submit(new()).await.unwrap(), audited(ledger, &job).await);
    let tasks = ledger.dispatch(ledger.token, job.id, 9, NOW).await.unwrap();
    assert_eq!(numbers(&tasks), [0, 1, 2]);
}

pub async fn errors_are_counted_by_code(ledger: &Opened) {
    let job = job_of(ledger, 6).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 6, NOW).await.unwrap();
    let mut batch = reports(&tasks[..2], &failed());
    batch.extend(reports(&tasks[2..5], &retry(NOW)));
    batch.extend(reports(&tasks[5..], &Outcome::Returned { at: NOW }));
    for _ in 0..2 {
        ledger.report(&batch, NOW).await.unwrap();
    }
    let told = async || {
        let errors = ledger.errors(job.id).await.unwrap();
        let told = errors
            .into_iter()
            .map(|error| (error.code, error.failed, error.retried));
        told.collect::<Vec<_>>()
    };
    let (truncated, timeout) = ("image-truncated".to_owned(), "object-timeout".to_owned());
    assert_eq!(told().await, [(truncated.clone(), 2, 0), (timeout.clone(), 0, 3)]);
    ledger.retry_failed(job.id, &[], NOW).await.unwrap();
    assert_eq!(told().await, [(timeout, 0, 3)]);
}

pub async fn tasks_are_found_by_state_code_and_prefix(ledger: &Opened) {
    let job = job_of(ledger, 120).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 100, NOW).await.unwrap();
    ledger.report(&reports(&tasks[10..20], &failed()), NOW).await.unwrap();
    ledger.report(&reports(&tasks[20..23], &retry(NOW)), NOW).await.unwrap();
    let found = async |filter: TaskFilter, from, limit| {
        let page = ledger.find(job.id, &filter, from, limit).await.unwrap();
        (numbers(&page.tasks), page.next)
    };
    let by_code = |code: &str| TaskFilter {
        code: Some(code.to_owned()),
        ..TaskFilter::default()
    };
    assert_eq!(
        found(by_code("image-truncated"), 0, 4).await,
        (vec![10, 11, 12, 13], Some(14))
    );
    assert_eq!(found(by_code("image-truncated"), 18, 4).await, (vec![18, 19], None));
    assert_eq!(found(by_code("object-timeout"), 0, 9).await, (vec![20, 21, 22], None));
    let pending = TaskFilter {
        state: Some(TaskState::Pending),
        key_prefix: Some("2".to_owned()),
        code: None,
    };
    assert_eq!(found(pending, 0, 9).await, (vec![20, 21, 22], None));
    let prefix = |prefix: &str| TaskFilter {
        key_prefix: Some(prefix.to_owned()),
        ..TaskFilter::default()
    };
    assert_eq!(
        found(prefix("11"), 0, 9).await,
        (vec![11, 110, 111, 112, 113, 114, 115, 116, 117], Some(118))
    );
    assert_eq!(found(prefix("1%"), 0, 9).await, (vec![], None));
    assert_eq!(found(TaskFilter::default(), 118, 9).await, (vec![118, 119], None));
}

pub async fn whose_tasks_must_not_be_begun_is_known(ledger: &Opened) {
    let (paused, cancelled, long_ago) = (
        job_of(ledger, 1).await,
        job_of(ledger, 1).await,
        job_of(ledger, 1).await,
    );
    job_of(ledger, 1).await;
    ledger.pause(paused.id, "").await.unwrap();
    ledger.cancel(cancelled.id, "", NOW).await.unwrap();
    ledger.cancel(long_ago.id, "", NOW - 10).await.unwrap();
    assert_eq!(ledger.withheld(NOW - 5, 9).await.unwrap(), [cancelled.id, paused.id]);
    assert_eq!(ledger.withheld(NOW - 5, 1).await.unwrap(), [cancelled.id]);
}
