use velatura_ledger::{JobState, LedgerError, ReportPart};

use super::*;

async fn ended(ledger: &Opened, tasks: usize, retention: Option<Millis>) -> Job {
    let new = NewJob {
        retention,
        ..submission(None, "{}")
    };
    let job = ledger.submit(new).await.unwrap();
    ledger
        .expand(ledger.token, job.id, None, &photos(0, tasks), None, NOW)
        .await
        .unwrap();
    let tasks = ledger.dispatch(ledger.token, job.id, tasks, NOW).await.unwrap();
    let jobs = ledger.report(&reports(&tasks, &Outcome::Done), NOW).await.unwrap();
    assert_eq!(jobs[0].state, JobState::Done);
    jobs.into_iter().next().unwrap()
}

pub async fn an_ended_job_is_unreported_until_it_is_reported(ledger: &Opened) {
    let open = job_of(ledger, 1).await;
    let job = ended(ledger, 2, None).await;
    let unreported = ledger.unreported(10).await.unwrap();
    assert_eq!(unreported.iter().map(|job| job.id).collect::<Vec<_>>(), [job.id]);
    ledger.reported(job.id, NOW + 1, None).await.unwrap();
    assert_eq!(ledger.unreported(10).await.unwrap().len(), 1, "that was another end");
    ledger.reported(job.id, NOW, None).await.unwrap();
    assert!(ledger.unreported(10).await.unwrap().is_empty());
    assert!(ledger.job(job.id).await.unwrap().is_reported());
    assert!(!ledger.job(open.id).await.unwrap().is_reported());
}

pub async fn a_report_that_fails_says_why(ledger: &Opened) {
    let job = ended(ledger, 1, None).await;
    ledger.reported(job.id, NOW, Some("no leave to write")).await.unwrap();
    let failed = ledger.unreported(10).await.unwrap().pop().unwrap();
    assert_eq!(failed.report_error, "no leave to write");
    ledger.reported(job.id, NOW, None).await.unwrap();
    assert_eq!(ledger.job(job.id).await.unwrap().report_error, "");
}

pub async fn parts_of_a_report_are_recorded_once(ledger: &Opened) {
    let job = ended(ledger, 1, None).await;
    let part = |part, sha256: &str| ReportPart {
        part,
        tasks: 7,
        bytes: 5_000_000_000,
        sha256: sha256.to_owned(),
    };
    for stored in [part(1, "b"), part(0, "a"), part(1, "b")] {
        ledger.add_report_part(job.id, NOW, &stored).await.unwrap();
    }
    assert_eq!(
        ledger.report_parts(job.id, NOW).await,
        Ok(vec![part(0, "a"), part(1, "b")])
    );
    assert_eq!(ledger.report_parts(job.id, NOW + 1).await, Ok(vec![]), "another end");
}

pub async fn reported_jobs_are_purged_after_their_time_in_slices(ledger: &Opened) {
    const KEEP: Option<Millis> = Some(1000);
    let job = ended(ledger, 5, None).await;
    let longer = ended(ledger, 1, Some(100_000)).await;
    assert_eq!(ledger.purge(KEEP, 2, NOW + 1000).await, Ok(0), "not reported yet");
    for job in [&job, &longer] {
        ledger.reported(job.id, NOW, None).await.unwrap();
    }
    assert_eq!(ledger.purge(None, 2, NOW + 1000).await, Ok(0), "kept for ever");
    assert_eq!(ledger.purge(KEEP, 2, NOW + 999).await, Ok(0), "not its time");
    let mut slices = 0;
    while ledger.purge(KEEP, 2, NOW + 1000).await.unwrap() > 0 {
        slices += 1;
        let gone = ledger.tasks(job.id, None, 0, 10).await;
        assert_eq!(gone, Err(LedgerError::Purged { id: job.id }));
    }
    assert_eq!(slices, 3);
    let left = ledger.job(job.id).await.unwrap();
    assert_eq!((left.purged_at, left.counters.done), (Some(NOW + 1000), 5));
    assert_eq!(ledger.tasks(longer.id, None, 0, 10).await.unwrap().len(), 1);
    assert!(ledger.unreported(10).await.unwrap().is_empty());
}

pub async fn a_job_is_kept_for_ever_where_it_says_so(ledger: &Opened) {
    let job = ended(ledger, 1, Some(0)).await;
    ledger.reported(job.id, NOW, None).await.unwrap();
    assert_eq!(ledger.purge(Some(1), 10, Millis::MAX).await, Ok(0));
}
