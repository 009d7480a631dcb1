use futures_util::future::join_all;
use velatura_ledger::JobState;
use velatura_proto::v1;

use super::{client, guarded};

#[tokio::test]
async fn a_tenant_sees_its_own_jobs_and_an_operator_all() {
    let bench = guarded().await;
    let roles = ["submit", "read"];
    let (acme, other) = (
        client(&bench, "acme", &roles).await,
        client(&bench, "other", &roles).await,
    );
    let operator = client(&bench, "default", &["operate"]).await;
    let mine = acme.submit(&bench.request()).await;
    let theirs = other.submit(&bench.request()).await;
    let ids = |listed: v1::ListJobsResponse| listed.jobs.into_iter().map(|job| job.id).collect::<Vec<_>>();
    assert_eq!(ids(acme.read("/v1/jobs").await), std::slice::from_ref(&mine.id));
    assert_eq!(ids(other.read("/v1/jobs").await), std::slice::from_ref(&theirs.id));
    assert_eq!(
        ids(operator.read("/v1/jobs").await),
        [theirs.id.clone(), mine.id.clone()]
    );

    for (method, below) in [
        ("GET", ""),
        ("GET", "/tasks"),
        ("GET", "/events"),
        ("POST", "/cancel"),
        ("POST", "/pause"),
        ("POST", "/resume"),
    ] {
        let path = format!("/v1/jobs/{}{below}", theirs.id);
        let answer = acme.send(method, &path, None, "").await;
        assert_eq!(answer.error(), (404, "job-not-found".into()), "{method} {path}");
    }
    let untouched = bench.ledger.job(theirs.id.parse().unwrap()).await.unwrap();
    assert!(
        matches!(untouched.state, JobState::Expanding | JobState::Running),
        "{untouched:?}"
    );
    assert_eq!(
        operator.post(&format!("/v1/jobs/{}/cancel", theirs.id)).await.status,
        200
    );
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_its_tenant() {
    let bench = guarded().await;
    let request = v1::SubmitJobRequest {
        idempotency_key: "nightly".into(),
        ..bench.request()
    };
    let (acme, other) = (
        client(&bench, "acme", &["submit"]).await,
        client(&bench, "other", &["submit"]).await,
    );
    let mine = acme.submit(&request).await;
    assert_ne!(other.submit(&request).await.id, mine.id);
    assert_eq!(acme.submit(&request).await.id, mine.id);
    let changed = v1::SubmitJobRequest {
        description: "another".into(),
        ..request
    };
    let answer = acme.post_json("/v1/jobs", &changed).await;
    assert_eq!(answer.error(), (409, "idempotency-key-reused".into()));
}

#[tokio::test]
async fn submissions_at_once_under_one_key_are_one_job() {
    let bench = guarded().await;
    let acme = client(&bench, "acme", &["submit"]).await;
    let request = v1::SubmitJobRequest {
        idempotency_key: "nightly".into(),
        ..bench.request()
    };
    let jobs = join_all((0..16).map(|_| acme.submit(&request))).await;
    assert!(jobs.iter().all(|job| job.id == jobs[0].id), "{jobs:?}");
    assert_eq!(bench.ledger.jobs(None, None, 10).await.unwrap().len(), 1);
}
