//! What may be submitted, and how both edges answer.

use crate::bench::{Setup, recipe, start};
use serde_json::json;
use velatura_proto::v1;

#[tokio::test]
async fn rest_and_grpc_give_the_same_job() {
    let bench = start().await;
    let request = v1::SubmitJobRequest {
        idempotency_key: "nightly".into(),
        ..bench.request()
    };
    let over_rest = bench.client.submit(&request).await;

    let mut grpc = bench.grpc().await;
    let over_grpc = grpc.submit_job(request.clone()).await.unwrap().into_inner();
    assert_eq!(over_rest.id, over_grpc.id);
    assert_eq!(over_grpc.source, request.source);
    assert_eq!(over_grpc.recipes, request.recipes);

    let listed = grpc
        .list_jobs(v1::ListJobsRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(listed.jobs.len(), 1);
    let other = v1::SubmitJobRequest {
        recipes: vec![recipe("dunes")],
        ..request
    };
    let status = grpc.submit_job(other.clone()).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::FailedPrecondition);
    assert_eq!(
        status.metadata().get("velatura-code").unwrap(),
        "idempotency-key-reused"
    );
    let answer = bench.client.post_json("/v1/jobs", &other).await;
    assert_eq!(answer.error(), (409, "idempotency-key-reused".into()));
}

#[tokio::test]
async fn a_repeated_submission_is_the_same_job_even_when_its_photos_are_gone() {
    let bench = start().await;
    let request = v1::SubmitJobRequest {
        idempotency_key: "once".into(),
        ..bench.request()
    };
    let job = bench.client.submit(&request).await;
    std::fs::remove_dir_all(bench.folder.path().join("photos")).unwrap();
    assert_eq!(bench.client.submit(&request).await.id, job.id);
    let other = v1::SubmitJobRequest {
        idempotency_key: "twice".into(),
        ..request
    };
    let refused = bench.client.post_json("/v1/jobs", &other).await;
    assert_eq!(refused.status, 422, "{refused:?}");
}

#[tokio::test]
async fn without_a_key_each_submission_is_a_job() {
    let bench = start().await;
    let (one, other) = (bench.submit().await, bench.submit().await);
    assert_ne!(one.id, other.id);
}

#[tokio::test]
async fn a_refused_submission_names_the_field_and_leaves_nothing() {
    let bench = start().await;
    let mut request = bench.request();
    request.recipes[0].strength = Some(7.0);
    let answer = bench.client.post_json("/v1/jobs", &request).await;
    assert_eq!(answer.error(), (422, "recipe-out-of-range".into()));
    assert_eq!(answer.json()["error"]["field"], "recipes[0].strength");
    let listed: v1::ListJobsResponse = bench.client.read("/v1/jobs").await;
    assert!(listed.jobs.is_empty());

    let mut grpc = bench.grpc().await;
    let status = grpc.submit_job(request).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    assert!(status.message().contains("recipes[0].strength"), "{status:?}");
}

