use futures_util::future::join_all;
use velatura_ledger::{Counters, JobState, LedgerError};

use super::*;

pub async fn a_job_is_recorded_as_it_was_submitted(ledger: &Opened) {
    let job = ledger
        .submit(submission(None, r#"{"source":"s3://photos/"}"#))
        .await
        .unwrap();
    assert_eq!(job.state, JobState::Expanding);
    assert_eq!(job.request, r#"{"source":"s3://photos/"}"#);
    assert_eq!((job.created_at, job.ended_at), (NOW, None));
    assert_eq!(
        (job.counters, job.cursor.clone(), job.expanded),
        (Counters::default(), None, false)
    );
    assert_eq!(ledger.job(job.id).await.unwrap(), job);
}

pub async fn the_same_submission_under_the_same_key_is_the_same_job(ledger: &Opened) {
    let first = ledger.submit(submission(Some("nightly"), "{}")).await.unwrap();
    ledger
        .expand(ledger.token, first.id, None, &photos(0, 3), None, NOW)
        .await
        .unwrap();
    let again = ledger.submit(submission(Some("nightly"), "{}")).await.unwrap();
    assert_eq!(again.id, first.id);
    let earlier = |tenant: &'static str, key: &'static str| ledger.earlier(tenant, key, "hash of {}");
    assert_eq!(earlier("default", "nightly").await.unwrap(), Some(again.clone()));
    assert_eq!(earlier("default", "weekly").await.unwrap(), None);
    assert_eq!(earlier("another", "nightly").await.unwrap(), None);
    assert_eq!(again.state, JobState::Running, "it is answered as it stands now");
    assert_eq!(ledger.jobs(None, None, 10).await.unwrap().len(), 1);
}

pub async fn another_submission_under_the_same_key_is_refused(ledger: &Opened) {
    ledger.submit(submission(Some("nightly"), "{}")).await.unwrap();
    let refused = ledger
        .submit(submission(Some("nightly"), r#"{"other":true}"#))
        .await
        .unwrap_err();
    assert_eq!(
        refused,
        LedgerError::KeyReused {
            key: "nightly".to_owned()
        }
    );
    assert_eq!(
        ledger.earlier("default", "nightly", "hash of another").await,
        Err(refused.clone())
    );
    assert!(!refused.is_transient());
}

pub async fn keys_belong_to_their_tenant(ledger: &Opened) {
    let mine = ledger.submit(submission(Some("nightly"), "{}")).await.unwrap();
    let other = NewJob {
        tenant: "other".to_owned(),
        ..submission(Some("nightly"), "{}")
    };
    assert_ne!(ledger.submit(other).await.unwrap().id, mine.id);
}

pub async fn without_a_key_every_submission_is_a_job(ledger: &Opened) {
    let (one, two) = (submitted(ledger).await, submitted(ledger).await);
    assert_ne!(one.id, two.id);
}

pub async fn two_submissions_at_once_under_one_key_are_one_job(ledger: &Opened) {
    let submissions = (0..8).map(|_| ledger.submit(submission(Some("at once"), "{}")));
    let ids: Vec<_> = join_all(submissions)
        .await
        .into_iter()
        .map(|job| job.unwrap().id)
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}
