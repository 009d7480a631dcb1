use uuid::Uuid;
use velatura_ledger::JobState;

use super::*;

pub async fn every_outcome_is_recorded(ledger: &Opened) {
    let job = job_of(ledger, 5).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 4, NOW).await.unwrap();
    let outcomes = [Outcome::Done, Outcome::Skipped, retry(NOW + 1000), failed()];
    let batch: Vec<_> = tasks
        .iter()
        .zip(outcomes)
        .map(|(task, outcome)| report(task, outcome))
        .collect();
    let jobs = ledger.report(&batch, NOW).await.unwrap();
    let counters = Counters {
        pending: 2,
        done: 1,
        skipped: 1,
        failed: 1,
        ..Counters::default()
    };
    assert_eq!((jobs.len(), jobs[0].counters), (1, counters));
    assert_eq!(audited(ledger, &job).await, jobs[0]);

    let tasks = ledger.tasks(job.id, None, 0, 10).await.unwrap();
    let states: Vec<_> = tasks.iter().map(|task| task.state).collect();
    use TaskState::{Done, Failed, Pending, Skipped};
    assert_eq!(states, [Done, Skipped, Pending, Failed, Pending]);
    assert_eq!((tasks[0].code.as_str(), tasks[0].message.as_str()), ("", ""));
    assert_eq!(
        (tasks[3].code.as_str(), tasks[3].message.as_str()),
        ("image-truncated", "The photo ends too early.")
    );
}

pub async fn a_repeated_report_counts_once(ledger: &Opened) {
    let job = job_of(ledger, 3).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 2, NOW).await.unwrap();
    let batch = reports(&tasks, &Outcome::Done);
    assert_eq!(ledger.report(&batch, NOW).await.unwrap()[0].counters.done, 2);
    assert_eq!(ledger.report(&batch, NOW).await.unwrap(), [], "nothing changed");
    assert_eq!(
        ledger.report(&reports(&tasks, &failed()), NOW).await.unwrap(),
        [],
        "what has ended stays so"
    );
    assert_eq!(audited(ledger, &job).await.counters.done, 2);
}

pub async fn of_two_reports_of_an_attempt_in_a_batch_the_first_counts(ledger: &Opened) {
    let job = job_of(ledger, 1).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 1, NOW).await.unwrap();
    let batch = [
        report(&tasks[0], Outcome::Skipped),
        report(&tasks[0], Outcome::Done),
        report(&tasks[0], failed()),
    ];
    let jobs = ledger.report(&batch, NOW).await.unwrap();
    assert_eq!(
        jobs[0].counters,
        Counters {
            skipped: 1,
            ..Counters::default()
        }
    );
    audited(ledger, &job).await;
}

pub async fn a_report_of_an_old_attempt_changes_nothing(ledger: &Opened) {
    let job = job_of(ledger, 1).await;
    let first = ledger.dispatch(ledger.token, job.id, 1, NOW).await.unwrap();
    ledger.report(&reports(&first, &retry(NOW)), NOW).await.unwrap();
    let second = ledger.dispatch(ledger.token, job.id, 1, NOW).await.unwrap();
    assert_eq!((first[0].attempt, second[0].attempt), (1, 2));
    assert_eq!(ledger.report(&reports(&first, &Outcome::Done), NOW).await.unwrap(), []);
    assert_eq!(ledger.tasks(job.id, None, 0, 1).await.unwrap(), second);
}

pub async fn a_retry_waits_for_its_time_and_remembers_why(ledger: &Opened) {
    let job = job_of(ledger, 1).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 1, NOW).await.unwrap();
    let jobs = ledger.report(&reports(&tasks, &retry(NOW + 5000)), NOW).await.unwrap();
    assert_eq!((jobs[0].state, jobs[0].counters.pending), (JobState::Running, 1));
    assert_eq!(ledger.dispatch(ledger.token, job.id, 1, NOW + 4999).await.unwrap(), []);
    let again = ledger.dispatch(ledger.token, job.id, 1, NOW + 5000).await.unwrap();
    assert_eq!((again[0].attempt, again[0].code.as_str()), (2, "object-timeout"));
    assert_eq!(again[0].message, "The object did not come in time.");
}

