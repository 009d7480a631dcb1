use velatura_ledger::{JobState, LedgerError, tries};

use super::*;

fn failed_with(code: &str) -> Outcome {
    Outcome::Failed {
        code: code.to_owned(),
        message: "It went wrong.".to_owned(),
    }
}

/// A job that is done: of ten tasks two are done, two skipped, four failed as truncated and two as poison.
async fn ended(ledger: &Opened) -> Job {
    let job = job_of(ledger, 10).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap();
    let outcomes = [
        (0..2, Outcome::Done),
        (2..4, Outcome::Skipped),
        (4..8, failed_with("image-truncated")),
        (8..10, failed_with("poison")),
    ];
    for (range, outcome) in outcomes {
        ledger.report(&reports(&tasks[range], &outcome), NOW).await.unwrap();
    }
    let job = audited(ledger, &job).await;
    assert_eq!((job.state, job.counters.failed), (JobState::Done, 6));
    job
}

pub async fn failed_tasks_are_tried_anew_all_or_by_code(ledger: &Opened) {
    let job = ended(ledger).await;
    let codes = ["poison".to_owned(), "unheard-of".to_owned()];
    let again = ledger.retry_failed(job.id, &codes, NOW).await.unwrap();
    assert_eq!((again.state, again.ended_at), (JobState::Running, None));
    assert_eq!((again.counters.pending, again.counters.failed), (2, 4));
    audited(ledger, &job).await;
    ledger.retry_failed(job.id, &[], NOW).await.unwrap();
    let again = audited(ledger, &job).await;
    assert_eq!((again.counters.pending, again.counters.failed), (6, 0));
    let tasks = ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap();
    assert_eq!(numbers(&tasks), [4, 5, 6, 7, 8, 9]);
    ledger.report(&reports(&tasks, &Outcome::Done), NOW).await.unwrap();
    let again = audited(ledger, &job).await;
    assert_eq!((again.state, again.counters.done), (JobState::Done, 8));
}

pub async fn with_nothing_to_try_anew_nothing_changes(ledger: &Opened) {
    let job = ended(ledger).await;
    let same = ledger
        .retry_failed(job.id, &["unheard-of".to_owned()], NOW)
        .await
        .unwrap();
    assert_eq!(
        (same.state, same.counters, same.ended_at),
        (JobState::Done, job.counters, job.ended_at)
    );
}

pub async fn what_was_refused_before_it_was_tried_stays_refused(ledger: &Opened) {
    let job = submitted(ledger).await;
    let mut page = photos(0, 3);
    page[1].refusal = Some(Refusal {
        code: "manifest-line-invalid".to_owned(),
        message: "line 2 has no source".to_owned(),
    });
    ledger
        .expand(ledger.token, job.id, None, &page, None, NOW)
        .await
        .unwrap();
    let tasks = ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap();
    ledger.report(&reports(&tasks[..1], &failed()), NOW).await.unwrap();
    ledger.report(&reports(&tasks[1..], &Outcome::Done), NOW).await.unwrap();
    // By its code alone nothing is taken up, and the job stays done.
    let codes = ["manifest-line-invalid".to_owned()];
    let same = ledger.retry_failed(job.id, &codes, NOW).await.unwrap();
    assert_eq!((same.state, same.counters.failed), (JobState::Done, 2));
    ledger.retry_failed(job.id, &[], NOW).await.unwrap();
    let again = audited(ledger, &job).await;
    assert_eq!((again.counters.pending, again.counters.failed), (1, 1));
    let tasks = ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap();
    assert_eq!(numbers(&tasks), [0]);
    ledger.report(&reports(&tasks, &Outcome::Done), NOW).await.unwrap();
    assert_eq!(audited(ledger, &job).await.state, JobState::Done);
    // Nor does a recipe that is added make a photo of it.
    ledger.revise(job.id, 0, "{\"more\": 1}", NOW).await.unwrap();
    let more = audited(ledger, &job).await;
    assert_eq!((more.counters.pending, more.counters.failed), (2, 1));
}

pub async fn the_limit_of_attempts_counts_anew_and_old_reports_change_nothing(ledger: &Opened) {
    let job = job_of(ledger, 1).await;
    let first = ledger.dispatch(ledger.token, job.id, 1, NOW).await.unwrap();
    ledger.report(&reports(&first, &failed()), NOW).await.unwrap();
    ledger.retry_failed(job.id, &[], NOW).await.unwrap();
    let second = ledger.dispatch(ledger.token, job.id, 1, NOW).await.unwrap();
    assert_eq!((tries(first[0].attempt), tries(second[0].attempt)), (1, 1));
    assert!(second[0].attempt > first[0].attempt);
    ledger.report(&reports(&first, &Outcome::Done), NOW).await.unwrap();
    assert_eq!(audited(ledger, &job).await.counters.dispatched, 1);
    ledger.report(&reports(&second, &Outcome::Done), NOW).await.unwrap();
    assert_eq!(audited(ledger, &job).await.counters.done, 1);
}

