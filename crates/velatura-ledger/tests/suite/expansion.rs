use uuid::Uuid;
use velatura_ledger::{Claim, Item, JobState, LedgerError, Refusal, Taken};

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

pub async fn keys_of_every_sign_and_script_come_back_from_pages_of_any_length(ledger: &Opened) {
    let odd = [
        "a\tb",
        "a\nb",
        "a\rb",
        "a\\b",
        "\\N",
        "\\.",
        "\\x41",
        "'\"`",
        "{a,b}",
        "NULL",
        "",
        " ",
        "%00",
        "\u{1}\u{7f}",
        "é",
        "日本/🏞.jpg",
    ];
    for length in [odd.len(), 12_000] {
        let keys: Vec<_> = odd.iter().cycle().take(length).collect();
        // Sources that end in their keys, and sources that do not.
        for place in ["s3://photos/", "s3://elsewhere/of "] {
            let source = |key: &str| match place.ends_with('/') {
                true => format!("{place}{key}"),
                false => format!("{place}{key}\t{{}}\\"),
            };
            let page: Vec<_> = keys.iter().map(|key| NewTask::photo(source(key), **key)).collect();
            let job = submitted(ledger).await;
            ledger
                .expand(ledger.token, job.id, None, &page, None, NOW)
                .await
                .unwrap();
            let recorded = ledger.tasks(job.id, None, 0, usize::MAX).await.unwrap();
            assert_eq!(recorded.len(), length);
            for ((nth, task), new) in recorded.iter().enumerate().zip(&page) {
                assert_eq!(
                    (task.seq, task.attempt, task.state),
                    (nth as u64, 0, TaskState::Pending)
                );
                assert_eq!((&task.source, &task.key), (&new.source, &new.key));
                assert_eq!((task.code.as_str(), task.message.as_str()), ("", ""));
            }
        }
    }
}

pub async fn a_long_page_of_an_earlier_leader_leaves_nothing(ledger: &Opened) {
    let job = submitted(ledger).await;
    let token = ledger.lead("tests", HOUR).await.unwrap().unwrap();
    let page = photos(0, 12_000);
    let stale = ledger
        .expand(ledger.token, job.id, None, &page, Some("more"), NOW)
        .await;
    assert_eq!(stale, Err(LedgerError::NotLeading));
    assert_eq!(audited(ledger, &job).await, job);
    ledger
        .expand(token, job.id, None, &page, Some("more"), NOW)
        .await
        .unwrap();
    let second = ledger.expand(token, job.id, None, &page, Some("more"), NOW).await;
    assert_eq!(second, Err(LedgerError::Conflict { id: job.id }));
    assert_eq!(audited(ledger, &job).await.counters.pending, 12_000);
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

pub async fn what_a_manifest_says_of_a_photo_comes_with_its_task(ledger: &Opened) {
    let job = submitted(ledger).await;
    let item = Item {
        version_id: Some("v 1".to_owned()),
        mask: Some("s3://masks/ü.png".to_owned()),
        depth_map: None,
    };
    let mut page = photos(0, 3);
    page[1].item = item.clone();
    ledger
        .expand(ledger.token, job.id, None, &page, None, NOW)
        .await
        .unwrap();
    let wanted = [Item::default(), item, Item::default()];
    let listed = ledger.tasks(job.id, None, 0, 10).await.unwrap();
    assert_eq!(listed.into_iter().map(|task| task.item).collect::<Vec<_>>(), wanted);
    let dispatched = ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap();
    assert_eq!(dispatched.into_iter().map(|task| task.item).collect::<Vec<_>>(), wanted);
}

pub async fn a_refused_task_has_failed_and_is_never_dispatched(ledger: &Opened) {
    let job = submitted(ledger).await;
    let mut page = photos(0, 3);
    page[1].refusal = Some(Refusal {
        code: "manifest-line-invalid".to_owned(),
        message: "line 2 has no source".to_owned(),
    });
    let recorded = ledger
        .expand(ledger.token, job.id, None, &page, Some("more"), NOW)
        .await
        .unwrap();
    assert_eq!((recorded.counters.pending, recorded.counters.failed), (2, 1));
    assert_eq!(
        numbers(&ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap()),
        [0, 2]
    );
    let failed = ledger.tasks(job.id, Some(TaskState::Failed), 0, 10).await.unwrap();
    assert_eq!(
        (failed[0].code.as_str(), failed[0].message.as_str(), failed[0].ended_at),
        ("manifest-line-invalid", "line 2 has no source", Some(NOW))
    );
    audited(ledger, &job).await;
}

fn claiming(first: usize, claims: &[i64]) -> Vec<NewTask> {
    let mut page = photos(first, claims.len());
    for (task, &lo) in page.iter_mut().zip(claims) {
        task.claims = vec![Claim { hi: i64::MIN, lo }];
    }
    page
}

pub async fn of_two_photos_with_one_output_the_page_is_not_recorded(ledger: &Opened) {
    let job = submitted(ledger).await;
    let recorded = ledger
        .expand(
            ledger.token,
            job.id,
            None,
            &claiming(0, &[i64::MAX, 2, 3]),
            Some("more"),
            NOW,
        )
        .await
        .unwrap();
    let more = claiming(3, &[4, 2, 5, 5]);
    let taken = ledger
        .expand(ledger.token, job.id, Some("more"), &more, None, NOW)
        .await;
    assert_eq!(
        taken,
        Err(LedgerError::Taken {
            id: job.id,
            taken: vec![Taken { index: 1, by: 1 }, Taken { index: 3, by: 5 }]
        })
    );
    assert_eq!(audited(ledger, &job).await, recorded);
    // Other jobs are other names.
    let other = submitted(ledger).await;
    ledger
        .expand(ledger.token, other.id, None, &claiming(0, &[2]), None, NOW)
        .await
        .unwrap();
}

pub async fn claims_are_given_back_once_the_job_is_expanded(ledger: &Opened) {
    let job = submitted(ledger).await;
    ledger
        .expand(ledger.token, job.id, None, &claiming(0, &[1, 2, 3]), Some("more"), NOW)
        .await
        .unwrap();
    assert_eq!(ledger.give_back_claims(2).await, Ok(0), "it may meet them again");
    ledger
        .expand(ledger.token, job.id, Some("more"), &claiming(3, &[4]), None, NOW)
        .await
        .unwrap();
    let mut calls = 0;
    while ledger.give_back_claims(3).await.unwrap() > 0 {
        calls += 1;
    }
    assert_eq!(calls, 2, "four claims, three at a time");
}