#[tokio::test]
async fn a_folder_that_is_not_allowed_is_refused() {
    let bench = start().await;
    let mut outside = bench.request();
    outside.source = Some(v1::Source {
        objects: vec!["file:///etc/passwd".into()],
        prefix: String::new(),
        ..Default::default()
    });
    let answer = bench.client.post_json("/v1/jobs", &outside).await;
    assert_eq!(answer.error(), (422, "location-outside".into()));
    assert_eq!(answer.json()["error"]["field"], "source.objects[0]");

    let mut inside = bench.request();
    inside.destination.as_mut().unwrap().prefix = bench.url("photos/painted");
    let answer = bench.client.post_json("/v1/jobs", &inside).await;
    assert_eq!(answer.error(), (422, "destination-inside-source".into()));
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_one_form() {
    let mut setup = Setup::new().await;
    setup.config.max_body_bytes = 4096;
    let bench = setup.start().await;
    let json = Some("application/json");
    let id = "01890000-0000-7000-8000-000000000000";
    let cases = [
        ("POST", "/v1/jobs", json, "{".to_owned(), 400, "request-malformed"),
        (
            "POST",
            "/v1/jobs",
            json,
            r#"{"sauce": {}}"#.to_owned(),
            400,
            "request-malformed",
        ),
        (
            "POST",
            "/v1/jobs",
            json,
            format!(r#"{{"description": "{}"}}"#, "x".repeat(5000)),
            413,
            "request-too-large",
        ),
        (
            "POST",
            "/v1/jobs",
            Some("text/plain"),
            "{}".to_owned(),
            415,
            "media-type-unsupported",
        ),
        ("POST", "/v1/jobs", None, "{}".to_owned(), 415, "media-type-unsupported"),
        ("DELETE", "/v1/jobs", None, String::new(), 405, "method-not-allowed"),
        ("GET", "/v2/jobs", None, String::new(), 404, "route-not-found"),
        ("GET", "/v1/jobs/seven", None, String::new(), 404, "job-not-found"),
        (
            "GET",
            &format!("/v1/jobs/{id}"),
            None,
            String::new(),
            404,
            "job-not-found",
        ),
        (
            "GET",
            &format!("/v1/jobs/{id}/events"),
            None,
            String::new(),
            404,
            "job-not-found",
        ),
        (
            "POST",
            &format!("/v1/jobs/{id}/cancel"),
            None,
            String::new(),
            404,
            "job-not-found",
        ),
        (
            "GET",
            "/v1/jobs?limit=5000",
            None,
            String::new(),
            422,
            "limit-too-large",
        ),
        (
            "GET",
            "/v1/jobs?limit=many",
            None,
            String::new(),
            400,
            "request-malformed",
        ),
        ("GET", "/v1/jobs?lmit=5", None, String::new(), 400, "request-malformed"),
        (
            "GET",
            "/v1/jobs?cursor=seven",
            None,
            String::new(),
            422,
            "cursor-invalid",
        ),
        (
            "GET",
            &format!("/v1/jobs/{id}/tasks?state=BROKEN"),
            None,
            String::new(),
            422,
            "state-invalid",
        ),
    ];
    for (method, path, media_type, body, status, code) in cases {
        let answer = bench.client.send(method, path, media_type, body).await;
        assert_eq!(answer.error(), (status, code.to_owned()), "{method} {path}");
        assert!(answer.json()["error"]["message"].as_str().unwrap().len() > 10);
    }
    assert_eq!(
        bench.metric(r#"velatura_coordinator_http_requests_total{method="GET",route="none",status="404"}"#),
        Some(1.0)
    );
}

#[tokio::test]
async fn lists_and_tasks_come_in_pages() {
    let bench = Setup::new()
        .await
        .photos((0..25).map(|i| format!("{i:02}.jpg")))
        .start()
        .await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(bench.submit().await.id);
    }
    let first: v1::ListJobsResponse = bench.client.read("/v1/jobs?limit=2").await;
    let second: v1::ListJobsResponse = bench
        .client
        .read(&format!("/v1/jobs?limit=2&cursor={}", first.next_cursor))
        .await;
    let listed: Vec<&str> = first
        .jobs
        .iter()
        .chain(&second.jobs)
        .map(|job| job.id.as_str())
        .collect();
    ids.reverse();
    assert_eq!(listed, ids);
    assert_eq!(second.next_cursor, "");

    bench.until(&ids[0], |job| job.state() == v1::job::State::Running).await;
    let page = bench.client.tasks(&ids[0], "limit=20").await;
    let rest = bench
        .client
        .tasks(&ids[0], &format!("limit=20&cursor={}", page.next_cursor))
        .await;
    assert_eq!((page.tasks.len(), rest.tasks.len()), (20, 5));
    assert_eq!(rest.tasks[4].key, "24.jpg");
    assert_eq!(rest.tasks[4].outputs, [bench.url("painted/24.waves.jpg")]);
}

#[tokio::test]
async fn photos_named_one_by_one_are_all_found() {
    let mut setup = Setup::new().await.photos((0..7).map(|i| format!("{i}.jpg")));
    setup.config.page_objects = 3;
    let bench = setup.start().await;
    let mut request = bench.request();
    let objects = (0..7).map(|i| bench.url(&format!("photos/{i}.jpg"))).collect();
    request.source = Some(v1::Source {
        objects,
        prefix: String::new(),
        ..Default::default()
    });
    let job = bench.client.submit(&request).await;
    assert_eq!(job.source, request.source);
    let job = bench.until(&job.id, |job| job.state() == v1::job::State::Running).await;
    assert_eq!(crate::bench::counters(&job).total, 7);
    let keys: Vec<String> = bench
        .client
        .tasks(&job.id, "")
        .await
        .tasks
        .into_iter()
        .map(|task| task.key)
        .collect();
    assert_eq!(keys[6], "6.jpg");
}

#[tokio::test]
async fn it_says_what_it_is() {
    let bench = start().await;
    assert_eq!(bench.client.get("/healthz").await.status, 200);
    crate::bench::eventually("ready", async || bench.client.get("/readyz").await.status == 200).await;
    let metrics = bench.client.get("/metrics").await;
    assert!(
        metrics.text.contains("velatura_coordinator_window_tasks 1000"),
        "{}",
        metrics.text
    );
    let backlog = bench.client.get("/v1/backlog").await.json();
    assert_eq!(
        backlog["queues"][0],
        json!({ "queue": "velatura.tasks.default.bulk.v1", "unacked": "0" })
    );
}

#[tokio::test]
async fn nobody_unknown_is_served_beyond_loopback() {
    let mut setup = Setup::new().await;
    setup.config.listen = "0.0.0.0:0".parse().unwrap();
    let error = setup
        .coordinator()
        .start(Default::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("listen = 0.0.0.0:0") && error.contains("allow_unauthenticated_remote"),
        "{error}"
    );
    setup.config.allow_unauthenticated_remote = true;
    assert!(setup.coordinator().start(Default::default()).await.is_ok());
}
