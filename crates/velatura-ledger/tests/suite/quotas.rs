use futures_util::future::join_all;
use velatura_ledger::{LedgerError, Tenant};

use super::*;

async fn limit(ledger: &Opened, change: impl FnOnce(&mut Tenant)) {
    let mut tenant = Tenant::new("default");
    change(&mut tenant);
    ledger.put_tenant(&tenant).await.unwrap();
}

pub async fn a_tenant_has_at_most_so_many_open_jobs(ledger: &Opened) {
    limit(ledger, |tenant| tenant.max_open_jobs = Some(2)).await;
    let first = submitted(ledger).await;
    submitted(ledger).await;
    let refused = ledger.submit(submission(None, "{}")).await.unwrap_err();
    assert_eq!(refused.code(), "quota-open-jobs");
    assert_eq!(
        ledger.jobs(None, None, 10).await.unwrap().len(),
        2,
        "nothing is left of it"
    );
    ledger.cancel(first.id, "enough", NOW).await.unwrap();
    submitted(ledger).await;
}

pub async fn of_many_submissions_at_once_as_many_as_allowed_succeed(ledger: &Opened) {
    limit(ledger, |tenant| tenant.max_open_jobs = Some(3)).await;
    let submissions = (0..12).map(|_| ledger.submit(submission(None, "{}")));
    let accepted = join_all(submissions).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(accepted, 3);
}

pub async fn a_tenant_submits_so_often_within_a_minute(ledger: &Opened) {
    limit(ledger, |tenant| tenant.submissions_per_minute = Some(2)).await;
    let at = |now| NewJob {
        now,
        ..submission(None, "{}")
    };
    ledger.submit(at(NOW)).await.unwrap();
    ledger.submit(at(NOW + 10_000)).await.unwrap();
    let refused = ledger.submit(at(NOW + 20_000)).await.unwrap_err();
    let LedgerError::TooFast { after, .. } = refused else {
        panic!("{refused}")
    };
    assert_eq!(after, 40_000);
    ledger.submit(at(NOW + 20_000 + after)).await.unwrap();
}

pub async fn a_repeated_submission_costs_nothing(ledger: &Opened) {
    limit(ledger, |tenant| {
        tenant.max_open_jobs = Some(1);
        tenant.submissions_per_minute = Some(1);
    })
    .await;
    let first = ledger.submit(submission(Some("nightly"), "{}")).await.unwrap();
    let again = ledger.submit(submission(Some("nightly"), "{}")).await.unwrap();
    assert_eq!(again.id, first.id);
}

pub async fn a_job_has_at_most_so_many_tasks(ledger: &Opened) {
    limit(ledger, |tenant| tenant.max_tasks_per_job = Some(5)).await;
    let named = NewJob {
        photos: Some(6),
        ..submission(None, "{}")
    };
    assert_eq!(ledger.submit(named).await.unwrap_err().code(), "quota-tasks");

    let job = submitted(ledger).await;
    let next = Some("next");
    ledger
        .expand(ledger.token, job.id, None, &photos(0, 5), next, NOW)
        .await
        .unwrap();
    let refused = ledger
        .expand(ledger.token, job.id, next, &photos(5, 1), None, NOW)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "quota-tasks");
    assert_eq!(audited(ledger, &job).await.counters.total(), 5);
}

pub async fn one_tenant_s_limits_are_not_another_s(ledger: &Opened) {
    limit(ledger, |tenant| tenant.max_open_jobs = Some(0)).await;
    assert!(ledger.submit(submission(None, "{}")).await.is_err());
    let other = NewJob {
        tenant: "other".to_owned(),
        ..submission(None, "{}")
    };
    ledger.submit(other).await.unwrap();
}
