use velatura_coordinator::Host;
use velatura_proto::v1;
use velatura_proto::v1::job::State;

use super::{client, guarded};
use crate::bench::Bench;

async fn limit(bench: &Bench, change: impl FnOnce(&mut v1::Tenant)) {
    let mut tenant = v1::Tenant {
        name: "acme".into(),
        ..Default::default()
    };
    change(&mut tenant);
    Host::new(bench.ledger.clone()).put_tenant(tenant).await.unwrap();
}

#[tokio::test]
async fn more_open_jobs_than_allowed_are_refused() {
    let bench = guarded().await;
    let acme = client(&bench, "acme", &["submit"]).await;
    limit(&bench, |tenant| tenant.max_open_jobs = Some(1)).await;
    acme.submit(&bench.request()).await;
    let answer = acme.post_json("/v1/jobs", &bench.request()).await;
    assert_eq!(answer.error(), (403, "quota-open-jobs".into()));
    assert!(answer.json()["error"]["message"].as_str().unwrap().contains("1 jobs"));
}

#[tokio::test]
async fn who_submits_too_often_is_told_when_to_come_again() {
    let bench = guarded().await;
    let acme = client(&bench, "acme", &["submit"]).await;
    limit(&bench, |tenant| tenant.submissions_per_minute = Some(1)).await;
    acme.submit(&bench.request()).await;
    let answer = acme.post_json("/v1/jobs", &bench.request()).await;
    assert_eq!(answer.error(), (429, "quota-submissions".into()));
    let seconds: u32 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_job_with_too_many_photos_is_refused_or_fails() {
    let bench = guarded().await;
    let acme = client(&bench, "acme", &["submit", "read"]).await;
    limit(&bench, |tenant| tenant.max_tasks_per_job = Some(1)).await;
    let mut named = bench.request();
    named.source = Some(v1::Source {
        objects: vec![bench.url("photos/a.jpg"), bench.url("photos/b.jpg")],
        ..Default::default()
    });
    let answer = acme.post_json("/v1/jobs", &named).await;
    assert_eq!(answer.error(), (403, "quota-tasks".into()));

    // How many lie below a prefix is known only when they are listed.
    let job = acme.submit(&bench.request()).await;
    let job = acme
        .events(&job.id)
        .until(|job| !job.ended_at.is_empty())
        .await
        .unwrap();
    assert_eq!(job.state(), State::Failed);
    assert!(job.reason.contains("max_tasks_per_job"), "{}", job.reason);
}