pub async fn a_batch_may_be_about_several_jobs(ledger: &Opened) {
    let mut batch = Vec::new();
    let mut ids = Vec::new();
    for outcome in [Outcome::Done, failed(), retry(NOW)] {
        let job = job_of(ledger, 2).await;
        let tasks = ledger.dispatch(ledger.token, job.id, 2, NOW).await.unwrap();
        batch.extend(reports(&tasks, &outcome));
        ids.push(job.id);
    }
    let jobs = ledger.report(&batch, NOW).await.unwrap();
    let told: Vec<_> = jobs.iter().map(|job| (job.id, job.state)).collect();
    assert_eq!(
        told,
        [
            (ids[0], JobState::Done),
            (ids[1], JobState::Done),
            (ids[2], JobState::Running)
        ]
    );
    assert_eq!(
        (jobs[0].counters.done, jobs[1].counters.failed, jobs[2].counters.pending),
        (2, 2, 2)
    );
    for job in jobs {
        audited(ledger, &job).await;
    }
}

pub async fn reports_of_unknown_jobs_and_tasks_are_ignored(ledger: &Opened) {
    let job = job_of(ledger, 1).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 1, NOW).await.unwrap();
    let batch = [
        Report {
            job_id: Uuid::max(),
            ..report(&tasks[0], Outcome::Done)
        },
        Report {
            seq: 99,
            ..report(&tasks[0], Outcome::Done)
        },
        report(&tasks[0], Outcome::Done),
    ];
    let jobs = ledger.report(&batch, NOW).await.unwrap();
    assert_eq!((jobs.len(), jobs[0].id, jobs[0].counters.done), (1, job.id, 1));
    assert_eq!(ledger.report(&[], NOW).await.unwrap(), []);
}

pub async fn the_last_report_ends_the_job(ledger: &Opened) {
    let job = job_of(ledger, 2).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 2, NOW).await.unwrap();
    let jobs = ledger.report(&[report(&tasks[0], failed())], NOW).await.unwrap();
    assert_eq!((jobs[0].state, jobs[0].ended_at), (JobState::Running, None));
    let jobs = ledger
        .report(&[report(&tasks[1], Outcome::Done)], NOW + 7)
        .await
        .unwrap();
    assert_eq!((jobs[0].state, jobs[0].ended_at), (JobState::Done, Some(NOW + 7)));
    assert_eq!(ledger.job(job.id).await.unwrap(), jobs[0]);
}

pub async fn texts_that_postgresql_cannot_hold_are_recorded(ledger: &Opened) {
    let job = job_of(ledger, 1).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 1, NOW).await.unwrap();
    let outcome = Outcome::Failed {
        code: "image-unknown".to_owned(),
        message: "It begins with \0\0 \"\\\u{1}é🎨.".to_owned(),
    };
    ledger.report(&reports(&tasks, &outcome), NOW).await.unwrap();
    let task = ledger.tasks(job.id, None, 0, 1).await.unwrap().remove(0);
    assert_eq!(task.message, "It begins with \u{fffd}\u{fffd} \"\\\u{1}é🎨.");
}

pub async fn ten_thousand_attempts_are_reported_in_one_call(ledger: &Opened) {
    let job = job_of(ledger, 10_000).await;
    let tasks = ledger.dispatch(ledger.token, job.id, 10_000, NOW).await.unwrap();
    let jobs = ledger.report(&reports(&tasks, &Outcome::Done), NOW).await.unwrap();
    assert_eq!((jobs[0].state, jobs[0].counters.done), (JobState::Done, 10_000));
    audited(ledger, &job).await;
}