pub async fn a_large_job_is_taken_up_in_slices_and_is_not_done_before_the_last(ledger: &Opened) {
    let job = job_of(ledger, 10_100).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 10_100, NOW).await.unwrap();
    ledger.report(&reports(&tasks, &failed()), NOW).await.unwrap();
    let first = ledger.retry_failed(job.id, &[], NOW).await.unwrap();
    assert_eq!((first.counters.pending, first.counters.failed), (10_000, 100));
    let busy = ledger.retry_failed(job.id, &[], NOW).await.unwrap_err();
    assert_eq!(busy, LedgerError::Reopening { id: job.id });

    // What was taken up ends at once, and some of it fails again, before the rest is taken up.
    let tasks = ledger.dispatch(ledger.token, job.id, 10_000, NOW).await.unwrap();
    ledger.report(&reports(&tasks[..50], &failed()), NOW).await.unwrap();
    ledger
        .report(&reports(&tasks[50..], &Outcome::Done), NOW)
        .await
        .unwrap();
    assert_eq!(audited(ledger, &job).await.state, JobState::Running);
    while ledger.reopen(ledger.token, 60, NOW).await.unwrap() > 0 {}
    let all = audited(ledger, &job).await;
    assert_eq!(
        (all.counters.pending, all.counters.failed, all.counters.done),
        (100, 50, 9_950)
    );
    let tasks = ledger.dispatch(ledger.token, job.id, 10_000, NOW).await.unwrap();
    ledger.report(&reports(&tasks, &Outcome::Done), NOW).await.unwrap();
    assert_eq!(audited(ledger, &job).await.state, JobState::Done);
}

pub async fn an_added_recipe_takes_up_what_was_painted_and_what_is_under_way(ledger: &Opened) {
    let job = job_of(ledger, 6).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 5, NOW).await.unwrap();
    ledger.report(&reports(&tasks[..2], &Outcome::Done), NOW).await.unwrap();
    ledger
        .report(&reports(&tasks[2..3], &Outcome::Skipped), NOW)
        .await
        .unwrap();
    ledger.report(&reports(&tasks[3..4], &failed()), NOW).await.unwrap();
    let more = ledger.revise(job.id, 0, "{\"more\": 1}", NOW).await.unwrap();
    assert_eq!((more.request.as_str(), more.revision), ("{\"more\": 1}", 1));
    assert_eq!(ledger.job(job.id).await.unwrap(), more);
    let more = audited(ledger, &job).await;
    assert_eq!((more.counters.pending, more.counters.failed), (5, 1));
    // Whatever the attempt under way becomes: it did not paint the new recipe.
    ledger.report(&reports(&tasks[4..], &Outcome::Done), NOW).await.unwrap();
    assert_eq!(audited(ledger, &job).await.counters.done, 0);
    assert_eq!(ledger.dispatch(ledger.token, job.id, 9, NOW).await.unwrap().len(), 5);
}

pub async fn a_revision_that_was_overtaken_changes_nothing(ledger: &Opened) {
    let job = job_of(ledger, 1).await;
    ledger.revise(job.id, 0, "{\"more\": 1}", NOW).await.unwrap();
    let late = ledger.revise(job.id, 0, "{\"more\": 2}", NOW).await.unwrap_err();
    assert_eq!(late, LedgerError::Revised { id: job.id });
    assert_eq!(audited(ledger, &job).await.request, "{\"more\": 1}");
}

pub async fn cancelled_jobs_take_nothing_up(ledger: &Opened) {
    let job = ended(ledger).await;
    ledger.retry_failed(job.id, &[], NOW).await.unwrap();
    ledger.cancel(job.id, "enough", NOW).await.unwrap();
    let refused = ledger.retry_failed(job.id, &[], NOW).await.unwrap_err();
    let (from, to) = (JobState::Cancelled, JobState::Running);
    assert_eq!(refused, LedgerError::Illegal { id: job.id, from, to });
    assert_eq!(ledger.reopen(ledger.token, 10, NOW).await.unwrap(), 0);
    audited(ledger, &job).await;
}
