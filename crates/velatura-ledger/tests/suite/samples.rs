use velatura_ledger::{Gate, JobState, LedgerError};

use super::*;

async fn sampled(ledger: &Opened, samples: u32, waits_for_approval: bool) -> Job {
    let new = NewJob {
        samples,
        waits_for_approval,
        ..submission(None, "{}")
    };
    ledger.submit(new).await.unwrap()
}

pub async fn samples_are_drawn_evenly(ledger: &Opened) {
    let job = sampled(ledger, 4, false).await;
    assert!(job.sample_numbers().is_empty(), "nobody knows how many there will be");
    let job = ledger
        .expand(ledger.token, job.id, None, &photos(0, 100), None, NOW)
        .await
        .unwrap();
    assert_eq!(job.sample_numbers(), [12, 37, 62, 87]);
}

pub async fn before_its_samples_a_job_dispatches_nothing_else(ledger: &Opened) {
    let job = sampled(ledger, 2, false).await;
    ledger
        .expand(ledger.token, job.id, None, &photos(0, 50), Some("more"), NOW)
        .await
        .unwrap();
    assert!(ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap().is_empty());
    ledger
        .expand(ledger.token, job.id, Some("more"), &photos(50, 50), None, NOW)
        .await
        .unwrap();
    let samples = ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap();
    assert_eq!(numbers(&samples), [25, 75]);
    assert_eq!(ledger.backlog().await.unwrap().pending, 2, "no worker helps the others");
    // A sample that is tried again is still a sample.
    ledger
        .report(&[report(&samples[0], retry(NOW + 5))], NOW)
        .await
        .unwrap();
    assert!(ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap().is_empty());
    assert_eq!(
        numbers(&ledger.dispatch(ledger.token, job.id, 10, NOW + 5).await.unwrap()),
        [25]
    );
    assert!(ledger.settle_samples().await.unwrap().is_empty());
    audited(ledger, &job).await;
}

pub async fn after_its_samples_a_job_goes_on(ledger: &Opened) {
    let job = sampled(ledger, 1, false).await;
    ledger
        .expand(ledger.token, job.id, None, &photos(0, 3), None, NOW)
        .await
        .unwrap();
    let samples = ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap();
    ledger.report(&reports(&samples, &failed()), NOW).await.unwrap();
    let settled = ledger.settle_samples().await.unwrap();
    assert_eq!((settled[0].id, settled[0].gate), (job.id, Gate::Open));
    assert_eq!(
        numbers(&ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap()),
        [0, 2]
    );
    assert_eq!(
        ledger.approve(job.id).await,
        Err(LedgerError::NotAwaited { id: job.id }),
        "nobody asked for approval"
    );
}

pub async fn a_job_may_wait_for_approval_of_its_samples(ledger: &Opened) {
    let job = sampled(ledger, 1, true).await;
    ledger
        .expand(ledger.token, job.id, None, &photos(0, 3), None, NOW)
        .await
        .unwrap();
    assert_eq!(
        ledger.approve(job.id).await,
        Err(LedgerError::NotAwaited { id: job.id }),
        "there is nothing to see yet"
    );
    let samples = ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap();
    ledger.report(&reports(&samples, &Outcome::Done), NOW).await.unwrap();
    let waits = ledger.settle_samples().await.unwrap().pop().unwrap();
    assert_eq!((waits.state, waits.gate), (JobState::Paused, Gate::Approval));
    assert!(waits.reason.contains("approve"), "{}", waits.reason);
    assert!(ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap().is_empty());
    assert_eq!(
        ledger.resume(job.id).await,
        Err(LedgerError::AwaitsApproval { id: job.id })
    );
    let approved = ledger.approve(job.id).await.unwrap();
    assert_eq!((approved.state, approved.gate), (JobState::Running, Gate::Open));
    assert_eq!(ledger.approve(job.id).await, Ok(approved), "once more changes nothing");
    assert_eq!(
        numbers(&ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap()),
        [0, 2]
    );
    audited(ledger, &job).await;
}

pub async fn a_job_smaller_than_its_samples_is_done_with_them(ledger: &Opened) {
    let job = sampled(ledger, 10, true).await;
    ledger
        .expand(ledger.token, job.id, None, &photos(0, 3), None, NOW)
        .await
        .unwrap();
    let samples = ledger.dispatch(ledger.token, job.id, 10, NOW).await.unwrap();
    assert_eq!(numbers(&samples), [0, 1, 2]);
    let ended = ledger.report(&reports(&samples, &Outcome::Done), NOW).await.unwrap();
    assert_eq!(ended[0].state, JobState::Done);
    assert!(ledger.settle_samples().await.unwrap().is_empty());
}
